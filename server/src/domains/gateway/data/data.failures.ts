import { OutboundError } from '../../../platform/outbound-errors.ts';
import type { Deadline } from '../calls.deadlines.ts';
import type { CallErrorCode } from '../gateway.errors.ts';
import { MalformedAnswer } from '../model-answer.ts';
import { TooLarge } from './answer-streams.ts';
import { Nonsense } from './json-rewriter.ts';
import { LedAway } from './service-client.ts';

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

export function failureOf(thrown: unknown, deadline: Deadline | undefined, limits: FailureLimits): Failure {
  // Where a redirect leads is up to whoever chose the path, and says nothing about the service that answered with it.
  const isLedAway = thrown instanceof LedAway;
  const error = isLedAway ? thrown.cause : thrown;
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
      ? { code: 'data.not_set_up', params: {}, detail: `${message} ${error.remedy}`, isDown: !isLedAway }
      : { code: 'data.service_down', params: {}, detail: message, isDown: !isLedAway };
  return nonsense(problemOf(error), !isLedAway && isNoHttp(error));
}

export interface FailureLimits {
  readonly timeoutMs: number;
  readonly bytesMax: number;
}

const nonsense = (problem: string, isDown: boolean): Failure => ({
  code: 'data.service_nonsense',
  params: { problem },
  detail: problem,
  isDown,
});

/** It was cut off, or is something else than HTTP. What HTTP carried may be as it is because of what was asked. */
function isNoHttp(error: unknown): boolean {
  if (error instanceof MalformedAnswer) return /closed|not HTTP/.test(error.message);
  return !(error instanceof Nonsense || isPacking(error));
}

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
  return isPacking(error) ? 'it cannot be unpacked' : 'the connection broke before the answer was whole';
}

function isPacking(error: unknown): boolean {
  const code = String((error as { code?: unknown } | null)?.code);
  return code.startsWith('Z_') || code.startsWith('ERR_');
}
