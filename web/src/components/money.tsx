import { formatMoney } from '../format/format.ts';

/** An amount as the server sent it: a decimal string, shown with all its digits. */
export function Money({ amount, currency }: { amount: string; currency: string }) {
  return <span className="nowrap">{formatMoney(amount, currency)}</span>;
}
