import { parseDecimal } from './decimal.ts';

/** Everything that a person reads as a number, an amount or a time, in the reader's locale. */
const locale = typeof navigator === 'undefined' ? 'en' : navigator.language;

const plain = new Intl.NumberFormat(locale);
const compact = new Intl.NumberFormat(locale, { notation: 'compact', maximumFractionDigits: 1 });

export const formatCount = (n: number) => plain.format(n);
export const formatCompact = (n: number) => (Math.abs(n) < 10_000 ? plain.format(n) : compact.format(n));

export function minorUnitDigits(currency: string): number {
  try {
    return (
      new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ??
      2
    );
  } catch {
    return 2;
  }
}

/** All the decimals that the amount has, and at least the currency's own: 0.002 USD is not 0.00 USD. */
export function formatMoney(amount: string, currency: string): string {
  const decimals = (amount.split('.')[1] ?? '').replace(/0+$/, '').length;
  const minor = minorUnitDigits(currency);
  try {
    return new Intl.NumberFormat(locale, {
      style: 'currency',
      currency,
      minimumFractionDigits: minor,
      maximumFractionDigits: Math.max(minor, decimals),
    }).format(parseDecimal(amount) ? (amount as Intl.StringNumericLiteral) : Number(amount));
  } catch {
    return `${amount} ${currency}`;
  }
}

const sizes = ['B', 'kB', 'MB', 'GB', 'TB'];

export function formatBytes(bytes: number): string {
  let size = bytes;
  let unit = 0;
  while (size >= 1000 && unit < sizes.length - 1) {
    size /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || size >= 100 ? 0 : size >= 10 ? 1 : 2;
  return `${new Intl.NumberFormat(locale, { maximumFractionDigits: digits }).format(size)} ${sizes[unit]}`;
}

/** Three significant digits: 0.42 ms, 12.3 ms, 1.2 s, 3 min 5 s. */
export function formatDuration(durationMs: number): string {
  const significant = (n: number) => new Intl.NumberFormat(locale, { maximumSignificantDigits: 3 }).format(n);
  if (durationMs < 1000) return `${significant(durationMs)} ms`;
  const seconds = durationMs / 1000;
  if (seconds < 60) return `${significant(Math.round(seconds * 10) / 10)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return joined(minutes, 'min', Math.round(seconds % 60), 's');
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return joined(hours, 'h', minutes % 60, 'min');
  return joined(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

const joined = (a: number, unitA: string, b: number, unitB: string) =>
  b === 0 ? `${a} ${unitA}` : `${a} ${unitA} ${b} ${unitB}`;

const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'long' });
const steps: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000_000],
  ['month', 2_592_000_000],
  ['week', 604_800_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
];

export function formatRelative(at: string, now: number): string {
  const differenceMs = new Date(at).getTime() - now;
  for (const [unit, unitMs] of steps)
    if (Math.abs(differenceMs) >= unitMs) return relative.format(Math.round(differenceMs / unitMs), unit);
  return Math.abs(differenceMs) < 5_000
    ? relative.format(0, 'second')
    : relative.format(Math.round(differenceMs / 1000), 'second');
}

const absolute = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium' });
const dateOnly = new Intl.DateTimeFormat(locale, { dateStyle: 'medium' });
const monthYear = new Intl.DateTimeFormat(locale, { year: 'numeric', month: 'long', timeZone: 'UTC' });
const clockTime = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const hourOfDay = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit' });
const dayMonth = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short' });

export const formatAbsolute = (at: string) => absolute.format(new Date(at));
export const formatDate = (at: string) => dateOnly.format(new Date(at));
/** A day of the calendar, the same in every time zone: "2029-12-31". */
export const formatDay = (day: string) => formatDate(`${day}T12:00:00`);
export const formatMonth = (month: string) => monthYear.format(new Date(`${month}-01T00:00:00Z`));
export const formatClock = (at: string) => clockTime.format(new Date(at));
export const formatHour = (at: string) => hourOfDay.format(new Date(at));
export const formatDayMonth = (at: string) => dayMonth.format(new Date(at));

/** `model-package` -> `Model package` */
export function formatWord(word: string): string {
  const spaced = word.replaceAll('-', ' ');
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

export const plural = (n: number, one: string, many = `${one}s`) =>
  `${formatCount(n)} ${n === 1 ? one : many}`;
