import { type AccessMatrix, type Role, roleDescriptions, roles } from '@souk/contract';
import { actions, actionTable, groupOf } from '../../platform/actions.ts';
import { type Authorizer, type Caller, newAuthorizer, visitor } from '../../platform/authorize.ts';
import type { Route } from '../../platform/http.ts';

/** Somebody of the account who has one role, signed in. */
const somebody = (role: Role, accountId: string | null): Caller => ({
  ...visitor,
  kind: 'member',
  personId: 'somebody',
  email: 'somebody@example.invalid',
  accountId,
  roles: [role],
  via: 'session',
});

/** Role by action, as the policies decide it for an account; and where the operator's own decide otherwise than Souk's. */
export function accessMatrix(
  authorizer: Pick<Authorizer, 'may' | 'policies'>,
  routes: readonly Pick<Route, 'operation' | 'who'>[],
  accountId: string | null,
): AccessMatrix {
  const plain = authorizer.policies.every((p) => p.builtIn) ? authorizer : newAuthorizer();
  return {
    roles: roles.map((role) => ({ role, description: roleDescriptions[role] })),
    actions: actions.map((action) => {
      const allowed = (a: Pick<Authorizer, 'may'>) =>
        roles.filter((role) => a.may(somebody(role, accountId), action));
      const [here, ours] = [allowed(authorizer), allowed(plain)];
      return {
        action,
        group: groupOf(action),
        does: actionTable[action],
        operations: routes.filter((r) => r.who.action === action).map((r) => r.operation.id),
        everybody: authorizer.may(visitor, action),
        roles: here,
        changed: roles.filter((role) => here.includes(role) !== ours.includes(role)),
      };
    }),
    policies: null,
  };
}
