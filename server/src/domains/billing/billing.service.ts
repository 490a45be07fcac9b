import type { Invoice, Plan } from '@souk/contract';
import type { Platform } from '../../platform/platform.ts';
import { type Metering, monthOf } from '../metering/index.ts';
import { infrastructureLine } from './billing.lines.ts';
import { invoiceLines, isClosed, totals } from './billing.rules.ts';

export interface BilledSubscription {
  readonly id: string;
  readonly productId: string;
  readonly title: string;
  readonly plan: Plan;
  readonly revision: number;
  readonly acceptedAt: Date;
}

/** A price that holds from an hour on, in place of the accepted one. */
export interface BilledStep {
  readonly subscriptionId: string;
  readonly from: Date;
  readonly parts: NonNullable<Plan['parts']>;
  readonly revision: number;
}

const noTime = new Date(0);

export type Billing = ReturnType<typeof newBilling>;

export function newBilling(
  { clock }: Platform,
  metering: Metering,
  subscriptions: (accountId: string) => Promise<BilledSubscription[]>,
  prices: (accountId: string) => Promise<BilledStep[]>,
) {
  /** The invoice of a month, computed from usage records, accepted plans and what became of their prices; of the current month, so far. */
  async function invoice(accountId: string, month: string | undefined): Promise<Invoice> {
    const now = clock.now();
    const { start, end } = monthOf(month ? new Date(`${month}-01T00:00:00Z`) : now);
    const [usage, instances, list, steps] = await Promise.all([
      metering.ofAccount(accountId, { start, end }),
      metering.infrastructureOfAccount(accountId, { start, end }),
      subscriptions(accountId),
      prices(accountId),
    ]);
    const stepsOf = Map.groupBy(steps, (s) => s.subscriptionId);
    const known = new Map(list.map((s) => [s.id, s]));
    const billable = usage.flatMap((u) => {
      const s = known.get(u.subscriptionId);
      if (!s) return [];
      const own = stepsOf.get(s.id) ?? [];
      const since = u.priceFrom?.getTime();
      const step = own.find((x) => x.from.getTime() === since);
      const next = own.find((x) => x.from.getTime() > (since ?? Number.NEGATIVE_INFINITY));
      const ends = [monthOf(u.usedIn).end, now, ...(next ? [next.from] : [])].map((d) => d.getTime());
      return [
        {
          ...s,
          ...u,
          productTitle: s.title,
          plan: step ? { ...s.plan, parts: step.parts } : s.plan,
          revision: step?.revision ?? s.revision,
          from: new Date(Math.max(u.usedIn.getTime(), since ?? Number.NEGATIVE_INFINITY)),
          to: new Date(Math.min(...ends)),
        },
      ];
    });
    const infrastructure = instances.flatMap((u) => {
      const s = known.get(u.subscriptionId);
      const next = instances.find(
        (x) =>
          x.subscriptionId === u.subscriptionId &&
          x.dimension === u.dimension &&
          x.usedIn.getTime() === u.usedIn.getTime() &&
          (x.priceFrom ?? noTime) > (u.priceFrom ?? noTime),
      );
      const ends = [monthOf(u.usedIn).end, now, ...(next?.priceFrom ? [next.priceFrom] : [])];
      return s
        ? [
            infrastructureLine({
              ...s,
              ...u,
              productTitle: s.title,
              from: new Date(Math.max(u.usedIn.getTime(), (u.priceFrom ?? noTime).getTime())),
              to: new Date(Math.min(...ends.map((d) => d.getTime()))),
            }),
          ]
        : [];
    });
    const lines = [...invoiceLines(billable, start), ...infrastructure];
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
