import { isAllowed, type Network, networksOf, portOf } from '../../../platform/outbound-addresses.ts';
import { OutboundError } from '../../../platform/outbound-errors.ts';
import { allAddresses, checkedAddresses, type Lookup } from '../../../platform/outbound-resolve.ts';
import { checkedUrl } from '../../../platform/outbound-rules.ts';
import { openSocket } from '../../../platform/outbound-socket.ts';
import type { Deadline } from '../calls.deadlines.ts';
import { MalformedAnswer } from '../model-answer.ts';
import type { ModelAnswer, ModelRequest } from '../model-client.ts';
import { Connection } from '../model-connection.ts';

export interface ServiceRequest extends Omit<ModelRequest, 'path'> {
  readonly url: URL;
  /** Headers that stay with the origin that they are meant for. */
  readonly secretHeaders: Readonly<Record<string, string>>;
}

export interface ServiceAnswer extends ModelAnswer {
  /** What answered in the end. */
  readonly url: URL;
}

/** What happened at an address that a redirect of the service led to. */
export class LedAway extends Error {
  override readonly cause: Error;
  readonly code: unknown;
  constructor(cause: Error) {
    super(cause.message);
    this.cause = cause;
    this.code = (cause as { code?: unknown }).code;
  }
}

export type AskService = (request: ServiceRequest, deadline: Deadline) => Promise<ServiceAnswer>;

export interface ServiceClientOptions {
  /** Networks that may be called though they are not public; only there without TLS, too. */
  readonly outboundAllow: readonly string[];
  /** Souk's own address: services of one's own are reached through it, wherever it stands. */
  readonly publicUrl: string;
  readonly lookup?: Lookup;
  /** How long a connection is kept that nobody uses. */
  readonly idleMs?: number;
}

const redirectsMax = 3;
/** A kept connection that has waited longer may be closed by its server just as a request goes out that cannot be repeated. */
const surelyOpenMs = 2000;
/** Longer than any answer lasts: a connection under way comes back to the pool that it is from. */
const forgetMs = 2 * 3_600_000;
const ownHeaders = ['accept-encoding', 'via', 'x-request-id'] as const;

interface Pool {
  readonly idle: Connection[];
  usedAt: number;
}

/**
 * Asks services behind products, over connections that are kept. A new connection goes through the gate of the outbound client:
 * the name is resolved here, all its addresses are checked, and one of these very addresses is connected to. What is kept is
 * a connection to an address that was checked, so no name can change its answer in between. Redirects go through the same gate.
 */
export function newServiceClient(options: ServiceClientOptions): AskService {
  const { lookup = allAddresses, idleMs = 30_000 } = options;
  const allowed = networksOf(options.outboundAllow);
  const everywhere: readonly Network[] = networksOf(['0.0.0.0/0', '::/0']);
  const own = new URL(options.publicUrl).origin;
  const pools = new Map<string, Pool>();
  setInterval(() => sweep(pools, idleMs), idleMs).unref();

  const isOurs = (url: URL) => url.origin === own && /^\/(odata|workspaces)\//.test(url.pathname);

  async function open(url: URL, idle: Connection[], deadline: Deadline): Promise<Connection> {
    const isOwn = isOurs(url);
    const stop = new AbortController();
    deadline.onEnd = (error) => stop.abort(error);
    const resolving = { allowed: isOwn ? everywhere : allowed, lookup, signal: stop.signal };
    const addresses = await checkedAddresses(url, resolving, () => {});
    if (url.protocol === 'http:' && !isOwn)
      for (const { address } of addresses)
        if (!isAllowed(address, allowed, portOf(url)))
          throw new OutboundError('url_invalid', { url: url.origin, problem: 'it is not encrypted' });
    const socket = await openSocket(url, addresses, stop.signal, () => {});
    return new Connection(socket, url.host, idle);
  }

  async function visit(request: ServiceRequest, deadline: Deadline): Promise<ModelAnswer> {
    const { url } = request;
    // Apart: a connection that was let through to our own services is for these only.
    const name = isOurs(url) ? 'own' : url.origin;
    const pool = pools.get(name) ?? { idle: [], usedAt: 0 };
    pools.set(name, pool);
    pool.usedAt = performance.now();
    const { idle } = pool;
    const question: ModelRequest = {
      method: request.method,
      path: url.pathname + url.search,
      headers: headersOf(request),
      body: request.body,
      lengthBytes: request.lengthBytes,
    };
    const isSafe = request.method === 'GET' || request.method === 'HEAD';
    const kept = fresh(idle, isSafe ? idleMs : surelyOpenMs);
    if (kept)
      try {
        return await kept.ask(question, deadline);
      } catch (error) {
        // It was closed while nobody looked. Only what changes nothing is asked again.
        if (!isSafe || deadline.ended) throw error;
      }
    try {
      return await (await open(url, idle, deadline)).ask(question, deadline);
    } catch (error) {
      if (!isSafe || deadline.ended || error instanceof OutboundError || kept) throw error;
      if (error instanceof MalformedAnswer && !/closed/.test(error.message)) throw error;
      return await (await open(url, idle, deadline)).ask(question, deadline);
    }
  }

  return async (first, deadline) => {
    let request = first;
    for (let redirects = 0; ; redirects++) {
      const answer = await visit(request, deadline).catch((error: Error) => {
        throw redirects > 0 ? new LedAway(error) : error;
      });
      const next = redirected(request, answer);
      if (!next) return { ...answer, url: request.url };
      if (answer.body instanceof ReadableStream) await answer.body.cancel().catch(() => {});
      if (redirects >= redirectsMax) throw new LedAway(new OutboundError('redirects', { redirectsMax }));
      request = next;
    }
  };
}

/** A publisher may name headers, but not those that say where a request has been and how its answer may come. */
function headersOf({ headers, secretHeaders }: ServiceRequest): Record<string, string> {
  const all = { ...headers, ...secretHeaders };
  for (const name of ownHeaders) {
    const own = headers[name];
    if (own !== undefined) all[name] = own;
  }
  return all;
}

/** Closes what nobody uses, and forgets servers that nobody asks any more. */
function sweep(pools: Map<string, Pool>, idleMs: number) {
  const now = performance.now();
  for (const [name, { idle, usedAt }] of pools) {
    for (const kept of [...idle]) if (now - kept.idleSince >= idleMs) kept.close();
    if (idle.length === 0 && now - usedAt >= forgetMs) pools.delete(name);
  }
}

/** A connection that waits, not longer than `ageMs`; older ones are closed. */
function fresh(idle: Connection[], ageMs: number): Connection | undefined {
  const now = performance.now();
  for (let kept = idle.pop(); kept; kept = idle.pop()) {
    if (now - kept.idleSince < ageMs) return kept;
    kept.close();
  }
  return undefined;
}

/** Only what changes nothing is asked elsewhere; the credential stays with the origin that it is meant for. */
function redirected(request: ServiceRequest, answer: ModelAnswer): ServiceRequest | undefined {
  if (![301, 302, 303, 307, 308].includes(answer.status)) return undefined;
  const location = answer.headers.get('location');
  const isSafe = request.method === 'GET' || request.method === 'HEAD';
  if (!isSafe || !location || !URL.canParse(location, request.url.href)) return undefined;
  const url = ledTo(new URL(location, request.url).href);
  if (request.url.protocol === 'https:' && url.protocol === 'http:')
    throw new LedAway(new OutboundError('downgrade', { url: url.origin }));
  return { ...request, url, ...(url.origin === request.url.origin ? {} : { secretHeaders: {} }) };
}

function ledTo(address: string): URL {
  try {
    return checkedUrl(address);
  } catch (error) {
    throw new LedAway(error as Error);
  }
}
