import { request } from 'node:http';
import type { ModelAddress } from '../runtime/index.ts';

export interface InferenceAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly metering: string | undefined;
  readonly body: Buffer;
}

/** What an answer may have at most; it is held in memory until it is written. */
const answerBytesMax = 256 * 1024 * 1024;

/** Asks an instance as the gateway does, with the headers that a container is given. */
export function callInstance(
  address: ModelAddress,
  call: {
    readonly headers: Readonly<Record<string, string>>;
    readonly body: Buffer;
    readonly timeoutMs: number;
  },
): Promise<InferenceAnswer> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(call.timeoutMs);
    const options = {
      method: 'POST',
      headers: { ...call.headers, 'content-length': call.body.length },
      signal,
      agent: false,
    };
    const outgoing =
      'unix' in address
        ? request({ ...options, socketPath: address.unix, path: '/invocations' })
        : request(`${address.url}/invocations`, options);
    outgoing.once('error', reject);
    outgoing.once('response', (answer) => {
      const parts: Buffer[] = [];
      let bytes = 0;
      answer.on('data', (part: Buffer) => {
        bytes += part.length;
        if (bytes > answerBytesMax) outgoing.destroy(new Error('the answer is larger than 256 MB'));
        else parts.push(part);
      });
      answer.once('error', reject);
      answer.once('aborted', () => reject(new Error('the answer broke off')));
      answer.once('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          contentType: answer.headers['content-type'] ?? 'application/octet-stream',
          metering: String(answer.headers['x-amzn-inference-metering'] ?? '') || undefined,
          body: Buffer.concat(parts),
        }),
      );
    });
    outgoing.end(call.body);
  });
}

/** As the gateway counts (reference, section 1.2): what the container says it used, else 1. */
export function unitsUsed(metering: string | undefined): number {
  try {
    const { Dimension, ConsumedUnits } = JSON.parse(metering ?? '') as Record<string, unknown>;
    const units = Number(ConsumedUnits);
    if (Dimension !== 'inference.count' || !Number.isInteger(ConsumedUnits) || units < 0) return 1;
    return Math.min(units, 1_000_000);
  } catch {
    return 1;
  }
}
