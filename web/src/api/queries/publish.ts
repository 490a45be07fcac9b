import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, take } from '../client.ts';
import type { ModelPackage } from '../types.ts';

const page = (cursor: string | null) => (cursor === null ? {} : { cursor });
const first = { initialPageParam: null as string | null };

export const isSettled = (model: ModelPackage) => model.status === 'Completed' || model.status === 'Failed';

export const productQueries = {
  all: () => ['products'] as const,
  list: () =>
    infiniteQueryOptions({
      queryKey: ['products', 'list'],
      queryFn: ({ pageParam }) =>
        take(api.GET('/api/products', { params: { query: { limit: 100, ...page(pageParam) } } })),
      ...first,
      getNextPageParam: (p) => p.nextCursor,
      refetchInterval: 10_000,
    }),
  product: (productId: string) =>
    queryOptions({
      queryKey: ['products', productId],
      queryFn: () => take(api.GET('/api/products/{productId}', { params: { path: { productId } } })),
    }),
  draft: (productId: string) =>
    queryOptions({
      queryKey: ['products', productId, 'draft'],
      queryFn: () => take(api.GET('/api/products/{productId}/draft', { params: { path: { productId } } })),
      // The editor holds the newest text; a refetch in the background would fight with typing.
      staleTime: Number.POSITIVE_INFINITY,
      refetchOnWindowFocus: false,
    }),
  diff: (productId: string, against?: 'live' | 'preview') =>
    queryOptions({
      queryKey: ['products', productId, 'diff', against ?? 'default'],
      queryFn: () =>
        take(
          api.GET('/api/products/{productId}/diff', {
            params: { path: { productId }, query: against ? { against } : {} },
          }),
        ),
      staleTime: 0,
    }),
  submissions: (productId: string) =>
    infiniteQueryOptions({
      queryKey: ['products', productId, 'submissions'],
      queryFn: ({ pageParam }) =>
        take(
          api.GET('/api/products/{productId}/submissions', {
            params: { path: { productId }, query: { limit: 20, ...page(pageParam) } },
          }),
        ),
      ...first,
      getNextPageParam: (p) => p.nextCursor,
    }),
  customers: (productId: string) =>
    infiniteQueryOptions({
      queryKey: ['products', productId, 'customers'],
      queryFn: ({ pageParam }) =>
        take(
          api.GET('/api/products/{productId}/subscriptions', {
            params: { path: { productId }, query: { limit: 100, ...page(pageParam) } },
          }),
        ),
      ...first,
      getNextPageParam: (p) => p.nextCursor,
    }),
  usage: (productId: string, query: { from: string; to: string; bucket: 'hour' | 'day' }) =>
    queryOptions({
      queryKey: ['products', productId, 'usage', query],
      queryFn: () =>
        take(api.GET('/api/products/{productId}/usage', { params: { path: { productId }, query } })),
    }),
};

/** Asked again whenever the draft has another version. */
export const appliedQuery = (productId: string, draftVersion: number) =>
  queryOptions({
    queryKey: ['products', productId, 'applied', draftVersion],
    queryFn: () => take(api.GET('/api/products/{productId}/applied', { params: { path: { productId } } })),
    staleTime: 10_000,
  });

/** The stages of the pipeline, with what each usually takes. */
export const pipelineQuery = () =>
  queryOptions({
    queryKey: ['pipeline'],
    queryFn: () => take(api.GET('/api/pipeline')),
    staleTime: 600_000,
  });

export const submissionQueries = {
  submission: (submissionId: string) =>
    queryOptions({
      queryKey: ['submissions', submissionId],
      queryFn: () => take(api.GET('/api/submissions/{submissionId}', { params: { path: { submissionId } } })),
    }),
  diff: (submissionId: string, against: 'live' | 'reviewed' | 'nothing' = 'live') =>
    queryOptions({
      queryKey: ['submissions', submissionId, 'diff', against],
      queryFn: () =>
        take(
          api.GET('/api/submissions/{submissionId}/diff', {
            params: { path: { submissionId }, query: { against } },
          }),
        ),
    }),
};

export const publisherQuery = () =>
  queryOptions({ queryKey: ['publisher'], queryFn: () => take(api.GET('/api/publisher')) });

export const modelQueries = {
  list: () =>
    infiniteQueryOptions({
      queryKey: ['models', 'list'],
      queryFn: ({ pageParam }) =>
        take(api.GET('/api/model-packages', { params: { query: { limit: 100, ...page(pageParam) } } })),
      ...first,
      getNextPageParam: (p) => p.nextCursor,
      refetchInterval: (query) =>
        query.state.data?.pages.some((p) => p.items.some((m) => !isSettled(m))) ? 1_500 : false,
    }),
  /** Made by trainings of the account, checked, newest first. */
  trained: () =>
    queryOptions({
      queryKey: ['models', 'trained'],
      queryFn: () =>
        take(
          api.GET('/api/model-packages', {
            params: { query: { trained: true, status: 'Completed', limit: 100 } },
          }),
        ),
    }),
  model: (name: string) =>
    queryOptions({
      queryKey: ['models', name],
      queryFn: () => take(api.GET('/api/model-packages/{name}', { params: { path: { name } } })),
      refetchInterval: (query) => (query.state.data && !isSettled(query.state.data) ? 1_000 : false),
    }),
};
