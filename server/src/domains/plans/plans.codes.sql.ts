import { changed, type Db, row, rows, sql, type Tx } from '../../platform/db.ts';

export interface CodeRow {
  readonly id: string;
  readonly planId: string;
  readonly digest: Buffer;
  readonly hint: string;
  readonly label: string;
  readonly lastDay: string | null;
  readonly usesMax: number | null;
  readonly uses: number;
  readonly madeBy: string;
  readonly madeAt: Date;
}

const columns = sql`id, plan_id as "planId", digest, hint, label, last_day::text as "lastDay", uses_max as "usesMax", uses, made_by as "madeBy", made_at as "madeAt"`;

export const ofProduct = (db: Db, productId: string) =>
  rows<CodeRow>(
    db,
    sql`select ${columns} from plan_codes where product_id = ${productId} and ended_at is null order by made_at desc, id desc`,
  );

/** The account's own product, with the ids of the plans that its draft or a slot has. */
export const product = (db: Db, accountId: string, productId: string) =>
  row<{ slug: string; planIds: string[] }>(
    db,
    sql`select p.slug, array(select distinct plan ->> 'id' from (
        select p.draft union all select r.document from revisions r where r.id in (p.live_revision_id, p.preview_revision_id)) d (document),
        jsonb_array_elements(coalesce(d.document -> 'plans', '[]')) plan) as "planIds"
      from products p where p.id = ${productId} and p.account_id = ${accountId}`,
  );

export const insert = (tx: Tx, c: Omit<CodeRow, 'uses' | 'id'> & { id: string; productId: string }) =>
  row<CodeRow>(
    tx,
    sql`insert into plan_codes (id, product_id, plan_id, digest, hint, label, last_day, uses_max, made_by, made_at)
      values (${c.id}, ${c.productId}, ${c.planId}, ${c.digest}, ${c.hint}, ${c.label}, ${c.lastDay}::date, ${c.usesMax}, ${c.madeBy}, ${c.madeAt}) returning ${columns}`,
  );

export const end = (tx: Tx, productId: string, id: string, by: string, at: Date) =>
  changed(
    tx,
    sql`update plan_codes set ended_at = ${at}, ended_by = ${by} where id = ${id} and product_id = ${productId} and ended_at is null`,
  );

/** One use; false when it has ended or is used up meanwhile: two who take the last one at once must not both have it. */
export const use = async (tx: Tx, id: string, day: string): Promise<boolean> =>
  (await changed(
    tx,
    sql`update plan_codes set uses = uses + 1 where id = ${id} and ended_at is null and (uses_max is null or uses < uses_max) and (last_day is null or last_day >= ${day}::date)`,
  )) > 0;
