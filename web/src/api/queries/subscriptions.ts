import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, take } from '../client.ts';

export type UsageWindow = { from: string; to: string; bucket: 'hour' | 'day' };

export const subscriptionQueries = {
  all: () => ['subscriptions'] as const,
  list: () =>
    infiniteQueryOptions({
      queryKey: ['subscriptions', 'list'],
      queryFn: ({ pageParam }) =>
        take(
          api.GET('/api/subscriptions', {
            params: { query: { limit: 100, ...(pageParam === null ? {} : { cursor: pageParam }) } },
          }),
        ),
      initialPageParam: null as string | null,
      getNextPageParam: (page) => page.nextCursor,
    }),
  subscription: (subscriptionId: string) =>
    queryOptions({
      queryKey: ['subscriptions', subscriptionId],
      queryFn: () =>
        take(api.GET('/api/subscriptions/{subscriptionId}', { params: { path: { subscriptionId } } })),
    }),
  plan: (subscriptionId: string) =>
    queryOptions({
      queryKey: ['subscriptions', subscriptionId, 'plan'],
      queryFn: () =>
        take(api.GET('/api/subscriptions/{subscriptionId}/plan', { params: { path: { subscriptionId } } })),
    }),
  snippets: (subscriptionId: string) =>
    queryOptions({
      queryKey: ['subscriptions', subscriptionId, 'snippets'],
      queryFn: () =>
        take(
          api.GET('/api/subscriptions/{subscriptionId}/snippets', { params: { path: { subscriptionId } } }),
        ),
    }),
  usage: (subscriptionId: string, query: UsageWindow) =>
    queryOptions({
      queryKey: ['subscriptions', subscriptionId, 'usage', query],
      queryFn: () =>
        take(
          api.GET('/api/subscriptions/{subscriptionId}/usage', {
            params: { path: { subscriptionId }, query },
          }),
        ),
      placeholderData: keepPreviousData,
      refetchInterval: 10_000,
    }),
};

/** Under `products`, as everything that belongs to one. */
export const planCodesQuery = (productId: string) =>
  queryOptions({
    queryKey: ['products', productId, 'plan-codes'],
    queryFn: () => take(api.GET('/api/products/{productId}/plan-codes', { params: { path: { productId } } })),
  });

export const invoiceQuery = (month?: string) =>
  queryOptions({
    queryKey: ['invoice', month ?? 'current'],
    queryFn: () => take(api.GET('/api/account/invoice', { params: { query: month ? { month } : {} } })),
    placeholderData: keepPreviousData,
  });
