import { validate } from '@cedar-policy/cedar-wasm/nodejs';
import { type Action, actions, type ResourceAction, resourceActions } from './actions.ts';
import type { Caller, Place } from './authorize.ts';

const quoted = (list: readonly string[]) => list.map((a) => `"${a}"`).join(', ');
const general = actions.filter((a) => !(a in resourceActions));

/** What a policy may speak of. A misspelt action or attribute would otherwise be a policy that never applies. */
const schema = `namespace Souk {
  entity Account, Product, ModelPackage, Algorithm, Upload { products: Set<String> };
  entity Caller {
    kind: String, roles: Set<String>, via: String, scopes: Set<String>, account: String, person: String, email: String,
    limited: Bool, products: Set<String>, abilities: Set<String>
  };
  type Question = { contained: Bool, withheld: Bool };
  action ${quoted(general)} appliesTo {
    principal: [Caller], resource: [Account, Product, ModelPackage, Algorithm, Upload], context: Question
  };
  ${(Object.keys(resourceActions) as ResourceAction[])
    .map(
      (a) =>
        `action "${a}" appliesTo { principal: [Caller], resource: [Account, ${resourceActions[a]}], context: Question };`,
    )
    .join('\n  ')}
}`;

/** What is wrong with a file of policies; empty when nothing is. */
export function policyProblems(text: string): string[] {
  const answer = validate({ schema, policies: { staticPolicies: text } });
  if (answer.type === 'failure') return answer.errors.map((e) => e.message);
  return answer.validationErrors.map((e) => e.error.message);
}

/** The question as Cedar takes it. Without a place it is whether the caller may at all, somewhere in the account. */
export function request(caller: Caller, action: Action, place: Place | undefined, contained: boolean) {
  const principal = { type: 'Souk::Caller', id: caller.personId ?? 'visitor' };
  const resource = {
    type: `Souk::${place?.type ?? 'Account'}`,
    id: place?.id ?? caller.accountId ?? 'none',
  };
  const attrs = {
    kind: caller.kind,
    roles: [...caller.roles],
    via: caller.via,
    scopes: [...caller.scopes],
    account: caller.accountId ?? '',
    person: caller.personId ?? '',
    email: caller.email ?? '',
    limited: caller.limit !== null,
    products: [...(caller.limit?.products ?? [])],
    abilities: [...(caller.limit?.abilities ?? [])],
  };
  return {
    principal,
    action: { type: 'Souk::Action', id: action },
    resource,
    context: {
      contained: contained || place === undefined,
      withheld: place !== undefined && caller.withheld.some((pattern) => covers(pattern, place.id)),
    },
    entities: [
      { uid: principal, attrs, parents: [] },
      { uid: resource, attrs: { products: [...(place?.products ?? [])] }, parents: [] },
    ],
  };
}

/** `*` stands for any text, also none. */
export function covers(pattern: string, arn: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  if (!arn.startsWith(first)) return false;
  if (rest.length === 0) return arn === first;
  const last = rest.pop() ?? '';
  let at = first.length;
  for (const part of rest) {
    const found = arn.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return arn.length - last.length >= at && arn.endsWith(last);
}
