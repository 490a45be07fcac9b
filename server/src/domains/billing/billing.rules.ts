import { goesBeyond, type InvoiceLine, type Plan, unitsPerPrice, usageParts } from '@souk/contract';
import { minorUnits } from '../../platform/money.ts';
import { usageLine } from './billing.lines.ts';

/** Usage of a subscription in a month, added up, with the plan that it was agreed to. */
export interface BillableUsage {
  readonly subscriptionId: string;
  readonly productId: string;
  readonly productTitle: string;
  readonly plan: Plan;
  readonly revision: number;
  readonly acceptedAt: Date;
  readonly dimension: string;
  readonly quantity: number;
  readonly records: number;
  /** First moment of the month in which it was used, and of the month whose invoice has it. They differ where it arrived late. */
  readonly usedIn: Date;
  readonly invoicedIn: Date;
  /** From when it has been counted: the start of the month in which it was used, or of the price at which it was. */
  readonly from: Date;
  /** The month of a quota that it is of, with the units of that month; null: of none. */
  readonly period: { readonly from: Date; readonly units: number } | null;
  /** In a free month: it costs nothing. */
  readonly trial: boolean;
  /** Up to when it has been counted: the end of the month in which it was used, or now. */
  readonly to: Date;
}

/** Seconds of instances in a month, with what the marketplace asked for them. */
export interface InfrastructureUsage extends Omit<BillableUsage, 'plan' | 'acceptedAt' | 'period' | 'trial'> {
  readonly pricePerHour: string;
  readonly currency: string;
}

const graceMs = 24 * 3_600_000;
/** For batches that were being written when the grace period ended, and clocks that differ. */
const settlingMs = 5 * 60_000;

/** A closed invoice does not change. The database holds later usage to be late after the same grace (`invoiced_from`). */
export const isClosed = (monthEnd: Date, now: Date): boolean =>
  now.getTime() >= monthEnd.getTime() + graceMs + settlingMs;

/**
 * The lines of an invoice: a pure function of usage and plan, so it can be computed again to the same figure. An amount is
 * rounded once, on its line, half-even, in the currency's minor unit; totals add up what the lines say.
 *
 * The included quantity is granted once per account, product, dimension and month of use, in the order in which usage was
 * invoiced and subscriptions were made: each plan grants what it includes less what was granted before under whichever plan. So
 * cancelling and subscribing again grants nothing twice, and a larger plan grants the difference. A quota that may be gone beyond is
 * granted once per month of the subscription, to what was used first. The usage given may hold that of earlier invoices, which has
 * used up its months' grants; it gives no lines.
 */
export function invoiceLines(usage: readonly BillableUsage[], month: Date): InvoiceLine[] {
  const granted = new Map<string, number>();
  const usedOf = new Map<string, number>();
  return usage.toSorted(inOrderOfGrants).flatMap((u) => {
    const part = u.trial ? undefined : usageParts(u.plan.parts).find((p) => p.dimension === u.dimension);
    const quota = u.period && `${u.productId} ${u.period.from.getTime()} ${u.dimension}`;
    const used = quota ? (usedOf.get(quota) ?? 0) : 0;
    if (quota) usedOf.set(quota, used + u.quantity);
    const allowance = `${u.productId} ${u.usedIn.getTime()} ${u.dimension}`;
    const before = granted.get(allowance) ?? 0;
    const includes = (part?.includedQuantity ?? 0) * unitsPerPrice(u.dimension);
    // What goes on beyond a quota is charged from there on: the quota is what the plan includes.
    const left = part && u.period && goesBeyond(u.plan) ? u.period.units - used : includes - before;
    const includedQuantity = Math.min(u.quantity, Math.max(0, left));
    granted.set(allowance, before + includedQuantity);
    return u.invoicedIn.getTime() === month.getTime() ? [usageLine(u, part, includedQuantity)] : [];
  });
}

const inOrderOfGrants = (a: BillableUsage, b: BillableUsage) =>
  a.invoicedIn.getTime() - b.invoicedIn.getTime() ||
  a.usedIn.getTime() - b.usedIn.getTime() ||
  a.acceptedAt.getTime() - b.acceptedAt.getTime() ||
  a.from.getTime() - b.from.getTime() ||
  `${a.subscriptionId} ${a.dimension}`.localeCompare(`${b.subscriptionId} ${b.dimension}`);

/** Totals by currency, in the order of their codes. Exact: the lines' amounts have the minor unit's digits already. */
export function totals(lines: readonly InvoiceLine[]): { currency: string; amount: string }[] {
  const sums = new Map<string, bigint>();
  for (const line of lines)
    sums.set(line.currency, (sums.get(line.currency) ?? 0n) + BigInt(line.amount.replace('.', '')));
  return [...sums]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([currency, minor]) => ({ currency, amount: fromMinor(minor, minorUnits(currency)) }));
}

function fromMinor(minor: bigint, digits: number): string {
  // What was given back may be more than what was paid.
  if (minor < 0n) return `-${fromMinor(-minor, digits)}`;
  const text = minor.toString().padStart(digits + 1, '0');
  return digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`;
}
