import { operations } from '@souk/contract';
import { memberOf } from '../../platform/authorize.ts';
import { may, type Route, route } from '../../platform/http.ts';
import { peopleRoutes } from './accounts.people.routes.ts';
import type { Accounts } from './accounts.service.ts';

export const accountRoutes = (accounts: Accounts): Route[] => [
  ...peopleRoutes(accounts),
  ...ownAccountRoutes(accounts),
  ...memberRoutes(accounts),
  ...invitationRoutes(accounts),
  ...keyRoutes(accounts),
];

const ownAccountRoutes = (accounts: Accounts): Route[] => [
  route({
    ...operations.createAccount,
    who: may('account:create'),
    handle: ({ caller, body }) => accounts.create(caller, body.name),
  }),
  route({
    ...operations.getAccount,
    who: may('account:read'),
    handle: ({ caller }) => accounts.get(memberOf(caller)),
  }),
  route({
    ...operations.updateAccount,
    who: may('account:update'),
    handle: ({ caller, body }) => accounts.rename(memberOf(caller), body.name),
  }),
  route({
    ...operations.listAccounts,
    who: may('operator:read'),
    handle: ({ query }) => accounts.list(query),
  }),
];

const memberRoutes = ({ members }: Accounts): Route[] => [
  route({
    ...operations.listMembers,
    who: may('member:read'),
    handle: ({ caller }) => members.list(memberOf(caller)),
  }),
  route({
    ...operations.updateMember,
    who: may('member:manage'),
    handle: ({ caller, params, body }) => members.update(memberOf(caller), params.personId, body),
  }),
  route({
    ...operations.removeMember,
    who: may('member:manage'),
    handle: async ({ caller, params }) => {
      await members.remove(memberOf(caller), params.personId);
    },
  }),
];

const invitationRoutes = ({ invitations }: Accounts): Route[] => [
  route({
    ...operations.listInvitations,
    who: may('member:read'),
    handle: ({ caller }) => invitations.list(memberOf(caller)),
  }),
  route({
    ...operations.createInvitation,
    who: may('member:manage'),
    handle: ({ caller, body }) => invitations.create(memberOf(caller), body),
  }),
  route({
    ...operations.withdrawInvitation,
    who: may('member:manage'),
    handle: async ({ caller, params }) => {
      await invitations.withdraw(memberOf(caller), params.invitationId);
    },
  }),
  route({
    ...operations.getInvitation,
    who: may('session:read'),
    handle: ({ params }) => invitations.get(params.token),
  }),
  route({
    ...operations.acceptInvitation,
    who: may('invitation:accept'),
    handle: ({ caller, params, headers }) => invitations.accept(caller, params.token, headers),
  }),
];

const keyRoutes = ({ keys }: Accounts): Route[] => [
  route({
    ...operations.listApiKeys,
    who: may('key:read'),
    handle: ({ caller }) => keys.list(memberOf(caller)),
  }),
  route({
    ...operations.createApiKey,
    who: may('key:manage'),
    handle: ({ caller, body }) => keys.create(memberOf(caller), body),
  }),
  route({
    ...operations.rotateApiKey,
    who: may('key:manage'),
    handle: ({ caller, params, body }) => keys.rotate(memberOf(caller), params.keyId, body),
  }),
  route({
    ...operations.revokeApiKey,
    who: may('key:manage'),
    handle: async ({ caller, params }) => {
      await keys.revoke(memberOf(caller), params.keyId);
    },
  }),
];
