import type { LookupAddress, LookupOptions } from 'node:dns';
import { lookup as systemLookup } from 'node:dns/promises';
import { Agent } from 'node:http';
import { Agent as SecureAgent } from 'node:https';
import type { Config } from './config.ts';
import type { Lookup } from './outbound.ts';
import { networksOf, refusalOf } from './outbound-addresses.ts';
import { OutboundError } from './outbound-errors.ts';
import { checkedUrl } from './outbound-rules.ts';

export interface GuardedAgents {
  readonly httpAgent: Agent;
  readonly httpsAgent: SecureAgent;
  /** Throws an `OutboundError` for an address that is none or must not be called. To be asked before the first request. */
  check(url: string): URL;
}

/**
 * The gate of the outbound client, for libraries that speak a protocol of their own (S3) to addresses that people typed. Node connects to
 * the addresses that the lookup gives, so the address that was checked is the one that is called.
 */
export function guardedAgents(
  config: Pick<Config, 'outboundAllow'>,
  lookupAll: Lookup = (host) => systemLookup(host, { all: true, verbatim: true }),
): GuardedAgents {
  const allowed = networksOf(config.outboundAllow);
  const refuse = (host: string, address: string) => {
    const reason = refusalOf(address, allowed);
    if (reason) throw new OutboundError('address_refused', { host, address, reason });
  };
  const resolve = async (host: string): Promise<LookupAddress[]> => {
    const addresses = await lookupAll(host).catch(() => []);
    if (addresses.length === 0) throw new OutboundError('unresolved', { host });
    for (const { address } of addresses) refuse(host, address);
    return [...addresses];
  };
  const lookup = (
    host: string,
    options: LookupOptions,
    done: (error: Error | null, address: string | LookupAddress[], family?: number) => void,
  ) => {
    resolve(host).then(
      (all) => (options.all ? done(null, all) : done(null, all[0]?.address ?? '', all[0]?.family)),
      (error: Error) => done(error, ''),
    );
  };
  return {
    httpAgent: new Agent({ keepAlive: true, lookup }),
    httpsAgent: new SecureAgent({ keepAlive: true, lookup }),
    check(text) {
      const url = checkedUrl(text);
      const host = url.hostname.replace(/^\[|\]$/g, '');
      // Node asks nobody for what is an address already.
      if (/^[\d.]+$/.test(host) || host.includes(':')) refuse(host, host);
      return url;
    },
  };
}
