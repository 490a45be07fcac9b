import { queryOptions } from '@tanstack/react-query';
import { api, take } from '../client.ts';

export const runningQueries = {
  all: () => ['running'] as const,
  ofAccount: () =>
    queryOptions({
      queryKey: ['running', 'account'],
      queryFn: () => take(api.GET('/api/running')),
      refetchInterval: 5_000,
    }),
  ofSubscription: (subscriptionId: string) =>
    queryOptions({
      queryKey: ['running', subscriptionId],
      queryFn: () =>
        take(
          api.GET('/api/subscriptions/{subscriptionId}/running', { params: { path: { subscriptionId } } }),
        ),
    }),
};
