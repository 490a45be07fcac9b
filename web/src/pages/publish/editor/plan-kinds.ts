import { type InstanceUse, instanceDimension, instanceOf } from '@souk/contract/instance-hours';
import type { Plan } from '../../../api/types.ts';

export type PlanKind = 'free' | 'calls' | 'hours' | 'both';
type Part = NonNullable<Plan['parts']>[number];

/** An instance type that some version runs on, for a use. */
export interface Supported {
  readonly use: InstanceUse;
  readonly type: string;
}

export const isHourly = (part: Part): boolean => instanceOf(part.dimension) !== undefined;

export function kindOf({ parts = [] }: Plan): PlanKind {
  if (parts.length === 0) return 'free';
  const hours = parts.some(isHourly);
  return parts.every(isHourly) ? 'hours' : hours ? 'both' : 'calls';
}

const callPrice: Part = { kind: 'usage', dimension: 'inference.count', pricePerUnit: '0.001' };
export const hourPrice = ({ use, type }: Supported, pricePerUnit: string): Part => ({
  kind: 'usage',
  dimension: instanceDimension(use, type),
  unit: 'hour',
  pricePerUnit,
});

/** The plan as another kind: prices that it has stay, those that it lacks begin with an example. */
export function withKind(plan: Plan, kind: PlanKind, supported: readonly Supported[]): Plan {
  const { parts = [], currency, ...rest } = plan;
  if (kind === 'free') return rest;
  const hours = parts.filter(isHourly);
  const calls = parts.filter((part) => !isHourly(part));
  return {
    ...rest,
    currency: currency ?? 'USD',
    parts: [
      ...(kind === 'hours' ? [] : calls.length > 0 ? calls : [callPrice]),
      ...(kind === 'calls' ? [] : hours.length > 0 ? hours : supported.map((s) => hourPrice(s, '0.10'))),
    ],
  };
}

const idFor = (plans: readonly Plan[], id: string) =>
  plans.some((p) => p.id === id) ? `${id}-${plans.length + 1}` : id;

export const perCall = (plans: readonly Plan[]): Plan =>
  withKind({ id: idFor(plans, 'per-call'), name: 'Per call' }, 'calls', []);
export const perHour = (plans: readonly Plan[], supported: readonly Supported[]): Plan =>
  withKind({ id: idFor(plans, 'per-hour'), name: 'Per hour' }, 'hours', supported);
