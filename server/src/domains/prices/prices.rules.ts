import { keyOfPart, type Plan, priceOfPart, priceUnit } from '@souk/contract';
import { compareAmounts } from '../../platform/money.ts';

export type Parts = NonNullable<Plan['parts']>;
type Part = Parts[number];

/** What is paid from a moment on. */
export interface Step {
  readonly from: Date;
  readonly parts: Parts;
}

/** A part that costs nothing is as good as none: both bill nothing, however much they include. */
const priced = (parts: Parts, key: string): Part | undefined =>
  parts.find((p) => keyOfPart(p) === key && compareAmounts(priceOfPart(p), '0') > 0);

/** Dimensions, and the monthly fee. */
const keys = (...of: readonly Parts[]): string[] => [...new Set(of.flatMap((parts) => parts.map(keyOfPart)))];

const includedOf = (part: Part): number => (part.kind === 'usage' ? (part.includedQuantity ?? 0) : 0);

/** The same for the payer, however it is written: 0.10 is 0.1, and a part that costs nothing is none. */
export const samePrice = (a: Parts, b: Parts): boolean =>
  keys(a, b).every((key) => {
    const [x, y] = [priced(a, key), priced(b, key)];
    if (!x || !y) return x === y;
    return compareAmounts(priceOfPart(x), priceOfPart(y)) === 0 && includedOf(x) === includedOf(y);
  });

/** The better half of two prices, for whoever pays: the lower price of each dimension, and the larger included quantity. */
export const bestOf = (a: Parts, b: Parts): Parts =>
  keys(a, b).flatMap((key): Part[] => {
    const [x, y] = [priced(a, key), priced(b, key)];
    if (!x || !y) return [];
    const lower = compareAmounts(priceOfPart(x), priceOfPart(y)) <= 0 ? x : y;
    if (x.kind === 'recurring' || y.kind === 'recurring') return [lower];
    const pricePerUnit = priceOfPart(lower);
    const includedQuantity = Math.max(includedOf(x), includedOf(y));
    const unit = x.unit ?? y.unit;
    return [
      {
        kind: 'usage',
        dimension: x.dimension,
        ...(unit ? { unit } : {}),
        pricePerUnit,
        ...(includedQuantity ? { includedQuantity } : {}),
      },
    ];
  });

/** Whether nobody pays more under `next`, whatever they use. */
export const isNoMore = (next: Parts, before: Parts): boolean => samePrice(bestOf(next, before), next);

export function kindOf(before: Parts, after: Parts): 'same' | 'decrease' | 'increase' | 'mixed' {
  if (samePrice(before, after)) return 'same';
  if (isNoMore(after, before)) return 'decrease';
  return isNoMore(before, after) ? 'increase' : 'mixed';
}

const dayMs = 24 * 3_600_000;
const hourMs = 3_600_000;

/** The first of a month, 00:00 UTC, that is not before the notice has passed: announced on 16 March with 90 days, it is 1 July. */
export function increaseFrom(announced: Date, noticeDays: number): Date {
  const end = new Date(announced.getTime() + noticeDays * dayMs);
  const month = new Date(Date.UTC(end.getUTCFullYear(), end.getUTCMonth(), 1));
  return month.getTime() === end.getTime()
    ? month
    : new Date(Date.UTC(end.getUTCFullYear(), end.getUTCMonth() + 1, 1));
}

/** Usage is known by the hour: what gets cheaper is cheaper for the hour that has begun. */
export const hourOf = (at: Date): Date => new Date(Math.floor(at.getTime() / hourMs) * hourMs);

/**
 * What a subscriber pays, and from when, once a plan costs `next`: at once whatever is better, and all of it after the notice. An
 * increase that was announced before keeps its date, as far as the new price asks for it too: nobody waits longer because a
 * publisher thought better of half of it, and nobody pays earlier than was said. Steps that change nothing are left out.
 */
export function stepsTo(
  next: Parts,
  current: Parts,
  announced: readonly Step[],
  at: Date,
  noticeDays: number,
): (Step & { readonly kind: 'decrease' | 'increase' })[] {
  const full = increaseFrom(at, noticeDays);
  const wanted: Step[] = [
    { from: hourOf(at), parts: bestOf(current, next) },
    ...announced.filter((s) => s.from < full).map((s) => ({ from: s.from, parts: bestOf(s.parts, next) })),
    { from: full, parts: next },
  ];
  let before = current;
  return wanted.flatMap((step) => {
    if (samePrice(before, step.parts)) return [];
    const kind = isNoMore(step.parts, before) ? ('decrease' as const) : ('increase' as const);
    // Once it is what was asked for, it is written as the publisher wrote it.
    before = samePrice(step.parts, next) ? next : step.parts;
    return [{ from: step.from, parts: before, kind }];
  });
}

/** The step that holds at a moment, of steps in order; undefined: what was accepted holds. */
export const stepAt = <S extends Step>(steps: readonly S[], at: Date): S | undefined =>
  steps.filter((s) => s.from <= at).at(-1);

/** "0.002 USD per inference, 1,000 a month included": for mails. */
export function priceText(parts: Parts, currency: string): string {
  const texts = parts
    .filter((p) => compareAmounts(priceOfPart(p), '0') > 0)
    .map((p) => {
      if (p.kind === 'recurring') return `${p.amount} ${currency} per month`;
      const included = p.includedQuantity
        ? `, ${p.includedQuantity.toLocaleString('en')} a month included`
        : '';
      return `${p.pricePerUnit} ${currency} per ${priceUnit(p.dimension)}${included}`;
    });
  return texts.length > 0 ? texts.join('; ') : 'free';
}
