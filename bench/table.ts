import type { BenchRow } from './bench-row.ts';

/** The rows for people: ratios side by side, what was aimed at, and what could not be measured with its reason. */
export function tableOf(rows: readonly BenchRow[]): string {
  const header = ['what', 'unit', 'ours', 'peer', 'ratio', 'goal', '', 'beside'];
  const measured = rows.filter((r) => r.ours !== null);
  const lines = [header, ...measured.map(cells)];
  const widths = header.map((_, i) => Math.max(...lines.map((line) => line[i]?.length ?? 0)));
  const right = new Set([2, 3, 4, 5]);
  const text = lines.map((line) =>
    line
      .map((cell, i) => (right.has(i) ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
  const missing = rows.filter((r) => r.ours === null).map((r) => `NOT MEASURED ${r.name}: ${r.unit}`);
  return `${[...(measured.length ? text : []), ...missing].join('\n')}\n`;
}

function cells(r: BenchRow): string[] {
  return [
    r.name,
    r.unit,
    String(r.ours),
    r.peer === null ? '' : String(r.peer),
    r.ratio === null ? '' : String(r.ratio),
    goalOf(r),
    r.reached === null ? '' : r.reached ? 'reached' : 'missed',
    r.peerName ?? '',
  ];
}

function goalOf(r: BenchRow): string {
  if (r.goal === null) return '';
  if (r.goalOf === 'ours at most') return `ours <= ${r.goal}`;
  return r.goalOf === 'ratio at most' ? `<= ${r.goal}` : `>= ${r.goal}`;
}
