/**
 * Text as the search sees it, the same for what is stored and what is asked: lower case, without accents, cut at everything
 * that is neither letter nor digit. So "ResNet-50" and "resnet 50" meet, and no parser takes 1.2.0 for an address.
 */
export function wordsOf(text: string): string[] {
  return (
    text
      .normalize('NFKD')
      .replace(/\p{M}/gu, '')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  );
}

export const plainText = (texts: readonly (string | undefined)[]): string =>
  texts.flatMap((t) => wordsOf(t ?? '')).join(' ');

/** Words that a misspelling may have meant: long enough that a letter more or less says something. */
export const vocabularyOf = (texts: readonly (string | undefined)[]): string[] =>
  [...new Set(texts.flatMap((t) => wordsOf(t ?? '')))].filter((w) => /^\p{L}{3,40}$/u.test(w)).sort();

/**
 * Damerau's distance: letters put in, left out, changed, or two neighbours swapped. Gives up above `max`: the caller asks
 * only whether a word is near.
 */
export function distance(a: string, b: string, max: number): number {
  if (Math.abs(a.length - b.length) > max) return max + 1;
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const line = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let least = Math.min(at(above, j) + 1, at(line, j - 1) + 1, at(above, j - 1) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, at(before, j - 2) + 1);
      line.push(least);
    }
    before = above;
    above = line;
  }
  return at(above, b.length);
}

const at = (list: readonly number[], i: number): number => list[i] ?? Number.POSITIVE_INFINITY;

/** The word of the vocabulary that was meant, if one is near enough: one slip in short words, two in longer ones. */
export function meantWord(
  given: string,
  near: readonly { readonly word: string; readonly entries: number }[],
): string | undefined {
  const max = given.length <= 4 ? 1 : 2;
  let best: { word: string; slips: number; entries: number } | undefined;
  for (const { word, entries } of near) {
    const slips = distance(given, word, max);
    if (slips > max) continue;
    if (!best || slips < best.slips || (slips === best.slips && entries > best.entries))
      best = { word, slips, entries };
  }
  return best?.word;
}
