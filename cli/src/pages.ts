import type { App } from './app.ts';
import { misuse } from './failure.ts';

interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}
export interface PageWanted {
  readonly limit: number;
  readonly cursor?: string;
}

/** Walks the pages of a list until `limit` items, and says so when there are more. */
export async function listPages<T>(
  app: App,
  limit: number,
  fetchPage: (wanted: PageWanted) => Promise<Page<T>>,
): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | null = null;
  do {
    const size = Math.min(limit - items.length, 100);
    const page: Page<T> = await fetchPage({ limit: size, ...(cursor === null ? {} : { cursor }) });
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null && items.length < limit);
  if (cursor !== null || items.length > limit)
    app.output.note(`There are more: give --limit above ${limit}.`);
  return items.slice(0, limit);
}

export function wholeNumber(text: string): number {
  const n = Number(text);
  if (!Number.isInteger(n) || n < 1) throw misuse(`${text} is not a whole number above 0.`, 'Give one.');
  return n;
}
