import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { newerSubmission } from './newer-submission.ts';
import { submissionQueries } from './queries/publish.ts';
import type { Submission } from './types.ts';

export const hasEnded = (submission: Pick<Submission, 'state'>) =>
  ['released', 'refused', 'cancelled', 'superseded'].includes(submission.state);

/**
 * A submission that keeps itself fresh: server-sent events while it is under way, and asking every few seconds where a
 * proxy in between does not let events through.
 */
export function useLiveSubmission(submissionId: string) {
  const queryClient = useQueryClient();
  const [live, setLive] = useState(false);
  const options = submissionQueries.submission(submissionId);
  const query = useQuery({
    ...options,
    refetchInterval: ({ state }) => (!live && state.data && !hasEnded(state.data) ? 3_000 : false),
  });
  const underWay = query.data !== undefined && !hasEnded(query.data);

  useEffect(() => {
    if (!underWay) return;
    const source = new EventSource(`/api/submissions/${submissionId}/events`);
    source.addEventListener('submission', (event) => {
      const submission = JSON.parse(event.data) as Submission;
      queryClient.setQueryData<Submission>(submissionQueries.submission(submissionId).queryKey, (known) =>
        newerSubmission(known, submission),
      );
      setLive(!hasEnded(submission));
      if (hasEnded(submission)) {
        source.close();
        void queryClient.invalidateQueries({ queryKey: ['products', submission.productId] });
      }
    });
    source.onerror = () => setLive(false);
    return () => {
      source.close();
      setLive(false);
    };
  }, [underWay, submissionId, queryClient]);

  return query;
}
