import type { Invoice, Plan } from '@souk/contract';
import type { Platform } from '../../platform/platform.ts';
import { type Metering, monthOf } from '../metering/index.ts';
import { invoiceLines, isClosed, totals } from './billing.rules.ts';

export interface BilledSubscription {
  readonly id: string;
  readonly productId: string;
  readonly title: string;
  readonly plan: Plan;
  readonly revision: number;
  readonly acceptedAt: Date;
}

export type Billing = ReturnType<typeof newBilling>;

export function newBilling(
  { clock }: Platform,
  metering: Metering,
  subscriptions: (accountId: string) => Promise<BilledSubscription[]>,
) {
  /** The invoice of a month, computed from usage records and accepted plans; of the current month, so far. */
  async function invoice(accountId: string, month: string | undefined): Promise<Invoice> {
    const now = clock.now();
    const { start, end } = monthOf(month ? new Date(`${month}-01T00:00:00Z`) : now);
    const [usage, list] = await Promise.all([
      metering.ofAccount(accountId, { start, end }),
      subscriptions(accountId),
    ]);
    const known = new Map(list.map((s) => [s.id, s]));
    const billable = usage.flatMap((u) => {
      const s = known.get(u.subscriptionId);
      if (!s) return [];
      const usedTo = monthOf(u.usedIn).end;
      return [{ ...s, ...u, productTitle: s.title, to: usedTo < now ? usedTo : now }];
    });
    const lines = invoiceLines(billable, start);
    return {
      accountId,
      month: start.toISOString().slice(0, 7),
      state: isClosed(end, now) ? 'closed' : 'so-far',
      from: start.toISOString(),
      to: end.toISOString(),
      lines,
      totals: totals(lines),
      computedAt: now.toISOString(),
    };
  }
  return { invoice };
}
