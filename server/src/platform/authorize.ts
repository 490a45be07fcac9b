import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { preparsePolicySet, statefulIsAuthorized, validate } from '@cedar-policy/cedar-wasm/nodejs';
import type { Role } from '@souk/contract';
import { SoukError } from './errors.ts';

/** Who is calling. A visitor has no account; a member acts for one account at a time, with a session or an API key. */
export interface Caller {
  readonly kind: 'visitor' | 'member';
  readonly personId: string | null;
  readonly email: string | null;
  readonly accountId: string | null;
  readonly roles: readonly Role[];
  readonly via: 'none' | 'session' | 'key';
  readonly scopes: readonly string[];
  readonly keyId: string | null;
}

export const visitor: Caller = {
  kind: 'visitor',
  personId: null,
  email: null,
  accountId: null,
  roles: [],
  via: 'none',
  scopes: [],
  keyId: null,
};

/** A member, for handlers behind an action that visitors are never allowed. */
export interface Member extends Caller {
  readonly kind: 'member';
  readonly personId: string;
  readonly email: string;
  readonly accountId: string;
}

/** Every action that a route may name. Policies in server/policies say which roles have it. */
export const actions = [
  'session:create',
  'session:read',
  'session:change',
  'account:create',
  'account:read',
  'account:update',
  'member:read',
  'member:manage',
  'invitation:accept',
  'key:read',
  'key:manage',
  'upload:create',
  'model:read',
  'model:manage',
  'publisher:read',
  'publisher:update',
  'product:read',
  'product:edit',
  'product:submit',
  'product:release',
  'submission:retry',
  'product:usage',
  'catalog:read',
  'catalog:try',
  'subscription:read',
  'subscription:manage',
  'usage:read',
  'invoice:read',
  'audit:read',
  'notification:read',
  'instance-type:read',
  'review:read',
  'review:decide',
  'operator:read',
  'operator:manage',
  'feedback:read',
  'feedback:write',
  'feedback:converse',
  'feedback:answer',
  'feedback:report',
  'feedback:moderate',
] as const;
export type Action = (typeof actions)[number];

export interface Authorizer {
  may(caller: Caller, action: Action): boolean;
  permissions(caller: Caller): Action[];
}

const builtIn = fileURLToPath(new URL('../../policies/', import.meta.url));

/** What a policy may speak of. A misspelt action or attribute would otherwise be a policy that never applies. */
const schema = `namespace Souk {
  entity Account;
  entity Caller { kind: String, roles: Set<String>, via: String, scopes: Set<String>, account: String };
  action ${actions.map((a) => `"${a}"`).join(', ')} appliesTo { principal: [Caller], resource: [Account] };
}`;

/** What is wrong with a file of policies; empty when nothing is. */
export function policyProblems(text: string): string[] {
  const answer = validate({ schema, policies: { staticPolicies: text } });
  if (answer.type === 'failure') return answer.errors.map((e) => e.message);
  return answer.validationErrors.map((e) => e.error.message);
}

/**
 * Cedar policies: Souk's own files in server/policies, then the operator's in `<data>/policies`. Parsed once; a decision takes
 * some 50 microseconds. A file that does not parse, or speaks of what does not exist, stops the start: an authorizer with half
 * its policies would fail open.
 */
export function newAuthorizer(operatorFolder?: string): Authorizer {
  const own = policyFiles(builtIn);
  const operators = operatorFolder ? policyFiles(operatorFolder) : [];
  for (const { file, text } of operators) {
    const problems = policyProblems(text);
    if (problems.length > 0)
      throw new Error(`The policies in ${file} cannot be used: ${problems.join('; ')}`);
  }
  const name = `souk-${policySets++}`;
  const parsed = preparsePolicySet(name, {
    staticPolicies: [...own, ...operators].map((f) => f.text).join('\n'),
  });
  if (parsed.type === 'failure')
    throw new Error(`The policies cannot be read: ${parsed.errors.map((e) => e.message).join('; ')}`);
  const decide = (caller: Caller, action: Action) => {
    const answer = statefulIsAuthorized({
      ...request(caller, action),
      preparsedPolicySetId: name,
      validateRequest: false,
    });
    if (answer.type === 'failure')
      throw new Error(`Cedar could not decide ${action}: ${answer.errors.map((e) => e.message).join('; ')}`);
    return answer.response.decision === 'allow';
  };
  // The answer depends on nothing but the caller's attributes and the action, and the policies do not change while we run.
  const known = new Map<string, boolean>();
  const may = (caller: Caller, action: Action) => {
    const key = [
      action,
      caller.kind,
      caller.personId,
      caller.accountId,
      caller.via,
      caller.scopes,
      caller.roles,
    ].join('|');
    const answer = known.get(key) ?? decide(caller, action);
    if (known.size > 20_000) known.clear();
    known.set(key, answer);
    return answer;
  };
  return { may, permissions: (caller) => actions.filter((action) => may(caller, action)) };
}

let policySets = 0;

function policyFiles(folder: string): { file: string; text: string }[] {
  try {
    return readdirSync(folder)
      .filter((f) => f.endsWith('.cedar'))
      .sort()
      .map((f) => ({ file: join(folder, f), text: readFileSync(join(folder, f), 'utf8') }));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function request(caller: Caller, action: Action) {
  const principal = { type: 'Souk::Caller', id: caller.personId ?? 'visitor' };
  const resource = { type: 'Souk::Account', id: caller.accountId ?? 'none' };
  const attrs = {
    kind: caller.kind,
    roles: [...caller.roles],
    via: caller.via,
    scopes: [...caller.scopes],
    account: caller.accountId ?? '',
  };
  return {
    principal,
    action: { type: 'Souk::Action', id: action },
    resource,
    context: {},
    entities: [
      { uid: principal, attrs, parents: [] },
      { uid: resource, attrs: {}, parents: [] },
    ],
  };
}

/** Narrows to a member, behind actions that no policy gives to visitors. */
export function memberOf(caller: Caller): Member {
  const { kind, personId, email, accountId } = caller;
  if (kind !== 'member' || personId === null || email === null || accountId === null)
    throw new SoukError('request.unauthenticated');
  return { ...caller, kind, personId, email, accountId };
}
