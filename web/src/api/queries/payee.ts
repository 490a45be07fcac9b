import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, take } from '../client.ts';
import type { OperatorPublisher } from '../types.ts';

/** What a publisher needs beyond its profile, for itself and for the operator. Below `publisher`, as the profile. */
export const payeeQueries = {
  standing: () =>
    queryOptions({
      queryKey: ['publisher', 'standing'],
      queryFn: () => take(api.GET('/api/publisher/standing')),
      retry: false,
    }),
  tax: () =>
    queryOptions({
      queryKey: ['publisher', 'tax'],
      queryFn: () => take(api.GET('/api/publisher/tax')),
      retry: false,
    }),
  bank: () =>
    queryOptions({
      queryKey: ['publisher', 'bank'],
      queryFn: () => take(api.GET('/api/publisher/bank')),
      retry: false,
    }),
  publisher: (accountId: string) =>
    queryOptions({
      queryKey: ['operate', 'publishers', 'one', accountId],
      queryFn: () =>
        take(api.GET('/api/operator/publishers/{accountId}', { params: { path: { accountId } } })),
    }),
  publishers: (verification: OperatorPublisher['verification'] | null) =>
    infiniteQueryOptions({
      queryKey: ['operate', 'publishers', 'list', verification],
      queryFn: ({ pageParam }) =>
        take(
          api.GET('/api/operator/publishers', {
            params: {
              query: {
                limit: 100,
                ...(verification ? { verification } : {}),
                ...(pageParam === null ? {} : { cursor: pageParam }),
              },
            },
          }),
        ),
      initialPageParam: null as string | null,
      getNextPageParam: (p) => p.nextCursor,
    }),
};
