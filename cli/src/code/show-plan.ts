import type { DocumentChange } from '@souk/contract';
import type { App } from '../app.ts';
import { tally } from '../output/findings.ts';
import { time } from '../output/format.ts';
import { oneLine } from '../output/table.ts';
import { type Planned, undoneBy } from './plan.ts';

const marks = { added: '+', removed: '-', edited: '~' } as const;
const colours = { added: 'green', removed: 'red', edited: 'yellow' } as const;

/** One JSON line per product; for people each product with what changes, line by line. */
export function showPlan(app: App, plan: readonly Planned[]): void {
  for (const planned of plan) {
    if (app.output.json) app.output.line(JSON.stringify(planItem(planned)));
    else showProduct(app, planned);
  }
  const count = (action: Planned['action']) => plan.filter((p) => p.action === action).length;
  app.output.note(
    `Plan: ${count('create')} to create, ${count('change')} to change, ${count('unchanged')} unchanged.`,
  );
}

export const planItem = (p: Planned) => ({
  product: p.slug,
  productId: p.product?.id ?? null,
  file: p.file.shownAs,
  action: p.action,
  draftVersion: p.before?.version ?? null,
  changes: p.changes.map((c) => ({ ...c, line: lineOf(p, c) })),
  drift: (p.server?.applied.drift ?? []).map((d) => ({ ...d, undone: undoneBy(p).includes(d.pointer) })),
  changedBy: p.server?.applied.changedBy ?? null,
  changedAt: p.server?.applied.changedAt ?? null,
  applied: p.server?.applied.applied ?? null,
  findings: p.findings,
  fingerprint: p.fingerprint,
});

/** Of what is removed the file has no line. */
function lineOf(p: Planned, change: DocumentChange): number | null {
  if (change.kind === 'removed') return null;
  const [at] = p.file.lines.locate(
    [
      {
        rule: '',
        code: '',
        severity: 'info',
        file: null,
        pointer: change.pointer,
        line: null,
        message: '',
        remedy: '',
      },
    ],
    p.file.shownAs,
  );
  return at?.line ?? null;
}

function showProduct(app: App, p: Planned): void {
  const { output } = app;
  const { style } = output;
  const state = { create: 'is created', change: 'changes', unchanged: 'is as the files say' }[p.action];
  output.line(`${style('bold', p.slug)} ${state} ${style('dim', p.file.shownAs)}`);
  for (const change of p.changes) {
    const undone = undoneBy(p).some((d) => d === change.pointer || change.pointer.startsWith(`${d}/`));
    const line = lineOf(p, change);
    output.line(
      `  ${style(colours[change.kind], marks[change.kind])} ${change.place}${line ? style('dim', ` :${line}`) : ''}${undone ? style('yellow', '  undoes what was changed since') : ''}`,
    );
    if (p.action === 'create') continue;
    if (change.before !== undefined) output.line(style('red', `      - ${shown(change.before)}`));
    if (change.after !== undefined) output.line(style('green', `      + ${shown(change.after)}`));
  }
  const { drift = [], changedBy, changedAt, applied } = p.server?.applied ?? {};
  if (drift.length > 0)
    output.line(
      style(
        'yellow',
        `  ! ${drift.length} ${drift.length === 1 ? 'place was' : 'places were'} changed outside the files${changedBy ? `, last by ${changedBy}` : ''}${changedAt ? ` ${time(changedAt)}` : ''}, after the apply${applied?.source ? ` of ${oneLine(applied.source)}` : ''}: ${drift.map((d) => d.place).join(', ')}`,
      ),
    );
  if (p.findings.length > 0) output.line(style('dim', `  the draft would have ${tally(p.findings)}`));
  output.findings(p.findings.filter((f) => f.severity === 'error'));
}

function shown(value: unknown): string {
  const text = oneLine(typeof value === 'string' ? value : JSON.stringify(value));
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
