export interface Span {
  readonly text: string;
  readonly changed: boolean;
}

/** Which words of two short texts differ: what they have in common, in order, stays unmarked. */
export function wordSpans(before: string, after: string): { before: Span[]; after: Span[] } {
  const [a, b] = [wordsOf(before), wordsOf(after)];
  const longest = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  const at = (i: number, j: number) => longest[i]?.[j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--) {
      const row = longest[i];
      if (row) row[j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  const [left, right]: [Span[], Span[]] = [[], []];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      left.push({ text: a[i++] ?? '', changed: false });
      right.push({ text: b[j++] ?? '', changed: false });
    } else if (i < a.length && (j >= b.length || at(i + 1, j) >= at(i, j + 1)))
      left.push({ text: a[i++] ?? '', changed: true });
    else right.push({ text: b[j++] ?? '', changed: true });
  }
  return { before: left, after: right };
}

const wordsOf = (text: string): string[] => text.match(/\s+|[^\s]+/g) ?? [];
