import type { CatalogItem, CatalogPage } from '@souk/contract';
import type { Db } from '../../platform/db.ts';
import type { Platform } from '../../platform/platform.ts';
import { type Counts, facetValues, newCountsCache, noCounts, together, totalMax } from './catalog.counts.ts';
import { shownProducts } from './catalog.entries.sql.ts';
import { type FacetKind, facetKinds, projectEntry } from './catalog.projection.ts';
import {
  askedWords,
  isEverything,
  readCursor,
  type Search,
  type SearchInput,
  type Sort,
  searchOf,
  sortOf,
  withoutFilter,
  writeCursor,
} from './catalog.search.rules.ts';
import * as store from './catalog.search.sql.ts';
import type { Viewer } from './catalog.ts';
import { meantWord } from './catalog.words.ts';

export type CatalogSearch = ReturnType<typeof newCatalogSearch>;

const limitDefault = 24;
/** With fewer matches than this the words may be misspelt. */
const fewMatches = 3;
const frequentWordsMs = 60_000;

/** What a viewer sees besides the public entries. */
interface Inside {
  readonly ids: readonly string[];
  readonly previews: readonly { item: CatalogItem; facets: readonly string[]; publisher: string }[];
}
const nothing: Inside = { ids: [], previews: [] };

export function newCatalogSearch({ db, clock }: Pick<Platform, 'db' | 'clock'>) {
  const cache = newCountsCache(() => clock.now().getTime());
  let frequent = { at: Number.NEGATIVE_INFINITY, words: new Set<string>() };

  async function isFrequent(word: string | undefined): Promise<boolean> {
    const now = clock.now().getTime();
    if (now - frequent.at > frequentWordsMs) {
      frequent = { at: now, words: frequent.words };
      frequent = { at: now, words: new Set((await store.frequentWords(db)).map((w) => w.word)) };
    }
    return word !== undefined && frequent.words.has(word);
  }

  const wholeWords = async (s: Search) => (s.asked ? isFrequent(s.asked.words.at(-1)) : true);

  /** Counts of the entries that a search finds; what only this viewer sees is never put where others could meet it. */
  async function counts(s: Search, ids: readonly string[]): Promise<Counts> {
    if (isEverything(s)) {
      const all = await cache.get('', async () => (await store.countEverything(db)) ?? noCounts);
      return ids.length === 0 ? all : together(all, (await store.countPrivate(db, ids)) ?? noCounts);
    }
    const count = async () => (await store.count(db, s, ids, await wholeWords(s))) ?? noCounts;
    return ids.length === 0 ? cache.get(JSON.stringify(s), count) : count();
  }

  async function inside(viewer: Viewer, s: Search): Promise<Inside> {
    if (viewer.accountId === null) return nothing;
    const products = await store.insiderProducts(db, viewer.accountId);
    const previewIds = products.filter((p) => p.preview).map((p) => p.productId);
    return {
      ids: products.filter((p) => !p.preview).map((p) => p.productId),
      previews: previewIds.length === 0 ? [] : await matchingPreviews(db, s, previewIds),
    };
  }

  async function page(s: Search, sort: Sort, request: Omit<store.PageRequest, 'wholeWords'>) {
    const r = { ...request, wholeWords: await wholeWords(s) };
    if (sort !== 'relevance')
      return Promise.all([store.inOrder(db, s, sort, r), counts(s, r.ids)]).then(([items, counted]) => ({
        items,
        counted,
      }));
    const found = await store.byRelevance(db, s, r);
    const counted: Counts = { total: found?.total ?? 0, groups: found?.groups ?? [] };
    return { items: found?.items ?? [], counted };
  }

  /** A facet's own filter does not narrow its counts: they say what choosing another value would find. */
  async function facets(
    s: Search,
    counted: Counts,
    { ids, previews }: Inside,
  ): Promise<CatalogPage['facets']> {
    const own = previewCounts(previews);
    const values = async (kind: FacetKind) => {
      const base = s.filters[kind] === undefined ? counted : await counts(withoutFilter(s, kind), ids);
      return facetValues(kind, together(base, own));
    };
    const kinds = Object.keys(facetKinds) as FacetKind[];
    const lists = await Promise.all(kinds.map(values));
    return Object.fromEntries(kinds.map((k, i) => [k, lists[i] ?? []])) as unknown as CatalogPage['facets'];
  }

  /** The same search with the words that may have been meant; undefined when every word is known or none is near. */
  async function corrected(s: Search): Promise<Search | undefined> {
    if (!s.asked) return undefined;
    const meant = new Map<string, string>();
    let unknown = await store.unknownWords(
      db,
      s.asked.words.filter((w) => /^\p{L}{3,}$/u.test(w)),
      s.asked.prefix,
    );
    for (const near of [store.wordsOneSlipAway, store.similarWords]) {
      if (unknown.length === 0) break;
      const list = await near(db, unknown);
      for (const given of unknown) {
        const word = meantWord(
          given,
          list.filter((n) => n.given === given),
        );
        if (word) meant.set(given, word);
      }
      unknown = unknown.filter((w) => !meant.has(w));
    }
    if (meant.size === 0) return undefined;
    return { ...s, asked: askedWords(s.asked.words.map((w) => meant.get(w) ?? w)) };
  }

  async function search(viewer: Viewer, input: SearchInput): Promise<CatalogPage> {
    const limit = input.limit ?? limitDefault;
    const asked = searchOf(input);
    const sort = sortOf(input.sort, asked);
    const cursor = readCursor(input.cursor, sort);
    let s = asked;
    let seen = await inside(viewer, s);
    const request = { ids: seen.ids, after: cursor.after, limit: limit + 1 };
    let { items, counted } = await page(s, sort, request);
    let suggestion: string | null = null;
    if (counted.total + seen.previews.length < fewMatches) {
      const other = await corrected(s);
      if (other) {
        const [better, betterSeen] = await Promise.all([page(other, sort, request), inside(viewer, other)]);
        const more = better.counted.total + betterSeen.previews.length;
        if (more > counted.total + seen.previews.length) suggestion = other.asked?.words.join(' ') ?? null;
        // Nothing under the words as typed: what was probably meant is shown at once.
        if (more > 0 && counted.total + seen.previews.length === 0)
          [s, seen, { items, counted }] = [other, betterSeen, better];
      }
    }
    const previews = cursor.after ? [] : seen.previews.slice(cursor.previews, cursor.previews + limit);
    const entries = items.slice(0, limit - previews.length);
    const total = counted.total + seen.previews.length;
    return {
      items: [...previews.map((p) => p.item), ...entries.map((e) => e.item)],
      total: Math.min(total, totalMax),
      totalIsMore: total > totalMax,
      facets: await facets(s, counted, seen),
      suggestion,
      nextCursor: next(),
    };

    function next(): string | null {
      const shownPreviews = cursor.previews + previews.length;
      const last = entries.at(-1);
      if (items.length <= entries.length && (cursor.after || shownPreviews >= seen.previews.length))
        return null;
      return writeCursor({ sort, previews: shownPreviews, after: last?.key ?? cursor.after });
    }
  }

  return { search, expire: cache.expire };
}

function previewCounts(previews: Inside['previews']): Counts {
  return {
    total: previews.length,
    groups: previews.flatMap((p) => [
      { facets: p.facets, publisher: null, count: 1 },
      { facets: null, publisher: p.publisher, count: 1 },
    ]),
  };
}

/** Previews are few and change with every submission: they are drawn and matched at the look, and kept nowhere. */
async function matchingPreviews(
  db: Db,
  s: Search,
  productIds: readonly string[],
): Promise<Inside['previews']> {
  const shown = await shownProducts(db, 'preview', productIds);
  if (shown.length === 0) return [];
  const found = await store.matching(db, s, shown.map(projectEntry));
  return found.map((f) => ({
    facets: f.facets,
    publisher: f.publisher,
    item: { ...f.item, limited: true, publishedAt: null },
  }));
}
