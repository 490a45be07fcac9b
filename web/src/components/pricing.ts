import { instanceOf } from '@souk/contract/instance-hours';
import type { Plan } from '../api/types.ts';
import {
  type Decimal,
  decimalText,
  parseDecimal,
  plus,
  roundHalfEven,
  times,
  zero,
} from '../format/decimal.ts';
import { formatCount, formatMoney, minorUnitDigits } from '../format/format.ts';

export interface Estimate {
  readonly billable: number;
  readonly included: number;
  /** Per invoice line rounded half-even in the currency's minor unit, as the invoice will be. */
  readonly amount: string;
  readonly currency: string;
  readonly withinQuota: boolean;
}

/** Hours of one instance in a month. */
export interface Hours {
  readonly dimension: string;
  readonly hours: number;
}

/** What so many calls, and hours of an instance, in a month cost in a plan. */
export function estimate(plan: Plan, calls: number, hours?: Hours): Estimate {
  const currency = plan.currency ?? 'USD';
  const digits = minorUnitDigits(currency);
  let sum: Decimal = { ...zero, scale: digits };
  let included = 0;
  let billable = 0;
  for (const part of plan.parts ?? []) {
    const price = parseDecimal(part.pricePerUnit);
    if (!price) continue;
    const hourly = instanceOf(part.dimension) !== undefined;
    const used = hourly ? (part.dimension === hours?.dimension ? hours.hours : 0) : calls;
    const own = Math.max(0, used - (part.includedQuantity ?? 0));
    if (!hourly) {
      included += part.includedQuantity ?? 0;
      billable += own;
    }
    sum = plus(sum, roundHalfEven(times(price, own), digits));
  }
  return {
    billable,
    included,
    amount: decimalText(sum),
    currency,
    withinQuota: !plan.quota || calls <= plan.quota.unitsPerMonth,
  };
}

export const isFree = (plan: Plan) => (plan.parts ?? []).every((part) => /^[0.]+$/.test(part.pricePerUnit));

type Part = NonNullable<Plan['parts']>[number];
const isPriced = (part: Part) => !/^[0.]+$/.test(part.pricePerUnit);
export const callPart = (plan: Plan): Part | undefined =>
  (plan.parts ?? []).find((part) => part.dimension === 'inference.count');
/** Prices by the hour, each with what it is for. */
export const hourParts = (plan: Plan) =>
  (plan.parts ?? []).flatMap((part) => {
    const instance = instanceOf(part.dimension);
    return instance ? [{ ...instance, part }] : [];
  });

/** "$0.002 per call + from $0.40 an hour", or "Free". */
export function planPrice(plan: Plan): string {
  const currency = plan.currency ?? 'USD';
  const call = callPart(plan);
  const hours = hourParts(plan)
    .map((h) => h.part)
    .filter(isPriced)
    .toSorted((a, b) => Number(a.pricePerUnit) - Number(b.pricePerUnit));
  const [cheapest] = hours;
  const one = new Set(hours.map((part) => Number(part.pricePerUnit))).size === 1;
  const texts = [
    ...(call && isPriced(call) ? [`${formatMoney(call.pricePerUnit, currency)} per call`] : []),
    ...(cheapest ? [`${one ? '' : 'from '}${formatMoney(cheapest.pricePerUnit, currency)} an hour`] : []),
  ];
  return texts.length > 0 ? texts.join(' + ') : 'Free';
}

/** "1,000 calls and 10 hours a month included", as far as the plan includes any. */
export function includedText(plan: Plan): string | null {
  const calls = callPart(plan)?.includedQuantity ?? 0;
  const hours = [...new Set(hourParts(plan).map(({ part }) => part.includedQuantity ?? 0))];
  const texts = [
    ...(calls > 0 ? [`${formatCount(calls)} calls`] : []),
    ...(hours.some((h) => h > 0)
      ? [hours.length === 1 ? `${formatCount(hours[0] ?? 0)} hours of each instance type` : 'some hours']
      : []),
  ];
  return texts.length > 0 ? `${texts.join(' and ')} a month included` : null;
}
