import { newAddresses } from './calls.addresses.ts';
import type { Admitted } from './calls.admit.ts';
import { type BodyFailure, type CallBody, longBody, wholeBytesMax } from './calls.body.ts';
import { type Deadline, newDeadlines } from './calls.deadlines.ts';
import { headersFor, headersOf } from './calls.headers.ts';
import { type Judge, judged } from './calls.judge.ts';
import type { Limits } from './calls.limits.ts';
import { streamed } from './calls.streams.ts';
import type { CallsOptions } from './calls.ts';
import { CallerGone, NoPlace, type Place } from './endpoints.places.ts';
import type { EndpointRecord } from './endpoints.ts';
import { type CallErrorCode, errorResponse } from './gateway.errors.ts';
import { hasNoBody, hourOf, unitsOf } from './gateway.rules.ts';
import { type ModelAnswer, type ModelRequest, tookNoConnection } from './model-client.ts';

const streamingTimeoutMs = 8 * 60_000;
/** Instances of an endpoint that a call is offered to, where one after the other has just gone. */
const endpointTriesMax = 20;

/** One call between its admission and the end of its answer. */
interface Flight {
  readonly request: Request;
  readonly call: Admitted;
  readonly requestId: string;
  readonly startedAt: number;
  bodyFailure: BodyFailure | undefined;
  deadline: Deadline | undefined;
  /** At an instance of an endpoint. */
  place: Place | undefined;
}

/**
 * Sends an admitted call to its model server, and passes the answer on once the call is in the usage log. Every function that a
 * short call passes through counts here: thousands a second go this way.
 */
export function newForward({ settings, sync, ask, metrics }: CallsOptions, limits: Limits) {
  const newDeadline = newDeadlines();
  const addresses = newAddresses();
  const bytesMaxOf = ({ endpoint }: Admitted) => endpoint?.payloadBytesMax ?? settings.payloadBytesMax;
  const timeoutMsOf = ({ endpoint }: Admitted) => endpoint?.timeoutMs ?? settings.callTimeoutMs;

  return async function forward(
    request: Request,
    call: Admitted,
    requestId: string,
    judge?: Judge,
  ): Promise<Response> {
    const flight: Flight = {
      request,
      call,
      requestId,
      startedAt: performance.now(),
      bodyFailure: undefined,
      deadline: undefined,
      place: undefined,
    };
    const { lengthBytes } = call;
    let body: CallBody = null;
    if (request.method === 'POST')
      try {
        // Before anything looks at `request.body`: that would make a stream of what is there already.
        if (lengthBytes !== undefined && lengthBytes <= wholeBytesMax)
          body = new Uint8Array(await request.arrayBuffer());
        else body = await bodyOf(flight);
      } catch {
        return noBody(flight);
      }
    // Only now, and all at once from here to the model: a caller who is slow to send holds no place.
    const full = call.target.counts ? limits.enter(call.entitlement) : undefined;
    if (full) {
      const page = `${settings.publicUrl}/products/${call.product}`;
      return refuse(flight, full.code, { ...full.params, page }, full.headers);
    }
    let answer: ModelAnswer;
    try {
      answer = await askModel(flight, body);
      if (judge) answer = await judged(answer, judge);
    } catch (error) {
      end(flight);
      return unanswered(flight, error);
    }
    if (answer.body instanceof ReadableStream) return streamOn(flight, answer, answer.body);
    const units = unitsOfAnswer(flight, answer);
    const counted = count(flight, answer.status, units);
    end(flight);
    try {
      await counted;
    } catch {
      return refuse(flight, 'call.not_recorded', {}, { 'retry-after': '5' });
    }
    if (call.endpoint?.capture) capture(flight, call.endpoint, body, answer);
    else if (call.entitlement.recordMax && !call.endpoint) keep(flight, body, answer);
    return whole(flight, answer, answer.body as Uint8Array<ArrayBuffer>, units);
  };

  /** For accounts that asked for it; the recorder only puts it aside. */
  function keep({ request, call, startedAt }: Flight, body: CallBody, answer: ModelAnswer) {
    if (!(body instanceof Uint8Array) || call.target.path !== '/invocations') return;
    sync.recorder.offer({
      subscriptionId: call.entitlement.subscriptionId,
      at: Date.now(),
      version: call.route.version,
      contentType: request.headers.get('content-type') ?? 'application/octet-stream',
      accept: request.headers.get('accept') ?? '*/*',
      body,
      status: answer.status,
      answerContentType: answer.headers.get('content-type') ?? 'application/octet-stream',
      answer: answer.body as Uint8Array,
      durationMs: performance.now() - startedAt,
    });
  }

  /** Into the account's own files, where it wants that: of calls whose request and answer are held whole here. */
  function capture(flight: Flight, endpoint: EndpointRecord, body: CallBody, answer: ModelAnswer) {
    const { request, call, requestId, startedAt } = flight;
    if (!(body instanceof Uint8Array) || !call.target.counts) return;
    sync.captures.offer({
      endpoint,
      requestId,
      inferenceId: request.headers.get('x-amzn-sagemaker-inference-id'),
      version: call.route.version,
      contentType: request.headers.get('content-type') ?? 'application/octet-stream',
      body,
      status: answer.status,
      answerContentType: answer.headers.get('content-type') ?? 'application/octet-stream',
      answer: answer.body as Uint8Array,
      durationMs: performance.now() - startedAt,
    });
  }

  function bodyOf(flight: Flight): CallBody | Promise<CallBody> {
    const { request, call } = flight;
    return longBody(request, call.lengthBytes, {
      bytesMax: bytesMaxOf(call),
      newDeadline: () => newDeadline(timeoutMsOf(call), request),
      failed: (why) => {
        // The first is the reason; what follows is only its echo.
        flight.bodyFailure ??= why;
      },
    });
  }

  /** An address that takes no connection gives way to the next: the model has not seen the call, so nothing is done twice. */
  async function askModel(flight: Flight, body: CallBody): Promise<ModelAnswer> {
    const { request, call } = flight;
    const question = {
      method: request.method,
      path: call.target.path,
      headers: headersFor(request.headers),
      body,
      lengthBytes: call.lengthBytes,
    };
    if (call.endpoint) return askEndpoint(flight, call.endpoint, question);
    const deadline = newDeadline(timeoutMsOf(call), request);
    flight.deadline = deadline;
    const triesMax = body instanceof ReadableStream ? 1 : call.route.addresses.length;
    for (let tries = 1; ; tries++) {
      const address = addresses.next(call.route);
      if (!address) throw new Error('no address');
      try {
        return await ask(address, question, deadline);
      } catch (error) {
        if (tookNoConnection(error)) addresses.tookNoConnection(address);
        if (tries >= triesMax || !tookNoConnection(error)) throw error;
      }
    }
  }

  /** Waits for a place where there is none; one that takes no connection gives way to the next, as above. */
  async function askEndpoint(
    flight: Flight,
    endpoint: EndpointRecord,
    question: ModelRequest,
  ): Promise<ModelAnswer> {
    const { request } = flight;
    const again = !(question.body instanceof ReadableStream);
    for (let tries = 1; ; tries++) {
      // What the snapshot says now: instances come and go while a call waits.
      const now = sync.snapshot.endpointById(endpoint.id) ?? endpoint;
      const taken = sync.places.take(now, (ms) => newDeadline(ms, request));
      flight.place = taken instanceof Promise ? await taken : taken;
      const deadline = newDeadline(endpoint.timeoutMs, request);
      flight.deadline = deadline;
      try {
        return await ask(flight.place.instance.address, question, deadline);
      } catch (error) {
        if (!tookNoConnection(error)) throw error;
        flight.place.tookNoConnection();
        if (!again || tries >= endpointTriesMax || deadline.ended) throw error;
        deadline.remove();
        flight.place.leave();
      }
    }
  }

  function whole(
    flight: Flight,
    answer: ModelAnswer,
    body: Uint8Array<ArrayBuffer>,
    units: number,
  ): Response {
    const { method } = flight.request;
    const { status } = answer;
    answered(flight, status);
    const headers = headersOf(answer, factsOf(flight, units, 0));
    const length = answer.headers.get('content-length');
    if (method === 'HEAD' && length !== undefined) headers['content-length'] = length;
    return new Response(hasNoBody(method, status) ? null : body, { status, headers });
  }

  function streamOn(flight: Flight, answer: ModelAnswer, body: ReadableStream<Uint8Array>): Response {
    const { status } = answer;
    const units = unitsOfAnswer(flight, answer);
    flight.deadline?.extend(Math.max(streamingTimeoutMs, timeoutMsOf(flight.call)));
    let over = false;
    const finish = (outcome: number, unitsToCount: number): Promise<void> => {
      if (over) return Promise.resolve();
      over = true;
      const counted = count(flight, outcome, unitsToCount);
      end(flight);
      answered(flight, outcome);
      return counted;
    };
    const passed = streamed(body, {
      complete: () => finish(status, units),
      broken: () => void finish(502, 0).catch(() => {}),
      // What was said until then has been had: a caller who leaves before the last word pays as for all of them.
      left: () => void finish(status, units).catch(() => {}),
    });
    return new Response(passed, { status, headers: headersOf(answer, factsOf(flight, units, units)) });
  }

  /** The body did not come, so that no model was asked. */
  function noBody(flight: Flight): Response {
    const { bodyFailure, call } = flight;
    if (bodyFailure === 'too-large')
      return refuse(flight, 'call.payload_too_large', { limitBytes: bytesMaxOf(call) });
    if (bodyFailure === 'late') return refuse(flight, 'call.body_late', { limitMs: timeoutMsOf(call) });
    return gone(flight);
  }

  function unanswered(flight: Flight, error: unknown): Response {
    const { request, call, deadline, bodyFailure } = flight;
    // Nobody is there to read this, and the model has done nothing wrong.
    if (bodyFailure) return noBody(flight);
    if (error instanceof NoPlace) {
      return refuse(flight, error.code, error.params, { 'retry-after': '2' });
    }
    if (error instanceof CallerGone || deadline?.ended === 'caller' || request.signal.aborted)
      return gone(flight);
    void count(flight, 502, 0).catch(() => {});
    if (call.endpoint && call.target.counts)
      sync.report.answered(call.endpoint.id, 502, performance.now() - flight.startedAt);
    if (deadline?.ended === 'time') return refuse(flight, 'call.timeout', { limitMs: timeoutMsOf(call) });
    const code = tookNoConnection(error) ? 'call.down' : 'call.broke_off';
    const { product, route } = call;
    return refuse(flight, code, { product, version: route.version }, { 'retry-after': '1' });
  }

  function gone({ requestId }: Flight): Response {
    metrics.refused('caller.gone');
    return new Response(null, { status: 400, headers: { 'x-request-id': requestId } });
  }

  function count(
    { call: { target, entitlement, route } }: Flight,
    status: number,
    units: number,
  ): Promise<void> {
    if (!target.counts) return Promise.resolve();
    const { subscriptionId, dimension } = entitlement;
    return sync.usage.count(subscriptionId, dimension, hourOf(Date.now()), status, units, route.version);
  }

  function end({ call, deadline, place }: Flight) {
    deadline?.remove();
    place?.leave();
    if (call.target.counts) limits.leave(call.entitlement);
  }

  function answered({ call, startedAt }: Flight, status: number) {
    if (call.endpoint && call.target.counts)
      sync.report.answered(call.endpoint.id, status, performance.now() - startedAt);
    metrics.answered(call.product, call.route, status, performance.now() - startedAt);
  }

  function factsOf({ call, requestId }: Flight, units: number, notPendingYet: number) {
    const pendingUnits = sync.usage.pendingUnits(call.entitlement.subscriptionId) + notPendingYet;
    return { call, requestId, units, pendingUnits, publicUrl: settings.publicUrl };
  }

  function refuse(
    { call, requestId }: Flight,
    code: CallErrorCode,
    params: Record<string, string | number>,
    headers?: Record<string, string>,
  ): Response {
    metrics.refused(code);
    return errorResponse(code, params, requestId, call.target.protocol, headers);
  }
}

const unitsOfAnswer = ({ call }: Flight, answer: ModelAnswer) =>
  answer.status >= 200 && answer.status < 300
    ? unitsOf(answer.headers.get('x-amzn-inference-metering'), call.entitlement.dimension)
    : 0;
