import {
  hoursOf,
  type InvoiceLine,
  instanceOf,
  transactions,
  type UsagePart,
  unitsPerPrice,
  useWords,
} from '@souk/contract';
import { amountOf } from '../../platform/money.ts';
import type { BillableUsage, InfrastructureUsage } from './billing.rules.ts';

/** What of a month was used at one price, with how much of it is included. */
export function usageLine(
  u: BillableUsage,
  part: UsagePart | undefined,
  includedQuantity: number,
): InvoiceLine {
  const pricePerUnit = part?.pricePerUnit ?? '0';
  const currency = u.plan.currency ?? 'USD';
  const billableQuantity = part ? u.quantity - includedQuantity : 0;
  const count = countOf(u.dimension);
  const what = `${u.productTitle}, ${u.plan.name ?? u.plan.id}: ${count.words(u.quantity)}${whenOf(u)}`;
  const included = includedQuantity ? `, ${count.number(includedQuantity)} included` : '';
  return {
    ...placeOf(u, u.dimension),
    description: part
      ? `${what}${included}, ${count.number(billableQuantity)} at ${pricePerUnit} ${currency}`
      : `${what}, ${u.trial ? 'in the free month' : 'free'}`,
    payee: 'publisher',
    includedQuantity,
    billableQuantity,
    pricePerUnit,
    amount: amountOf(billableQuantity, pricePerUnit, currency, unitsPerPrice(u.dimension)),
    currency,
  };
}

/** The instances themselves, which the marketplace runs: their price is the operator's, whatever the plan says. */
export function infrastructureLine(u: InfrastructureUsage): InvoiceLine {
  const { pricePerHour, currency } = u;
  const count = countOf(u.dimension);
  return {
    ...placeOf(u, `infrastructure.${u.dimension}`),
    description: `Infrastructure of ${u.productTitle}: ${count.words(u.quantity)}${whenOf(u)}, ${count.number(u.quantity)} at ${pricePerHour} ${currency}`,
    payee: 'operator',
    includedQuantity: 0,
    billableQuantity: u.quantity,
    pricePerUnit: pricePerHour,
    amount: amountOf(u.quantity, pricePerHour, currency, unitsPerPrice(u.dimension)),
    currency,
  };
}

type Used = Omit<BillableUsage, 'plan' | 'acceptedAt' | 'period' | 'trial'>;

function placeOf(u: Used, what: string) {
  const late = isLate(u) ? `.${monthName(u.invoicedIn)}` : '';
  // A month in which the price changed has a line for each.
  const since = u.from > u.usedIn ? `.${u.from.toISOString().slice(0, 13)}` : '';
  return {
    id: `${u.subscriptionId}.${monthName(u.usedIn)}.${what}${since}${late}`,
    subscriptionId: u.subscriptionId,
    productTitle: u.productTitle,
    dimension: u.dimension,
    unit: instanceOf(u.dimension) ? ('hour' as const) : ('unit' as const),
    quantity: u.quantity,
    revision: u.revision,
    usageFrom: u.from.toISOString(),
    usageTo: u.to.toISOString(),
    usageRecords: u.records,
  };
}

const isLate = (u: Used) => u.usedIn.getTime() !== u.invoicedIn.getTime();
const monthName = (month: Date) => month.toISOString().slice(0, 7);

/** " since 2026-11-10 12:00 UTC of 2026-10, arrived late", as far as it applies. */
function whenOf(u: Used): string {
  const since =
    u.from > u.usedIn ? ` since ${u.from.toISOString().slice(0, 13).replace('T', ' ')}:00 UTC` : '';
  return `${since}${isLate(u) ? ` of ${monthName(u.usedIn)}, arrived late` : ''}`;
}

/** How a quantity of a dimension is written: seconds of instances as hours. */
function countOf(dimension: string): { number(quantity: number): string; words(quantity: number): string } {
  const instance = instanceOf(dimension);
  if (instance) {
    const of = ` of ${useWords[instance.use]} on ${instance.instanceType}`;
    return {
      number: hoursOf,
      words: (seconds) => `${hoursOf(seconds)} ${seconds === 3600 ? 'hour' : 'hours'}${of}`,
    };
  }
  const unit = (quantity: number) =>
    dimension === transactions
      ? quantity === 1
        ? 'transaction'
        : 'transactions'
      : dimension !== 'inference.count'
        ? `units of ${dimension}`
        : quantity === 1
          ? 'inference'
          : 'inferences';
  return { number: String, words: (quantity) => `${quantity} ${unit(quantity)}` };
}
