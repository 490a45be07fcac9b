import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, take } from '../client.ts';

const from = (cursor: string | null) => (cursor === null ? {} : { cursor });

export const batchQueries = {
  files: (prefix: string) =>
    infiniteQueryOptions({
      queryKey: ['files', prefix],
      queryFn: ({ pageParam }) =>
        take(
          api.GET('/api/files', {
            params: { query: { limit: 100, ...(prefix ? { prefix } : {}), ...from(pageParam) } },
          }),
        ),
      initialPageParam: null as string | null,
      getNextPageParam: (page) => page.nextCursor,
    }),
  buckets: () => queryOptions({ queryKey: ['buckets'], queryFn: () => take(api.GET('/api/buckets')) }),
  jobs: () =>
    infiniteQueryOptions({
      queryKey: ['transform-jobs'],
      queryFn: ({ pageParam }) =>
        take(api.GET('/api/transform-jobs', { params: { query: { limit: 100, ...from(pageParam) } } })),
      initialPageParam: null as string | null,
      getNextPageParam: (page) => page.nextCursor,
      refetchInterval: ({ state }) =>
        state.data?.pages.some((p) => p.items.some((j) => j.endedAt === null)) ? 3000 : false,
    }),
  job: (transformJob: string) =>
    queryOptions({
      queryKey: ['transform-jobs', transformJob],
      queryFn: () =>
        take(api.GET('/api/transform-jobs/{transformJob}', { params: { path: { transformJob } } })),
    }),
  jobFiles: (transformJob: string) =>
    infiniteQueryOptions({
      queryKey: ['transform-jobs', transformJob, 'files'],
      queryFn: ({ pageParam }) =>
        take(
          api.GET('/api/transform-jobs/{transformJob}/files', {
            params: { path: { transformJob }, query: { limit: 100, ...from(pageParam) } },
          }),
        ),
      initialPageParam: null as string | null,
      getNextPageParam: (page) => page.nextCursor,
    }),
};
