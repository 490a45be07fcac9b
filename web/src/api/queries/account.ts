import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, take } from '../client.ts';

export const accountQueries = {
  account: () => queryOptions({ queryKey: ['account'], queryFn: () => take(api.GET('/api/account')) }),
  members: () =>
    queryOptions({ queryKey: ['account', 'members'], queryFn: () => take(api.GET('/api/account/members')) }),
  invitations: () =>
    queryOptions({
      queryKey: ['account', 'invitations'],
      queryFn: () => take(api.GET('/api/account/invitations')),
    }),
  access: () => queryOptions({ queryKey: ['access'], queryFn: () => take(api.GET('/api/access')) }),
  keys: () =>
    queryOptions({ queryKey: ['account', 'keys'], queryFn: () => take(api.GET('/api/account/keys')) }),
  audit: (filter: {
    action?: string;
    actor?: string;
    target?: string;
    accountId?: string;
    from?: string;
    to?: string;
  }) =>
    infiniteQueryOptions({
      queryKey: ['audit', filter],
      queryFn: ({ pageParam }) =>
        take(
          api.GET('/api/audit', {
            params: { query: { ...filter, ...(pageParam === null ? {} : { cursor: pageParam }) } },
          }),
        ),
      initialPageParam: null as string | null,
      getNextPageParam: (page) => page.nextCursor,
    }),
};

export const notificationsQuery = () =>
  infiniteQueryOptions({
    queryKey: ['notifications'],
    queryFn: ({ pageParam }) =>
      take(
        api.GET('/api/notifications', {
          params: { query: { limit: 30, ...(pageParam === null ? {} : { cursor: pageParam }) } },
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    // The bell; submissions that are open in a page come over their own event stream.
    refetchInterval: 30_000,
  });
