import type { ErrorCode } from '@souk/contract';
import {
  type Authorizer,
  type Caller,
  type Member,
  memberOf,
  type Named,
  type Place,
  visitor,
} from './authorize.ts';
import { SoukError } from './errors.ts';
import type { Route } from './http.ts';

/** What a path names, and what is answered where there is no such thing: the same as where it lies outside a key's limit. */
interface Naming {
  readonly type: Named['type'];
  readonly param: string;
  readonly missing: ErrorCode;
  readonly as: string;
}
const namings: readonly (Naming & { readonly path: RegExp })[] = [
  { path: /\/:productId\b/, type: 'Product', param: 'productId', missing: 'product.missing', as: 'product' },
  {
    path: /\/:submissionId\b/,
    type: 'Submission',
    param: 'submissionId',
    missing: 'submission.missing',
    as: 'submissionId',
  },
  { path: /\/:uploadId\b/, type: 'Upload', param: 'uploadId', missing: 'upload.missing', as: 'uploadId' },
  {
    path: /^\/api\/model-packages\/:name\b/,
    type: 'ModelPackage',
    param: 'name',
    missing: 'model.missing',
    as: 'name',
  },
  {
    path: /^\/api\/algorithms\/:name\b/,
    type: 'Algorithm',
    param: 'name',
    missing: 'algorithm.missing',
    as: 'name',
  },
];

export type PlaceOf = (caller: Member, named: Named) => Promise<Place>;

/**
 * Holds a caller to where it may act, after it was found that it may at all: keys that are limited to products, and where the
 * operator's policies speak of resources everybody. Answers as whom the request goes on.
 */
export async function holdToPlace(
  caller: Caller,
  { operation, who }: Pick<Route, 'operation' | 'who'>,
  params: Readonly<Record<string, string>>,
  authorizer: Authorizer,
  placeOf: PlaceOf,
): Promise<Caller> {
  if (!authorizer.asksWhere(caller)) return caller;
  // What everybody may read it reads as everybody: the account's previews of other products are none of its business.
  if (caller.limit && who.action !== 'session:read' && authorizer.may(visitor, who.action)) return visitor;
  if (caller.kind === 'visitor' || who.action === 'session:read') return caller;
  const naming = namings.find((n) => n.path.test(operation.path));
  const id = naming && params[naming.param];
  if (!naming || id === undefined) {
    const account: Place = { type: 'Account', id: caller.accountId ?? '', products: [] };
    if (!authorizer.may(caller, who.action, account, who.narrowed)) throw forbidden(caller, who.action);
    return caller;
  }
  const place = await placeOf(memberOf(caller), { type: naming.type, id });
  if (authorizer.may(caller, who.action, place)) return caller;
  if (caller.limit && !place.products.some((p) => caller.limit?.products.includes(p)))
    throw new SoukError(naming.missing, { [naming.as]: id });
  throw forbidden(caller, who.action);
}

export const forbidden = (caller: Caller, action: string): SoukError =>
  caller.limit
    ? new SoukError('request.key_limited', { abilities: caller.limit.abilities.join(', '), action })
    : new SoukError('request.forbidden', { accountId: caller.accountId ?? '', action });
