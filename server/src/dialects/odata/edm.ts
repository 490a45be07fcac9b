import type { EdmType } from '@souk/contract';
import { Decimal } from 'decimal.js';
import type { LiteralKind } from './lexer.ts';

/**
 * Values of the primitive types. Inside the face a number is a number; Int64 and Decimal are text where a number would lose digits. Dates,
 * times and GUIDs are text.
 */
export type Value = string | number | boolean | null;

/** Types that may be compared with each other. */
export type Family = 'string' | 'boolean' | 'number' | 'date' | 'dateTimeOffset' | 'guid';

export const familyOf: Record<EdmType, Family> = {
  'Edm.String': 'string',
  'Edm.Boolean': 'boolean',
  'Edm.Int16': 'number',
  'Edm.Int32': 'number',
  'Edm.Int64': 'number',
  'Edm.Single': 'number',
  'Edm.Double': 'number',
  'Edm.Decimal': 'number',
  'Edm.Date': 'date',
  'Edm.DateTimeOffset': 'dateTimeOffset',
  'Edm.Guid': 'guid',
};

/** How a value of the type is written in an address. */
export const exampleOf: Record<EdmType, string> = {
  'Edm.String': "'text'",
  'Edm.Boolean': 'true',
  'Edm.Int16': '12',
  'Edm.Int32': '12',
  'Edm.Int64': '12',
  'Edm.Single': '1.5',
  'Edm.Double': '1.5',
  'Edm.Decimal': '1.50',
  'Edm.Date': '2026-01-31',
  'Edm.DateTimeOffset': '2026-01-31T12:00:00Z',
  'Edm.Guid': '01234567-89ab-cdef-0123-456789abcdef',
};

const integers: Partial<Record<EdmType, readonly [bigint, bigint]>> = {
  'Edm.Int16': [-32_768n, 32_767n],
  'Edm.Int32': [-2_147_483_648n, 2_147_483_647n],
  'Edm.Int64': [-(2n ** 63n), 2n ** 63n - 1n],
};
const digitsMax = 400;
const numberPattern = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,4})?$/;
const special: Record<string, number> = { INF: Infinity, '-INF': -Infinity, NaN: Number.NaN };

/** Text of a number as the type holds it; undefined where it does not fit. */
function numberOf(type: EdmType, text: string): Value | undefined {
  const range = integers[type];
  if (!range && type !== 'Edm.Decimal' && text in special) return special[text];
  if (text.length > digitsMax || !numberPattern.test(text)) return undefined;
  if (range) {
    const exact = new Decimal(text);
    if (!exact.isInteger() || exact.e > 20) return undefined;
    const whole = BigInt(exact.toFixed(0));
    if (whole < range[0] || whole > range[1]) return undefined;
    return Number.isSafeInteger(Number(whole)) ? Number(whole) : whole.toString();
  }
  if (type === 'Edm.Decimal') {
    const exact = new Decimal(text);
    if (exact.e > 300 || exact.e < -300) return undefined;
    const near = exact.toNumber();
    // In digits also where a number would be written with an exponent: services take none in a decimal.
    return new Decimal(near).equals(exact) && !String(near).includes('e') ? near : exact.toFixed();
  }
  // A single keeps the digits that were written: the nearest single of 0.1 would be shown as 0.10000000149011612.
  const near = Number(text);
  return Number.isFinite(type === 'Edm.Single' ? Math.fround(near) : near) ? near : undefined;
}

function dateOf(text: string): string | undefined {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (!parts) return undefined;
  const day = new Date(`${text}T00:00:00Z`);
  return Number.isNaN(day.getTime()) || day.toISOString().slice(0, 10) !== text ? undefined : text;
}

function instantOf(text: string): string | undefined {
  const parts =
    /^(\d{4}-\d{2}-\d{2})[Tt](\d{2}):(\d{2})(?::(\d{2})(?:\.\d{1,12})?)?([Zz]|[+-](\d{2}):(\d{2}))$/.exec(
      text,
    );
  if (!parts || !dateOf(parts[1] ?? '')) return undefined;
  const [hours, minutes, seconds] = [parts[2], parts[3], parts[4] ?? '0'].map(Number) as [
    number,
    number,
    number,
  ];
  if (hours > 23 || minutes > 59 || seconds > 59) return undefined;
  if (parts[6] && (Number(parts[6]) > 14 || Number(parts[7]) > 59)) return undefined;
  return text.toUpperCase();
}

const guidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Bare text (no quotes) as a value of the type; undefined where it is none. */
export function valueOfText(type: EdmType, text: string): Value | undefined {
  switch (familyOf[type]) {
    case 'string':
      return text;
    case 'boolean':
      return /^true$/i.test(text) ? true : /^false$/i.test(text) ? false : undefined;
    case 'number':
      return numberOf(type, text.trim());
    case 'date':
      return dateOf(text);
    case 'dateTimeOffset':
      return instantOf(text);
    case 'guid':
      return guidPattern.test(text) ? text.toLowerCase() : undefined;
  }
}

/** A literal of an address as a value of the type: the forms must agree, so `'39'` is no number and `39.5` no integer. */
export function valueOfLiteral(type: EdmType, kind: LiteralKind, text: string): Value | undefined {
  if (kind === 'null') return null;
  return kind === familyOf[type] ? valueOfText(type, text) : undefined;
}

/** A member of a JSON body. Numbers may come as text: clients that keep digits send them so, and older ones send everything so. */
export function valueOfJson(type: EdmType, given: unknown): Value | undefined {
  if (given === null) return null;
  const family = familyOf[type];
  if (typeof given === 'boolean') return family === 'boolean' ? given : undefined;
  if (typeof given === 'number') return family === 'number' ? numberOf(type, String(given)) : undefined;
  return typeof given === 'string' ? valueOfText(type, given) : undefined;
}

/** What a service answered as a value of the column: services are less strict than clients. */
export function valueOfAnswer(type: EdmType, given: unknown): Value | undefined {
  if (given === null || given === undefined) return null;
  if (familyOf[type] === 'string')
    return typeof given === 'string'
      ? given
      : typeof given === 'object'
        ? JSON.stringify(given)
        : String(given);
  if (typeof given === 'number') {
    if (familyOf[type] === 'boolean') return given === 1 ? true : given === 0 ? false : undefined;
    if (!Number.isFinite(given)) return type === 'Edm.Double' || type === 'Edm.Single' ? given : undefined;
  }
  if (typeof given === 'bigint') return valueOfText(type, String(given));
  if (typeof given === 'string' && given.trim() === '') return null;
  return valueOfJson(type, given);
}

/** Below zero, zero or above, as the types order; undefined where they have no order (NaN). */
export function compare(
  family: Family,
  a: Exclude<Value, null>,
  b: Exclude<Value, null>,
): number | undefined {
  if (family === 'number') {
    if (typeof a === 'number' && typeof b === 'number')
      return a < b ? -1 : a > b ? 1 : a === b ? 0 : undefined;
    if (a === Infinity || b === -Infinity) return 1;
    if (a === -Infinity || b === Infinity) return -1;
    if (Number.isNaN(a) || Number.isNaN(b)) return undefined;
    return new Decimal(String(a)).comparedTo(new Decimal(String(b)));
  }
  if (family === 'dateTimeOffset') {
    const order = Date.parse(String(a)) - Date.parse(String(b));
    return order < 0 ? -1 : order > 0 ? 1 : 0;
  }
  return a < b ? -1 : a > b ? 1 : 0;
}
