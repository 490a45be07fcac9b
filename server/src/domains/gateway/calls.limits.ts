import type { CallErrorCode } from './gateway.errors.ts';
import { quotaHeaders, usedOf } from './gateway.rules.ts';
import type { Sync } from './gateway.sync.ts';
import type { Entitlement } from './gateway.ts';

export interface LimitReached {
  readonly code: CallErrorCode;
  readonly params: Record<string, string | number>;
  readonly headers: Record<string, string>;
}

/**
 * Quota and calls at the same time. Calls that have been let in and are not over hold their place: else a hundred at once would
 * all take the last unit.
 */
export function newLimits(sync: Sync) {
  const underWay = new Map<string, number>();
  const running = (e: Entitlement) => underWay.get(e.subscriptionId) ?? 0;
  /** Why there is no place; takes none. */
  const full = (e: Entitlement): LimitReached | undefined =>
    isLimited(e) ? limitReached(e, running(e), sync.usage.pendingUnits(e.subscriptionId)) : undefined;
  return {
    full,
    /** Takes a place, or says why there is none. */
    enter(e: Entitlement): LimitReached | undefined {
      const reached = full(e);
      if (!reached && isLimited(e)) underWay.set(e.subscriptionId, running(e) + 1);
      return reached;
    },
    leave(e: Entitlement): void {
      if (!isLimited(e)) return;
      const left = (underWay.get(e.subscriptionId) ?? 1) - 1;
      if (left > 0) underWay.set(e.subscriptionId, left);
      else underWay.delete(e.subscriptionId);
    },
  };
}
export type Limits = ReturnType<typeof newLimits>;

const isLimited = (e: Entitlement): boolean => e.quota !== null || e.concurrencyMax !== null;

function limitReached(e: Entitlement, running: number, pendingUnits: number): LimitReached | undefined {
  if (e.concurrencyMax !== null && running >= e.concurrencyMax)
    return {
      code: 'call.too_many_at_once',
      params: { limit: e.concurrencyMax },
      headers: { 'retry-after': '1' },
    };
  if (!e.quota?.hard) return undefined;
  const now = Date.now();
  const used = usedOf(e.quota, pendingUnits, now);
  if (used + running < e.quota.units) return undefined;
  // What others under way hold may come free again, when they fail; what is used comes back with the next period.
  const seconds = used < e.quota.units ? 1 : Math.max(1, Math.ceil((e.quota.resetsAt - now) / 1000));
  return {
    code: 'call.quota_exhausted',
    params: { limit: e.quota.units, resetsAt: new Date(e.quota.resetsAt).toISOString() },
    headers: { 'retry-after': String(seconds), ...quotaHeaders(e.quota, used, now) },
  };
}
