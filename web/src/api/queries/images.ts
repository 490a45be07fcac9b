import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, take } from '../client.ts';

const isUnderWay = (i: { readonly status: string }) => i.status === 'Pending' || i.status === 'Scanning';

export const imageQueries = {
  list: () =>
    infiniteQueryOptions({
      queryKey: ['images', 'list'],
      queryFn: ({ pageParam }) =>
        take(
          api.GET('/api/images', {
            params: { query: { limit: 100, ...(pageParam === null ? {} : { cursor: pageParam }) } },
          }),
        ),
      initialPageParam: null as string | null,
      getNextPageParam: (p) => p.nextCursor,
      refetchInterval: (query) =>
        query.state.data?.pages.some((p) => p.items.some(isUnderWay)) ? 1_500 : false,
    }),
  image: (image: string) =>
    queryOptions({
      queryKey: ['images', image],
      queryFn: () => take(api.GET('/api/images/{image}', { params: { path: { image } } })),
      enabled: image !== '',
      refetchInterval: (query) => (query.state.data && isUnderWay(query.state.data) ? 1_000 : false),
    }),
};
