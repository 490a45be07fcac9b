import { priceUnit } from '@souk/contract/instance-hours';
import { priceOfPart } from '@souk/contract/plan-parts';
import type { Plan } from '../api/types.ts';
import { formatCount, formatMoney } from '../format/format.ts';

/** "$0.002 per call, 1,000 a month included"; "nothing" where nothing is charged. */
export function partsPrice(parts: NonNullable<Plan['parts']>, currency: string): string {
  const priced = parts.filter((p) => !/^[0.]+$/.test(priceOfPart(p)));
  if (priced.length === 0) return 'nothing';
  return priced
    .map((p) => {
      if (p.kind === 'recurring') return `${formatMoney(p.amount, currency)} a month`;
      const included = p.includedQuantity ? `, ${formatCount(p.includedQuantity)} a month included` : '';
      return `${formatMoney(p.pricePerUnit, currency)} per ${priceUnit(p.dimension, 'call')}${included}`;
    })
    .join(' + ');
}
