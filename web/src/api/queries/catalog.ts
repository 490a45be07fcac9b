import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, take } from '../client.ts';
import type { operations } from '../schema.gen.ts';

export type CatalogFilter = Omit<
  NonNullable<operations['searchCatalog']['parameters']['query']>,
  'cursor' | 'limit'
>;
export type Slot = 'preview' | 'live';

export const catalogQueries = {
  search: (filter: CatalogFilter, limit = 24) =>
    infiniteQueryOptions({
      queryKey: ['catalog', 'search', filter, limit],
      queryFn: ({ pageParam, signal }) =>
        take(
          api.GET('/api/catalog/products', {
            params: { query: { ...filter, limit, ...(pageParam === null ? {} : { cursor: pageParam }) } },
            signal,
          }),
        ),
      initialPageParam: null as string | null,
      getNextPageParam: (page) => page.nextCursor,
      placeholderData: keepPreviousData,
    }),
  suggestions: (q: string) =>
    queryOptions({
      queryKey: ['catalog', 'suggestions', q],
      queryFn: ({ signal }) =>
        take(api.GET('/api/catalog/products', { params: { query: { q, limit: 6 } }, signal })),
      placeholderData: keepPreviousData,
      staleTime: 60_000,
    }),
  product: (publisher: string, product: string, slot?: Slot) =>
    queryOptions({
      queryKey: ['catalog', 'product', publisher, product, slot ?? 'default'],
      queryFn: () =>
        take(
          api.GET('/api/catalog/products/{publisher}/{product}', {
            params: { path: { publisher, product }, query: slot ? { slot } : {} },
          }),
        ),
      refetchInterval: ({ state }) =>
        state.data?.versions.some((v) => v.state === 'starting') ? 3_000 : false,
    }),
  publisher: (publisher: string) =>
    queryOptions({
      queryKey: ['catalog', 'publisher', publisher],
      queryFn: () =>
        take(api.GET('/api/catalog/publishers/{publisher}', { params: { path: { publisher } } })),
    }),
};

export const instanceTypesQuery = () =>
  queryOptions({
    queryKey: ['instance-types'],
    queryFn: () => take(api.GET('/api/instance-types')),
    staleTime: 60_000,
  });

export const regionsQuery = () =>
  queryOptions({ queryKey: ['regions'], queryFn: () => take(api.GET('/api/regions')), staleTime: 300_000 });
