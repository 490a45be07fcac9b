import type { ModerationItem } from '@souk/contract';
import { changed, type Db, row, rows, sql, type Tx } from '../../platform/db.ts';

export interface ItemRow extends Omit<ModerationItem, 'createdAt' | 'reports'> {
  readonly createdAt: Date;
  readonly productId: string;
  readonly productTitle: string;
  readonly accountId: string;
  readonly publisherAccountId: string;
  readonly reports: { reason: string; by: string; at: string }[];
}

const items = sql`(
    select r.id, 'review' as kind, r.product_id, r.account_id, r.title, r.body as text, r.written_by as author, r.reply, r.hidden_at, r.hidden_reason, r.created_at
      from product_reviews r
    union all
    select q.id, 'question', q.product_id, q.account_id, q.title, (select string_agg(m.body, E'\\n\\n' order by m.number) from question_messages m where m.question_id = q.id and m.side = 'asker'),
      q.asked_by, (select string_agg(m.body, E'\\n\\n' order by m.number) from question_messages m where m.question_id = q.id and m.side = 'publisher'), q.hidden_at, q.hidden_reason, q.created_at
      from questions q) i`;
const columns = sql`i.id, i.kind, b.slug as publisher, p.slug as product, i.title, i.text, i.author || ', ' || a.name as author, i.reply,
  case when i.hidden_at is not null then 'hidden' when o.open then 'reported' else 'visible' end as state, i.hidden_reason as "hiddenReason", o.reports, i.created_at as "createdAt",
  i.product_id as "productId", i.account_id as "accountId", p.account_id as "publisherAccountId",
  coalesce((select l.document -> 'listing' ->> 'title' from revisions l where l.id = p.live_revision_id), p.slug) as "productTitle"`;
const tables = sql`${items} join products p on p.id = i.product_id join publishers b on b.account_id = p.account_id join accounts a on a.id = i.account_id
  cross join lateral (select coalesce(jsonb_agg(jsonb_build_object('reason', f.reason, 'by', f.reported_by, 'at', f.at) order by f.at), '[]') as reports,
    coalesce(bool_or(f.decided_at is null), false) as open from feedback_reports f where f.item_id = i.id) o`;

export const findItem = (db: Db, id: string) =>
  row<ItemRow>(db, sql`select ${columns} from ${tables} where i.id = ${id}`);

/** Reported ones oldest first, as they wait; others newest first. Ids sort by time within a kind, and these are few. */
export function listItems(
  db: Db,
  state: 'reported' | 'hidden' | 'all',
  after: { at: string; id: string } | null,
  limit: number,
) {
  const condition =
    state === 'all'
      ? sql`true`
      : state === 'hidden'
        ? sql`i.hidden_at is not null`
        : sql`i.hidden_at is null and o.open`;
  const [compare, direction] = state === 'reported' ? [sql`>`, sql`asc`] : [sql`<`, sql`desc`];
  return rows<ItemRow & { key: string }>(
    db,
    sql`select ${columns}, i.created_at::text as key from ${tables} where ${condition}
      and (${after?.id ?? null}::text is null or (i.created_at, i.id) ${compare} (${after?.at ?? null}::timestamptz, ${after?.id ?? null}))
      order by i.created_at ${direction}, i.id ${direction} limit ${limit}`,
  );
}

const tableOf = (id: string) => sql.raw(id.startsWith('rvw_') ? 'product_reviews' : 'questions');

export const hide = (tx: Tx, id: string, reason: string, at: Date) =>
  changed(
    tx,
    sql`update ${tableOf(id)} set hidden_at = ${at}, hidden_reason = ${reason} where id = ${id} and hidden_at is null`,
  );

export const restore = (tx: Tx, id: string) =>
  changed(
    tx,
    sql`update ${tableOf(id)} set hidden_at = null, hidden_reason = null where id = ${id} and hidden_at is not null`,
  );

export const decideReports = (tx: Tx, id: string, at: Date) =>
  changed(
    tx,
    sql`update feedback_reports set decided_at = ${at} where item_id = ${id} and decided_at is null`,
  );

/** 0 when this person has reported it already. */
export const insertReport = (
  tx: Tx,
  r: { itemId: string; personId: string; by: string; reason: string; at: Date },
) =>
  changed(
    tx,
    sql`insert into feedback_reports (item_id, person_id, reported_by, reason, at) values (${r.itemId}, ${r.personId}, ${r.by}, ${r.reason}, ${r.at}) on conflict do nothing`,
  );

/** Whether a person of this account can read it: a visible review of a product, a public question, or one of its own. */
export const reportable = (db: Db, id: string, accountId: string) =>
  row<{ productId: string; publisher: string; product: string; open: boolean }>(
    db,
    sql`select i.product_id as "productId", b.slug as publisher, p.slug as product, i.open from (
        select id, product_id, account_id, hidden_at is null as open from product_reviews
        union all select id, product_id, account_id, hidden_at is null and public from questions) i
      join products p on p.id = i.product_id join publishers b on b.account_id = p.account_id
      where i.id = ${id} and (i.open or i.account_id = ${accountId} or p.account_id = ${accountId})`,
  );
