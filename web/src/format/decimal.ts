/**
 * Exact decimal arithmetic on strings, for the prices that a page shows. The invoice is computed by the server; this only
 * has to say the same before anybody has subscribed, so it never goes through a float.
 */
export interface Decimal {
  readonly digits: bigint;
  /** digits / 10^scale */
  readonly scale: number;
}

export function parseDecimal(text: string): Decimal | null {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text.trim());
  if (!match) return null;
  const [, sign = '', whole = '0', fraction = ''] = match;
  return { digits: BigInt(`${sign}${whole}${fraction}`), scale: fraction.length };
}

export const zero: Decimal = { digits: 0n, scale: 0 };

export function plus(a: Decimal, b: Decimal): Decimal {
  const scale = Math.max(a.scale, b.scale);
  return { digits: widen(a, scale) + widen(b, scale), scale };
}

export const times = (a: Decimal, count: number): Decimal => ({
  digits: a.digits * BigInt(Math.trunc(count)),
  scale: a.scale,
});

/** Rounds half to even, as the invoice does on each line. */
export function roundHalfEven(a: Decimal, scale: number): Decimal {
  if (a.scale <= scale) return { digits: widen(a, scale), scale };
  const divisor = 10n ** BigInt(a.scale - scale);
  const negative = a.digits < 0n;
  const absolute = negative ? -a.digits : a.digits;
  const quotient = absolute / divisor;
  const twice = (absolute % divisor) * 2n;
  const up = twice > divisor || (twice === divisor && quotient % 2n === 1n);
  const rounded = up ? quotient + 1n : quotient;
  return { digits: negative ? -rounded : rounded, scale };
}

export function decimalText(a: Decimal): string {
  const negative = a.digits < 0n;
  const text = (negative ? -a.digits : a.digits).toString().padStart(a.scale + 1, '0');
  const whole = text.slice(0, text.length - a.scale);
  const fraction = text.slice(text.length - a.scale);
  return `${negative ? '-' : ''}${whole}${fraction ? `.${fraction}` : ''}`;
}

const widen = (a: Decimal, scale: number) => a.digits * 10n ** BigInt(scale - a.scale);
