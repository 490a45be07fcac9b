import { priceUnit } from '@souk/contract/instance-hours';
import type { Plan } from '../api/types.ts';
import { formatCount, formatMoney } from '../format/format.ts';

/** "$0.002 per call, 1,000 a month included"; "nothing" where nothing is charged. */
export function partsPrice(parts: NonNullable<Plan['parts']>, currency: string): string {
  const priced = parts.filter((p) => !/^[0.]+$/.test(p.pricePerUnit));
  if (priced.length === 0) return 'nothing';
  return priced
    .map((p) => {
      const included = p.includedQuantity ? `, ${formatCount(p.includedQuantity)} a month included` : '';
      return `${formatMoney(p.pricePerUnit, currency)} per ${priceUnit(p.dimension, 'call')}${included}`;
    })
    .join(' + ');
}
