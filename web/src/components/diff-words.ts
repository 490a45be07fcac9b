export interface Span {
  readonly text: string;
  readonly changed: boolean;
}

const wordsMax = 1500;

/** Which words of two texts differ: longest common subsequence over words, so that one edited word does not mark a page. */
export function diffWords(before: string, after: string): { before: Span[]; after: Span[] } {
  const a = before.match(/\s+|[^\s]+/g) ?? [];
  const b = after.match(/\s+|[^\s]+/g) ?? [];
  // Quadratic; beyond this two whole texts say as much.
  if (a.length > wordsMax || b.length > wordsMax)
    return { before: [{ text: before, changed: true }], after: [{ text: after, changed: true }] };
  const width = b.length + 1;
  const table = new Uint16Array((a.length + 1) * width);
  const at = (i: number, j: number) => table[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      table[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  const left: Span[] = [];
  const right: Span[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      append(left, a[i] ?? '', false);
      append(right, b[j] ?? '', false);
      i++;
      j++;
    } else if (i < a.length && (j >= b.length || at(i + 1, j) >= at(i, j + 1)))
      append(left, a[i++] ?? '', true);
    else append(right, b[j++] ?? '', true);
  }
  return { before: left, after: right };
}

function append(spans: Span[], text: string, changed: boolean) {
  const last = spans.at(-1);
  if (last?.changed === changed) spans[spans.length - 1] = { text: last.text + text, changed };
  else spans.push({ text, changed });
}
