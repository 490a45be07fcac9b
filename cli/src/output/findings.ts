import type { Finding } from '@souk/contract';
import type { Style } from './style.ts';
import { oneLine } from './table.ts';

const order = { error: 0, warning: 1, info: 2 } as const;
const tone = { error: 'red', warning: 'yellow', info: 'cyan' } as const;

/** One finding, two lines: where and what, then what to do. Places read as editors and terminals link them. */
export function findingLines(findings: readonly Finding[], style: Style): string[] {
  return [...findings]
    .sort((a, b) => order[a.severity] - order[b.severity])
    .flatMap((f) => [
      `${style(tone[f.severity], f.severity.padEnd(7))} ${placeOf(f)}${oneLine(f.message)} ${style('dim', f.code)}`,
      ...(f.remedy ? [`        → ${oneLine(f.remedy)}`] : []),
    ]);
}

function placeOf(f: Finding): string {
  const file = f.file === null ? '' : `${f.file}${f.line === null ? '' : `:${f.line}`}`;
  const place = [file, f.pointer ?? ''].filter(Boolean).join(' ');
  return place ? `${oneLine(place)}  ` : '';
}

export function tally(findings: readonly Finding[]): string {
  const of = (severity: Finding['severity']) => findings.filter((f) => f.severity === severity).length;
  const parts = (['error', 'warning', 'info'] as const)
    .map((s) => [of(s), s] as const)
    .filter(([n]) => n > 0)
    .map(([n, s]) => `${n} ${s === 'info' ? 'note' : s}${n === 1 ? '' : 's'}`);
  return parts.length > 0 ? parts.join(', ') : 'no findings';
}
