const number = new Intl.NumberFormat('en-US', { maximumFractionDigits: 3 });

export const count = (n: number): string => number.format(n);

export function bytes(n: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = n;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(value < 10 ? 1 : 0)} ${units[unit] ?? ''}`;
}

export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`;
  if (ms < 60_000) return `${Math.round(ms / 1000)} s`;
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 60) return withRest(minutes, 'min', Math.floor((ms % 60_000) / 1000), 's');
  return withRest(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
}

const withRest = (n: number, unit: string, rest: number, smaller: string) =>
  rest === 0 ? `${n} ${unit}` : `${n} ${unit} ${rest} ${smaller}`;

/** In the reader's own time zone, to the minute. */
export function time(timestamp: string | null): string {
  if (timestamp === null) return '-';
  const d = new Date(timestamp);
  if (Number.isNaN(d.getTime())) return timestamp;
  const two = (n: number) => String(n).padStart(2, '0');
  return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())} ${two(d.getHours())}:${two(d.getMinutes())}`;
}

/** A bar of eighths, `cells` wide at the largest value. */
export function bar(value: number, largest: number, cells: number): string {
  if (largest <= 0 || value <= 0) return '';
  const eighths = Math.max(1, Math.round((value / largest) * cells * 8));
  const rest = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'][eighths % 8] ?? '';
  return '█'.repeat(Math.floor(eighths / 8)) + rest;
}

export const plural = (n: number, word: string): string => `${count(n)} ${word}${n === 1 ? '' : 's'}`;
