import {
  type PublicOperation,
  ServiceFailure,
  type ServiceOperation,
  type ServiceSection,
} from '@souk/contract';
import { declaredError, readAnswer } from './services.answer.ts';
import { checkedArguments, type Value } from './services.arguments.ts';
import { type BuiltRequest, buildRequest, signedIn } from './services.request.ts';

/** `fetch`, as far as it is used: whoever gives it sees to it that no address is reached which must not be. */
export type ServiceFetch = (
  url: string,
  init: {
    method: string;
    headers: Record<string, string>;
    body?: string;
    signal: AbortSignal;
    redirect: 'manual';
  },
) => Promise<Response>;

export interface CallOptions {
  /** The header value, query value or password, opened; null with the scheme `none`. */
  readonly credential: string | null;
  readonly fetch: ServiceFetch;
  readonly signal?: AbortSignal | undefined;
  /** Opaque, and the same for a buyer in all calls: services may limit and count by it. */
  readonly buyerId?: string | undefined;
  readonly skip?: number | undefined;
  readonly top?: number | undefined;
  readonly answerSizeBytesMax?: number | undefined;
}

export interface CallAnswer {
  readonly rows: Record<string, unknown>[];
  /** Whether there are more rows behind these. */
  readonly more: boolean;
  /** Columns that are described and that no row of the answer had. */
  readonly absent: readonly string[];
}

export const serviceTimeoutMs = 30_000;
export const answerSizeBytesMax = 20 * 1024 * 1024;

/** How buyers see an operation: nothing of how the service itself is asked, where a provider's own keys may stand. */
export const publicOperation = ({
  request: _1,
  response: _2,
  paging: _3,
  ...operation
}: ServiceOperation): PublicOperation => ({
  ...operation,
  columns: operation.columns.map(({ path: _4, ...column }) => column),
});

/**
 * One call of a described operation: request from its template, rows from its answer. Whatever goes wrong is a `ServiceFailure` in
 * words for the buyer, without anything of the service's own request or answer in it. Runs on Node and on Bun.
 */
export async function callOperation(
  service: ServiceSection,
  operation: ServiceOperation,
  args: Readonly<Record<string, unknown>>,
  options: CallOptions,
): Promise<CallAnswer> {
  const page = pageOf(operation, options);
  const values = new Map<string, Value>([...checkedArguments(operation, args), ...page.values]);
  const request = signedIn(buildRequest(service, operation, values), service, options.credential);
  const timeoutMs = service.timeoutMs ?? serviceTimeoutMs;
  const text = await inTime(timeoutMs, options.signal, (signal) =>
    answered(operation, request, options, signal, timeoutMs),
  );
  const { rows, absent } = readAnswer(operation, text);
  return { ...page.cut(rows), absent };
}

/** For everything: both attempts, and the whole body. */
async function inTime<T>(
  timeoutMs: number,
  outer: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), timeoutMs);
  try {
    return await work(outer ? AbortSignal.any([limit.signal, outer]) : limit.signal);
  } finally {
    clearTimeout(timer);
  }
}

interface Page {
  readonly values: ReadonlyMap<string, Value>;
  cut(rows: Record<string, unknown>[]): { rows: Record<string, unknown>[]; more: boolean };
}

const count = (n: number): Value => ({ text: String(n), quoted: false });

function pageOf({ paging, collection }: ServiceOperation, { skip = 0, top }: CallOptions): Page {
  const wanted = top ?? Number.POSITIVE_INFINITY;
  if (!paging || !collection)
    return {
      values: new Map(),
      cut: (rows) => ({ rows: rows.slice(skip, skip + wanted), more: rows.length > skip + wanted }),
    };
  const sizeMax = paging.sizeMax;
  if (paging.kind === 'skip-take') {
    const size = Math.min(wanted, sizeMax);
    // One more than wanted, where there is room for it, says whether there are more.
    const take = Math.min(size + 1, sizeMax);
    return {
      values: new Map([
        ['$skip', count(skip)],
        ['$take', count(take)],
      ]),
      cut: (rows) => ({
        rows: rows.slice(0, size),
        more: rows.length > size || (take === size && rows.length >= take),
      }),
    };
  }
  const from = skip % sizeMax;
  return {
    values: new Map([
      ['$page', count(Math.floor(skip / sizeMax) + 1)],
      ['$size', count(sizeMax)],
    ]),
    cut: (rows) => ({
      rows: rows.slice(from, from + wanted),
      more: rows.length > from + wanted || rows.length >= sizeMax,
    }),
  };
}

/** The text of a good answer. Only what reads, and changes nothing, is asked a second time. */
async function answered(
  operation: ServiceOperation,
  request: BuiltRequest,
  options: CallOptions,
  signal: AbortSignal,
  timeoutMs: number,
): Promise<string> {
  const attempts = request.method === 'GET' ? 2 : 1;
  for (let attempt = 1; ; attempt++) {
    try {
      signal.throwIfAborted();
      return await once(operation, request, options, signal);
    } catch (error) {
      if (signal.aborted && options.signal?.aborted !== true) throw tooSlow(timeoutMs);
      if (signal.aborted) throw cancelled();
      const failure = error instanceof ServiceFailure ? error : unreachable();
      if (attempt >= attempts || !passing.has(failure.code)) throw failure;
    }
  }
}
const passing = new Set(['service.unreachable', 'service.busy', 'service.unavailable']);

async function once(
  operation: ServiceOperation,
  request: BuiltRequest,
  options: CallOptions,
  signal: AbortSignal,
): Promise<string> {
  const response = await options.fetch(request.url, {
    method: request.method,
    headers: {
      ...request.headers,
      ...(options.buyerId === undefined ? {} : { 'souk-buyer': options.buyerId }),
    },
    ...(request.body === undefined ? {} : { body: request.body }),
    signal,
    redirect: 'manual',
  });
  const text = await boundedText(response, options.answerSizeBytesMax ?? answerSizeBytesMax);
  const declared = declaredError(operation, text);
  if (declared)
    throw new ServiceFailure({
      status: declared.status,
      code: 'service.declared_error',
      message: declared.message || `${operation.name} answered that it could not do it.`,
    });
  const failure = failureOf(operation.name, response.status);
  if (failure) throw failure;
  return text;
}

/** What a status of the service means for the buyer. Its own words are not passed on: nobody has looked at what they tell. */
export function failureOf(name: string, status: number): ServiceFailure | undefined {
  const failed = (as: number, code: string, message: string) =>
    new ServiceFailure({ status: as, code: `service.${code}`, message });
  if (status >= 200 && status < 300) return undefined;
  if (status >= 300 && status < 400)
    return failed(
      502,
      'redirected',
      'The service answers with a redirect, which Souk does not follow with buyers’ data.',
    );
  if (status === 400 || status === 413 || status === 414 || status === 422)
    return failed(400, 'refused', `The service does not take these values (it answered ${status}).`);
  if (status === 401 || status === 403 || status === 407)
    return failed(
      502,
      'credentials_refused',
      'The service does not accept its publisher’s credentials; the publisher has to mend this.',
    );
  if (status === 404 || status === 410)
    return failed(404, 'nothing_found', `The service has nothing for these values (it answered ${status}).`);
  if (status === 408 || status === 504) return failed(504, 'slow', 'The service did not answer in time.');
  if (status === 429) return failed(503, 'busy', 'The service has too much to do; try again in a moment.');
  if (status === 502 || status === 503)
    return failed(503, 'unavailable', 'The service is not available right now; try again in a moment.');
  return failed(502, 'failed', `${name} failed at the service (it answered ${status}).`);
}

/** Reads up to a size, unpacked: an answer that grows without end is left alone. */
async function boundedText(response: Response, bytesMax: number): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  const reader = response.body?.getReader();
  try {
    for (;;) {
      const part = await reader?.read();
      if (!part || part.done) break;
      size += part.value.byteLength;
      if (size > bytesMax)
        throw new ServiceFailure({
          status: 502,
          code: 'service.answer_too_large',
          message: `The answer of the service is larger than ${bytesMax} bytes.`,
        });
      parts.push(part.value);
    }
  } finally {
    // Without this the rest would still be sent, to nobody.
    await reader?.cancel().catch(() => {});
  }
  return new TextDecoder(charsetOf(response)).decode(Buffer.concat(parts));
}

function charsetOf(response: Response): string {
  const named = /charset="?([\w.:-]+)/i.exec(response.headers.get('content-type') ?? '')?.[1] ?? 'utf-8';
  try {
    return new TextDecoder(named).encoding;
  } catch {
    return 'utf-8';
  }
}

const unreachable = () =>
  new ServiceFailure({ status: 502, code: 'service.unreachable', message: 'The service cannot be reached.' });
const tooSlow = (timeoutMs: number) =>
  new ServiceFailure({
    status: 504,
    code: 'service.slow',
    message: `The service did not answer within ${timeoutMs / 1000} seconds.`,
  });
const cancelled = () =>
  new ServiceFailure({
    status: 499,
    code: 'service.cancelled',
    message: 'The call was given up by its caller.',
  });
