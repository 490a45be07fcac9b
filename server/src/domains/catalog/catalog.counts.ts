import type { CatalogPage } from '@souk/contract';
import { type FacetKind, facetKinds } from './catalog.projection.ts';

/** Beyond so many matches nobody counts. */
export const totalMax = 1000;

export type Facets = CatalogPage['facets'];

/** What was counted: entries by their list of facets, and by publisher. */
export interface FacetGroup {
  readonly facets: readonly string[] | null;
  readonly publisher: string | null;
  readonly count: number;
}

export interface Counts {
  readonly total: number;
  readonly groups: readonly FacetGroup[];
}

export const noCounts: Counts = { total: 0, groups: [] };

export const together = (a: Counts, b: Counts): Counts => ({
  total: a.total + b.total,
  groups: [...a.groups, ...b.groups],
});

const valuesMax = 50;

/** How often each value of a kind occurs, most frequent first. */
export function facetValues(kind: FacetKind, { groups }: Counts): { value: string; count: number }[] {
  const counts = new Map<string, number>();
  const add = (value: string, n: number) => counts.set(value, (counts.get(value) ?? 0) + n);
  const prefix = `${facetKinds[kind]}:`;
  for (const g of groups) {
    if (kind === 'publisher') {
      if (g.publisher !== null) add(g.publisher, g.count);
    } else for (const f of g.facets ?? []) if (f.startsWith(prefix)) add(f.slice(prefix.length), g.count);
  }
  return [...counts]
    .map(([value, count]) => ({ value, count }))
    .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))
    .slice(0, valuesMax);
}

interface Kept {
  readonly at: number;
  readonly counts: Promise<Counts>;
  tookMs: number;
}

const keptMax = 1000;
const keepMs = 10_000;
const keepMsMax = 60_000;
const cheapMs = 20;

/**
 * Counts stay good for a while: pages two and three of a search, and what many look for, are not counted again. How long
 * depends on what counting costs: a small catalogue is counted at every look, the whole of a large one (50 ms over 100,000
 * products) once a minute, and then beside the answer and not before it.
 */
export function newCountsCache(now: () => number) {
  const kept = new Map<string, Kept>();

  async function get(key: string, count: () => Promise<Counts>): Promise<Counts> {
    const found = kept.get(key);
    if (found) {
      const goodMs = Math.min(keepMsMax, Math.max(200, found.tookMs * 1000));
      if (now() - found.at < Math.min(goodMs, found.tookMs < cheapMs ? keepMs : keepMsMax))
        return found.counts;
      if (found.tookMs >= cheapMs) {
        put(key, count, found.counts);
        return found.counts;
      }
    }
    return put(key, count);
  }

  function put(key: string, count: () => Promise<Counts>, meanwhile?: Promise<Counts>): Promise<Counts> {
    const began = performance.now();
    const fresh: Kept = { at: now(), counts: meanwhile ?? Promise.resolve(noCounts), tookMs: cheapMs };
    const counting = count().then(
      (counts) => {
        kept.set(key, { at: now(), counts: Promise.resolve(counts), tookMs: performance.now() - began });
        return counts;
      },
      (error: unknown) => {
        kept.delete(key);
        throw error;
      },
    );
    if (meanwhile) counting.catch(() => {});
    if (kept.size >= keptMax) kept.delete(kept.keys().next().value ?? '');
    kept.set(key, { ...fresh, counts: meanwhile ?? counting });
    return meanwhile ?? counting;
  }

  return {
    get,
    /** Something was drawn: cheap counts are made again at the next look, dear ones beside it. */
    expire() {
      for (const [key, k] of kept) {
        if (k.tookMs < cheapMs) kept.delete(key);
        else kept.set(key, { ...k, at: 0 });
      }
    },
  };
}
