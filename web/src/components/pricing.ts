import { instanceOf } from '@souk/contract/instance-hours';
import {
  goesBeyond,
  isFreePlan,
  recurringOf,
  type UsagePart,
  unitWord,
  usageParts,
} from '@souk/contract/plan-parts';
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
  const fee = parseDecimal(recurringOf(plan.parts)?.amount ?? '');
  if (fee) sum = plus(sum, roundHalfEven(fee, digits));
  for (const part of usageParts(plan.parts)) {
    const price = parseDecimal(part.pricePerUnit);
    if (!price) continue;
    const hourly = instanceOf(part.dimension) !== undefined;
    const used = hourly ? (part.dimension === hours?.dimension ? hours.hours : 0) : calls;
    // What goes on beyond a quota is charged from there; it is what the plan includes.
    const free =
      goesBeyond(plan) && part.dimension === plan.quota?.dimension
        ? plan.quota.unitsPerMonth
        : (part.includedQuantity ?? 0);
    const own = Math.max(0, used - free);
    if (!hourly) {
      included += free;
      billable += own;
    }
    sum = plus(sum, roundHalfEven(times(price, own), digits));
  }
  return {
    billable,
    included,
    amount: decimalText(sum),
    currency,
    withinQuota: !plan.quota || goesBeyond(plan) || calls <= plan.quota.unitsPerMonth,
  };
}

export const isFree = (plan: Plan) => isFreePlan(plan);

const isPriced = (part: UsagePart) => !/^[0.]+$/.test(part.pricePerUnit);
/** The price of what is called, in whichever unit calls are counted. */
export const callPart = (plan: Plan): UsagePart | undefined =>
  usageParts(plan.parts).find((part) => !instanceOf(part.dimension));
/** Prices by the hour, each with what it is for. */
export const hourParts = (plan: Plan) =>
  usageParts(plan.parts).flatMap((part) => {
    const instance = instanceOf(part.dimension);
    return instance ? [{ ...instance, part }] : [];
  });

/** "$9.00 a month + $0.002 per call + from $0.40 an hour", or "Free". */
export function planPrice(plan: Plan): string {
  const currency = plan.currency ?? 'USD';
  const call = callPart(plan);
  const fee = recurringOf(plan.parts);
  const hours = hourParts(plan)
    .map((h) => h.part)
    .filter(isPriced)
    .toSorted((a, b) => Number(a.pricePerUnit) - Number(b.pricePerUnit));
  const [cheapest] = hours;
  const one = new Set(hours.map((part) => Number(part.pricePerUnit))).size === 1;
  const texts = [
    ...(fee && !/^[0.]+$/.test(fee.amount) ? [`${formatMoney(fee.amount, currency)} a month`] : []),
    ...(call && isPriced(call)
      ? [
          `${formatMoney(call.pricePerUnit, currency)} per ${unitWord(call.dimension)}${goesBeyond(plan) ? ' beyond' : ''}`,
        ]
      : []),
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

/** "At most 5 calls at the same time", where the plan says so. */
export const atOnceText = ({ callsAtOnce: n }: Plan): string | null =>
  n === undefined ? null : `At most ${formatCount(n)} ${n === 1 ? 'call' : 'calls'} at the same time`;

/** "Up to 5,000 transactions a month, then refused": what a month has, and what happens at its end. */
export function quotaText(plan: Plan): string {
  const { quota } = plan;
  if (!quota) return 'No limit';
  const units = `${formatCount(quota.unitsPerMonth)} ${unitWord(quota.dimension)}s a month`;
  const price = usageParts(plan.parts).find((part) => part.dimension === quota.dimension);
  return goesBeyond(plan) && price
    ? `${units}, each further one ${formatMoney(price.pricePerUnit, plan.currency ?? 'USD')}`
    : `Up to ${units}, then refused until the next`;
}
