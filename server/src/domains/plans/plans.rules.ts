import { cycleOf, goesBeyond, isFreePlan, type Plan, recurringOf } from '@souk/contract';
import { compareAmounts } from '../../platform/money.ts';
import type { Credit, PlanStep, Terms } from './plans.ts';

const hourMs = 3_600_000;
export const hourOf = (at: Date): Date => new Date(Math.floor(at.getTime() / hourMs) * hourMs);

/** So many months later, at the same time of the day (UTC); of the 31st, short months have their last day. `cycle_start` says the same. */
export function addMonths(from: Date, months: number): Date {
  const first = new Date(from);
  first.setUTCDate(1);
  first.setUTCMonth(first.getUTCMonth() + months);
  const days = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate();
  first.setUTCDate(Math.min(from.getUTCDate(), days));
  return first;
}

/** The month, counted from a day, that holds a moment. Counted from the day itself each time, so that it never drifts. */
export function cycleAt(from: Date, at: Date): { readonly start: Date; readonly end: Date } {
  let months = (at.getUTCFullYear() - from.getUTCFullYear()) * 12 + at.getUTCMonth() - from.getUTCMonth();
  if (addMonths(from, months) > at) months -= 1;
  return { start: addMonths(from, months), end: addMonths(from, months + 1) };
}

const monthAfter = (at: Date) => new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 1));

export const feeOf = (plan: Pick<Plan, 'parts'>): string => recurringOf(plan.parts)?.amount ?? '0';
export const hasFee = (plan: Pick<Plan, 'parts'>): boolean => compareAmounts(feeOf(plan), '0') > 0;
const unitsOf = (plan: Plan) => plan.quota?.unitsPerMonth ?? Number.POSITIVE_INFINITY;
const atOnceOf = (plan: Plan) => plan.callsAtOnce ?? Number.POSITIVE_INFINITY;
const currencyOf = (plan: Plan) => plan.currency ?? 'USD';

/** More is a higher fee; with the same fee, what costs something instead of nothing, or has more units, or as many calls at once. */
export function direction(from: Plan, to: Plan): 'up' | 'down' {
  if (hasFee(from) && hasFee(to) && currencyOf(from) !== currencyOf(to)) return 'down';
  const fees = compareAmounts(feeOf(to), feeOf(from));
  if (fees !== 0) return fees > 0 ? 'up' : 'down';
  if (isFreePlan(from) && !isFreePlan(to)) return 'up';
  if (unitsOf(to) !== unitsOf(from)) return unitsOf(to) > unitsOf(from) ? 'up' : 'down';
  return atOnceOf(to) >= atOnceOf(from) ? 'up' : 'down';
}

/**
 * What changing to a plan means now. Up holds at once: where its fee is higher a new month begins, with the whole fee and the whole
 * quota, and the hours that are left of the old month are given back. A month that costs no more goes on, with what was used of it:
 * else whoever changes between free plans would never run out. Down holds from the end of the month, which was paid for.
 * `hourUnits` were used in the hour that has begun; `mayTry`: the account has not had its free month of the product.
 */
export function stepTo(
  current: Terms,
  next: Plan,
  at: Date,
  { hourUnits = 0, mayTry = false }: { hourUnits?: number; mayTry?: boolean } = {},
): PlanStep {
  const hour = hourOf(at);
  const { start, end } = cycleAt(current.cycleFrom, at);
  const tries = current.trialUntil !== null && current.trialUntil > at;
  if (direction(current.plan, next) === 'down') {
    const calendar =
      current.plan.quota && cycleOf(current.plan.quota) === 'calendar' && !hasFee(current.plan);
    const from = calendar ? monthAfter(at) : end;
    return {
      plan: next,
      validFrom: from,
      cycleFrom: calendar ? from : current.cycleFrom,
      chargedFrom: from,
      trialUntil: null,
      carried: 0,
      when: 'cycle-end',
      newCycle: false,
      credit: null,
    };
  }
  const goesOn = tries ? Boolean(next.trial) || !hasFee(next) : !hasFee(next) || sameFee(current.plan, next);
  if (goesOn)
    return {
      ...current,
      plan: next,
      validFrom: hour,
      trialUntil: tries && next.trial ? current.trialUntil : null,
      when: 'now',
      newCycle: false,
      credit: null,
    };
  const trialUntil = mayTry && next.trial ? addMonths(hour, 1) : null;
  return {
    plan: next,
    validFrom: hour,
    cycleFrom: hour,
    chargedFrom: trialUntil ?? hour,
    trialUntil,
    // Within one hour nothing was paid for what was used in it; and what went beyond a quota is of no month yet.
    carried: start.getTime() === hour.getTime() ? current.carried : goesBeyond(current.plan) ? 0 : hourUnits,
    when: 'now',
    newCycle: true,
    credit: tries ? null : creditOf(current, start, end, hour),
  };
}

const sameFee = (a: Plan, b: Plan) => hasFee(a) && compareAmounts(feeOf(a), feeOf(b)) === 0;

/** A month that begins in the hour of the change was never charged. */
function creditOf(current: Terms, start: Date, end: Date, hour: Date): Credit | null {
  if (!hasFee(current.plan) || start < current.chargedFrom || start >= hour) return null;
  return {
    fee: feeOf(current.plan),
    currency: currencyOf(current.plan),
    hours: (end.getTime() - hour.getTime()) / hourMs,
    of: (end.getTime() - start.getTime()) / hourMs,
  };
}

/** What an account had of a product before, when it subscribes again. */
export interface Before extends Terms {
  readonly endedAt: Date;
}

/**
 * The first terms of a subscription. Whoever comes back within the month that had begun goes on with it, and with what was used of
 * it: the same plan was paid for, and a plan without a fee has no new month to sell. Everybody else begins a month of their own.
 */
export function firstTerms(
  plan: Plan,
  at: Date,
  before: Before | undefined,
  trial: boolean,
  hourUnits: number,
): Terms {
  const hour = hourOf(at);
  const month = before && cycleAt(before.cycleFrom, at);
  const running = before && month && before.endedAt > month.start && !trial;
  const paid = before && month && before.plan.id === plan.id && before.chargedFrom <= month.start;
  if (running && (paid || !hasFee(plan)))
    return {
      plan,
      validFrom: hour,
      cycleFrom: before.cycleFrom,
      chargedFrom: paid ? before.chargedFrom : month.end,
      trialUntil: null,
      carried: before.carried,
    };
  const trialUntil = trial ? addMonths(hour, 1) : null;
  return {
    plan,
    validFrom: hour,
    cycleFrom: hour,
    chargedFrom: trialUntil ?? hour,
    trialUntil,
    carried: hourUnits,
  };
}
