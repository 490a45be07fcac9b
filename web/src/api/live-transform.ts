import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { batchQueries } from './queries/batch.ts';
import type { TransformJob } from './types.ts';

/** A transform job that keeps itself fresh: its events, and asking every few seconds where they do not come through. */
export function useLiveTransform(name: string) {
  const queryClient = useQueryClient();
  const [live, setLive] = useState(false);
  const options = batchQueries.job(name);
  const query = useQuery({
    ...options,
    refetchInterval: ({ state }) => (!live && state.data && state.data.endedAt === null ? 3000 : false),
  });
  const underWay = query.data !== undefined && query.data.endedAt === null;
  useEffect(() => {
    if (!underWay) return;
    const source = new EventSource(`/api/transform-jobs/${name}/events`);
    let filesKnown = -1;
    source.addEventListener('transform-job', (event) => {
      const job = JSON.parse(event.data) as TransformJob;
      queryClient.setQueryData(batchQueries.job(name).queryKey, job);
      const { done, failed } = job.progress.files;
      if (done + failed !== filesKnown || job.endedAt !== null)
        void queryClient.invalidateQueries({ queryKey: batchQueries.jobFiles(name).queryKey });
      filesKnown = done + failed;
      setLive(job.endedAt === null);
      if (job.endedAt !== null) source.close();
    });
    source.onerror = () => setLive(false);
    return () => {
      source.close();
      setLive(false);
    };
  }, [underWay, name, queryClient]);
  return query;
}
