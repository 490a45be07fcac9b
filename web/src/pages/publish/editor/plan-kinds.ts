import { type InstanceUse, instanceDimension, instanceOf } from '@souk/contract/instance-hours';
import {
  callDimension,
  isUsage,
  type RecurringPart,
  recurringOf,
  type UsagePart,
  usageParts,
} from '@souk/contract/plan-parts';
import type { Plan } from '../../../api/types.ts';

export type PlanKind = 'free' | 'monthly' | 'calls' | 'hours' | 'both';
type Part = NonNullable<Plan['parts']>[number];

/** An instance type that some version runs on, for a use. */
export interface Supported {
  readonly use: InstanceUse;
  readonly type: string;
}

export const isHourly = (part: Part): part is UsagePart =>
  isUsage(part) && instanceOf(part.dimension) !== undefined;

export function kindOf({ parts = [] }: Plan): PlanKind {
  const usage = usageParts(parts);
  if (usage.length === 0) return recurringOf(parts) ? 'monthly' : 'free';
  const hours = usage.some(isHourly);
  return usage.every(isHourly) ? 'hours' : hours ? 'both' : 'calls';
}

const callPrice = (dimension: string): UsagePart => ({ kind: 'usage', dimension, pricePerUnit: '0.001' });
const monthlyFee: RecurringPart = { kind: 'recurring', amount: '10', per: 'month' };
export const hourPrice = ({ use, type }: Supported, pricePerUnit: string): UsagePart => ({
  kind: 'usage',
  dimension: instanceDimension(use, type),
  unit: 'hour',
  pricePerUnit,
});

/** The plan as another kind: prices that it has stay, those that it lacks begin with an example. */
export function withKind(
  plan: Plan,
  kind: PlanKind,
  supported: readonly Supported[],
  productType?: string,
): Plan {
  const { parts = [], currency, ...rest } = plan;
  if (kind === 'free') {
    // What would be a finding at once: a free plan has nothing to try, and no price beyond its quota.
    const { trial: _, ...free } = rest;
    return free.quota?.atLimit === 'overage' ? { ...free, quota: { ...free.quota, atLimit: 'stop' } } : free;
  }
  const hours = parts.filter(isHourly);
  const calls = usageParts(parts).filter((part) => !isHourly(part));
  const fee = recurringOf(parts);
  const priced = { ...rest, currency: currency ?? 'USD' };
  if (kind === 'monthly')
    return {
      ...priced,
      ...(rest.quota?.atLimit === 'overage' ? { quota: { ...rest.quota, atLimit: 'stop' } } : {}),
      parts: [fee ?? monthlyFee],
    };
  const call = callPrice(callDimension(productType));
  return {
    ...priced,
    parts: [
      ...(fee ? [fee] : []),
      ...(kind === 'hours' ? [] : calls.length > 0 ? calls : [call]),
      ...(kind === 'calls' ? [] : hours.length > 0 ? hours : supported.map((s) => hourPrice(s, '0.10'))),
    ],
  };
}

/** The plan with this fee for each month, or without one. */
export function withFee(plan: Plan, amount: string): Plan {
  const parts = (plan.parts ?? []).filter((part) => part.kind !== 'recurring');
  return { ...plan, parts: amount === '' ? parts : [{ ...monthlyFee, amount }, ...parts] };
}

const idFor = (plans: readonly Plan[], id: string) =>
  plans.some((p) => p.id === id) ? `${id}-${plans.length + 1}` : id;

const nameFor = (plans: readonly Plan[], name: string) =>
  plans.some((p) => p.name === name) ? `${name} ${plans.length + 1}` : name;

export const perMonth = (plans: readonly Plan[], productType: string): Plan => ({
  ...withKind({ id: idFor(plans, 'monthly'), name: nameFor(plans, 'Monthly') }, 'monthly', []),
  quota: { unitsPerMonth: 10_000, dimension: callDimension(productType), cycle: 'subscription' },
});
export const perCall = (plans: readonly Plan[], productType?: string): Plan =>
  withKind({ id: idFor(plans, 'per-call'), name: nameFor(plans, 'Per call') }, 'calls', [], productType);
export const perHour = (plans: readonly Plan[], supported: readonly Supported[]): Plan =>
  withKind({ id: idFor(plans, 'per-hour'), name: nameFor(plans, 'Per hour') }, 'hours', supported);
