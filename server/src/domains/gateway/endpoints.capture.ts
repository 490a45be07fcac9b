import type { EndpointRecord } from './endpoints.ts';

export interface CapturedCall {
  readonly endpoint: EndpointRecord;
  readonly requestId: string;
  readonly inferenceId: string | null;
  readonly version: string;
  readonly contentType: string;
  readonly body: Uint8Array;
  readonly status: number;
  readonly answerContentType: string;
  readonly answer: Uint8Array;
  readonly durationMs: number;
}

interface Row {
  readonly endpoint_id: string;
  readonly line: string;
}

export interface Captures {
  /** Puts a call aside, or lets it go: never waits, never fails. */
  offer(call: CapturedCall): void;
  flush(): Promise<void>;
}

const waitingCharsMax = 8 * 1024 * 1024;

/** Calls that their account wants to keep, on their way to the database. What waits is bounded; calls never wait for it. */
export function newCaptures(
  write: (rows: readonly Row[]) => Promise<void>,
  warn: (message: string) => void,
): Captures {
  let waiting: Row[] = [];
  let chars = 0;
  let writing = false;
  return {
    offer(call) {
      const { capture } = call.endpoint;
      if (!capture || Math.random() * 100 >= capture.percent || chars > waitingCharsMax) return;
      const line = JSON.stringify({
        at: new Date().toISOString(),
        requestId: call.requestId,
        inferenceId: call.inferenceId,
        version: call.version,
        status: call.status,
        durationMs: Math.round(call.durationMs * 1000) / 1000,
        ...(capture.requests ? { request: part(call.contentType, call.body) } : {}),
        ...(capture.answers ? { answer: part(call.answerContentType, call.answer) } : {}),
      });
      waiting.push({ endpoint_id: call.endpoint.id, line });
      chars += line.length;
    },
    async flush() {
      if (writing || waiting.length === 0) return;
      const sent = waiting;
      waiting = [];
      chars = 0;
      writing = true;
      try {
        await write(sent);
      } catch (error) {
        warn(`${sent.length} captured calls were let go: ${(error as Error).message}`);
      } finally {
        writing = false;
      }
    },
  };
}

/** Text where it is UTF-8 that a text column takes, else base64. */
function part(contentType: string, bytes: Uint8Array) {
  try {
    const body = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    if (!body.includes('\0')) return { contentType, encoding: 'text', body };
  } catch {
    // Not text.
  }
  return { contentType, encoding: 'base64', body: Buffer.from(bytes).toString('base64') };
}
