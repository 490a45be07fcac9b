import { queryOptions } from '@tanstack/react-query';
import { api, take } from '../client.ts';

export const versionQueries = {
  ofProduct: (productId: string) =>
    queryOptions({
      queryKey: ['products', productId, 'versions'],
      queryFn: () => take(api.GET('/api/products/{productId}/versions', { params: { path: { productId } } })),
    }),
  operator: (product: string) =>
    queryOptions({
      queryKey: ['operator', 'versions', product],
      queryFn: () =>
        take(api.GET('/api/operator/versions', { params: { query: product ? { product } : {} } })),
    }),
  recorded: (subscriptionId: string) =>
    queryOptions({
      queryKey: ['subscriptions', subscriptionId, 'recorded-calls'],
      queryFn: () =>
        take(
          api.GET('/api/subscriptions/{subscriptionId}/recorded-calls', {
            params: { path: { subscriptionId } },
          }),
        ),
    }),
  comparison: (subscriptionId: string, comparisonId: string) =>
    queryOptions({
      queryKey: ['subscriptions', subscriptionId, 'comparisons', comparisonId],
      queryFn: () =>
        take(
          api.GET('/api/subscriptions/{subscriptionId}/comparisons/{comparisonId}', {
            params: { path: { subscriptionId, comparisonId } },
          }),
        ),
      enabled: comparisonId !== '',
      refetchInterval: ({ state }) => (state.data?.state === 'running' ? 700 : false),
    }),
};
