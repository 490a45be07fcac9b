import type { LimitReached, Limits } from '../calls.limits.ts';
import type { DataCall } from './data.admit.ts';

/** Of one subscription: metadata is asked for once, and a service is not to be kept busy with what nobody pays for. */
const freeMax = 8;

/** Places of calls under way: of those that cost something, what the plan allows; of those that cost nothing, a few. */
export function newPlaces(limits: Limits) {
  const free = new Map<string, number>();
  const running = ({ entitlement }: DataCall) => free.get(entitlement.subscriptionId) ?? 0;

  /** Why there is no place; takes none. */
  function full(call: DataCall): LimitReached | undefined {
    if (call.counts) return limits.full(call.entitlement);
    if (running(call) < freeMax) return undefined;
    return { code: 'data.too_many_free', params: { limit: freeMax }, headers: { 'retry-after': '1' } };
  }

  return {
    full,
    enter(call: DataCall): LimitReached | undefined {
      if (call.counts) return limits.enter(call.entitlement);
      const reached = full(call);
      if (!reached) free.set(call.entitlement.subscriptionId, running(call) + 1);
      return reached;
    },
    leave(call: DataCall): void {
      const left = running(call) - 1;
      if (call.counts) limits.leave(call.entitlement);
      else if (left > 0) free.set(call.entitlement.subscriptionId, left);
      else free.delete(call.entitlement.subscriptionId);
    },
  };
}
