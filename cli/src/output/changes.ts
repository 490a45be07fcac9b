import type { DocumentChange } from '@souk/contract';
import type { App } from '../app.ts';
import { oneLine } from './table.ts';
import { wordSpans } from './words.ts';

const lengthMax = 300;

/** What differs, by section and field, with the words that changed marked. */
export function printChanges(app: App, changes: readonly DocumentChange[]): void {
  const { output } = app;
  if (output.json) {
    for (const change of changes) output.line(JSON.stringify(change));
    return;
  }
  let section = '';
  for (const { place, pointer, kind, before, after } of changes) {
    const [head = '', ...rest] = place.split(' › ');
    if (head !== section) {
      output.line(output.style('bold', head));
      section = head;
    }
    output.line(`  ${rest.join(' › ') || head} ${output.style('dim', `${kind} ${pointer}`)}`);
    const [left, right] = [shown(before), shown(after)];
    const spans = kind === 'edited' ? wordSpans(left, right) : undefined;
    const painted = (tone: 'red' | 'green', side: 'before' | 'after', whole: string) =>
      spans
        ? spans[side].map((s) => output.style(s.changed ? tone : 'dim', s.text)).join('')
        : output.style(tone, whole);
    if (before !== undefined) output.line(`    - ${painted('red', 'before', left)}`);
    if (after !== undefined) output.line(`    + ${painted('green', 'after', right)}`);
  }
  if (changes.length === 0) output.note('Nothing changes.');
}

function shown(value: unknown): string {
  if (value === undefined) return '';
  const text = oneLine(typeof value === 'string' ? value : JSON.stringify(value));
  return text.length > lengthMax ? `${text.slice(0, lengthMax)}…` : text;
}
