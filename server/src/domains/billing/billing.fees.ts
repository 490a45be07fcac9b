import type { InvoiceLine, Plan } from '@souk/contract';
import { amountOf } from '../../platform/money.ts';
import { type Credit, cycleAt, feeOf, type Terms } from '../plans/index.ts';

/** A price that holds from an hour on, in place of the accepted one. */
export interface BilledStep {
  readonly subscriptionId: string;
  /** The plan that it is a price of; null: of the only one that the subscription has had. */
  readonly planId: string | null;
  readonly from: Date;
  readonly parts: NonNullable<Plan['parts']>;
  readonly revision: number;
}

/** Terms of a subscription with what billing needs beside them. */
export interface BilledTerms extends Terms {
  readonly subscriptionId: string;
  readonly productTitle: string;
  readonly revision: number;
  readonly credit: Credit | null;
  /** When the next terms begin, or the subscription ended; null: it goes on. */
  readonly until: Date | null;
  /** Changes of the plan's price. */
  readonly steps: readonly BilledStep[];
}

interface Month {
  readonly start: Date;
  readonly end: Date;
}

/**
 * The fees of an invoice: one for each month of a subscription that begins in the invoice's month, in advance, at the price that
 * holds when it begins; nothing for a month of trial, nor for one that was paid before. And what a change of plan gives back. Pure,
 * so that it can be computed again to the same figure.
 */
export const feeLines = (terms: readonly BilledTerms[], month: Month, now: Date): InvoiceLine[] =>
  terms.flatMap((t) => [...monthsOf(t, month, now), ...creditOf(t, month)]);

function monthsOf(t: BilledTerms, month: Month, now: Date): InvoiceLine[] {
  const lines: InvoiceLine[] = [];
  const from = new Date(Math.max(month.start.getTime(), t.validFrom.getTime()));
  let cycle = cycleAt(t.cycleFrom, from);
  if (cycle.start < from) cycle = cycleAt(t.cycleFrom, cycle.end);
  for (; cycle.start < month.end && cycle.start <= now; cycle = cycleAt(t.cycleFrom, cycle.end)) {
    if (t.until && cycle.start >= t.until) break;
    const line = monthOf(t, cycle);
    if (line) lines.push(line);
  }
  return lines;
}

function monthOf(t: BilledTerms, cycle: Month): InvoiceLine | undefined {
  const step = t.steps.findLast((s) => s.from <= cycle.start && s.from >= t.validFrom);
  const fee = feeOf(step ?? t.plan);
  const trial = t.trialUntil !== null && cycle.start < t.trialUntil;
  if (Number(fee) === 0 || (cycle.start < t.chargedFrom && !trial)) return undefined;
  const currency = t.plan.currency ?? 'USD';
  const free = trial ? 1 : 0;
  const what = trial ? 'free month' : 'monthly fee';
  return {
    ...placeOf(t, cycle, 'recurring.month'),
    description: `${t.productTitle}, ${t.plan.name ?? t.plan.id}: ${what} from ${hour(cycle.start)} to ${hour(cycle.end)}${trial ? '' : `, ${fee} ${currency}`}`,
    includedQuantity: free,
    billableQuantity: 1 - free,
    pricePerUnit: fee,
    amount: amountOf(1 - free, fee, currency),
    currency,
    revision: step?.revision ?? t.revision,
  };
}

function creditOf(t: BilledTerms, month: Month): InvoiceLine[] {
  if (!t.credit || t.validFrom < month.start || t.validFrom >= month.end) return [];
  const { fee, currency, hours, of } = t.credit;
  const amount = amountOf(-hours, fee, currency, of);
  return [
    {
      ...placeOf(t, { start: t.validFrom, end: t.validFrom }, 'recurring.credit'),
      description: `${t.productTitle}: of the fee of the plan before, ${hours} of ${of} hours given back`,
      includedQuantity: 0,
      billableQuantity: 1,
      pricePerUnit: amount,
      amount,
      currency,
      revision: t.revision,
    },
  ];
}

const hour = (at: Date) => `${at.toISOString().slice(0, 13).replace('T', ' ')}:00 UTC`;

const placeOf = (t: BilledTerms, cycle: Month, what: string) => ({
  id: `${t.subscriptionId}.${cycle.start.toISOString().slice(0, 13)}.${what}`,
  subscriptionId: t.subscriptionId,
  productTitle: t.productTitle,
  dimension: what,
  unit: 'month' as const,
  payee: 'publisher' as const,
  quantity: 1,
  usageFrom: cycle.start.toISOString(),
  usageTo: cycle.end.toISOString(),
  usageRecords: 0,
});
