import { queryOptions } from '@tanstack/react-query';
import { api, take } from '../client.ts';

export const dataQueries = {
  mine: () =>
    queryOptions({
      queryKey: ['my-data'],
      queryFn: () => take(api.GET('/api/my-data')),
      refetchInterval: 30_000,
    }),
  health: (publisher: string, product: string) =>
    queryOptions({
      queryKey: ['service-health', publisher, product],
      queryFn: () =>
        take(
          api.GET('/api/catalog/products/{publisher}/{product}/health', {
            params: { path: { publisher, product } },
          }),
        ),
    }),
  own: (productId: string) =>
    queryOptions({
      queryKey: ['service-health', productId],
      queryFn: () => take(api.GET('/api/products/{productId}/health', { params: { path: { productId } } })),
      refetchInterval: 30_000,
    }),
};
