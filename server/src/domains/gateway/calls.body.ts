import type { Deadline } from './calls.deadlines.ts';

export type CallBody = Uint8Array | ReadableStream<Uint8Array> | null;

/** Bodies up to this size are held in memory whole: cheaper than a stream, and the call can be sent again. */
export const wholeBytesMax = 65_536;

/** Why a body did not come whole: longer than allowed, its sender broke off, or was too slow. */
export type BodyFailure = 'too-large' | 'lost' | 'late';

export interface BodyOptions {
  readonly bytesMax: number;
  /** For what is read before the model server is asked. */
  readonly newDeadline: () => Deadline;
  /** Called before reading ends in an error. */
  readonly failed: (why: BodyFailure) => void;
}

/**
 * A body that is long, or does not say its length. Of the latter a piece is looked at first: most are short, and many model
 * servers want to be told a length.
 */
export function longBody(
  request: Request,
  lengthBytes: number | undefined,
  { bytesMax, newDeadline, failed }: BodyOptions,
): CallBody | Promise<CallBody> {
  if (!request.body) return null;
  const body = limited(request.body.getReader(), bytesMax, failed);
  return lengthBytes === undefined ? begun(body, newDeadline(), failed) : body;
}

async function begun(
  body: ReadableStream<Uint8Array>,
  deadline: Deadline,
  failed: (why: BodyFailure) => void,
): Promise<CallBody> {
  const reader = body.getReader();
  const held: Uint8Array[] = [];
  deadline.onEnd = () => {
    failed(deadline.ended === 'caller' ? 'lost' : 'late');
    void reader.cancel().catch(() => {});
  };
  try {
    for (let bytes = 0; bytes <= wholeBytesMax; ) {
      const { value, done } = await reader.read();
      if (deadline.ended) throw new Error('the body did not come');
      if (done) return Buffer.concat(held);
      held.push(value);
      bytes += value.byteLength;
    }
  } finally {
    deadline.remove();
  }
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const chunk = held.shift() ?? (await reader.read()).value;
      if (chunk) controller.enqueue(chunk);
      else controller.close();
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

/** The same bytes, ending in an error when they are too many. */
function limited(
  source: ReadableStreamDefaultReader<Uint8Array>,
  bytesMax: number,
  failed: (why: BodyFailure) => void,
): ReadableStream<Uint8Array> {
  let bytes = 0;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { value, done } = await source.read();
        if (done) return controller.close();
        bytes += value.byteLength;
        if (bytes <= bytesMax) return controller.enqueue(value);
        failed('too-large');
        controller.error(new Error('the body is too large'));
        void source.cancel().catch(() => {});
      } catch (error) {
        failed('lost');
        controller.error(error);
      }
    },
    cancel: (reason) => source.cancel(reason),
  });
}
