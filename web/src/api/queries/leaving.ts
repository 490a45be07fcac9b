import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, take } from '../client.ts';

const page = (cursor: string | null) => (cursor === null ? {} : { cursor });
const first = { initialPageParam: null as string | null };

/** Under `products`, so that whatever changes a product asks for these anew too. */
export const removalQuery = (productId: string) =>
  queryOptions({
    queryKey: ['products', productId, 'removal'],
    queryFn: () => take(api.GET('/api/products/{productId}/removal', { params: { path: { productId } } })),
  });

export const buyersQuery = (productId: string, plan: string | null) =>
  infiniteQueryOptions({
    queryKey: ['products', productId, 'buyers', plan],
    queryFn: ({ pageParam }) =>
      take(
        api.GET('/api/products/{productId}/buyers', {
          params: {
            path: { productId },
            query: { limit: 100, ...(plan ? { plan } : {}), ...page(pageParam) },
          },
        }),
      ),
    ...first,
    getNextPageParam: (p) => p.nextCursor,
  });

export const priceChangesQuery = (productId: string) =>
  queryOptions({
    queryKey: ['products', productId, 'price-changes'],
    queryFn: () =>
      take(api.GET('/api/products/{productId}/price-changes', { params: { path: { productId } } })),
    staleTime: 0,
  });

export const subscriptionPricesQuery = (subscriptionId: string) =>
  queryOptions({
    queryKey: ['subscriptions', subscriptionId, 'prices'],
    queryFn: () =>
      take(api.GET('/api/subscriptions/{subscriptionId}/prices', { params: { path: { subscriptionId } } })),
  });

export const removalsQuery = () =>
  infiniteQueryOptions({
    queryKey: ['operate', 'removals'],
    queryFn: ({ pageParam }) =>
      take(api.GET('/api/operator/removals', { params: { query: { limit: 100, ...page(pageParam) } } })),
    ...first,
    getNextPageParam: (p) => p.nextCursor,
  });
