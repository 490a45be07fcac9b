/** Consecutive failures after which a service is left alone. */
const failuresMax = 5;
const restMs = 10_000;
const restMsMax = 60_000;

export interface Rest {
  readonly failures: number;
  readonly seconds: number;
}

interface State {
  failures: number;
  restUntil: number;
  restMs: number;
  /** Half open: one call is out to see whether it works again. */
  probing: boolean;
}

/**
 * Leaves a service alone that fails again and again, so that its buyers are told at once and it is not kept down by calls. After
 * the rest one call is let through; if it succeeds all are, if it fails the next rest is twice as long, up to a minute. Only
 * failures of the service count: no connection, no answer in time, 502, 503 and 504, and what is no HTTP. A 500 may be the
 * request's own, and so may a web page, a redirect, or an answer that is malformed: one buyer who asks for these must not shut the
 * service for all.
 */
export function newBreaker(nowMs: () => number = () => performance.now()) {
  const states = new Map<string, State>();
  /** How long the service rests, if it does; lets nothing through. */
  function rest(id: string): Rest | undefined {
    const state = states.get(id);
    if (!state || state.failures < failuresMax) return undefined;
    const left = state.restUntil - nowMs();
    if (left <= 0 && !state.probing) return undefined;
    return { failures: state.failures, seconds: Math.max(1, Math.ceil(left / 1000)) };
  }
  return {
    rest,
    /** Takes the call, or says how long the service rests. */
    enter(id: string): Rest | undefined {
      const resting = rest(id);
      const state = states.get(id);
      if (!resting && state && state.failures >= failuresMax) state.probing = true;
      return resting;
    },
    succeeded(id: string): void {
      if (states.size > 0) states.delete(id);
    },
    failed(id: string): void {
      const state = states.get(id) ?? { failures: 0, restUntil: 0, restMs, probing: false };
      states.set(id, state);
      state.failures++;
      if (state.failures < failuresMax) return;
      if (state.probing) state.restMs = Math.min(state.restMs * 2, restMsMax);
      state.probing = false;
      state.restUntil = nowMs() + state.restMs;
    },
    /** The call ended without a word about the service: its caller has gone, say. */
    unknown(id: string): void {
      const state = states.get(id);
      if (state) state.probing = false;
    },
    /** How many services rest. */
    resting: (): number => [...states.values()].filter((s) => s.failures >= failuresMax).length,
  };
}
export type Breaker = ReturnType<typeof newBreaker>;
