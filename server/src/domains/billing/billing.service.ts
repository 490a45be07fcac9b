import type { Invoice, Plan } from '@souk/contract';
import type { Platform } from '../../platform/platform.ts';
import { type Metering, monthOf } from '../metering/index.ts';
import type { TermRow } from '../plans/index.ts';
import { type BilledStep, type BilledTerms, feeLines } from './billing.fees.ts';
import { infrastructureLine } from './billing.lines.ts';
import { invoiceLines, isClosed, totals } from './billing.rules.ts';

export interface BilledSubscription {
  readonly id: string;
  readonly productId: string;
  readonly title: string;
  readonly plan: Plan;
  readonly revision: number;
  readonly acceptedAt: Date;
  readonly endedAt: Date | null;
}

const noTime = new Date(0);

export interface BillingNeeds {
  subscriptions(accountId: string): Promise<BilledSubscription[]>;
  prices(accountId: string): Promise<BilledStep[]>;
  terms(accountId: string): Promise<TermRow[]>;
}

export type Billing = ReturnType<typeof newBilling>;

export function newBilling({ clock }: Platform, metering: Metering, needs: BillingNeeds) {
  /** The invoice of a month, computed from usage records, accepted plans and what became of their prices; of the current month, so far. */
  async function invoice(accountId: string, month: string | undefined): Promise<Invoice> {
    const now = clock.now();
    const { start, end } = monthOf(month ? new Date(`${month}-01T00:00:00Z`) : now);
    const [{ usage, instances }, list, steps, terms] = await Promise.all([
      metering.ofAccount(accountId, { start, end }),
      needs.subscriptions(accountId),
      needs.prices(accountId),
      needs.terms(accountId),
    ]);
    const stepsOf = Map.groupBy(steps, (s) => s.subscriptionId);
    const termsOf = Map.groupBy(terms, (t) => t.subscriptionId);
    const known = new Map(list.map((s) => [s.id, s]));
    const billable = usage.flatMap((u) => {
      const s = known.get(u.subscriptionId);
      if (!s) return [];
      const all = termsOf.get(s.id) ?? [];
      const since = u.termsFrom?.getTime();
      const held = since === undefined ? all[0] : all.findLast((t) => t.validFrom.getTime() === since);
      const accepted = held?.plan ?? s.plan;
      const own = (stepsOf.get(s.id) ?? []).filter((x) => (x.planId ?? accepted.id) === accepted.id);
      const step = own.find((x) => x.from.getTime() === u.priceFrom?.getTime());
      const next = own.find((x) => x.from > (u.priceFrom ?? noTime));
      const after = held && all.find((t) => t.validFrom > held.validFrom);
      const begins = [u.usedIn, u.priceFrom, u.termsFrom, u.periodFrom, u.trial ? null : held?.trialUntil];
      const ends = [monthOf(u.usedIn).end, now, next?.from, after?.validFrom, u.periodTo];
      return [
        {
          ...s,
          ...u,
          productTitle: s.title,
          plan: step ? { ...accepted, parts: step.parts } : accepted,
          revision: step?.revision ?? held?.revision ?? s.revision,
          period: u.periodFrom && {
            from: u.periodFrom,
            units:
              (accepted.quota?.unitsPerMonth ?? 0) +
              (u.periodFrom.getTime() === held?.cycleFrom.getTime() ? held.carried : 0),
          },
          from: new Date(Math.max(...times(begins))),
          to: new Date(Math.min(...times(ends))),
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
    const fees = feeLines(billedTerms(terms, known, stepsOf), { start, end }, now);
    const lines = [...fees, ...invoiceLines(billable, start), ...infrastructure];
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

const times = (dates: readonly (Date | null | undefined)[]): number[] =>
  dates.flatMap((d) => d?.getTime() ?? []);

/** Terms with when they end: at the next ones, or with the subscription. */
const billedTerms = (
  terms: readonly TermRow[],
  known: ReadonlyMap<string, BilledSubscription>,
  stepsOf: ReadonlyMap<string, BilledStep[]>,
): BilledTerms[] =>
  terms.flatMap((t, i) => {
    const s = known.get(t.subscriptionId);
    const after = terms[i + 1];
    const next = after?.subscriptionId === t.subscriptionId ? after.validFrom : null;
    const ends = times([next, s?.endedAt]);
    return s
      ? [
          {
            ...t,
            productTitle: s.title,
            until: ends.length > 0 ? new Date(Math.min(...ends)) : null,
            steps: (stepsOf.get(t.subscriptionId) ?? []).filter((x) => (x.planId ?? t.plan.id) === t.plan.id),
          },
        ]
      : [];
  });
