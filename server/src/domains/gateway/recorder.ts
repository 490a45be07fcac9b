/** One call of an account that wants its last ones kept. */
export interface RecordedCall {
  readonly subscriptionId: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly version: string;
  readonly contentType: string;
  readonly accept: string;
  readonly body: Uint8Array;
  readonly status: number;
  readonly answerContentType: string;
  readonly answer: Uint8Array;
  readonly durationMs: number;
}

export interface Recorder {
  /** Puts a call aside, or lets it go: never waits, never fails. */
  offer(call: RecordedCall): void;
  flush(): Promise<void>;
}

/** Of a request and of an answer; longer ones are not kept. */
export const recordedBytesMax = 65_536;
const waitingBytesMax = 2 * 1024 * 1024;
const perSubscriptionMax = 2;

/**
 * Calls on their way to the ring of their subscription. A call costs one look into a map here, and nothing is written on its
 * path: what waits is bounded in count and bytes, at most two calls of a subscription go each second, and what cannot be written
 * is let go - samples are a convenience, and calls must not wait for them.
 */
export function newRecorder(
  write: (calls: readonly RecordedCall[]) => Promise<void>,
  warn: (message: string) => void,
): Recorder {
  let waiting: RecordedCall[] = [];
  let waitingBytes = 0;
  const taken = new Map<string, number>();
  let writing = false;

  return {
    offer(call) {
      const already = taken.get(call.subscriptionId) ?? 0;
      const bytes = call.body.byteLength + call.answer.byteLength;
      if (already >= perSubscriptionMax || waitingBytes + bytes > waitingBytesMax) return;
      if (call.body.byteLength > recordedBytesMax || call.answer.byteLength > recordedBytesMax) return;
      taken.set(call.subscriptionId, already + 1);
      waiting.push(call);
      waitingBytes += bytes;
    },
    async flush() {
      if (writing) return;
      taken.clear();
      if (waiting.length === 0) return;
      const calls = waiting;
      waiting = [];
      waitingBytes = 0;
      writing = true;
      try {
        await write(calls);
      } catch (error) {
        warn(`${calls.length} recorded calls were let go: ${(error as Error).message}`);
      } finally {
        writing = false;
      }
    },
  };
}
