import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { preparsePolicySet, statefulIsAuthorized } from '@cedar-policy/cedar-wasm/nodejs';
import type { Ability, Role } from '@souk/contract';
import { type Action, actions, resourceActions } from './actions.ts';
import { policyProblems, request } from './authorize.cedar.ts';
import { SoukError } from './errors.ts';

export { type Action, actions } from './actions.ts';
export { policyProblems } from './authorize.cedar.ts';

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
  /** A key made for some products only; null when it is not, and for people. */
  readonly limit: KeyLimit | null;
  /** Resources of the account that an admin keeps from this member: ARNs, `*` for any part. */
  readonly withheld: readonly string[];
}

export interface KeyLimit {
  /** Ids. */
  readonly products: readonly string[];
  readonly abilities: readonly Ability[];
}

/** What a request is about, where it is not the whole account. `products` are those that it belongs to. */
export interface Place {
  readonly type: 'Account' | 'Product' | 'ModelPackage' | 'Algorithm' | 'Upload';
  readonly id: string;
  readonly products: readonly string[];
}

/** What a path names, before anybody looked whether it exists. */
export interface Named {
  readonly type: 'Product' | 'Submission' | 'Upload' | 'ModelPackage' | 'Algorithm';
  readonly id: string;
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
  limit: null,
  withheld: [],
};

/** A member, for handlers behind an action that visitors are never allowed. */
export interface Member extends Caller {
  readonly kind: 'member';
  readonly personId: string;
  readonly email: string;
  readonly accountId: string;
}

export interface Authorizer {
  /** Whether the caller may at all; with a place, whether there. `contained` when what is answered keeps to the caller's limit. */
  may(caller: Caller, action: Action, place?: Place, contained?: boolean): boolean;
  permissions(caller: Caller): Action[];
  /** True when the answer can depend on the place: for limited keys, and where policies of the operator speak of resources. */
  asksWhere(caller: Caller): boolean;
  readonly policies: readonly PolicyFile[];
}

export interface PolicyFile {
  readonly file: string;
  readonly builtIn: boolean;
  readonly text: string;
}

const builtIn = fileURLToPath(new URL('../../policies/', import.meta.url));

/**
 * Cedar policies: Souk's own files in server/policies, then the operator's in `<data>/policies`. Parsed once; a decision takes
 * some 50 microseconds. A file that does not parse, or speaks of what does not exist, stops the start: an authorizer with half
 * its policies would fail open.
 */
export function newAuthorizer(operatorFolder?: string): Authorizer {
  const own = policyFiles(builtIn, true);
  const operators = operatorFolder ? policyFiles(operatorFolder, false) : [];
  const ofResources = operators.some(({ text }) => /\bresource\s*(==|!=|in\b|is\b|\.)/.test(text));
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
  const decide = (caller: Caller, action: Action, place: Place | undefined, contained: boolean) => {
    const answer = statefulIsAuthorized({
      ...request(caller, action, place, contained),
      preparsedPolicySetId: name,
      validateRequest: false,
    });
    if (answer.type === 'failure')
      throw new Error(`Cedar could not decide ${action}: ${answer.errors.map((e) => e.message).join('; ')}`);
    return answer.response.decision === 'allow';
  };
  const asksWhere = (caller: Caller) => caller.limit !== null || ofResources;
  // The answer depends on nothing but the caller's attributes, the action and the place, and the policies do not change while we run.
  const known = new Map<string, boolean>();
  const may = (caller: Caller, action: Action, given?: Place, contained = false) => {
    const place = asksWhere(caller) || action in resourceActions ? given : undefined;
    const key = [
      action,
      caller.kind,
      caller.personId,
      caller.accountId,
      caller.via,
      caller.scopes,
      caller.roles,
      caller.withheld,
      caller.limit ? [caller.limit.products, '+', caller.limit.abilities] : '',
      place ? [place.type, place.id, place.products] : '',
      contained,
    ].join('|');
    const answer = known.get(key) ?? decide(caller, action, place, contained);
    if (known.size > 20_000) known.clear();
    known.set(key, answer);
    return answer;
  };
  return {
    may,
    asksWhere,
    permissions: (caller) => actions.filter((action) => may(caller, action)),
    policies: [...own, ...operators],
  };
}

let policySets = 0;

function policyFiles(folder: string, isOurs: boolean): PolicyFile[] {
  try {
    return readdirSync(folder)
      .filter((f) => f.endsWith('.cedar'))
      .sort()
      .map((f) => ({ file: join(folder, f), builtIn: isOurs, text: readFileSync(join(folder, f), 'utf8') }));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Narrows to a member, behind actions that no policy gives to visitors. */
export function memberOf(caller: Caller): Member {
  const { kind, personId, email, accountId } = caller;
  if (kind !== 'member' || personId === null || email === null || accountId === null)
    throw new SoukError('request.unauthenticated');
  return { ...caller, kind, personId, email, accountId };
}
