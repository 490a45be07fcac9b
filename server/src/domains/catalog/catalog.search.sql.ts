import type { CatalogItem } from '@souk/contract';
import { type Db, row, rows, sql } from '../../platform/db.ts';
import type { FacetGroup } from './catalog.counts.ts';
import { totalMax } from './catalog.counts.ts';
import { given, head, search as searchVector } from './catalog.entries.sql.ts';
import { type AskedWords, filterQuery, type Search, type Sort, wordQueries } from './catalog.search.rules.ts';
import type { CatalogEntry } from './catalog.ts';

const and = sql.raw(' && ');

/** Words and filters as one tsquery: the index then intersects them, and a rare filter makes a frequent word cheap. */
function tsquery(s: Search, wholeWords: boolean) {
  const filter = filterQuery(s);
  const parts = [];
  if (filter) parts.push(sql`${filter}::tsquery`);
  if (s.asked) parts.push(wordsQuery(s.asked, wholeWords));
  return sql`(${sql.join(parts, and)})`;
}

function wordsQuery(asked: AskedWords, wholeWords: boolean) {
  const q = wordQueries(asked);
  const last = sql`to_tsquery('english', ${q.last})`;
  const parts = [];
  if (q.all) parts.push(sql`to_tsquery('english', ${q.all})`);
  parts.push(q.beginning && !wholeWords ? sql`(${last} || to_tsquery('simple', ${q.beginning}))` : last);
  return sql`(${sql.join(parts, and)})`;
}

/** `ranked`: for a page; for counting neither rank nor extra candidates are worth their while. */
function candidates(s: Search, ids: readonly string[], wholeWords: boolean, ranked: boolean) {
  const q = ranked && s.asked ? wordQueries(s.asked) : null;
  const exact = wholeWords && s.asked ? s.asked.words.join(' | ') : (q?.exact ?? '');
  const rank = q
    ? sql`(to_tsquery('english', ${q.any}) || to_tsquery('simple', ${exact}))`
    : sql`''::tsquery`;
  return sql`catalog_candidates(${tsquery(s, wholeWords)}, ${rank}, ${q?.title ?? null}, ${[...ids]}::text[], ${totalMax + 1})`;
}

export interface Found {
  readonly item: CatalogItem;
  readonly key: string[];
}

export interface PageRequest {
  readonly ids: readonly string[];
  readonly after: readonly string[] | null;
  readonly limit: number;
  /** Beginnings are not looked for: the whole word alone has more matches than anybody counts. */
  readonly wholeWords: boolean;
}

/** A page by relevance, and, in the same visit, everything that is counted beside it. */
export async function byRelevance(db: Db, s: Search, r: PageRequest) {
  const after = r.after
    ? sql`where (rank, published_at, product_id) < (${r.after[0]}::real, ${r.after[1]}::timestamptz, ${r.after[2]})`
    : sql``;
  const order = sql`order by rank desc, published_at desc, product_id desc`;
  // An extra candidate may stand there up to three times, side by side after sorting.
  return row<{ items: Found[]; total: number; groups: FacetGroup[] }>(
    db,
    sql`with c as materialized (select * from ${candidates(s, r.ids, r.wholeWords, true)}),
      best as (select distinct rank, published_at, product_id from (select rank, published_at, product_id from c ${after} ${order} limit ${3 * r.limit}) top ${order} limit ${r.limit}),
      grouped as (select facets, publisher, count(*) as count from c where not extra group by grouping sets ((facets), (publisher)))
    select coalesce((select json_agg(json_build_object('item', e.item, 'key', json_build_array(b.rank::text, b.published_at::text, b.product_id)) ${orderBy('b')})
        from best b join catalog_entries e using (product_id)), '[]') as items,
      (select count(*)::int from c where not extra) as total,
      coalesce((select json_agg(grouped) from grouped), '[]') as groups`,
  );
}
const orderBy = (alias: string) =>
  sql.raw(`order by ${alias}.rank desc, ${alias}.published_at desc, ${alias}.product_id desc`);

export async function count(db: Db, s: Search, ids: readonly string[], wholeWords: boolean) {
  return row<{ total: number; groups: FacetGroup[] }>(
    db,
    sql`with c as materialized (select facets, publisher from ${candidates(s, ids, wholeWords, false)} where not extra)
    select (select count(*)::int from c) as total,
      coalesce((select json_agg(g) from (select facets, publisher, count(*) as count from c group by grouping sets ((facets), (publisher))) g), '[]') as groups`,
  );
}

/** The whole public catalogue, counted exactly. */
export const countEverything = (db: Db) =>
  row<{ total: number; groups: FacetGroup[] }>(
    db,
    sql`select (select count(*)::int from catalog_entries where not private) as total,
      coalesce((select json_agg(g) from (select facets, publisher, count(*) as count from catalog_entries where not private group by grouping sets ((facets), (publisher))) g), '[]') as groups`,
  );

/** Private entries that these ids name, to be counted with everything. */
export const countPrivate = (db: Db, ids: readonly string[]) =>
  row<{ total: number; groups: FacetGroup[] }>(
    db,
    sql`with c as (select facets, publisher from catalog_entries where private and product_id = any (${[...ids]}::text[]))
    select (select count(*)::int from c) as total,
      coalesce((select json_agg(g) from (select facets, publisher, count(*) as count from c group by grouping sets ((facets), (publisher))) g), '[]') as groups`,
  );

/** The other orders walk their index from the last entry seen. */
const orders: Readonly<
  Record<Exclude<Sort, 'relevance'>, { key: string; type: string; descending: boolean }>
> = {
  newest: { key: 'e.published_at', type: 'timestamptz', descending: true },
  title: { key: 'e.title_sort', type: 'text', descending: false },
  latency: { key: "coalesce(e.p99_ms, 'infinity'::float8)", type: 'float8', descending: false },
  rating: { key: 'e.rating_score', type: 'float8', descending: true },
};

export async function inOrder(
  db: Db,
  s: Search,
  sort: Exclude<Sort, 'relevance'>,
  r: PageRequest,
): Promise<Found[]> {
  const { key, type, descending } = orders[sort];
  const [column, direction] = [sql.raw(key), sql.raw(descending ? 'desc' : 'asc')];
  const conditions = [
    r.ids.length > 0
      ? sql`(not e.private or e.product_id = any (${[...r.ids]}::text[]))`
      : sql`not e.private`,
  ];
  if (s.asked) conditions.push(sql`e.search @@ ${tsquery(s, r.wholeWords)}`);
  else if (filterQuery(s)) conditions.push(sql`e.head @@ ${tsquery(s, r.wholeWords)}`);
  if (r.after)
    conditions.push(
      sql`(${column}, e.product_id) ${sql.raw(descending ? '<' : '>')} (${r.after[0]}::${sql.raw(type)}, ${r.after[1]})`,
    );
  return rows<Found>(
    db,
    sql`select e.item, array[(${column})::text, e.product_id] as key from catalog_entries e
    where ${sql.join(conditions, sql` and `)} order by ${column} ${direction}, e.product_id ${direction} limit ${r.limit}`,
  );
}

/** What an account sees besides what is public: previews, its own and those that it tests; private entries, its own and those that are for it. */
export const insiderProducts = (db: Db, accountId: string) =>
  rows<{ productId: string; preview: boolean }>(
    db,
    sql`select p.id as "productId", true as preview from products p
      where p.preview_revision_id is not null and p.preview_revision_id is distinct from p.live_revision_id
        and (p.account_id = ${accountId} or p.test_accounts @> array[${accountId}])
    union all select e.product_id, false from catalog_entries e join products p on p.id = e.product_id
      where e.private and (p.account_id = ${accountId} or exists (select from audience_accounts a where a.account_id = ${accountId} and a.product_id = p.id and a.plan_id = ''))
    limit 1000`,
  );

/** Which of these entries, kept nowhere, a search finds; newest first. */
export const matching = (db: Db, s: Search, entries: readonly CatalogEntry[]) =>
  rows<{ productId: string; item: CatalogItem; facets: string[]; publisher: string }>(
    db,
    sql`select e."productId", e.item, e.facets, e.publisher from ${given(entries)} cross join lateral (select ${head} as head) vectors
    where ${s.asked || filterQuery(s) ? sql`${searchVector} @@ ${tsquery(s, false)}` : sql`true`} order by e."publishedAt" desc, e."productId" desc`,
  );

/** Words that many entries have; for these the beginning of a word adds nothing to the count. */
export const frequentWords = (db: Db) =>
  rows<{ word: string }>(db, sql`select word from catalog_words where entries > ${totalMax}`);

export interface NearWord {
  readonly given: string;
  readonly word: string;
  readonly entries: number;
}

/** Words of the question that no public product has in title or keywords; the last may be the beginning of one. */
export const unknownWords = async (db: Db, words: readonly string[], prefix: string | null) =>
  (
    await rows<{ word: string }>(
      db,
      sql`select g.word from unnest(${[...words]}::text[]) as g (word)
      where not exists (select from catalog_words w where w.word = g.word)
        and (g.word is distinct from ${prefix} or not exists (select from catalog_words w where w.word >= g.word and w.word < g.word || U&'\\+10FFFF'))`,
    )
  ).map((w) => w.word);

/** Words about one slip away: 0.3 ms among 29,000. */
export const wordsOneSlipAway = (db: Db, words: readonly string[]) =>
  rows<NearWord>(
    db,
    sql`select g.word as given, w.word, w.entries from unnest(${[...words]}::text[]) as g (word) join catalog_words w on w.deletes && word_deletes(g.word)`,
  );

/** Words that share most three-letter pieces, however many slips away: 7 ms for each. */
export const similarWords = (db: Db, words: readonly string[]) =>
  rows<NearWord>(
    db,
    sql`select g.word as given, near.word, near.entries from unnest(${[...words]}::text[]) as g (word)
      cross join lateral (select word, entries from catalog_words order by word <-> g.word limit 30) near`,
  );
