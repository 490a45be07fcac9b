import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fail, SoukError } from '../../platform/errors.ts';
import { AnswerTooLarge, callModel, type ModelAddress, type ModelAnswer } from '../runtime/index.ts';

export interface BatchCall {
  /** For messages: which file, and which of its records. */
  readonly uri: string;
  readonly from: number;
  readonly to: number;
  readonly body: Buffer | (() => Promise<Readable>);
}

export interface CallSettings {
  readonly contentType: string;
  readonly accept: string | undefined;
  readonly timeoutMs: number;
  readonly retriesMax: number;
  readonly answerBytesMax: number;
}

const answerChars = 500;
const pausesMs = [200, 1000, 3000];
/** Worth another attempt: the model was busy, starting or broken, and may not be the next time. */
const mayPass = (status: number) => status >= 500 || status === 429 || status === 408;

/**
 * One call of a batch, with the attempts that the job allows. An answer that says that the records are wrong is final: asking again would only
 * cost the buyer time.
 */
export async function batchCall(
  addressNow: (signal: AbortSignal) => Promise<ModelAddress>,
  settings: CallSettings,
  call: BatchCall,
  signal: AbortSignal,
): Promise<ModelAnswer> {
  const { uri, from, to } = call;
  for (let attempts = 1; ; attempts++) {
    const last = attempts > settings.retriesMax;
    try {
      const { status, body, ...answer } = await attempt(await addressNow(signal), settings, call, signal);
      if (status < 300) return { status, body, ...answer };
      if (!mayPass(status)) fail('transform.model_refused', { uri, from, to, status, answer: excerpt(body) });
      if (last) fail('transform.model_failed', { uri, from, to, status, attempts, answer: excerpt(body) });
    } catch (error) {
      if (signal.aborted || error instanceof SoukError) throw error;
      if (error instanceof AnswerTooLarge)
        fail('transform.answer_too_large', { uri, from, to, limitBytes: settings.answerBytesMax });
      if (last && isTimeout(error))
        fail('transform.model_timeout', { uri, from, to, attempts, seconds: settings.timeoutMs / 1000 });
      if (last)
        fail('transform.model_closed', { uri, from, to, attempts, problem: (error as Error).message });
    }
    await sleep(pausesMs[attempts - 1] ?? 3000, undefined, { signal });
  }
}

async function attempt(address: ModelAddress, settings: CallSettings, call: BatchCall, signal: AbortSignal) {
  // Also of the whole: a model that sends a byte now and then would never be late.
  const timeout = AbortSignal.timeout(settings.timeoutMs);
  return callModel(address, {
    path: '/invocations',
    contentType: settings.contentType,
    ...(settings.accept ? { accept: settings.accept } : {}),
    body: typeof call.body === 'function' ? await call.body() : call.body,
    timeoutMs: settings.timeoutMs,
    answerBytesMax: settings.answerBytesMax,
    signal: AbortSignal.any([signal, timeout]),
  });
}

const isTimeout = (error: unknown) =>
  (error as Error | null)?.name === 'TimeoutError' ||
  ['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT'].includes(
    String((error as { code?: unknown } | null)?.code),
  );

const excerpt = (body: Buffer) => {
  const text = body.toString('utf8').trim();
  return text.length > answerChars ? `${text.slice(0, answerChars)}…` : text || '(nothing)';
};
