import { gzipSync } from 'node:zlib';
import { hasNoBody } from '../gateway.rules.ts';
import {
  type Bytes,
  beginningOf,
  bounded,
  type Changing,
  changed,
  isEncoding,
  packed,
  read,
  TooLarge,
  unpacked,
} from './answer-streams.ts';
import { failureOf } from './data.failures.ts';
import { type Flight, type Flights, timeoutMsOf } from './data.flight.ts';
import { addressHeaders, headersFromService, takesGzip } from './data.headers.ts';
import { JsonRewriter, Nonsense } from './json-rewriter.ts';
import { newXmlRewriter, publicUrl, type Roots } from './roots.ts';
import type { ServiceAnswer } from './service-client.ts';

/** However slowly its buyer reads, an answer is over by then. */
const totalMs = 3_600_000;

interface Options {
  readonly flights: Flights;
  readonly answerBytesMax: number;
}

/** Rewrites an answer as it passes, and counts its rows. */
interface Change extends Changing {
  readonly records: number;
}

/** The answer for the buyer. A short one says what it cost; a long one is passed on as it comes, in bounded memory. */
export async function answerOf(flight: Flight, answer: ServiceAnswer, options: Options): Promise<Response> {
  const { flights, answerBytesMax } = options;
  const { request, call } = flight;
  const { status } = answer;
  const headers = headersOf(flight, answer);
  const transactions = (records: number) =>
    call.counts ? transactionsOf(records, call.service.section.transactions?.recordsPerTransaction) : 0;
  const end = async (body: Uint8Array<ArrayBuffer> | null, records: number): Promise<Response> => {
    const cost = status === 304 ? 0 : transactions(records);
    try {
      await flights.succeeded(flight, status, cost);
    } catch {
      return flights.refuse(flight, 'call.not_recorded', {}, { 'retry-after': '5' });
    }
    return new Response(body, { status, headers: { ...headers, ...flights.balance(flight, cost) } });
  };
  if (hasNoBody(request.method, status)) {
    if (answer.body instanceof ReadableStream) await answer.body.cancel().catch(() => {});
    return end(null, 0);
  }
  const length = Number(answer.headers.get('content-length') ?? 0);
  if (length > answerBytesMax) throw new TooLarge(`it says ${length} bytes`);
  const change = changeOf(flight, answer);
  const encoding = answer.headers.get('content-encoding')?.toLowerCase().trim() || 'identity';
  if (encoding !== 'identity' && !isEncoding(encoding)) throw new Nonsense('it is packed in an unknown way');
  const pack = encoding !== 'identity' && takesGzip(request.headers);
  if (pack) headers['content-encoding'] = 'gzip';
  if (answer.body instanceof Uint8Array && encoding === 'identity') {
    const body = Buffer.concat([change.push(answer.body), change.end() ?? new Uint8Array()]);
    return end(body, change.records);
  }
  if (!flight.deadline) throw new Error('no deadline');
  let bytes: Bytes = read(answer.body, flight.deadline, timeoutMsOf(call.service), totalMs);
  if (encoding !== 'identity') bytes = unpacked(bytes, encoding);
  bytes = changed(bounded(bytes, answerBytesMax), change);
  const { held, rest } = await beginningOf(bytes);
  if (!rest) {
    const all = Buffer.concat(held);
    return end(pack ? gzipSync(all) : all, change.records);
  }
  const plain: Bytes = whole(held, rest);
  const stream = streamed(flight, pack ? packed(plain) : plain, {
    complete: () => flights.succeeded(flight, status, transactions(change.records)),
    left: () => flights.left(flight, transactions(change.records)),
    broken: (error) =>
      flights.failed(
        flight,
        failureOf(error, flight.deadline, {
          timeoutMs: timeoutMsOf(call.service),
          bytesMax: answerBytesMax,
        }),
      ),
  });
  return new Response(stream, { status, headers: { ...headers, ...flights.balance(flight, undefined) } });
}

const recordsDefault = 100;

/** A call costs a transaction for every so many rows that are begun, and at least one. */
export const transactionsOf = (records: number, perTransaction: number = recordsDefault): number =>
  Math.max(1, Math.ceil(records / perTransaction));

function headersOf(flight: Flight, answer: ServiceAnswer): Record<string, string> {
  const headers: Record<string, string> = {
    ...headersFromService(answer.headers),
    'x-request-id': flight.requestId,
    'x-souk-version': 'v1',
    vary: 'accept, accept-encoding, authorization, x-api-key',
  };
  const roots = rootsOf(flight);
  for (const name of addressHeaders) {
    const value = answer.headers.get(name);
    if (value !== undefined) headers[name] = publicUrl(value, roots);
  }
  return headers;
}

function rootsOf({ call }: Flight): Roots {
  const { url = '', authentication } = call.service.section;
  return {
    service: new URL(url),
    public: call.root,
    secretParameter: authentication?.scheme === 'query' ? authentication.parameterName : undefined,
  };
}

function changeOf(flight: Flight, answer: ServiceAnswer): Change {
  const type = answer.headers.get('content-type')?.toLowerCase() ?? '';
  if (type === '') throw new Nonsense('it does not say what it is');
  if (/html/.test(type)) throw new Nonsense('a web page');
  // A page of this site may load scripts of this site; no publisher's shall be among them.
  if (/(?:java|ecma|j|live)script/.test(type)) throw new Nonsense('a program');
  const roots = rootsOf(flight);
  if (/[/+]json\b/.test(type)) {
    const isServiceDocument = /^\/?$/.test(flight.call.path.rest);
    const rewriter = new JsonRewriter((address) => publicUrl(address, roots), isServiceDocument);
    return {
      push: (bytes) => rewriter.push(bytes),
      end: () => void rewriter.end(),
      get records() {
        return rewriter.records;
      },
    };
  }
  if (/[/+]xml\b/.test(type)) return newXmlRewriter(roots);
  return { push: (bytes) => bytes, end: () => undefined, records: 1 };
}

async function* whole(held: Uint8Array[], rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* held;
    for (;;) {
      const { value, done } = await rest.next();
      if (done) return;
      yield value;
    }
  } finally {
    await rest.return?.();
  }
}

interface Ends {
  complete(): Promise<void>;
  left(): void;
  broken(error: unknown): void;
}

/** The end is told when the call is counted; an answer that breaks off has none, so that nobody takes it for whole. */
function streamed(flight: Flight, bytes: Bytes, ends: Ends): ReadableStream<Uint8Array> {
  const iterator = bytes[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      let isWhole = false;
      try {
        const { value, done } = await iterator.next();
        if (!done) return controller.enqueue(value);
        isWhole = true;
        await ends.complete();
        controller.close();
      } catch (error) {
        if (flight.deadline?.ended === 'caller') ends.left();
        else if (!isWhole) ends.broken(error);
        const brokenOff = new Error('the answer broke off');
        brokenOff.stack = brokenOff.message;
        controller.error(brokenOff);
      }
    },
    async cancel() {
      ends.left();
      await iterator.return?.();
    },
  });
}
