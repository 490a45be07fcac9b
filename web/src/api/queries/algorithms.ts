import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, take } from '../client.ts';

const isUnderWay = (a: { readonly status: string }) => a.status === 'Pending' || a.status === 'InProgress';

export const algorithmQueries = {
  list: () =>
    infiniteQueryOptions({
      queryKey: ['algorithms', 'list'],
      queryFn: ({ pageParam }) =>
        take(
          api.GET('/api/algorithms', {
            params: { query: { limit: 100, ...(pageParam === null ? {} : { cursor: pageParam }) } },
          }),
        ),
      initialPageParam: null as string | null,
      getNextPageParam: (p) => p.nextCursor,
      refetchInterval: (query) =>
        query.state.data?.pages.some((p) => p.items.some(isUnderWay)) ? 1_500 : false,
    }),
  algorithm: (name: string) =>
    queryOptions({
      queryKey: ['algorithms', name],
      queryFn: () => take(api.GET('/api/algorithms/{name}', { params: { path: { name } } })),
      enabled: name !== '',
      refetchInterval: (query) => (query.state.data && isUnderWay(query.state.data) ? 1_000 : false),
    }),
};
