import { changed, type Db, json, row, rows, sql, type Tx } from '../../platform/db.ts';
import type { Named } from './audiences.csv.ts';

/** The product's own audience has no plan. */
export interface Of {
  readonly productId: string;
  readonly planId: string;
}

export interface AudienceRow extends Named {
  readonly accountName: string | null;
  readonly subscribed: boolean;
  readonly addedBy: string;
  readonly addedAt: Date;
}

/** An account's name is its own; a publisher learns it from those who subscribed, and from nobody else. */
const columns = sql`a.account_id as "accountId", a.note, a.added_by as "addedBy", a.added_at as "addedAt",
  (select c.name from accounts c where c.id = a.account_id and exists (select from subscriptions s where s.account_id = c.id and s.product_id = a.product_id)) as "accountName",
  exists (select from subscriptions s where s.account_id = a.account_id and s.product_id = a.product_id and s.state <> 'ended') as subscribed`;

export const list = (db: Db, of: Of, after: string | null, limit: number | null) =>
  rows<AudienceRow>(
    db,
    sql`select ${columns} from audience_accounts a where a.product_id = ${of.productId} and a.plan_id = ${of.planId}
      and (${after}::text is null or a.account_id > ${after}) order by a.account_id limit ${limit}`,
  );

export const find = (db: Db, of: Of, accountId: string) =>
  row<AudienceRow>(
    db,
    sql`select ${columns} from audience_accounts a where a.product_id = ${of.productId} and a.plan_id = ${of.planId} and a.account_id = ${accountId}`,
  );

export const count = async (db: Db, of: Of): Promise<number> =>
  (
    await row<{ n: number }>(
      db,
      sql`select count(*)::int as n from audience_accounts where product_id = ${of.productId} and plan_id = ${of.planId}`,
    )
  )?.n ?? 0;

/** Those whose note is another or who were not there; the others keep who added them and when. */
export const put = (tx: Tx, of: Of, accounts: readonly Named[], by: string, at: Date) =>
  rows<{ added: boolean }>(
    tx,
    sql`insert into audience_accounts (product_id, plan_id, account_id, note, added_by, added_at)
      select ${of.productId}, ${of.planId}, g."accountId", g.note, ${by}, ${at} from jsonb_to_recordset(${json(accounts)}) as g ("accountId" text, note text)
      on conflict (product_id, plan_id, account_id) do update set note = excluded.note where audience_accounts.note <> excluded.note
      returning xmax = 0 as added`,
  );

export const remove = (tx: Tx, of: Of, accountId: string) =>
  changed(
    tx,
    sql`delete from audience_accounts where product_id = ${of.productId} and plan_id = ${of.planId} and account_id = ${accountId}`,
  );

export const removeOthers = (tx: Tx, of: Of, kept: readonly string[]) =>
  changed(
    tx,
    sql`delete from audience_accounts where product_id = ${of.productId} and plan_id = ${of.planId} and account_id <> all (${[...kept]}::text[])`,
  );

/** The account's own product, with the ids of the plans that its draft or a slot has; locked, so that two imports follow each other. */
export const product = (db: Db, accountId: string, productId: string, lock: boolean) =>
  row<{ slug: string; planIds: string[] }>(
    db,
    sql`select p.slug, array(select distinct plan ->> 'id' from (
        select p.draft union all select r.document from revisions r where r.id in (p.live_revision_id, p.preview_revision_id)) d (document),
        jsonb_array_elements(coalesce(d.document -> 'plans', '[]')) plan) as "planIds"
      from products p where p.id = ${productId} and p.account_id = ${accountId} ${lock ? sql`for update` : sql``}`,
  );
