import { lookup as systemLookup } from 'node:dns/promises';
import { Agent, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { Agent as SecureAgent, request as secureRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { Readable } from 'node:stream';
import { getCACertificates } from 'node:tls';
import { OutboundError } from '../../../platform/outbound.ts';
import {
  isAllowed,
  type Network,
  networksOf,
  portOf,
  refusalOf,
} from '../../../platform/outbound-addresses.ts';
import { checkedHeaders, checkedUrl } from '../../../platform/outbound-rules.ts';
import { credentialHeaders, type RemoteServer } from './remote.ts';

export interface RemoteCall {
  readonly method: 'GET' | 'POST';
  /** Below the server's address, with its query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Readable | Uint8Array;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

export interface RemoteAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: IncomingMessage;
}

export interface RemoteConnection {
  /** Any status but a redirect is an answer; what keeps one from coming is an `OutboundError`. */
  send(call: RemoteCall): Promise<RemoteAnswer>;
  /** Throws the `OutboundError` of an address that is never called, be the server there or not. */
  checkAddress(): Promise<void>;
  close(): void;
}

type Lookup = (host: string) => Promise<readonly { address: string; family: number }[]>;
const allAddresses: Lookup = (host) => systemLookup(host, { all: true, verbatim: true });

/**
 * Connections to one server that are kept open between calls, under the rules of the outbound client: each new connection resolves
 * the name, refuses what must not be reached, and goes to the very address that was checked. Without TLS only networks of the
 * operator's own are called: anywhere else, credentials and buyers' data would be there to be read.
 */
export function connectTo(
  server: RemoteServer,
  outboundAllow: readonly string[],
  lookup: Lookup = allAddresses,
): RemoteConnection {
  const allowed = networksOf(outboundAllow);
  const base = checkedUrl(server.url);
  const secure = base.protocol === 'https:';
  const literal = addressIn(base.hostname);
  const own = checkedHeaders(credentialHeaders(server.credentials));
  const options = { keepAlive: true, maxSockets: 256, maxFreeSockets: 16, timeout: server.timeoutMs };
  const agent = secure
    ? new SecureAgent({
        ...options,
        ...(server.caPem === null ? {} : { ca: [...getCACertificates('default'), server.caPem] }),
      })
    : new Agent(options);
  const checkedLookup = lookupWith(lookup, (address) => check(base, address, allowed));

  return {
    send({ method, path, headers = {}, body, signal, timeoutMs = server.timeoutMs }) {
      return new Promise((resolve, reject) => {
        if (literal !== undefined) check(base, literal, allowed);
        const call = (secure ? secureRequest : request)(
          joined(base, path),
          {
            method,
            agent,
            lookup: checkedLookup,
            headers: { 'user-agent': 'Souk', ...headers, ...own },
            ...(signal ? { signal } : {}),
          },
          (answer) => {
            const { statusCode: status = 0, headers: answered } = answer;
            if (status >= 300 && status < 400) {
              answer.resume();
              reject(new OutboundError('redirects', { redirectsMax: 0 }));
              return;
            }
            resolve({ status, headers: answered, body: answer });
          },
        );
        // Of the socket: silence of this length, before the answer and within it.
        call.setTimeout(timeoutMs, () =>
          call.destroy(new OutboundError('timeout', { seconds: timeoutMs / 1000 })),
        );
        call.on('error', (error) => reject(asOutbound(error, base)));
        if (body === undefined) call.end();
        else if (body instanceof Uint8Array) call.end(body);
        else {
          // A caller who goes away takes the call along.
          body.on('error', (error) => call.destroy(error));
          body.pipe(call);
        }
      });
    },
    async checkAddress() {
      const addresses = literal === undefined ? await lookup(base.hostname) : [{ address: literal }];
      for (const { address } of addresses) check(base, address, allowed);
    },
    close: () => agent.destroy(),
  };
}

function check(base: URL, address: string, allowed: readonly Network[]): void {
  const reason = refusalOf(address, allowed, portOf(base));
  if (reason) throw new OutboundError('address_refused', { host: base.hostname, address, reason });
  if (base.protocol === 'http:' && !isAllowed(address, allowed, portOf(base)))
    throw new OutboundError('url_invalid', {
      url: base.origin,
      problem: 'it is not encrypted; only networks that the operator allows are called without https',
    });
}

function lookupWith(lookup: Lookup, checkAddress: (address: string) => void): LookupFunction {
  return (host, options, done) => {
    lookup(host).then(
      (addresses) => {
        const [first] = addresses;
        try {
          if (first === undefined) throw new OutboundError('unresolved', { host });
          for (const { address } of addresses) checkAddress(address);
        } catch (error) {
          return done(error as Error, '', 0);
        }
        if (options.all)
          done(
            null,
            addresses.map(({ address, family }) => ({ address, family })),
          );
        else done(null, first.address, first.family);
      },
      () => done(new OutboundError('unresolved', { host }), '', 0),
    );
  };
}

/** A host that is an address is never looked up. */
function addressIn(hostname: string): string | undefined {
  const host = hostname.replace(/^\[|\]$/g, '');
  return /^[\d.]+$/.test(host) || host.includes(':') ? host : undefined;
}

function joined(base: URL, path: string): URL {
  const url = new URL(base);
  const [name = '', query] = path.split('?', 2);
  url.pathname = `${base.pathname.replace(/\/+$/, '')}${name}`;
  if (query !== undefined) url.search = `?${query}`;
  return url;
}

const tlsCodes = /CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO_|ALTNAME/;

function asOutbound(error: Error & { code?: string }, base: URL): Error {
  if (error instanceof OutboundError || error.name === 'AbortError') return error;
  const code = error.code ?? '';
  if (tlsCodes.test(code)) return new OutboundError('tls', { host: base.hostname, problem: error.message });
  if (/^E(CONN|HOST|NET|ADDR|TIMEDOUT)/.test(code) && code !== 'ECONNRESET')
    return new OutboundError('unreachable', { host: base.hostname, address: base.host, problem: code });
  return new OutboundError('broken', { problem: code || error.message });
}
