import { anyRegion, type FacetKind, facet, facetKinds, regionWord } from './catalog.projection.ts';
import { wordsOf } from './catalog.words.ts';

export type Sort = 'relevance' | 'newest' | 'title' | 'latency' | 'rating';

/** What somebody looks for, as the query string says it. */
export interface SearchInput {
  readonly q?: string;
  readonly type?: string;
  readonly category?: string;
  readonly priceKind?: string;
  readonly publisher?: string;
  readonly contentType?: string;
  readonly region?: string;
  readonly rating?: string;
  readonly sort?: Sort;
  readonly cursor?: string;
  readonly limit?: number;
}

/** Words that are looked for; the last may be the beginning of a word, as somebody is still typing. */
export interface AskedWords {
  readonly words: readonly string[];
  readonly prefix: string | null;
}

/** A search as the database is asked: words and filters as text of tsqueries. */
export interface Search {
  readonly asked: AskedWords | null;
  readonly filters: Readonly<Partial<Record<FacetKind, string>>>;
  readonly region: string | null;
}

const wordsMax = 8;
// A shorter beginning fits a tenth of all words: it says nothing and costs much.
const prefixCharsMin = 3;

export function searchOf(input: SearchInput): Search {
  const filters: Partial<Record<FacetKind, string>> = {};
  for (const kind of Object.keys(facetKinds) as FacetKind[]) {
    const value = input[kind];
    if (value !== undefined) filters[kind] = facet(kind, value);
  }
  return { asked: askedWords(wordsOf(input.q ?? '')), filters, region: input.region ?? null };
}

export function askedWords(given: readonly string[]): AskedWords | null {
  const words = given.slice(0, wordsMax).map((w) => w.slice(0, 40));
  const last = words.at(-1);
  if (last === undefined) return null;
  return { words, prefix: last.length >= prefixCharsMin ? last : null };
}

export const withoutFilter = (s: Search, kind: FacetKind): Search => {
  const { [kind]: _, ...filters } = s.filters;
  return { ...s, filters };
};

/** Nothing asked and nothing filtered: the whole catalogue. */
export const isEverything = (s: Search): boolean =>
  s.asked === null && s.region === null && Object.keys(s.filters).length === 0;

/** Without words there is nothing to be relevant to. */
export const sortOf = (sort: Sort | undefined, s: Search): Sort =>
  sort === undefined || sort === 'relevance' ? (s.asked ? 'relevance' : 'newest') : sort;

/** A word as it stands in the index, quoted for a tsquery. */
const lexeme = (word: string) =>
  // PostgreSQL takes no zero byte; no word has one, so it may as well be another that none has.
  `'${word.replaceAll('\0', '\ufffd').replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;

/** The filters as the text of a tsquery; empty without any. */
export function filterQuery(s: Search): string {
  const parts = Object.values(s.filters).map(lexeme);
  if (s.region !== null) parts.push(`(${lexeme(regionWord(s.region))} | ${lexeme(anyRegion)})`);
  return parts.join(' & ');
}

/**
 * Texts of tsqueries for the words: `all` but the last, and the `last` one, go through the stemmer; `beginning` is taken as it
 * is. Nothing but letters and digits is in a word, so no quoting is needed.
 */
export function wordQueries({ words, prefix }: AskedWords) {
  return {
    all: words.slice(0, -1).join(' & '),
    last: words.at(-1) ?? '',
    beginning: prefix === null ? '' : `${prefix}:*`,
    /** For ranking: every word that is there counts. */
    any: words.join(' | '),
    exact: [...words.slice(0, -1), prefix === null ? words.at(-1) : `${prefix}:*`].join(' | '),
    title: words.join(' '),
  };
}

/**
 * Where the next page begins: after so many previews, then after the last entry, by what the list is sorted by. Opaque to
 * callers; one that does not fit the sort begins at the start.
 */
export interface Cursor {
  readonly sort: Sort;
  readonly previews: number;
  readonly after: readonly string[] | null;
}

/** How many keys an entry is sorted by; the last is the product. */
const keysOf: Readonly<Record<Sort, number>> = { relevance: 3, newest: 2, title: 2, latency: 2, rating: 2 };

export const writeCursor = (c: Cursor): string =>
  Buffer.from(JSON.stringify([c.sort, c.previews, c.after])).toString('base64url');

export function readCursor(text: string | undefined, sort: Sort): Cursor {
  const start: Cursor = { sort, previews: 0, after: null };
  if (!text) return start;
  try {
    const given: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    if (!Array.isArray(given) || given[0] !== sort || !Number.isInteger(given[1])) return start;
    const [, previews, after] = given as [Sort, number, unknown];
    if (after === null) return { sort, previews, after };
    return isKey(after, sort) ? { sort, previews, after } : start;
  } catch {
    return start;
  }
}

function isKey(after: unknown, sort: Sort): after is string[] {
  if (!Array.isArray(after) || after.length !== keysOf[sort]) return false;
  if (after.some((x) => typeof x !== 'string' || x.includes('\0'))) return false;
  const [first = '', second = ''] = after as string[];
  // What the database will read as a number or a time must be one.
  if (sort === 'relevance') return isNumber(first) && isTime(second);
  if (sort === 'newest') return isTime(first);
  if (sort === 'rating') return isNumber(first);
  if (sort === 'latency') return first === 'Infinity' || isNumber(first);
  return true;
}

const isNumber = (text: string) => /^[\d.e+-]{1,40}$/.test(text) && Number.isFinite(Number(text));
const isTime = (text: string) =>
  /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?[+-]\d\d(:\d\d)?$/.test(text) &&
  !Number.isNaN(Date.parse(text.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00')));
