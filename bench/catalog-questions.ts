import { chance } from './catalog-data.ts';
import { domains, methods } from './catalog-words.ts';

/**
 * What people type: one word, two words, the beginning of a word, a misspelt word, a word within a category, a category. Drawn
 * from several hundred words, so that few questions are asked twice.
 */
export function catalogQuestions(count: number, seed: number): string[] {
  const dice = chance(seed);
  const words = [...domains.flatMap((d) => [...d.objects, ...d.tasks, ...d.fields]), ...methods].flatMap(
    (t) => t.split(' '),
  );
  const word = () => dice.pick(words);
  const slipped = (w: string) => {
    const at = 1 + Math.floor(dice.number() * Math.max(1, w.length - 2));
    return w.slice(0, at) + w.slice(at + 1);
  };
  const kinds: readonly [upTo: number, make: () => Record<string, string>][] = [
    [0.3, () => ({ q: word() })],
    [0.55, () => ({ q: `${word()} ${word()}` })],
    [0.7, () => ({ q: word().slice(0, 4) })],
    [0.8, () => ({ q: slipped(word()) })],
    [0.9, () => ({ q: word(), category: dice.pick(domains).category })],
    [1, () => ({ category: dice.pick(domains).category, sort: dice.pick(['newest', 'latency', 'title']) })],
  ];
  return Array.from({ length: count }, () => {
    const x = dice.number();
    return `/api/catalog/products?${new URLSearchParams(kinds.find(([upTo]) => x < upTo)?.[1]())}`;
  });
}
