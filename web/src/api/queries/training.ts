import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, take } from '../client.ts';

export const isUnderWay = (job: { readonly status: string }) =>
  job.status === 'InProgress' || job.status === 'Stopping';
const live = 1_500;

export const trainingQueries = {
  all: () => ['training'] as const,
  trainable: (subscriptionId?: string, version?: string) =>
    queryOptions({
      queryKey: ['training', 'trainable', subscriptionId, version],
      queryFn: () =>
        take(
          api.GET('/api/trainable', {
            params: {
              query: { ...(subscriptionId ? { subscriptionId } : {}), ...(version ? { version } : {}) },
            },
          }),
        ),
    }),
  jobs: () =>
    infiniteQueryOptions({
      queryKey: ['training', 'jobs'],
      queryFn: ({ pageParam }) =>
        take(
          api.GET('/api/training-jobs', {
            params: { query: { limit: 50, ...(pageParam === null ? {} : { cursor: pageParam }) } },
          }),
        ),
      initialPageParam: null as string | null,
      getNextPageParam: (p) => p.nextCursor,
      refetchInterval: (query) =>
        query.state.data?.pages.some((p) => p.items.some(isUnderWay)) ? live * 2 : false,
    }),
  job: (name: string) =>
    queryOptions({
      queryKey: ['training', 'job', name],
      queryFn: () => take(api.GET('/api/training-jobs/{name}', { params: { path: { name } } })),
      refetchInterval: (query) => (query.state.data && isUnderWay(query.state.data) ? live : false),
    }),
  log: (name: string, underWay: boolean) =>
    queryOptions({
      queryKey: ['training', 'log', name],
      queryFn: () => take(api.GET('/api/training-jobs/{name}/log', { params: { path: { name } } })),
      refetchInterval: underWay ? live * 2 : false,
    }),
  tunings: () =>
    queryOptions({
      queryKey: ['training', 'tunings'],
      queryFn: () => take(api.GET('/api/tuning-jobs', { params: { query: { limit: 50 } } })),
      refetchInterval: (query) => (query.state.data?.items.some(isUnderWay) ? live * 2 : false),
    }),
  tuning: (name: string) =>
    queryOptions({
      queryKey: ['training', 'tuning', name],
      queryFn: () => take(api.GET('/api/tuning-jobs/{name}', { params: { path: { name } } })),
      refetchInterval: (query) => (query.state.data && isUnderWay(query.state.data) ? live : false),
    }),
};
