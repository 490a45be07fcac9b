import type { CallErrorCode } from '../gateway.errors.ts';
import type { secretOf } from './credentials.ts';
import { transactionsOf } from './data.answer.ts';
import { type Failure, failureOf } from './data.failures.ts';
import { type DescribedFetch, newDescribedFetch, type Told } from './data.fetch.ts';
import { type Flight, type Flights, timeoutMsOf } from './data.flight.ts';
import type { ForwardParts } from './data.forward.ts';
import type { ServiceRecord } from './services.ts';

/** A request for a service that is described by its operations, and is shown to buyers as OData. */
export interface DescribedCall {
  readonly request: Request;
  readonly root: string;
  /** Under the root, with its query. */
  readonly path: string;
  readonly buyerId: string;
  readonly credential: string | null;
  readonly fetch: DescribedFetch;
}

export interface DescribedAnswer {
  readonly response: Response;
  readonly records: number;
  readonly operation?: string;
  /** The code of what went wrong at the service, where something did. */
  readonly failure?: string;
}

/** Given by whoever composes the process: this domain knows no dialect. Never throws. */
export type AnswerDescribed = (service: ServiceRecord, call: DescribedCall) => Promise<DescribedAnswer>;

export interface DescribedParts extends ForwardParts {
  readonly answerDescribed: AnswerDescribed;
  readonly openSecret: (service: ServiceRecord) => ReturnType<typeof secretOf>;
}

/** Of all that a service answers to one call: it is held as rows to be sorted and counted. */
const heldBytesMax = 20 * 1024 * 1024;

/** Answers from a service that speaks something of its own: its rows as OData. */
export function newDescribedData(parts: DescribedParts) {
  const { flights } = parts;
  const bytesMax = Math.min(parts.answerBytesMax, heldBytesMax);

  return async function answer(flight: Flight): Promise<Response> {
    const { request, call } = flight;
    const { service } = call;
    const body = await flights.body(flight);
    if (body instanceof Response) return body;
    flight.asked = false;
    // Metadata and what HEAD is told are Souk's own: a service that rests or lacks its credential is nothing to them.
    const mayAsk = call.counts && request.method !== 'HEAD';
    const full = mayAsk ? flights.enter(flight) : undefined;
    if (full) return full;
    let credential: string | null = null;
    try {
      if (mayAsk) credential = parts.openSecret(service);
    } catch {
      return fail(flight, notSetUp, flights);
    }
    const { fetch, told } = newDescribedFetch(flight, parts, bytesMax);
    const { response, records, operation, failure } = await parts.answerDescribed(service, {
      request: new Request(request.url, {
        method: request.method,
        headers: request.headers,
        body: body as Uint8Array<ArrayBuffer> | null,
        signal: request.signal,
      }),
      root: call.root,
      path: call.path.rest + (call.query && `?${call.query}`),
      buyerId: parts.buyerIdOf(service.publisherId, call.entitlement.accountId),
      credential,
      fetch,
    });
    if (request.signal.aborted) return flights.gone(flight);
    const down = failure && failureFor(failure, flight, told, bytesMax);
    if (down) return fail(flight, down, flights);
    if (response.status >= 400) flights.turnedDown(flight, response.status === 501 ? 400 : response.status);
    const cost = response.status >= 300 || !flight.asked ? 0 : costOf(service, operation, records);
    try {
      await flights.succeeded(flight, response.status, cost);
    } catch {
      return flights.refuse(flight, 'call.not_recorded', {}, { 'retry-after': '5' });
    }
    const { headers } = response;
    for (const [name, value] of Object.entries(flights.balance(flight, cost))) headers.set(name, value);
    headers.set('x-request-id', flight.requestId);
    headers.set('x-souk-version', 'v1');
    headers.append('vary', 'accept, authorization, x-api-key');
    return response;
  };
}

function costOf({ section }: ServiceRecord, operation: string | undefined, records: number): number {
  const declared = section.operations?.find((one) => one.name === operation)?.transactions;
  return declared ?? transactionsOf(records, section.transactions?.recordsPerTransaction);
}

function fail(flight: Flight, failure: Failure, flights: Flights): Response {
  flights.failed(flight, failure);
  return flights.refuse(flight, failure.code, failure.params, failure.headers);
}

const notSetUp: Failure = {
  code: 'data.not_set_up',
  params: {},
  detail: 'its credential is missing or cannot be opened; set it again',
  isDown: true,
};

const codes: Readonly<Record<string, { readonly code: CallErrorCode; readonly isDown: boolean }>> = {
  'service.slow': { code: 'data.service_slow', isDown: true },
  'service.unreachable': { code: 'data.service_down', isDown: true },
  'service.unavailable': { code: 'data.service_busy', isDown: true },
  'service.busy': { code: 'data.service_busy', isDown: false },
  'service.credentials_refused': { code: 'data.service_refused_souk', isDown: false },
  'service.failed': { code: 'data.service_failed', isDown: false },
  'service.answer_too_large': { code: 'data.service_too_large', isDown: false },
};

function failureFor(code: string, flight: Flight, told: Told, bytesMax: number): Failure {
  const failure = failureOfCode(code, flight, told, bytesMax);
  // It works, for all that is known: a long list must not shut the service for everybody.
  return told.answers > 0 ? { ...failure, isDown: false } : failure;
}

function failureOfCode(
  code: string,
  { call, deadline }: Flight,
  { wentWrong }: Told,
  bytesMax: number,
): Failure {
  const timeoutMs = timeoutMsOf(call.service);
  if (wentWrong && code === 'service.unreachable')
    return failureOf(wentWrong, deadline, { timeoutMs, bytesMax });
  const known = codes[code];
  const params = { limitMs: timeoutMs, limitBytes: bytesMax, status: 502 };
  if (!known)
    return {
      code: 'data.service_nonsense',
      params: { problem: 'its answer does not have the form that its description says' },
      detail: code,
      isDown: false,
    };
  const headers = known.code === 'data.service_busy' ? { 'retry-after': '5' } : {};
  return { code: known.code, params, headers, detail: `a call ended with ${code}`, isDown: known.isDown };
}
