import { setTimeout as sleep } from 'node:timers/promises';
import type { BodyOf, Operation, OutputOf, ParamsOf, QueryOf } from '@souk/contract';
import type { TSchema } from 'typebox';
import { failureOf, unreachable } from './client-errors.ts';
import { Failure } from './failure.ts';

type WithParams<O> = O extends { readonly params: TSchema }
  ? { readonly params: ParamsOf<O & Operation> }
  : { readonly params?: never };
type WithBody<O> = O extends { readonly body: TSchema }
  ? { readonly body: BodyOf<O & Operation> }
  : O extends { readonly bodyType: string }
    ? { readonly body: Uint8Array }
    : { readonly body?: never };
type WithQuery<O> = O extends { readonly query: TSchema }
  ? Record<never, never> extends QueryOf<O & Operation>
    ? { readonly query?: QueryOf<O & Operation> }
    : { readonly query: QueryOf<O & Operation> }
  : { readonly query?: never };

/** What an operation must be given; nothing, where it takes nothing. */
export type Request<O extends Operation> = WithParams<O> & WithBody<O> & WithQuery<O>;
type Rest<O extends Operation> =
  Record<never, never> extends Request<O> ? [request?: Request<O>] : [request: Request<O>];

export interface ClientOptions {
  readonly url: string;
  readonly key?: string | undefined;
  readonly cookie?: string | undefined;
  readonly signal: AbortSignal;
}

interface Sent {
  readonly params?: unknown;
  readonly query?: unknown;
  readonly body?: unknown;
}

interface How {
  readonly accept?: string;
  readonly timeoutMs?: number;
}

const retryDelaysMs = [250, 1000, 2500];

/** Souk's API, typed by the table of operations. */
export class Client {
  readonly url: string;
  readonly #options: ClientOptions;

  constructor(options: ClientOptions) {
    this.url = options.url;
    this.#options = options;
  }

  get signal(): AbortSignal {
    return this.#options.signal;
  }

  get hasCredential(): boolean {
    return this.#options.key !== undefined || this.#options.cookie !== undefined;
  }

  async call<O extends Operation>(operation: O, ...[request]: Rest<O>): Promise<OutputOf<O>> {
    const { response } = await this.exchange(operation, request ?? {});
    if (operation.output === null) {
      await response.body?.cancel();
      return undefined as OutputOf<O>;
    }
    return (await this.#read(response)) as OutputOf<O>;
  }

  /** The answer's head and its body as a stream, for events and cookies. */
  async exchange(operation: Operation, request: Sent, how: How = {}): Promise<{ response: Response }> {
    const binary = operation.bodyType !== undefined;
    const headers: Record<string, string> = { accept: how.accept ?? 'application/json' };
    const init: RequestInit = { method: operation.method, headers };
    if (request.body !== undefined) {
      headers['content-type'] = operation.bodyType ?? 'application/json';
      init.body = binary ? (request.body as Uint8Array<ArrayBuffer>) : JSON.stringify(request.body);
    }
    const path = pathOf(operation, request);
    // Only what changes nothing is sent again by itself: a lost answer to a POST may have done its work.
    const delays = operation.method === 'GET' ? retryDelaysMs : [];
    for (let attempt = 0; ; attempt++) {
      try {
        const response = await this.send(path, init, how.timeoutMs);
        if (response.ok) return { response };
        throw await failureOf(response, this.hasCredential);
      } catch (error) {
        const delay = delays[attempt];
        if (delay === undefined || !mayHelpToRepeat(error)) throw error;
        await sleep(delay, undefined, { signal: this.signal });
      }
    }
  }

  /** One request to an address of this Souk, as this account; the answer whatever its status. */
  async send(path: string, init: RequestInit, timeoutMs = 120_000): Promise<Response> {
    const { key, cookie, signal } = this.#options;
    const headers = new Headers(init.headers);
    headers.set('user-agent', 'souk-cli');
    if (key) headers.set('authorization', `Bearer ${key}`);
    if (cookie) headers.set('cookie', cookie);
    const until = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    try {
      return await fetch(this.url + path, { redirect: 'manual', signal: until, ...init, headers });
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      throw unreachable(this.url, error);
    }
  }

  async #read(response: Response): Promise<unknown> {
    try {
      return await response.json();
    } catch (error) {
      if (this.signal.aborted) throw this.signal.reason;
      throw unreachable(this.url, error);
    }
  }
}

function mayHelpToRepeat(error: unknown): boolean {
  if (!(error instanceof Failure)) return false;
  // Where nobody listens, nobody will within seconds: waiting would only hide it. A connection that was cut is another thing.
  if (error.code === 'cli.unreachable')
    return /ECONNRESET|EPIPE|ETIMEDOUT|EAI_AGAIN|UND_ERR_SOCKET/.test(error.message);
  return error.kind === 'unavailable' && error.code !== 'catalog.not_running';
}

export function pathOf(operation: Operation, { params, query }: Sent): string {
  const values = (params ?? {}) as Record<string, unknown>;
  const path = operation.path.replace(/:([A-Za-z0-9]+)/g, (_, name: string) =>
    encodeURIComponent(String(values[name])),
  );
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries((query ?? {}) as Record<string, unknown>))
    if (value !== undefined) search.set(name, String(value));
  return search.size > 0 ? `${path}?${search}` : path;
}
