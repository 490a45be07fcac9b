import { lookup as systemLookup } from 'node:dns/promises';
import type { Tell } from './outbound.ts';
import { type Network, portOf, refusalOf } from './outbound-addresses.ts';
import { OutboundError } from './outbound-errors.ts';
import type { CheckedAddress } from './outbound-socket.ts';

/** All addresses of a name. */
export type Lookup = (host: string) => Promise<readonly { address: string; family: number }[]>;

export const allAddresses: Lookup = (host) => systemLookup(host, { all: true, verbatim: true });

export interface Resolving {
  readonly allowed: readonly Network[];
  readonly lookup: Lookup;
  readonly signal: AbortSignal;
}

/** The addresses of a URL's host; refused whole when one of them must not be called. Connect to these, and ask nobody again. */
export async function checkedAddresses(
  url: URL,
  resolving: Resolving,
  tell: Tell,
): Promise<readonly CheckedAddress[]> {
  const addresses = await resolve(url, resolving, tell);
  for (const { address } of addresses) {
    const reason = refusalOf(address, resolving.allowed, portOf(url));
    if (!reason) continue;
    tell('allowed', `${address} is ${reason}`, false);
    throw new OutboundError('address_refused', { host: url.hostname, address, reason });
  }
  tell('allowed', addresses.map((a) => a.address).join(', '));
  return addresses;
}

/** WHATWG URLs have already turned `127.1`, `0x7f000001` and `2130706433` into 127.0.0.1. */
async function resolve(url: URL, { lookup, signal }: Resolving, tell: Tell) {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (/^[\d.]+$/.test(host) || host.includes(':')) {
    tell('resolved', host);
    return [{ address: host, family: host.includes(':') ? 6 : 4 }];
  }
  try {
    const addresses = await orAborted(lookup(host), signal);
    if (addresses.length === 0) throw new Error('no address');
    tell('resolved', addresses.map((a) => a.address).join(', '));
    return addresses;
  } catch (error) {
    if (signal.aborted) throw error;
    tell('resolved', `no address for ${host}`, false);
    throw new OutboundError('unresolved', { host });
  }
}

/** DNS of the system cannot be cancelled; the caller need not wait for it. */
function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  work.catch(() => {});
  return new Promise((done, failed) => {
    const abort = () => failed(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    work.then(done, failed).finally(() => signal.removeEventListener('abort', abort));
  });
}
