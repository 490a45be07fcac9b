import { Decimal } from 'decimal.js';

// Half-even as invoices are rounded; 40 digits hold every quantity times every price exactly.
const Money = Decimal.clone({ precision: 40, rounding: Decimal.ROUND_HALF_EVEN });

/** Digits after the point of a currency's minor unit, by the platform's ISO 4217 table. */
export const minorUnits = (currency: string): number =>
  new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;

/** quantity x price, rounded once, half-even, in the currency's minor unit. A price may be for many units: an hour has 3,600 seconds. */
export const amountOf = (
  quantity: number,
  pricePerUnit: string,
  currency: string,
  unitsPerPrice = 1,
): string => {
  const digits = minorUnits(currency);
  return new Money(quantity)
    .times(pricePerUnit)
    .div(unitsPerPrice)
    .toDecimalPlaces(digits, Decimal.ROUND_HALF_EVEN)
    .toFixed(digits);
};

export const sum = (amounts: readonly string[], currency: string): string =>
  amounts.reduce((a, b) => a.plus(b), new Money(0)).toFixed(minorUnits(currency));

/** Exact: 100 of 100 is at least 100 percent, 99.99 is not. */
export const isAtLeast = (part: string, percent: number, whole: string): boolean =>
  new Money(part).times(100).gte(new Money(whole).times(percent));

/** Rounded down to a tenth, so that nothing unfinished reads as 100. */
export const percentOf = (part: string, whole: string): number =>
  new Money(part).times(100).div(whole).toDecimalPlaces(1, Decimal.ROUND_DOWN).toNumber();

/** More than zero, in whole minor units of the currency. */
export const isPositiveAmount = (amount: string, currency: string): boolean =>
  new Money(amount).gt(0) && new Money(amount).decimalPlaces() <= minorUnits(currency);

/** Which of two decimal strings is larger: below zero the second, above zero the first. */
export const compareAmounts = (a: string, b: string): number => new Money(a).cmp(b);

/** Quantities times prices, added up and not rounded. */
export const exactSum = (of: readonly (readonly [quantity: number, price: string])[]): string =>
  of.reduce((sum, [quantity, price]) => sum.plus(new Money(price).times(quantity)), new Money(0)).toFixed();
