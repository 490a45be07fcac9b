import { useQuery } from '@tanstack/react-query';
import { sessionQuery } from '../api/queries/session.ts';
import type { Session } from '../api/types.ts';

/** Actions that the server's policies know; a session lists those that are permitted here. */
export type Action =
  | 'access:read'
  | 'endpoint:read'
  | 'endpoint:manage'
  | 'webservice:read'
  | 'webservice:manage'
  | 'account:update'
  | 'member:read'
  | 'member:manage'
  | 'key:read'
  | 'key:manage'
  | 'upload:create'
  | 'model:read'
  | 'model:manage'
  | 'publisher:read'
  | 'publisher:update'
  | 'publisher:verify'
  | 'payment-details:read'
  | 'payment-details:update'
  | 'payment-details:reveal'
  | 'product:list'
  | 'product:read'
  | 'product:edit'
  | 'product:submit'
  | 'product:release'
  | 'product:remove'
  | 'product:take-down'
  | 'submission:comment'
  | 'product:usage'
  | 'file:read'
  | 'file:manage'
  | 'transform:read'
  | 'transform:manage'
  | 'subscription:read'
  | 'subscription:manage'
  | 'training:read'
  | 'training:manage'
  | 'usage:read'
  | 'invoice:read'
  | 'audit:read'
  | 'notification:read'
  | 'review:read'
  | 'review:decide'
  | 'operator:read'
  | 'feedback:write'
  | 'feedback:converse'
  | 'feedback:answer'
  | 'feedback:report'
  | 'feedback:read'
  | 'feedback:moderate'
  | 'governance:read'
  | 'governance:manage'
  | 'operator:manage';

const visitor: Session = {
  person: null,
  account: null,
  roles: [],
  permissions: [],
  memberships: [],
  demo: false,
};

/** Who is here. Until the server has answered that is a visitor, so that the catalogue never waits. */
export function useSession() {
  const query = useQuery(sessionQuery());
  const session = query.data ?? visitor;
  return {
    session,
    isPending: query.isPending,
    error: query.data ? null : query.error,
    signedIn: session.person !== null,
    may: (action: Action) => session.permissions.includes(action),
  };
}
