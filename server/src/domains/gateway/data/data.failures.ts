import { OutboundError } from '../../../platform/outbound-errors.ts';
import type { Deadline } from '../calls.deadlines.ts';
import type { CallErrorCode } from '../gateway.errors.ts';
import { MalformedAnswer } from '../model-answer.ts';
import { TooLarge } from './answer-streams.ts';
import { Nonsense } from './json-rewriter.ts';

/** Why a service gave no answer that can be passed on. */
export interface Failure {
  readonly code: CallErrorCode;
  readonly params: Readonly<Record<string, string | number>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** For the publisher: what happened, in words that buyers are not shown. */
  readonly detail: string;
  /** The service does not work, as far as anybody can tell: counts for the circuit breaker. */
  readonly isDown: boolean;
}

export function failureOf(error: unknown, deadline: Deadline | undefined, limits: FailureLimits): Failure {
  const { message } = error as Error;
  if (deadline?.ended === 'time')
    return {
      code: 'data.service_slow',
      params: { limitMs: limits.timeoutMs },
      detail: `no whole answer within ${limits.timeoutMs} ms`,
      isDown: true,
    };
  if (error instanceof TooLarge)
    return {
      code: 'data.service_too_large',
      params: { limitBytes: limits.bytesMax },
      detail: message,
      isDown: false,
    };
  if (error instanceof OutboundError)
    return setUp.has(error.code)
      ? { code: 'data.not_set_up', params: {}, detail: `${message} ${error.remedy}`, isDown: true }
      : { code: 'data.service_down', params: {}, detail: message, isDown: true };
  return nonsense(problemOf(error));
}

export interface FailureLimits {
  readonly timeoutMs: number;
  readonly bytesMax: number;
}

export const nonsense = (problem: string): Failure => ({
  code: 'data.service_nonsense',
  params: { problem },
  detail: problem,
  isDown: true,
});

/** What only a change by the publisher or the operator mends. */
const setUp = new Set([
  'outbound.url_invalid',
  'outbound.header_invalid',
  'outbound.address_refused',
  'outbound.downgrade',
  'outbound.redirects',
]);

function problemOf(error: unknown): string {
  if (error instanceof Nonsense || error instanceof MalformedAnswer) return error.message;
  const code = String((error as { code?: unknown } | null)?.code);
  return code.startsWith('Z_') || code.startsWith('ERR_')
    ? 'it cannot be unpacked'
    : 'the connection broke before the answer was whole';
}
