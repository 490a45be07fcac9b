import { newKeyFinder } from './calls.keys.ts';
import type { CallErrorCode } from './gateway.errors.ts';
import type { Entitlement, GatewaySettings } from './gateway.ts';
import type { Snapshot } from './snapshot.ts';

/** Why a request may not go on: an error, without the form that it is told in. */
export interface Denial {
  readonly code: CallErrorCode;
  readonly params: Readonly<Record<string, string | number>>;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Who calls, and whether the account is entitled to the product. One decision for all paths that buyers call.
 * `queryKey` is a key from the address, where the product allows that; a header goes first.
 */
export function newSubscriberAdmission(settings: GatewaySettings, snapshot: Snapshot) {
  const findKey = newKeyFinder(snapshot);

  return function subscriber(
    headers: Headers,
    publisher: string,
    product: string,
    queryKey?: string,
  ): Entitlement | Denial {
    if (!snapshot.loaded) return denial('call.not_ready', {}, { 'retry-after': '2' });
    const key = findKey(headers, queryKey);
    if (typeof key === 'string') return denial(key, {}, { 'www-authenticate': 'Bearer' });
    const entitlement = snapshot.entitlement(key.accountId, publisher, product);
    if (entitlement?.status === 'active') return entitlement;
    const name = `${publisher}/${product}`;
    const page = `${settings.publicUrl}/products/${name}`;
    // An unknown product and one that the caller may not see are told in the same words.
    if (!entitlement) return denial('call.not_subscribed', { product: name, page });
    const reason = entitlement.reason ?? 'no reason was given.';
    const code = entitlement.status === 'ended' ? 'call.ended' : 'call.suspended';
    return denial(code, { product: name, reason, page });
  };
}
export type AdmitSubscriber = ReturnType<typeof newSubscriberAdmission>;

export const isDenied = (given: object): given is Denial => 'code' in given;

const denial = (code: CallErrorCode, params: Denial['params'], headers: Denial['headers'] = {}): Denial => ({
  code,
  params,
  headers,
});
