import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, take } from '../client.ts';
import { queryClient } from '../query-client.ts';
import type { operations } from '../schema.gen.ts';

type QueryOf<O extends keyof operations> = Omit<
  NonNullable<operations[O]['parameters']['query']>,
  'cursor' | 'limit'
>;
const after = (cursor: string | null) => (cursor === null ? {} : { cursor });
const paged = {
  initialPageParam: null as string | null,
  getNextPageParam: (page: { nextCursor: string | null }) => page.nextCursor,
};

export const feedbackQueries = {
  reviews: (path: { publisher: string; product: string }, filter: QueryOf<'listReviews'>) =>
    infiniteQueryOptions({
      queryKey: ['feedback', 'reviews', path, filter],
      queryFn: ({ pageParam }) =>
        take(
          api.GET('/api/catalog/products/{publisher}/{product}/reviews', {
            params: { path, query: { ...filter, limit: 10, ...after(pageParam) } },
          }),
        ),
      ...paged,
    }),
  mine: (query: { publisher: string; product: string }) =>
    queryOptions({
      queryKey: ['feedback', 'mine', query],
      queryFn: () => take(api.GET('/api/reviews/mine', { params: { query } })),
    }),
  ofOwnProduct: (productId: string) =>
    infiniteQueryOptions({
      queryKey: ['feedback', 'own-product', productId],
      queryFn: ({ pageParam }) =>
        take(
          api.GET('/api/products/{productId}/reviews', {
            params: { path: { productId }, query: after(pageParam) },
          }),
        ),
      ...paged,
    }),
  publicQuestions: (path: { publisher: string; product: string }) =>
    infiniteQueryOptions({
      queryKey: ['feedback', 'public-questions', path],
      queryFn: ({ pageParam }) =>
        take(
          api.GET('/api/catalog/products/{publisher}/{product}/questions', {
            params: { path, query: { limit: 10, ...after(pageParam) } },
          }),
        ),
      ...paged,
    }),
  questions: (filter: QueryOf<'listQuestions'>) =>
    infiniteQueryOptions({
      queryKey: ['feedback', 'questions', filter],
      queryFn: ({ pageParam }) =>
        take(api.GET('/api/questions', { params: { query: { ...filter, ...after(pageParam) } } })),
      ...paged,
    }),
  question: (questionId: string) =>
    queryOptions({
      queryKey: ['feedback', 'question', questionId],
      queryFn: () => take(api.GET('/api/questions/{questionId}', { params: { path: { questionId } } })),
    }),
  moderation: (state: 'reported' | 'hidden' | 'all') =>
    infiniteQueryOptions({
      queryKey: ['feedback', 'moderation', state],
      queryFn: ({ pageParam }) =>
        take(api.GET('/api/operator/feedback', { params: { query: { state, ...after(pageParam) } } })),
      ...paged,
    }),
};

export const refreshFeedback = () => queryClient.invalidateQueries({ queryKey: ['feedback'] });
