import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, take } from '../client.ts';
import type { Dispute, QueueItem } from '../types.ts';

const page = (cursor: string | null) => (cursor === null ? {} : { cursor });
const first = { initialPageParam: null as string | null };

export interface QueueFilter {
  readonly kind?: QueueItem['kind'];
  readonly assignee?: 'me' | 'nobody';
  readonly overdue?: boolean;
}

/** The operator's queue, disputes on both sides, exceptions, and what is written about a submission. */
export const reviewQueries = {
  all: () => ['review'] as const,
  queue: (filter: QueueFilter = {}) =>
    queryOptions({
      queryKey: ['review', 'queue', filter],
      queryFn: () => take(api.GET('/api/operator/queue', { params: { query: filter } })),
      refetchInterval: 15_000,
    }),
  dispute: (disputeId: string) =>
    queryOptions({
      queryKey: ['review', 'dispute', disputeId],
      queryFn: () => take(api.GET('/api/disputes/{disputeId}', { params: { path: { disputeId } } })),
    }),
  /** Those of one submission or package, for the buttons on its findings. */
  disputesOf: (subject: { submissionId?: string; modelPackage?: string; algorithm?: string }) =>
    queryOptions({
      queryKey: ['review', 'disputes', subject],
      queryFn: () => take(api.GET('/api/disputes', { params: { query: { ...subject, limit: 200 } } })),
    }),
  disputes: (side: 'own' | 'all', state?: Dispute['state']) =>
    infiniteQueryOptions({
      queryKey: ['review', 'disputes', side, state ?? 'any'],
      queryFn: ({ pageParam }) => {
        const params = { query: { limit: 50, ...(state ? { state } : {}), ...page(pageParam) } };
        return side === 'own'
          ? take(api.GET('/api/disputes', { params }))
          : take(api.GET('/api/operator/disputes', { params }));
      },
      ...first,
      getNextPageParam: (p) => p.nextCursor,
    }),
  exceptions: () =>
    queryOptions({
      queryKey: ['review', 'exceptions'],
      queryFn: () => take(api.GET('/api/exceptions')),
    }),
  comments: (submissionId: string) =>
    queryOptions({
      queryKey: ['review', 'comments', submissionId],
      queryFn: () =>
        take(api.GET('/api/submissions/{submissionId}/comments', { params: { path: { submissionId } } })),
      refetchInterval: 15_000,
    }),
};
