import { lookup as systemLookup } from 'node:dns/promises';
import type { Config } from '../../platform/config.ts';
import { type Lookup, newOutbound, type Outbound, OutboundError } from '../../platform/outbound.ts';
import { isAllowed, networksOf, portOf } from '../../platform/outbound-addresses.ts';
import type { ServiceFetch } from './services.call.ts';

const allAddresses: Lookup = (host) => systemLookup(host, { all: true, verbatim: true });

/**
 * The outbound client, for services: Souk's own public address may always be called, and without TLS only networks of the operator's
 * own: anywhere else, credentials and buyers' data would be there to be read.
 */
export function serviceOutbound(
  config: Pick<Config, 'outboundAllow' | 'publicUrl'>,
  lookup: Lookup = allAddresses,
): Outbound {
  const allowed = networksOf(config.outboundAllow);
  const strict = newOutbound(config, lookup);
  const own = newOutbound({ outboundAllow: ['0.0.0.0/0', '::/0'] }, lookup);
  return {
    async request(request) {
      const url = URL.canParse(request.url) ? new URL(request.url) : undefined;
      // A redirect from here could lead anywhere inside.
      if (url?.origin === new URL(config.publicUrl).origin)
        return own.request({ ...request, redirectsMax: 0 });
      if (url?.protocol !== 'http:') return strict.request(request);
      const host = url.hostname.replace(/^\[|\]$/g, '');
      const literal = /^[\d.]+$/.test(host) || host.includes(':');
      const addresses = literal
        ? [{ address: host, family: host.includes(':') ? 6 : 4 }]
        : await lookup(host).catch(() => []);
      for (const { address } of addresses)
        if (!isAllowed(address, allowed, portOf(url)))
          throw new OutboundError('url_invalid', {
            url: url.origin,
            problem:
              'it is not encrypted, and only networks that the operator allows are called without https',
          });
      // What was looked at is what is called.
      return newOutbound(config, async () => addresses).request(request);
    },
  };
}

/** As `fetch`, for calls of described operations. The steps of each request go to `onAnswer`. */
export const fetchOver =
  (outbound: Outbound, timeoutMs: number, bodySizeBytesMax: number): ServiceFetch =>
  async (url, { method, headers, body }) => {
    const answer = await outbound.request({
      url,
      method: method as 'GET',
      headers,
      ...(body === undefined ? {} : { body }),
      timeoutMs,
      redirectsMax: 0,
      bodySizeBytesMax,
      headerSizeBytesMax: 64 * 1024,
    });
    const passed = Object.entries(answer.headers).filter(
      ([name]) => !/^content-(encoding|length)$/.test(name),
    );
    // Statuses without a body may be given none.
    return new Response([204, 205, 304].includes(answer.status) ? null : new Uint8Array(answer.body), {
      status: answer.status < 200 ? 502 : answer.status,
      headers: passed.map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
    });
  };
