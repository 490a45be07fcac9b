import { changed, type Db, row, rows, sql, type Tx } from '../../platform/db.ts';
import { type RemovalEvent, type RemovalRow, type RemovalState, transitions } from './removals.ts';

const titleOf = (product: 'p' | 'o') =>
  sql.raw(
    `coalesce((select r.document -> 'listing' ->> 'title' from revisions r where r.product_id = ${product}.id order by r.number desc limit 1), ${product}.slug)`,
  );
const columns = sql`x.id, x.product_id as "productId", p.account_id as "accountId", b.slug as publisher, p.slug as product, ${titleOf('p')} as title, x.kind, x.state, x.email, x.reason,
  (select jsonb_build_object('publisher', ob.slug, 'slug', o.slug, 'title', ${titleOf('o')}) from products o join publishers ob on ob.account_id = o.account_id
    where o.id = x.replacement_product_id) as replacement,
  x.requested_by as "requestedBy", x.requested_at as "requestedAt", x.cancellable_until as "cancellableUntil", x.ends_at as "endsAt", x.stopped_versions as "stoppedVersions",
  (select count(*)::int from subscriptions s where s.product_id = p.id and s.state <> 'ended') as subscribers,
  x.ended_by as "endedBy", x.ended_reason as "endedReason", x.ended_at as "endedAt"`;
const tables = sql`removals x join products p on p.id = x.product_id join publishers b on b.account_id = p.account_id`;

export const find = (db: Db, id: string) =>
  row<RemovalRow>(db, sql`select ${columns} from ${tables} where x.id = ${id}`);

/** What is the matter with a product now; a take-down before a removal, because it is what stops calls. */
export const ofProduct = (db: Db, productId: string) =>
  row<RemovalRow>(
    db,
    sql`select ${columns} from ${tables} where x.product_id = ${productId} and x.state in ('down', 'leaving', 'removed') order by x.state limit 1`,
  );

export const allOfProduct = (db: Db, productId: string) =>
  rows<RemovalRow>(
    db,
    sql`select ${columns} from ${tables} where x.product_id = ${productId} order by x.id desc`,
  );

/** Of one kind, locked. */
export async function lockOpen(
  tx: Tx,
  productId: string,
  states: readonly RemovalState[],
): Promise<RemovalRow | undefined> {
  const open = await row<{ id: string }>(
    tx,
    sql`select id from removals where product_id = ${productId} and state = any (${[...states]}::text[]) for update`,
  );
  return open && find(tx, open.id);
}

export async function lock(tx: Tx, id: string): Promise<RemovalRow | undefined> {
  await sql`select from removals where id = ${id} for update`.execute(tx);
  return find(tx, id);
}

export const list = (db: Db, state: RemovalState | undefined, before: string | null, limit: number) =>
  rows<RemovalRow>(
    db,
    sql`select ${columns} from ${tables} where (${state ?? null}::text is null or x.state = ${state ?? null})
      and (${before}::text is null or x.id < ${before}) order by x.id desc limit ${limit}`,
  );

export const leaving = (db: Db) =>
  rows<{ id: string; requestedAt: Date; endsAt: Date }>(
    db,
    sql`select id, requested_at as "requestedAt", ends_at as "endsAt" from removals where state = 'leaving' order by ends_at`,
  );

export async function insert(
  tx: Tx,
  r: {
    id: string;
    productId: string;
    kind: RemovalRow['kind'];
    state: 'leaving' | 'down';
    reason: string;
    by: string;
    at: Date;
    email?: string;
    replacementProductId?: string | null;
    cancellableUntil?: Date;
    endsAt?: Date;
    stoppedVersions?: readonly string[];
  },
): Promise<void> {
  await sql`insert into removals (id, product_id, kind, state, email, reason, replacement_product_id, requested_by, requested_at, cancellable_until, ends_at, stopped_versions)
    values (${r.id}, ${r.productId}, ${r.kind}, ${r.state}, ${r.email ?? null}, ${r.reason}, ${r.replacementProductId ?? null}, ${r.by}, ${r.at}, ${r.cancellableUntil ?? null},
      ${r.endsAt ?? null}, ${[...(r.stoppedVersions ?? [])]}::text[])`.execute(tx);
}

/** The only place that moves a removal; false when it is no longer in the state that was read. */
export async function move(
  tx: Tx,
  from: Pick<RemovalRow, 'id' | 'state'>,
  event: RemovalEvent,
  by: string,
  at: Date,
  reason: string | null = null,
): Promise<boolean> {
  const to = transitions[from.state][event];
  if (!to) return false;
  return (
    (await changed(
      tx,
      sql`update removals set state = ${to}, ended_by = ${by}, ended_reason = ${reason}, ended_at = ${at} where id = ${from.id} and state = ${from.state}`,
    )) > 0
  );
}

/** `off_sale_at` says what the open removals say. */
export async function followSale(tx: Tx, productId: string): Promise<void> {
  await sql`update products set updated_at = now(), off_sale_at = (select min(requested_at) from removals x where x.product_id = products.id
    and x.state in ('down', 'leaving', 'removed')) where id = ${productId}`.execute(tx);
}

export const owns = async (db: Db, accountId: string, productId: string): Promise<boolean> =>
  (await row(db, sql`select id from products where id = ${productId} and account_id = ${accountId}`)) !==
  undefined;

export interface ProductFacts {
  readonly id: string;
  readonly accountId: string;
  readonly slug: string;
  readonly live: boolean;
}

/** Locks the product: what is decided about its sale is decided one after the other. */
export const lockProduct = (tx: Tx, productId: string) =>
  row<ProductFacts>(
    tx,
    sql`select id, account_id as "accountId", slug, live_revision_id is not null as live from products where id = ${productId} for update`,
  );

export const productNamed = (db: Db, publisher: string, product: string) =>
  row<{ id: string; public: boolean }>(
    db,
    sql`select p.id, coalesce(p.off_sale_at is null and r.document -> 'listing' ->> 'visibility' = 'public', false) as public
      from products p join publishers b on b.account_id = p.account_id left join revisions r on r.id = p.live_revision_id where b.slug = ${publisher} and p.slug = ${product}`,
  );

export async function clearLiveSlot(tx: Tx, productId: string): Promise<void> {
  await sql`update products set live_revision_id = null, updated_at = now() where id = ${productId}`.execute(
    tx,
  );
}

/** Accounts that have the product. */
export const subscribers = async (db: Db, productId: string): Promise<string[]> =>
  (
    await rows<{ accountId: string }>(
      db,
      sql`select distinct account_id as "accountId" from subscriptions where product_id = ${productId} and state <> 'ended' order by 1`,
    )
  ).map((s) => s.accountId);

/** Subscriptions that are not over; those that a hold of this code has, or has not. */
export const subscriptionIds = async (
  db: Db,
  productId: string,
  more: { hold: string; held: boolean } | undefined,
  limit: number,
): Promise<string[]> =>
  (
    await rows<{ id: string }>(
      db,
      sql`select s.id from subscriptions s where s.product_id = ${productId} and s.state <> 'ended'
        ${more ? sql`and ${more.held} = exists (select from subscription_holds h where h.subscription_id = s.id and h.code = ${more.hold})` : sql``}
        order by s.id limit ${limit}`,
    )
  ).map((s) => s.id);

/** False when it was written before: then its mails are on their way too. */
export const insertNotice = async (tx: Tx, removalId: string, daysBefore: number, at: Date) =>
  (await changed(
    tx,
    sql`insert into removal_notices (removal_id, days_before, at) values (${removalId}, ${daysBefore}, ${at}) on conflict do nothing`,
  )) > 0;
