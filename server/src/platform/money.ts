import { Decimal } from 'decimal.js';

// Half-even as invoices are rounded; 40 digits hold every quantity times every price exactly.
const Money = Decimal.clone({ precision: 40, rounding: Decimal.ROUND_HALF_EVEN });

/** Digits after the point of a currency's minor unit, by the platform's ISO 4217 table. */
export const minorUnits = (currency: string): number =>
  new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;

/** quantity x price, rounded once, half-even, in the currency's minor unit. Decimal strings in and out. */
export const amountOf = (quantity: number, pricePerUnit: string, currency: string): string => {
  const digits = minorUnits(currency);
  return new Money(quantity)
    .times(pricePerUnit)
    .toDecimalPlaces(digits, Decimal.ROUND_HALF_EVEN)
    .toFixed(digits);
};

export const sum = (amounts: readonly string[], currency: string): string =>
  amounts.reduce((a, b) => a.plus(b), new Money(0)).toFixed(minorUnits(currency));
