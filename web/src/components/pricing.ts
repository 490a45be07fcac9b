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
import { minorUnitDigits } from '../format/format.ts';

export interface Estimate {
  readonly billable: number;
  readonly included: number;
  /** Per invoice line rounded half-even in the currency's minor unit, as the invoice will be. */
  readonly amount: string;
  readonly currency: string;
  readonly withinQuota: boolean;
}

/** What so many calls in a month cost in a plan. */
export function estimate(plan: Plan, calls: number): Estimate {
  const currency = plan.currency ?? 'USD';
  const digits = minorUnitDigits(currency);
  let sum: Decimal = { ...zero, scale: digits };
  let included = 0;
  let billable = 0;
  for (const part of plan.parts ?? []) {
    const price = parseDecimal(part.pricePerUnit);
    if (!price) continue;
    included += part.includedQuantity ?? 0;
    const own = Math.max(0, calls - (part.includedQuantity ?? 0));
    billable += own;
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
