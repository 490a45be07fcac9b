import { queryOptions } from '@tanstack/react-query';
import { api, take } from '../client.ts';
import { sessionKey } from '../query-client.ts';

export const sessionQuery = () =>
  queryOptions({
    queryKey: sessionKey,
    queryFn: () => take(api.GET('/api/session')),
    staleTime: 60_000,
    refetchOnWindowFocus: true,
  });

export const providersQuery = () =>
  queryOptions({
    queryKey: ['sign-in-providers'],
    queryFn: () => take(api.GET('/api/sign-in/providers')),
    staleTime: 300_000,
  });

export const invitationQuery = (token: string) =>
  queryOptions({
    queryKey: ['invitation', token],
    queryFn: () => take(api.GET('/api/invitations/{token}', { params: { path: { token } } })),
  });
