import { type Static, Type } from 'typebox';
import { defineErrors } from './errors.ts';
import { operation } from './operation.ts';
import { Ability, Role } from './roles.ts';
import {
  AccountId,
  Email,
  fields,
  idOf,
  nullable,
  oneOf,
  PageQuery,
  pageOf,
  record,
  Timestamp,
} from './schema.ts';

export const accountErrors = defineErrors({
  'account.email_taken': {
    kind: 'conflict',
    message: 'A person with the address {email} already has a sign-in.',
    remedy: 'Sign in, or reset the password.',
  },
  'account.wrong_credentials': {
    kind: 'unauthenticated',
    message: 'The e-mail address or the password is wrong.',
    remedy: 'Try again, or reset the password.',
  },
  'account.weak_password': {
    kind: 'invalid',
    message:
      'The password must have 10 to 128 characters, not be the e-mail address and not be one character repeated.',
    remedy: 'Choose another; a sentence is fine.',
  },
  'account.reset_expired': {
    kind: 'precondition',
    message: 'This reset link was used already or is older than one hour.',
    remedy: 'Ask for a new one.',
  },
  'account.not_a_member': {
    kind: 'missing',
    message: 'You are not a member of account {accountId}.',
    remedy: 'Ask an admin of that account for an invitation.',
  },
  'account.member_missing': {
    kind: 'missing',
    message: 'No such member in this account.',
    remedy: 'List the members and try again.',
  },
  'account.last_admin': {
    kind: 'conflict',
    message: 'The account needs at least one member with the role {role}.',
    remedy: 'Give another member that role first.',
  },
  'account.invitation_missing': {
    kind: 'missing',
    message: 'This invitation does not exist, was used, was withdrawn or has expired.',
    remedy: 'Ask for a new invitation.',
  },
  'account.invitation_needed': {
    kind: 'forbidden',
    message: 'New people join this marketplace by invitation.',
    remedy: 'Ask a member for an invitation, then use the link in its mail.',
  },
  'account.invitation_other_address': {
    kind: 'forbidden',
    message: 'This invitation was sent to {email}.',
    remedy: 'Use that address, or ask for an invitation to yours.',
  },
  'account.already_member': {
    kind: 'conflict',
    message: '{email} is already a member.',
    remedy: 'Change the roles of the member instead.',
  },
  'account.role_of_operator': {
    kind: 'invalid',
    message: 'The role {role} exists in the operator’s account only.',
    remedy: 'Choose roles that do not begin with operator-.',
  },
  'account.key_malformed': {
    kind: 'unauthenticated',
    message:
      'What was sent as API key is none: a key is souk_ and 38 letters and digits, and the last six must fit the others.',
    remedy: 'Copy the key again, whole.',
  },
  'account.key_unknown': {
    kind: 'unauthenticated',
    message: 'The API key {hint} is not known to this marketplace.',
    remedy: 'Check that it was made here; or create a new one.',
  },
  'account.key_expired': {
    kind: 'unauthenticated',
    message: 'The API key {hint} expired at {expiredAt}.',
    remedy: 'Create a new one.',
  },
  'account.key_revoked': {
    kind: 'unauthenticated',
    message: 'The API key {hint} was revoked.',
    remedy: 'Create a new one.',
  },
  'account.key_products': {
    kind: 'invalid',
    message:
      'A key for products takes products of this account and abilities for them, and cannot call; {problem}.',
    remedy:
      'Name your products by id or name, give abilities, and leave the scopes out; make another key to call.',
  },
  'account.key_not_active': {
    kind: 'conflict',
    message: 'The key {name} is {state}; only a key that works can be rotated.',
    remedy: 'Make a new key.',
  },
  'account.key_replaced': {
    kind: 'conflict',
    message: 'The key {name} was rotated already: {hint} takes its place, and this one works until {until}.',
    remedy: 'Use the new key; if it was lost, revoke it and rotate this one again.',
  },
  'account.key_of_another': {
    kind: 'forbidden',
    message: 'The key {name} acts as {createdBy}, so only they rotate it.',
    remedy: 'Ask them, or revoke it.',
  },
  'account.key_missing': {
    kind: 'missing',
    message: 'No such API key in this account.',
    remedy: 'List the keys and try again.',
  },
  'account.provider_missing': {
    kind: 'missing',
    message: 'No single sign-on provider {provider} is configured.',
    remedy: 'The operator configures providers; see docs/operating.md.',
  },
});

export const Account = record('Account', {
  id: AccountId,
  name: Type.String(),
  operator: Type.Boolean({ description: 'True for the account that runs the marketplace.' }),
  createdAt: Timestamp,
});
export type Account = Static<typeof Account>;

export const Person = record('Person', { id: Type.String(), email: Email, name: Type.String() });
export type Person = Static<typeof Person>;

export const Membership = record('Membership', { account: Account, roles: Type.Array(Role) });
export type Membership = Static<typeof Membership>;

export const Session = record('Session', {
  person: nullable(Person),
  account: nullable(Account),
  roles: Type.Array(Role),
  permissions: Type.Array(Type.String(), {
    description: 'Actions that Cedar allows here, for example `product:submit`.',
  }),
  memberships: Type.Array(Membership),
  demo: Type.Boolean({ description: 'True when this data folder was filled by the demo.' }),
});
export type Session = Static<typeof Session>;

/** `*`, or an ARN in which `*` stands for anything. */
const Withheld = Type.Array(
  Type.String({ minLength: 1, maxLength: 300, pattern: '^(\\*|arn:[\\w+=,.@*:/-]+)$' }),
  {
    maxItems: 200,
    uniqueItems: true,
    description:
      'Model packages and algorithms, by ARN (`*` for any part), that the member may not describe and so not list.',
  },
);

export const Member = record('Member', {
  person: Person,
  roles: Type.Array(Role),
  withheld: Withheld,
  since: Timestamp,
});
export type Member = Static<typeof Member>;

export const Invitation = record('Invitation', {
  id: idOf('inv'),
  email: Email,
  roles: Type.Array(Role),
  accountName: Type.String(),
  state: oneOf(['pending', 'accepted', 'withdrawn', 'expired']),
  createdAt: Timestamp,
  expiresAt: Timestamp,
});
export type Invitation = Static<typeof Invitation>;

/** Two keys work side by side for a day, long enough to roll out the new one; at most for ninety days. */
export const keyLimits = { overlapHours: 24, overlapHoursMax: 90 * 24 } as const;
export const keyScopes = ['call', 'manage'] as const;
export const ApiKey = record('ApiKey', {
  id: idOf('key'),
  name: Type.String(),
  hint: Type.String({ description: 'Prefix and last four characters; the key itself is shown once.' }),
  products: nullable(
    Type.Array(fields({ id: idOf('prd'), slug: nullable(Type.String()) }), {
      description:
        'The key sees and changes these products and nothing else of the account; null when it is not limited.',
    }),
  ),
  abilities: Type.Array(Ability, { description: 'What it may do with them; empty when it is not limited.' }),
  scopes: Type.Array(
    oneOf(keyScopes, '`call` runs what is subscribed to; `manage` uses the API as its creator.'),
  ),
  state: oneOf(['active', 'revoked', 'expired']),
  createdBy: Type.String(),
  createdAt: Timestamp,
  expiresAt: nullable(Timestamp),
  lastUsedAt: nullable(Timestamp),
  replacedBy: nullable(
    fields({
      id: idOf('key'),
      hint: Type.String({ description: 'Of the key made in its place; this one works until it expires.' }),
    }),
  ),
  leak: nullable(
    fields({
      reportedAt: Timestamp,
      where: nullable(
        Type.String({
          description: 'Where it was found, as whoever reported it said; it was revoked for it.',
        }),
      ),
    }),
  ),
});
export type ApiKey = Static<typeof ApiKey>;

export const NewApiKey = record('NewApiKey', {
  key: Type.String({ description: 'Shown once.' }),
  details: ApiKey,
});

const password = Type.String({ minLength: 10, maxLength: 128 });
const name = Type.String({ minLength: 1, maxLength: 100, pattern: '\\S' });
const tag = 'accounts';

export const accountOperations = {
  signUp: operation({
    id: 'signUp',
    method: 'POST',
    path: '/api/sign-up',
    tag,
    summary: 'Create a person, an account of their own, and sign in',
    body: fields({
      email: Email,
      password,
      name,
      accountName: Type.Optional(name),
      invitationToken: Type.Optional(Type.String()),
    }),
    output: Session,
    status: 201,
    errors: [
      'account.email_taken',
      'account.weak_password',
      'account.invitation_needed',
      'account.invitation_missing',
      'account.invitation_other_address',
      'request.limited',
    ],
  }),
  signIn: operation({
    id: 'signIn',
    method: 'POST',
    path: '/api/sign-in',
    tag,
    summary: 'Sign in; sets the session cookie',
    body: fields({ email: Email, password: Type.String({ maxLength: 128 }) }),
    output: Session,
    errors: ['account.wrong_credentials', 'request.limited'],
  }),
  signOut: operation({
    id: 'signOut',
    method: 'POST',
    path: '/api/sign-out',
    tag,
    summary: 'End the session',
    output: null,
    status: 204,
    errors: [],
  }),
  requestPasswordReset: operation({
    id: 'requestPasswordReset',
    method: 'POST',
    path: '/api/password-reset',
    tag,
    summary: 'Send a reset link by mail, if the address is known; the answer is the same if not',
    body: fields({ email: Email }),
    output: null,
    status: 202,
    errors: ['request.limited'],
  }),
  completePasswordReset: operation({
    id: 'completePasswordReset',
    method: 'POST',
    path: '/api/password-reset/complete',
    tag,
    summary: 'Set a new password; ends all sessions',
    body: fields({ token: Type.String({ maxLength: 200 }), password }),
    output: null,
    status: 204,
    errors: ['account.reset_expired', 'account.weak_password', 'request.limited'],
  }),
  getSession: operation({
    id: 'getSession',
    method: 'GET',
    path: '/api/session',
    tag,
    summary: 'Who is signed in, as which account, with which permissions',
    output: Session,
    errors: [],
  }),
  switchAccount: operation({
    id: 'switchAccount',
    method: 'POST',
    path: '/api/session/account',
    tag,
    summary: 'Act as another of one’s accounts',
    body: fields({ accountId: AccountId }),
    output: Session,
    errors: ['account.not_a_member'],
  }),
  listSignInProviders: operation({
    id: 'listSignInProviders',
    method: 'GET',
    path: '/api/sign-in/providers',
    tag,
    summary: 'Single sign-on providers that are configured',
    output: record('SignInProviders', {
      items: Type.Array(fields({ id: Type.String(), name: Type.String() })),
    }),
    errors: [],
  }),
  startSignInWithProvider: operation({
    id: 'startSignInWithProvider',
    method: 'POST',
    path: '/api/sign-in/providers/:provider',
    tag,
    summary: 'Begin single sign-on; answers the address to go to',
    params: fields({ provider: Type.String({ maxLength: 60 }) }),
    body: fields({ returnTo: Type.Optional(Type.String({ maxLength: 500 })) }),
    output: record('SignInRedirect', { url: Type.String() }),
    errors: ['account.provider_missing', 'system.unavailable', 'request.limited'],
  }),
  finishSignInWithProvider: operation({
    id: 'finishSignInWithProvider',
    method: 'GET',
    path: '/api/auth/callback/:provider',
    tag,
    summary:
      'Where the provider sends the browser back to; sets the session cookie and goes on to the page that was asked for',
    params: fields({ provider: Type.String({ maxLength: 60 }) }),
    // Providers add parameters of their own (session_state, hd, ...), so unknown ones are not refused here.
    query: Type.Object({
      code: Type.Optional(Type.String({ maxLength: 4000 })),
      state: Type.Optional(Type.String({ maxLength: 500 })),
      error: Type.Optional(Type.String({ maxLength: 500 })),
    }),
    output: null,
    outputType: 'redirect',
    status: 302,
    errors: ['account.provider_missing', 'system.unavailable'],
  }),
  createAccount: operation({
    id: 'createAccount',
    method: 'POST',
    path: '/api/accounts',
    tag,
    summary: 'Create a further account and become its admin',
    body: fields({ name }),
    output: Account,
    status: 201,
    errors: ['account.invitation_needed', 'request.limited'],
  }),
  getAccount: operation({
    id: 'getAccount',
    method: 'GET',
    path: '/api/account',
    tag,
    summary: 'The current account',
    output: Account,
    errors: [],
  }),
  updateAccount: operation({
    id: 'updateAccount',
    method: 'PATCH',
    path: '/api/account',
    tag,
    summary: 'Rename the current account',
    body: fields({ name }),
    output: Account,
    errors: [],
  }),
  listMembers: operation({
    id: 'listMembers',
    method: 'GET',
    path: '/api/account/members',
    tag,
    summary: 'Members and their roles',
    output: record('Members', { items: Type.Array(Member) }),
    errors: [],
  }),
  updateMember: operation({
    id: 'updateMember',
    method: 'PATCH',
    path: '/api/account/members/:personId',
    tag,
    summary: 'Change a member’s roles, and what is withheld from the member',
    params: fields({ personId: Type.String({ maxLength: 64 }) }),
    body: fields({
      roles: Type.Array(Role, { minItems: 1, uniqueItems: true }),
      withheld: Type.Optional(Withheld),
    }),
    output: Member,
    errors: ['account.member_missing', 'account.last_admin', 'account.role_of_operator'],
  }),
  removeMember: operation({
    id: 'removeMember',
    method: 'DELETE',
    path: '/api/account/members/:personId',
    tag,
    summary: 'Remove a member',
    params: fields({ personId: Type.String({ maxLength: 64 }) }),
    output: null,
    status: 204,
    errors: ['account.member_missing', 'account.last_admin'],
  }),
  listInvitations: operation({
    id: 'listInvitations',
    method: 'GET',
    path: '/api/account/invitations',
    tag,
    summary: 'Invitations of the account',
    output: record('Invitations', { items: Type.Array(Invitation) }),
    errors: [],
  }),
  createInvitation: operation({
    id: 'createInvitation',
    method: 'POST',
    path: '/api/account/invitations',
    tag,
    summary: 'Invite a person by mail',
    body: fields({ email: Email, roles: Type.Array(Role, { minItems: 1, uniqueItems: true }) }),
    output: Invitation,
    status: 201,
    errors: ['account.already_member', 'account.role_of_operator', 'request.limited'],
  }),
  withdrawInvitation: operation({
    id: 'withdrawInvitation',
    method: 'DELETE',
    path: '/api/account/invitations/:invitationId',
    tag,
    summary: 'Withdraw an invitation',
    params: fields({ invitationId: idOf('inv') }),
    output: null,
    status: 204,
    errors: ['account.invitation_missing'],
  }),
  getInvitation: operation({
    id: 'getInvitation',
    method: 'GET',
    path: '/api/invitations/:token',
    tag,
    summary: 'What an invitation link offers',
    params: fields({ token: Type.String({ maxLength: 200 }) }),
    output: Invitation,
    errors: ['account.invitation_missing'],
  }),
  acceptInvitation: operation({
    id: 'acceptInvitation',
    method: 'POST',
    path: '/api/invitations/:token/accept',
    tag,
    summary: 'Join the account that invites',
    params: fields({ token: Type.String({ maxLength: 200 }) }),
    output: Session,
    errors: ['account.invitation_missing', 'account.invitation_other_address'],
  }),
  listApiKeys: operation({
    id: 'listApiKeys',
    method: 'GET',
    path: '/api/account/keys',
    tag,
    summary: 'API keys of the account, never the keys themselves',
    output: record('ApiKeys', { items: Type.Array(ApiKey) }),
    errors: [],
  }),
  createApiKey: operation({
    id: 'createApiKey',
    method: 'POST',
    path: '/api/account/keys',
    tag,
    summary: 'Create an API key; the only time it is shown',
    body: fields({
      name,
      scopes: Type.Optional(Type.Array(oneOf(keyScopes), { minItems: 1, uniqueItems: true })),
      products: Type.Optional(
        Type.Array(Type.String({ minLength: 1, maxLength: 63 }), {
          minItems: 1,
          maxItems: 100,
          uniqueItems: true,
          description: 'Ids or names of own products: the key is limited to these.',
        }),
      ),
      abilities: Type.Optional(Type.Array(Ability, { minItems: 1, uniqueItems: true })),
      expiresInDays: Type.Optional(Type.Integer({ minimum: 1, maximum: 3650 })),
    }),
    output: NewApiKey,
    status: 201,
    errors: ['account.key_products'],
  }),
  revokeApiKey: operation({
    id: 'revokeApiKey',
    method: 'DELETE',
    path: '/api/account/keys/:keyId',
    tag,
    summary: 'Revoke an API key; it stops within a second',
    params: fields({ keyId: idOf('key') }),
    output: null,
    status: 204,
    errors: ['account.key_missing'],
  }),
  rotateApiKey: operation({
    id: 'rotateApiKey',
    method: 'POST',
    path: '/api/account/keys/:keyId/rotate',
    tag,
    summary:
      'Make a new key in the place of an own one; the old one works on for the overlap, then ends by itself',
    params: fields({ keyId: idOf('key') }),
    body: fields({
      overlapHours: Type.Optional(
        Type.Integer({
          minimum: 0,
          maximum: keyLimits.overlapHoursMax,
          description: `How long both work: ${keyLimits.overlapHours} unless said otherwise; 0 ends the old one at once.`,
        }),
      ),
      expiresInDays: Type.Optional(
        Type.Integer({
          minimum: 1,
          maximum: 3650,
          description: 'Of the new key; else it lives as long as the old one was made for.',
        }),
      ),
    }),
    output: record('RotatedApiKey', {
      key: Type.String({ description: 'The new key, shown once.' }),
      details: ApiKey,
      replaced: ApiKey,
    }),
    status: 201,
    errors: [
      'account.key_missing',
      'account.key_not_active',
      'account.key_replaced',
      'account.key_of_another',
    ],
  }),
  listAccounts: operation({
    id: 'listAccounts',
    method: 'GET',
    path: '/api/operator/accounts',
    tag: 'operator',
    summary: 'Every account of the marketplace',
    query: fields({
      q: Type.Optional(Type.String({ maxLength: 100 })),
      ...PageQuery,
    }),
    output: pageOf('AccountPage', Account),
    errors: [],
  }),
};
