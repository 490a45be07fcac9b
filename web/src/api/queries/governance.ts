import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, take } from '../client.ts';
import { queryClient } from '../query-client.ts';
import type { operations } from '../schema.gen.ts';

export type SpendFilter = NonNullable<operations['getSpend']['parameters']['query']>;
type RequestState = NonNullable<
  NonNullable<operations['listAccessRequests']['parameters']['query']>['state']
>;

export const governanceQueries = {
  rules: () =>
    queryOptions({
      queryKey: ['governance', 'rules'],
      queryFn: () => take(api.GET('/api/account/governance')),
    }),
  verdict: (query: { publisher: string; product: string; planId: string }) =>
    queryOptions({
      queryKey: ['governance', 'verdict', query],
      queryFn: () => take(api.GET('/api/account/governance/verdict', { params: { query } })),
    }),
  requests: (state: RequestState | null) =>
    infiniteQueryOptions({
      queryKey: ['governance', 'requests', state],
      queryFn: ({ pageParam }) =>
        take(
          api.GET('/api/account/governance/requests', {
            params: {
              query: { ...(state ? { state } : {}), ...(pageParam === null ? {} : { cursor: pageParam }) },
            },
          }),
        ),
      initialPageParam: null as string | null,
      getNextPageParam: (page) => page.nextCursor,
    }),
  subscriptions: () =>
    queryOptions({
      queryKey: ['governance', 'subscriptions'],
      queryFn: () => take(api.GET('/api/account/governance/subscriptions')),
    }),
  spend: (filter: SpendFilter) =>
    queryOptions({
      queryKey: ['governance', 'spend', filter],
      queryFn: () => take(api.GET('/api/account/spend', { params: { query: filter } })),
    }),
  budgets: () =>
    queryOptions({
      queryKey: ['governance', 'budgets'],
      queryFn: () => take(api.GET('/api/account/budgets')),
    }),
};

export const refreshGovernance = () => queryClient.invalidateQueries({ queryKey: ['governance'] });
