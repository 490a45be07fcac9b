import type { ModelAnswer } from './model-client.ts';

export interface JudgedAnswer {
  readonly status: number;
  readonly contentType: string;
  /** Null where it is longer than is held here; nothing more of it is read then. */
  readonly text: string | null;
}

/** Who asks from inside the gateway looks at an answer before it is counted: what a caller is not given is not billed either. */
export interface Judge {
  /** What is held of an answer in memory, at most. */
  readonly bytesMax: number;
  /** False where the caller is not given it. Must not throw. */
  accepts(answer: JudgedAnswer): boolean;
}

/** The answer, whole; one that is not accepted is a failed call from here on, in usage and in figures. */
export async function judged(answer: ModelAnswer, judge: Judge): Promise<ModelAnswer> {
  const { status, headers } = answer;
  const body = await wholeOf(answer.body, judge.bytesMax);
  const text = body && Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
  const accepted = judge.accepts({ status, contentType: headers.get('content-type') ?? '', text });
  return { status: accepted ? status : 502, headers, body: body ?? new Uint8Array() };
}

async function wholeOf(
  body: Uint8Array | ReadableStream<Uint8Array>,
  bytesMax: number,
): Promise<Uint8Array | null> {
  if (body instanceof Uint8Array) return body.byteLength > bytesMax ? null : body;
  const parts: Uint8Array[] = [];
  let bytes = 0;
  const reader = body.getReader();
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return Buffer.concat(parts);
    bytes += value.byteLength;
    if (bytes > bytesMax) {
      await reader.cancel().catch(() => {});
      return null;
    }
    parts.push(value);
  }
}
