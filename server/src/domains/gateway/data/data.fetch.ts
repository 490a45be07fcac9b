import { checkedHeaders } from '../../../platform/outbound-rules.ts';
import { type Bytes, isEncoding, read, TooLarge, unpacked } from './answer-streams.ts';
import { type Flight, timeoutMsOf } from './data.flight.ts';
import type { ForwardParts } from './data.forward.ts';

export type DescribedFetch = (
  url: string,
  init: { method: string; headers: Record<string, string>; body?: string; signal: AbortSignal },
) => Promise<Response>;

/** What is known of the service after a request of a buyer. */
export interface Told {
  /** Answers that were good and came whole. */
  answers: number;
  /** Why the last that was asked did not come whole. */
  wentWrong: unknown;
}

/**
 * `fetch` through the gate: addresses are checked, answers unpacked, and the service is given up when the signal says so. However many
 * pages a request of a buyer takes, all of them have the time and the size of one answer: without that, a filter on a long list would keep
 * service and gateway at work for as long as its pages last.
 */
export function newDescribedFetch(
  flight: Flight,
  { ask, newDeadline, via }: Pick<ForwardParts, 'ask' | 'newDeadline' | 'via'>,
  bytesMax: number,
): { readonly fetch: DescribedFetch; readonly told: Told } {
  const timeoutMs = timeoutMsOf(flight.call.service);
  const told: Told = { answers: 0, wentWrong: undefined };
  let until = 0;
  let bytesLeft = bytesMax;
  const tooLarge = () => new TooLarge(`longer than ${bytesMax} bytes`);

  function deadlineOf() {
    if (!flight.deadline) {
      until = performance.now() + timeoutMs;
      flight.deadline = newDeadline(timeoutMs, flight.request);
    }
    if (flight.deadline.ended) throw new Error('the time of the call is up');
    return flight.deadline;
  }

  async function* counted(bytes: Bytes, isGood: boolean): AsyncGenerator<Uint8Array> {
    try {
      for await (const part of bytes) {
        bytesLeft -= part.length;
        if (bytesLeft < 0) throw tooLarge();
        yield part;
      }
      if (isGood) told.answers++;
    } catch (error) {
      told.wentWrong = error;
      throw error;
    } finally {
      // From here on its connection may be somebody else's.
      if (flight.deadline) flight.deadline.onEnd = undefined;
    }
  }

  return {
    told,
    async fetch(url, { method, headers, body, signal }) {
      flight.asked = true;
      try {
        const deadline = deadlineOf();
        if (bytesLeft < 0) throw tooLarge();
        const stop = () => deadline.onEnd?.(new Error('the call was given up'));
        signal.addEventListener('abort', stop, { once: true });
        const answer = await ask(
          {
            method,
            url: new URL(url),
            headers: { 'user-agent': 'Souk', 'accept-encoding': 'identity', via },
            // Any of them may be the credential, and none may begin another.
            secretHeaders: checkedHeaders(headers),
            body: body === undefined ? null : Buffer.from(body),
            lengthBytes: undefined,
          },
          deadline,
        );
        const encoding = answer.headers.get('content-encoding')?.toLowerCase() || 'identity';
        let bytes: Bytes = read(answer.body, deadline, timeoutMs, until - performance.now());
        if (isEncoding(encoding)) bytes = unpacked(bytes, encoding);
        const isBare = [204, 205, 304].includes(answer.status) || method === 'HEAD';
        return new Response(isBare ? null : streamOf(counted(bytes, answer.status < 300)), {
          status: answer.status,
          headers: [...answer.headers].filter(
            ([name]) => name !== 'content-encoding' && name !== 'content-length',
          ),
        });
      } catch (error) {
        told.wentWrong = error;
        throw error;
      }
    },
  };
}

function streamOf(bytes: Bytes): ReadableStream<Uint8Array> {
  const iterator = bytes[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { value, done } = await iterator.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await iterator.return?.();
    },
  });
}
