import type { ModelAnswer } from '../model-client.ts';
import type { Credential } from './credentials.ts';
import { answerOf } from './data.answer.ts';
import { type Failure, failureOf } from './data.failures.ts';
import { type Flight, type Flights, timeoutMsOf } from './data.flight.ts';
import { headersToService } from './data.headers.ts';
import { refusedByService } from './data.refused.ts';
import { withoutParameters } from './roots.ts';
import type { AskService, ServiceAnswer } from './service-client.ts';
import type { ServiceRecord } from './services.ts';

export interface ForwardParts {
  readonly flights: Flights;
  readonly ask: AskService;
  readonly credentialOf: (service: ServiceRecord) => Credential;
  readonly buyerIdOf: (publisherId: string, accountId: string) => string;
  readonly newDeadline: (afterMs: number, request: Request) => NonNullable<Flight['deadline']>;
  readonly answerBytesMax: number;
  /** What this installation is called on the way, so that a request that comes back is known. */
  readonly via: string;
}

/** Passes a request on to a service that speaks OData itself, and its answer back. */
export function newForwardData(parts: ForwardParts) {
  const { flights, ask } = parts;

  return async function forward(flight: Flight): Promise<Response> {
    const { request, call } = flight;
    const { service } = call;
    const timeoutMs = timeoutMsOf(service);
    const body = await flights.body(flight);
    if (body instanceof Response) return body;
    const full = flights.enter(flight);
    if (full) return full;
    const limits = { timeoutMs, bytesMax: parts.answerBytesMax };
    let answer: ServiceAnswer;
    try {
      flight.deadline = parts.newDeadline(timeoutMs, request);
      const credential = credentialFor(service);
      if (!credential) return fail(flight, notSetUp);
      const buyerId = parts.buyerIdOf(service.publisherId, call.entitlement.accountId);
      const { requestId } = flight;
      answer = await ask(
        {
          method: request.method,
          url: urlFor(flight, credential),
          headers: headersToService(request.headers, { requestId, via: parts.via }),
          secretHeaders: { ...credential.headers, 'souk-buyer': buyerId },
          body,
          lengthBytes: undefined,
        },
        flight.deadline,
      );
    } catch (error) {
      if (flight.deadline?.ended === 'caller' || request.signal.aborted) return flights.gone(flight);
      return fail(flight, failureOf(error, flight.deadline, limits));
    }
    try {
      const refused = await refusedByService(flight, answer, flights);
      return refused ?? (await answerOf(flight, answer, { flights, answerBytesMax: parts.answerBytesMax }));
    } catch (error) {
      await discard(answer);
      if (flight.deadline?.ended === 'caller') return flights.gone(flight);
      return fail(flight, failureOf(error, flight.deadline, limits));
    }
  };

  function fail(flight: Flight, failure: Failure): Response {
    flights.failed(flight, failure);
    return flights.refuse(flight, failure.code, failure.params, failure.headers);
  }

  function credentialFor(service: ServiceRecord): Credential | undefined {
    try {
      return parts.credentialOf(service);
    } catch {
      return undefined;
    }
  }
}

const notSetUp = {
  code: 'data.not_set_up',
  params: {},
  detail: 'its credential is missing, cannot be opened or cannot be sent; set it again',
  isDown: true,
} as const;

async function discard({ body }: ModelAnswer) {
  if (body instanceof ReadableStream && !body.locked) await body.cancel().catch(() => {});
}

/** What was asked under the root that buyers know, under the service's own. The credential's parameter is the publisher's alone. */
function urlFor({ call }: Flight, credential: Credential): URL {
  const root = new URL(call.service.section.url ?? '');
  const { scheme, parameterName } = call.service.section.authentication ?? {};
  const asked =
    scheme === 'query' ? withoutParameters(call.query, (name) => name === parameterName) : call.query;
  const query = [root.search.slice(1), asked, credential.query].filter((part) => part !== '').join('&');
  const path = root.pathname.replace(/\/+$/, '') + call.path.rest;
  return new URL(`${root.origin}${path}${query && `?${query}`}`);
}
