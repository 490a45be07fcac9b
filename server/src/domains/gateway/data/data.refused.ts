import type { CallErrorCode } from '../gateway.errors.ts';
import { type Bytes, bounded, isEncoding, unpacked } from './answer-streams.ts';
import type { Flight, Flights } from './data.flight.ts';
import type { ServiceAnswer } from './service-client.ts';

const errorBytesMax = 65_536;

/** An answer of a service that is no data: told in JSON, by whose doing it is. Undefined for good ones. */
export async function refusedByService(
  flight: Flight,
  answer: ServiceAnswer,
  flights: Flights,
): Promise<Response | undefined> {
  const { status } = answer;
  if (status < 300 || status === 304) return undefined;
  const fail = (isDown: boolean, code: CallErrorCode) => {
    flights.failed(flight, { code, params: {}, detail: `it answered ${status}`, isDown });
    const wait = retryAfter(answer);
    return flights.refuse(flight, code, { status }, wait ? { 'retry-after': wait } : {});
  };
  if (status < 400) {
    await thrownAway(answer);
    flights.failed(flight, {
      code: 'data.service_nonsense',
      params: {},
      detail: `it answered ${status}, a redirect`,
      isDown: false,
    });
    return flights.refuse(flight, 'data.service_nonsense', { problem: 'a redirect' });
  }
  if (status === 401 || status === 403 || status === 407) {
    await thrownAway(answer);
    return fail(false, 'data.service_refused_souk');
  }
  if (status === 429 || (status === 503 && retryAfter(answer))) {
    await thrownAway(answer);
    return fail(status === 503, 'data.service_busy');
  }
  // 501 is how OData says that an option is not supported: the request's own matter, as all 4XX are.
  if (status >= 500 && status !== 501) {
    await thrownAway(answer);
    return fail(status >= 502 && status <= 504, 'data.service_failed');
  }
  const told = await errorIn(answer, flight);
  flights.turnedDown(flight, status === 501 ? 400 : status);
  if (!told) {
    const plain = flights.refuse(flight, 'data.refused', { status });
    return new Response(plain.body, { status, headers: plain.headers });
  }
  return new Response(JSON.stringify({ error: told }), {
    status,
    headers: {
      'content-type': 'application/json',
      'content-language': answer.headers.get('content-language') ?? 'en',
      'odata-version': answer.headers.get('odata-version') ?? '4.0',
      'x-request-id': flight.requestId,
      'x-souk-error-source': 'service',
      ...flights.balance(flight, 0),
    },
  });
}

const retryAfter = ({ headers, status }: ServiceAnswer): string | undefined => {
  const said = headers.get('retry-after');
  if (said && said.length < 40) return said;
  return status === 429 ? '5' : undefined;
};

interface Told {
  readonly code: string;
  readonly message: string;
  readonly target?: string;
  readonly details?: readonly Told[];
}

/** What a service says was wrong with a request, where it says it as OData does; only that, nothing of its insides. */
async function errorIn(answer: ServiceAnswer, flight: Flight): Promise<Told | undefined> {
  const text = await textOf(answer, flight);
  if (!/json/i.test(answer.headers.get('content-type') ?? '') || text === undefined) return undefined;
  try {
    const parsed = JSON.parse(text) as { error?: unknown; 'odata.error'?: unknown };
    return toldBy(parsed.error ?? parsed['odata.error']);
  } catch {
    return undefined;
  }
}

function toldBy(error: unknown): Told | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { code, message, target, details } = error as Record<string, unknown>;
  // In versions before 4.0 the message has a language.
  const words = typeof message === 'object' && message ? (message as { value?: unknown }).value : message;
  if (typeof words !== 'string' || words === '') return undefined;
  const more = Array.isArray(details) ? details.slice(0, 50).flatMap((one) => toldBy(one) ?? []) : [];
  return {
    code: typeof code === 'string' && code !== '' ? code : 'service.refused',
    message: words.slice(0, 4000),
    ...(typeof target === 'string' ? { target } : {}),
    ...(more.length > 0 ? { details: more } : {}),
  };
}

/** All of a short text; undefined for one that is long, packed in an unknown way, or does not come whole. */
async function textOf({ body, headers }: ServiceAnswer, flight: Flight): Promise<string | undefined> {
  const encoding = headers.get('content-encoding')?.toLowerCase().trim() || 'identity';
  if (encoding !== 'identity' && !isEncoding(encoding)) {
    await thrownAway({ body });
    return undefined;
  }
  const bytes = encoding === 'identity' ? bytesOf(body) : unpacked(bytesOf(body), encoding);
  const parts: Uint8Array[] = [];
  try {
    // What was unpacked is what counts: a small answer may grow without end.
    for await (const part of bounded(bytes, errorBytesMax)) parts.push(part);
    return Buffer.concat(parts).toString('utf8');
  } catch (error) {
    if (flight.deadline?.ended) throw error;
    return undefined;
  }
}

async function* bytesOf(body: ServiceAnswer['body']): Bytes {
  if (body instanceof ReadableStream) yield* body;
  else yield body;
}

async function thrownAway({ body }: Pick<ServiceAnswer, 'body'>) {
  if (body instanceof ReadableStream) await body.cancel().catch(() => {});
}
