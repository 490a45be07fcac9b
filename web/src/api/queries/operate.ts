import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, take } from '../client.ts';

const page = (cursor: string | null) => (cursor === null ? {} : { cursor });
const first = { initialPageParam: null as string | null };

export const operateQueries = {
  policies: () =>
    queryOptions({
      queryKey: ['operate', 'policies'],
      queryFn: () => take(api.GET('/api/operator/policies')),
    }),
  mail: () =>
    infiniteQueryOptions({
      queryKey: ['operate', 'mail'],
      queryFn: ({ pageParam }) =>
        take(api.GET('/api/operator/mail', { params: { query: { limit: 50, ...page(pageParam) } } })),
      ...first,
      getNextPageParam: (p) => p.nextCursor,
    }),
  mailItem: (mailId: string) =>
    queryOptions({
      queryKey: ['operate', 'mail', mailId],
      queryFn: () => take(api.GET('/api/operator/mail/{mailId}', { params: { path: { mailId } } })),
    }),
  accounts: (q: string) =>
    infiniteQueryOptions({
      queryKey: ['operate', 'accounts', q],
      queryFn: ({ pageParam }) =>
        take(
          api.GET('/api/operator/accounts', {
            params: { query: { ...(q ? { q } : {}), ...page(pageParam) } },
          }),
        ),
      ...first,
      getNextPageParam: (p) => p.nextCursor,
    }),
  deployments: () =>
    queryOptions({
      queryKey: ['operate', 'deployments'],
      queryFn: () => take(api.GET('/api/operator/deployments')),
      refetchInterval: 5_000,
    }),
  health: () =>
    queryOptions({
      queryKey: ['operate', 'health'],
      queryFn: () => take(api.GET('/api/operator/health')),
      refetchInterval: 10_000,
    }),
};
