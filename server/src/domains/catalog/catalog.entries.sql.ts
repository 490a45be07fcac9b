import { type Db, json, rows, sql, type Tx } from '../../platform/db.ts';
import type { CatalogEntry, ShownProduct, Slot } from './catalog.ts';

const slotColumn = { live: sql`p.live_revision_id`, preview: sql`p.preview_revision_id` };

/** What a slot of these products shows; products whose slot is empty, or that are no longer sold, are left out. */
export const shownProducts = (db: Db, slot: Slot, productIds: readonly string[]) =>
  rows<ShownProduct>(
    db,
    // The first release stays the date of publication, however often the slot moves. Terms are long and never searched.
    sql`select p.id as "productId", r.id as "revisionId", b.slug as publisher, b.display_name as "publisherName", p.slug, p.type,
      r.document - 'terms' as document,
      coalesce((select min(s.ended_at) from submissions s where s.product_id = p.id and s.state = 'released'), r.created_at) as "publishedAt",
      coalesce((select jsonb_agg(jsonb_build_object('number', v.number, 'modelName', v.model_name, 'packageSha256', v.package_sha256,
        'packageSizeBytes', v.package_size_bytes, 'resource', v.resource, 'measured', v.measured, 'evidence', v.evidence))
        from product_versions v where v.product_id = p.id), '[]') as versions,
      coalesce((select x.restricted || x.gone from versions_aside x where x.product_id = p.id), '{}') as aside,
      (select jsonb_build_object('reviews', g.reviews, 'points', g.points) from product_ratings g where g.product_id = p.id) as rated
    from products p join publishers b on b.account_id = p.account_id join revisions r on r.id = ${slotColumn[slot]}
    where p.id = any(${[...productIds]}::text[]) and ${slot === 'live' ? sql`p.off_sale_at is null` : sql`true`}`,
  );

/** Locks the products, so that two draws of one product follow each other and each sees the slot as it is. */
export const lockProducts = (tx: Tx, productIds: readonly string[]) =>
  sql`select 1 from products where id = any(${[...productIds]}::text[]) order by id for no key update`.execute(
    tx,
  );

export const wordsOfEntries = (tx: Tx, productIds: readonly string[]) =>
  rows<{ words: string[] }>(
    tx,
    sql`select words from catalog_entries where product_id = any(${[...productIds]}::text[]) and not private`,
  );

export const removeEntries = (tx: Tx, productIds: readonly string[]) =>
  sql`delete from catalog_entries where product_id = any(${[...productIds]}::text[])`.execute(tx);

/** Entries of products that have left their live slot without anybody telling. */
export const removeStrayEntries = (tx: Tx) =>
  rows<{ productId: string }>(
    tx,
    sql`delete from catalog_entries e using products p where p.id = e.product_id and (p.live_revision_id is null or p.off_sale_at is not null) returning e.product_id as "productId"`,
  );

/** Entries as the database takes them, and their vectors; also for previews, which are searched without being kept. */
export const given = (entries: readonly CatalogEntry[]) =>
  sql`jsonb_to_recordset(${json(entries)}) as e ("productId" text, "revisionId" text, publisher text, slug text, private boolean, "publishedAt" timestamptz,
    "titleSort" text, "p99Ms" float8, "ratingScore" float8, facets text[], filters text[], words text[], item jsonb, texts jsonb)`;

/** Words are kept stemmed, so that "classifiers" finds "classifier", and as they are, so that the beginning of a word finds it. */
const part = (text: string, weight: string) =>
  `setweight(to_tsvector('english', e.texts ->> '${text}') || to_tsvector('simple', e.texts ->> '${text}'), '${weight}')`;
export const head = sql.raw(
  `${part('title', 'A')} || ${part('keywords', 'B')} || array_to_tsvector(e.filters)`,
);
export const search = sql.raw(
  `strip(head || to_tsvector('english', e.texts ->> 'short') || to_tsvector('simple', e.texts ->> 'short') || to_tsvector('english', e.texts ->> 'long'))`,
);

export async function upsertEntries(tx: Tx, entries: readonly CatalogEntry[]): Promise<void> {
  await sql`insert into catalog_entries (product_id, revision_id, publisher, slug, private, published_at, title_sort, p99_ms, rating_score, facets, words, item, head, search)
    select e."productId", e."revisionId", e.publisher, e.slug, e.private, e."publishedAt", e."titleSort", e."p99Ms", e."ratingScore", e.facets, e.words, e.item, head, ${search}
    from ${given(entries)} cross join lateral (select ${head} as head) vectors
    on conflict (product_id) do update set (revision_id, publisher, slug, private, published_at, title_sort, p99_ms, rating_score, facets, words, item, head, search)
      = (excluded.revision_id, excluded.publisher, excluded.slug, excluded.private, excluded.published_at, excluded.title_sort, excluded.p99_ms, excluded.rating_score, excluded.facets,
        excluded.words, excluded.item, excluded.head, excluded.search)`.execute(tx);
}

/** Counts words up and down, in the order of the words, so that two draws wait for each other instead of locking each other. */
export async function countWords(tx: Tx, changes: ReadonlyMap<string, number>): Promise<void> {
  const list = [...changes].filter(([, n]) => n !== 0).toSorted(([a], [b]) => (a < b ? -1 : 1));
  if (list.length === 0) return;
  await sql`insert into catalog_words (word, entries) select * from unnest(${list.map(([w]) => w)}::text[], ${list.map(([, n]) => n)}::int[])
    on conflict (word) do update set entries = catalog_words.entries + excluded.entries`.execute(tx);
  const fewer = list.filter(([, n]) => n < 0).map(([w]) => w);
  if (fewer.length > 0)
    await sql`delete from catalog_words where word = any(${fewer}::text[]) and entries <= 0`.execute(tx);
}

export async function recountWords(tx: Tx): Promise<void> {
  await sql`lock table catalog_words in exclusive mode`.execute(tx);
  await sql`delete from catalog_words`.execute(tx);
  await sql`insert into catalog_words (word, entries)
    select word, count(*) from catalog_entries, unnest(words) as word where not private group by word`.execute(
    tx,
  );
}

/** Products with a live slot, in pages by id. */
export const liveProductIds = (db: Db, after: string, limit: number) =>
  rows<{ id: string }>(
    db,
    sql`select id from products where live_revision_id is not null and off_sale_at is null and id > ${after} order by id limit ${limit}`,
  );

export const productIdsOf = (db: Db, accountId: string) =>
  rows<{ id: string }>(
    db,
    sql`select id from products where account_id = ${accountId} and live_revision_id is not null and off_sale_at is null order by id`,
  );

/** How far the projection is from the products; zeros when all is well. */
export const drift = (db: Db) =>
  rows<{ missing: number; outdated: number; stray: number }>(
    db,
    sql`select count(*) filter (where p.live_revision_id is not null and p.off_sale_at is null and e.product_id is null) as missing,
      count(*) filter (where p.live_revision_id <> e.revision_id) as outdated,
      count(*) filter (where (p.live_revision_id is null or p.off_sale_at is not null) and e.product_id is not null) as stray
    from products p left join catalog_entries e on e.product_id = p.id`,
  );
