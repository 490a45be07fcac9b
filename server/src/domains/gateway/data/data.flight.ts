import type { BodyFailure, CallBody } from '../calls.body.ts';
import { longBody } from '../calls.body.ts';
import type { Deadline } from '../calls.deadlines.ts';
import type { LimitReached } from '../calls.limits.ts';
import type { PlaneParts } from '../data-plane.ts';
import { type CallErrorCode, statusOf } from '../gateway.errors.ts';
import type { Breaker, Rest } from './breaker.ts';
import type { DataCall } from './data.admit.ts';
import type { Failure } from './data.failures.ts';
import { balanceHeaders } from './data.headers.ts';
import { newPlaces } from './data.places.ts';
import type { ServiceReports } from './service-reports.ts';
import type { ServiceRecord } from './services.ts';

const dimension = 'transactions';
const version = 'v1';
export const timeoutMsOf = ({ section }: ServiceRecord): number => section.timeoutMs ?? 30_000;

/** One request for data between its admission and the end of its answer. */
export interface Flight {
  readonly request: Request;
  readonly call: DataCall;
  readonly requestId: string;
  readonly startedAt: number;
  deadline: Deadline | undefined;
  /** It has a place among the calls that are answered at the same time. */
  entered: boolean;
  /** It went past the circuit breaker, which waits for what it says of the service. */
  watched: boolean;
  /** The service itself was asked. What Souk answers alone says nothing of it, and costs nothing. */
  asked: boolean;
  over: boolean;
}

export interface FlightParts {
  readonly parts: PlaneParts;
  readonly breaker: Breaker;
  readonly reports: ServiceReports;
}

/** What is kept of a request for data: its place, its transactions, what it says about the service. */
export function newFlights({ parts, breaker, reports }: FlightParts) {
  const { metrics, settings, sync } = parts;
  const places = newPlaces(parts.limits);
  const measured = new WeakMap<ServiceRecord, { readonly version: string }>();
  const pageOf = ({ path }: DataCall) => `${settings.publicUrl}/products/${path.name}`;

  return {
    begin: (request: Request, call: DataCall, requestId: string): Flight => ({
      request,
      call,
      requestId,
      startedAt: performance.now(),
      deadline: undefined,
      entered: false,
      watched: false,
      asked: true,
      over: false,
    }),

    /** Takes a place, or refuses: the plan's limits first, then a service that rests. */
    enter(flight: Flight): Response | undefined {
      const { call } = flight;
      const full = places.enter(call);
      if (full) return noPlace(flight, full);
      flight.entered = true;
      const rest = breaker.enter(call.service.productId);
      flight.watched = !rest;
      if (!rest) return undefined;
      leave(flight);
      return resting(flight, rest);
    },

    /**
     * The body of a request, or the answer to one whose body did not come. Nothing is read for a call that would be refused: else
     * an exhausted plan would still fill the memory.
     */
    async body(flight: Flight): Promise<CallBody | Response> {
      const { request, call } = flight;
      if (request.method !== 'POST') return null;
      const full = places.full(call);
      if (full) return noPlace(flight, full);
      const rest = breaker.rest(call.service.productId);
      if (rest) return resting(flight, rest);
      const bytesMax = settings.payloadBytesMax;
      const length = request.headers.get('content-length');
      const lengthBytes = length === null ? undefined : Number(length);
      const tooLarge = () => refuse(flight, 'call.payload_too_large', { limitBytes: bytesMax });
      if (lengthBytes !== undefined && lengthBytes > bytesMax) return tooLarge();
      let failure: BodyFailure | undefined;
      const timeoutMs = timeoutMsOf(flight.call.service);
      const deadline = parts.newDeadline(timeoutMs, request);
      try {
        const body = await longBody(request, undefined, {
          bytesMax,
          newDeadline: () => deadline,
          failed: (why) => {
            failure ??= why;
          },
        });
        return body instanceof ReadableStream ? await whole(body) : body;
      } catch {
        if (failure === 'too-large') return tooLarge();
        if (failure === 'late') return refuse(flight, 'call.body_late', { limitMs: timeoutMs });
        return gone(flight);
      } finally {
        deadline.remove();
      }
    },

    /** The answer is complete: resolves when it is in the usage log, and only then may its end be told. */
    async succeeded(flight: Flight, status: number, transactions: number): Promise<void> {
      if (flight.over) return;
      flight.over = true;
      works(flight);
      await count(flight, status, transactions);
    },

    /** The caller went away from a long answer: what was said until then has been had. */
    left(flight: Flight, transactions: number): void {
      if (flight.over) return;
      flight.over = true;
      breaker.unknown(flight.call.service.productId);
      void count(flight, 200, transactions).catch(() => {});
    },

    /** The service did not answer, or not with data. Costs nothing; the publisher is told. */
    failed(flight: Flight, failure: Failure): void {
      if (flight.over) return;
      flight.over = true;
      const { service } = flight.call;
      if (failure.isDown) breaker.failed(service.productId);
      else breaker.succeeded(service.productId);
      reports.failed(service, failure.code, failure.detail);
      metrics.refused(failure.code);
      void count(flight, statusOf(failure.code), 0).catch(() => {});
    },

    /** Refused by the service, for reasons of the request: recorded, without transactions. */
    turnedDown(flight: Flight, status: number): void {
      if (flight.over) return;
      flight.over = true;
      works(flight);
      void count(flight, status, 0).catch(() => {});
    },

    gone,
    refuse,

    balance: ({ call }: Flight, transactions: number | undefined) =>
      balanceHeaders(
        call.entitlement,
        sync.usage.pendingUnits(call.entitlement.subscriptionId),
        transactions,
      ),
  };

  function noPlace(flight: Flight, { code, params, headers }: LimitReached): Response {
    return refuse(flight, code === 'call.quota_exhausted' ? 'data.quota_exhausted' : code, params, headers);
  }

  function resting(flight: Flight, rest: Rest): Response {
    return refuse(flight, 'data.resting', { ...rest }, { 'retry-after': String(rest.seconds) });
  }

  /** An error in the words of the data service, with what is left of the plan. */
  function refuse(
    flight: Flight,
    code: CallErrorCode,
    params: Readonly<Record<string, string | number>>,
    headers: Readonly<Record<string, string>> = {},
  ): Response {
    const { call, requestId } = flight;
    const pending = sync.usage.pendingUnits(call.entitlement.subscriptionId);
    const all = { ...balanceHeaders(call.entitlement, pending, 0), ...headers };
    const named = { product: call.path.name, page: pageOf(call), ...params };
    return parts.refuse(code, named, requestId, 'odata', all);
  }

  function gone(flight: Flight): Response {
    flight.over = true;
    if (flight.watched) breaker.unknown(flight.call.service.productId);
    leave(flight);
    metrics.refused('caller.gone');
    return new Response(null, { status: 400, headers: { 'x-request-id': flight.requestId } });
  }

  /** The service answered in order, as far as it was asked. */
  function works({ asked, watched, call }: Flight) {
    if (asked) breaker.succeeded(call.service.productId);
    else if (watched) breaker.unknown(call.service.productId);
  }

  function leave(flight: Flight) {
    flight.deadline?.remove();
    if (!flight.entered) return;
    flight.entered = false;
    places.leave(flight.call);
  }

  async function count(flight: Flight, status: number, transactions: number): Promise<void> {
    const { call, startedAt } = flight;
    const { service } = call;
    const series = measured.get(service) ?? { version };
    measured.set(service, series);
    metrics.answered(call.path.name, series, status, performance.now() - startedAt);
    // Counted before the place is given up: else the last transaction could be had twice.
    const counted = call.counts
      ? parts.count(call.entitlement, dimension, status, transactions, version)
      : undefined;
    leave(flight);
    await counted;
  }
}
export type Flights = ReturnType<typeof newFlights>;

/** Held whole, so that the service is told its length; bounded by what a call may send. */
async function whole(body: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of body) parts.push(part);
  return Buffer.concat(parts);
}
