import { changed, type Db, row, rows, sql, type Tx } from '../../platform/db.ts';
import {
  type Concerned,
  type OpenSunset,
  type ProductFacts,
  type VersionRow,
  wholeProduct,
} from './versions.ts';

const columns = sql`p.id as "productId", p.account_id as "accountId", b.slug || '/' || p.slug as address,
  coalesce(l.document -> 'listing' ->> 'title', p.slug) as title, sunset_view(p.id, ${wholeProduct}) as sunset`;
const tables = sql`products p join publishers b on b.account_id = p.account_id left join revisions l on l.id = p.live_revision_id`;

/** Locks the product, so that two who change its versions follow each other. */
export const lockProduct = (tx: Tx, productId: string) =>
  sql`select from products where id = ${productId} for update`.execute(tx);

export const findProduct = (db: Db, productId: string) =>
  row<ProductFacts>(db, sql`select ${columns} from ${tables} where p.id = ${productId}`);

export const findByAddress = (db: Db, publisher: string, slug: string) =>
  row<ProductFacts>(
    db,
    sql`select ${columns} from ${tables} where b.slug = ${publisher} and p.slug = ${slug}`,
  );

/** Live products with a version that is withdrawn, the latest withdrawal first. */
export const withWithdrawn = (db: Db) =>
  rows<ProductFacts>(
    db,
    sql`select ${columns} from ${tables} join lateral (select max(withdrawn_at) as at from version_standings w where w.product_id = p.id) w on w.at is not null
      order by w.at desc limit 200`,
  );

/** Versions of the live revision, as it lists them. */
export const versionsOf = (db: Db, productId: string, callsFrom: Date) =>
  rows<VersionRow>(
    db,
    sql`select v.number, v.restricted as "restrictedInDocument", version_standing(p.id, v.number) as standing, x.released_at as "releasedAt",
      (select count(*)::int from subscriptions s where s.product_id = p.id and s.version = v.number and s.state <> 'ended') as subscribers,
      c.calls, c.errors, c.last as "lastCalledOn"
    from products p join revisions l on l.id = p.live_revision_id
      cross join lateral (select d ->> 'number' as number, d ->> 'state' = 'restricted' as restricted, position
        from jsonb_array_elements(l.document -> 'versions') with ordinality as t (d, position)) v
      left join product_versions x on x.product_id = p.id and x.number = v.number
      cross join lateral (select coalesce(sum(calls) filter (where day >= ${callsFrom}::date), 0)::int as calls,
          coalesce(sum(errors) filter (where day >= ${callsFrom}::date), 0)::int as errors, max(day)::text as last
        from version_calls vc join subscriptions s on s.id = vc.subscription_id where s.product_id = p.id and vc.version = v.number) c
    where p.id = ${productId} order by v.position`,
  );

/** Now by the database's clock, as subscriptions are accepted: who came before and who after is decided by it. */
export async function restrict(tx: Tx, productId: string, number: string, by: string): Promise<void> {
  await sql`insert into version_standings (product_id, number, restricted_at, restricted_by) values (${productId}, ${number}, now(), ${by})
    on conflict (product_id, number) do update set restricted_at = now(), restricted_by = excluded.restricted_by`.execute(
    tx,
  );
}

/** Versions that the live revision restricts and of which it is not noted yet since when. */
export const newlyRestricted = (tx: Tx, productId: string) =>
  rows<{ number: string }>(
    tx,
    sql`select t.number from products p join revisions l on l.id = p.live_revision_id, unnest(l.restricted_versions) as t (number)
      where p.id = ${productId} and not exists (select from version_standings s where s.product_id = p.id and s.number = t.number and s.restricted_at is not null)`,
  );

export async function withdraw(
  tx: Tx,
  w: {
    productId: string;
    number: string;
    by: string;
    side: 'publisher' | 'operator';
    reason: string;
    replacement: string | null;
  },
): Promise<void> {
  await sql`insert into version_standings (product_id, number, withdrawn_at, withdrawn_by, withdrawn_side, withdrawn_reason, withdrawn_replacement)
    values (${w.productId}, ${w.number}, now(), ${w.by}, ${w.side}, ${w.reason}, ${w.replacement})
    on conflict (product_id, number) do update set (withdrawn_at, withdrawn_by, withdrawn_side, withdrawn_reason, withdrawn_replacement)
      = (excluded.withdrawn_at, excluded.withdrawn_by, excluded.withdrawn_side, excluded.withdrawn_reason, excluded.withdrawn_replacement)`.execute(
    tx,
  );
}

export async function restore(tx: Tx, productId: string, number: string): Promise<void> {
  await sql`update version_standings set (withdrawn_at, withdrawn_by, withdrawn_side, withdrawn_reason, withdrawn_replacement) = (null, null, null, null, null)
    where product_id = ${productId} and number = ${number}`.execute(tx);
}

export async function setSunset(
  tx: Tx,
  s: {
    productId: string;
    number: string;
    now: Date;
    endsAt: Date;
    reason: string;
    replacement: string | null;
    replacementProductId: string | null;
    by: string;
  },
): Promise<void> {
  await sql`insert into sunsets (product_id, number, announced_at, ends_at, reason, replacement, replacement_product_id, set_by)
    values (${s.productId}, ${s.number}, ${s.now}, ${s.endsAt}, ${s.reason}, ${s.replacement}, ${s.replacementProductId}, ${s.by})
    on conflict (product_id, number) do update set (ends_at, reason, replacement, replacement_product_id, set_by)
      = (excluded.ends_at, excluded.reason, excluded.replacement, excluded.replacement_product_id, excluded.set_by)`.execute(
    tx,
  );
}

export const removeSunset = (tx: Tx, productId: string, number: string) =>
  changed(
    tx,
    sql`delete from sunsets where product_id = ${productId} and number = ${number} and ended_at is null`,
  );

const openColumns = sql`e.product_id as "productId", e.number, e.announced_at as "announcedAt", e.ends_at as "endsAt", e.reason,
  sunset_view(e.product_id, e.number) ->> 'replacement' as replacement,
  array(select days_before from sunset_notices n where n.product_id = e.product_id and n.number = e.number and n.ends_at = e.ends_at) as told`;

/** End dates that are at most `before` away, the nearest first. */
export const openSunsets = (db: Db, before: Date) =>
  rows<OpenSunset>(
    db,
    sql`select ${openColumns} from sunsets e where e.ended_at is null and e.ends_at <= ${before} order by e.ends_at`,
  );

/** Once more, locked: another process may have been here since, or the publisher may have moved the date. */
export const lockSunset = (tx: Tx, productId: string, number: string) =>
  row<OpenSunset>(
    tx,
    sql`select ${openColumns} from sunsets e where e.product_id = ${productId} and e.number = ${number} and e.ended_at is null for update of e`,
  );

export async function noteNotices(tx: Tx, s: OpenSunset, days: readonly number[], now: Date): Promise<void> {
  await sql`insert into sunset_notices (product_id, number, ends_at, days_before, at)
    select ${s.productId}, ${s.number}, ends_at, days, ${now} from sunsets, unnest(${[...days]}::int[]) as t (days)
    where product_id = ${s.productId} and number = ${s.number} on conflict do nothing`.execute(tx);
}

export async function endSunset(tx: Tx, productId: string, number: string, now: Date): Promise<void> {
  await sql`update sunsets set ended_at = ${now} where product_id = ${productId} and number = ${number}`.execute(
    tx,
  );
  // A product that has ended is no longer sold: out of the search, and no new subscriptions.
  if (number === wholeProduct)
    await sql`update products set off_sale_at = coalesce(off_sale_at, ${now}) where id = ${productId}`.execute(
      tx,
    );
}

/** Subscriptions of products that have ended. */
export const leftOver = (db: Db, limit: number) =>
  rows<{ subscriptionId: string; endsAt: Date; reason: string; replacement: string | null }>(
    db,
    sql`select s.id as "subscriptionId", e.ends_at as "endsAt", e.reason, sunset_view(e.product_id, e.number) ->> 'replacement' as replacement
      from sunsets e join subscriptions s on s.product_id = e.product_id
      where e.number = ${wholeProduct} and e.ended_at is not null and s.state <> 'ended' order by s.id limit ${limit}`,
  );

/** Whom news of a version concern; of a whole product all subscribers. */
export const concerned = (db: Db, productId: string, number: string, calledFrom: Date) =>
  rows<Concerned>(
    db,
    sql`select s.id as "subscriptionId", s.account_id as "accountId", s.version = ${number} as chosen from subscriptions s
      where s.product_id = ${productId} and s.state <> 'ended' and (${number} = ${wholeProduct} or s.version = ${number}
        or exists (select from version_calls c where c.subscription_id = s.id and c.version = ${number} and c.day >= ${calledFrom}::date)) order by s.id`,
  );

/** A public product that may be subscribed to now. */
export const findOnSale = (db: Db, publisher: string, slug: string) =>
  row<ProductFacts>(
    db,
    sql`select ${columns} from ${tables} where b.slug = ${publisher} and p.slug = ${slug} and p.off_sale_at is null
      and l.document -> 'listing' ->> 'visibility' = 'public' and not exists (select from sunsets e where e.product_id = p.id and e.number = ${wholeProduct})`,
  );
