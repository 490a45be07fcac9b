import stringWidth from 'string-width';
import type { Style } from './style.ts';

export interface Column<T> {
  readonly title: string;
  readonly value: (item: T) => string | number;
  readonly align?: 'right';
  /** May be cut when the terminal is too narrow. */
  readonly flexible?: boolean;
  /** Left out when cutting is not enough. */
  readonly optional?: boolean;
  readonly paint?: (text: string) => string;
}

const gap = 2;
const narrowest = 8;

/** Aligned columns. `width` undefined means that nothing is cut: pipes and files get everything. */
export function table<T>(
  items: readonly T[],
  columns: readonly Column<T>[],
  style: Style,
  width: number | undefined,
): string[] {
  let shown = columns.map((column) => {
    const cells = items.map((item) => oneLine(String(column.value(item))));
    return { column, cells, width: Math.max(column.title.length, ...cells.map((c) => stringWidth(c))) };
  });
  if (width !== undefined) shown = fit(shown, width);
  const row = (cell: (c: (typeof shown)[number]) => string, paint: (c: (typeof shown)[number]) => Paint) =>
    shown
      .map((c, i) => {
        const text = cut(cell(c), c.width);
        const blanks = ' '.repeat(c.width - stringWidth(text));
        const painted = paint(c)(text);
        if (c.column.align === 'right') return blanks + painted;
        return i === shown.length - 1 ? painted : painted + blanks;
      })
      .join(' '.repeat(gap))
      .trimEnd();
  return [
    row(
      (c) => c.column.title,
      () => (text) => style('dim', text),
    ),
    ...items.map((_, i) =>
      row(
        (c) => c.cells[i] ?? '',
        (c) => c.column.paint ?? same,
      ),
    ),
  ];
}

type Paint = (text: string) => string;
const same: Paint = (text) => text;

type Shown<T> = { column: Column<T>; cells: string[]; width: number };

function fit<T>(columns: readonly Shown<T>[], width: number): Shown<T>[] {
  let shown = [...columns];
  const total = () => shown.reduce((sum, c) => sum + c.width, 0) + gap * (shown.length - 1);
  const least = () =>
    shown.reduce((sum, c) => sum + (c.column.flexible ? Math.min(c.width, narrowest) : c.width), 0) +
    gap * (shown.length - 1);
  while (least() > width) {
    const last = shown.findLastIndex((c) => c.column.optional);
    if (last < 0) break;
    shown = shown.toSpliced(last, 1);
  }
  while (total() > width) {
    const widest = shown
      .filter((c) => c.column.flexible && c.width > narrowest)
      .sort((a, b) => b.width - a.width)[0];
    if (!widest) break;
    shown = shown.map((c) => (c === widest ? { ...c, width: c.width - 1 } : c));
  }
  return shown;
}

/** Cuts to a display width, with an ellipsis in the last cell. */
export function cut(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  let kept = '';
  let used = 0;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    const w = stringWidth(segment);
    if (used + w > width - 1) break;
    kept += segment;
    used += w;
  }
  return `${kept}…`;
}

// Texts of other people go to a terminal here: escapes could move the cursor or change its title.
export const oneLine = (text: string): string => text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();

/** Escapes and other controls removed; tabs and line breaks stay. */
export const printable = (text: string): string => text.replace(/(?![\n\t])\p{Cc}/gu, '');
