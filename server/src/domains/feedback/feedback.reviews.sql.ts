import { changed, type Db, row, rows, sql, type Tx } from '../../platform/db.ts';
import type { ReviewRow, Standing } from './feedback.ts';

const columns = sql`r.id, r.product_id as "productId", p.account_id as "publisherAccountId", b.slug as publisher, p.slug as product,
  coalesce((select l.document -> 'listing' ->> 'title' from revisions l where l.id = p.live_revision_id), p.slug) as "productTitle",
  r.account_id as "accountId", a.name as "accountName", r.rating, r.title, r.body as text, r.version, r.show_name as "showName", r.written_by as "writtenBy",
  r.created_at as "createdAt", r.edited_at as "editedAt", r.reply, r.reply_by as "replyBy", r.reply_at as "replyAt", r.reply_edited_at as "replyEditedAt",
  r.hidden_at as "hiddenAt", r.hidden_reason as "hiddenReason"`;
const tables = sql`product_reviews r join products p on p.id = r.product_id join publishers b on b.account_id = p.account_id join accounts a on a.id = r.account_id`;

export const findReview = (db: Db, id: string) =>
  row<ReviewRow>(db, sql`select ${columns} from ${tables} where r.id = ${id}`);

export const reviewOf = (db: Db, accountId: string, productId: string) =>
  row<ReviewRow>(
    db,
    sql`select ${columns} from ${tables} where r.account_id = ${accountId} and r.product_id = ${productId}`,
  );

const orders = { newest: sql`0`, highest: sql`-r.rating`, lowest: sql`r.rating` } as const;
export type ReviewSort = keyof typeof orders;

export interface ReviewFilter {
  readonly sort: ReviewSort;
  readonly rating?: number | undefined;
  readonly hidden: boolean;
  readonly after: readonly [number, string] | null;
}

/** The newest of equals first; `key` is where the next page begins. */
export const listReviews = (db: Db, productId: string, f: ReviewFilter, limit: number) =>
  rows<ReviewRow & { key: number }>(
    db,
    sql`select ${columns}, ${orders[f.sort]} as key from ${tables}
      where r.product_id = ${productId} and (${f.hidden} or r.hidden_at is null)
        and (${f.rating ?? null}::int is null or r.rating = ${f.rating ?? null}::int)
        and (${f.after?.[0] ?? null}::int is null or ${orders[f.sort]} > ${f.after?.[0] ?? null}::int
          or (${orders[f.sort]} = ${f.after?.[0] ?? null}::int and r.id < ${f.after?.[1] ?? null}))
      order by key, r.id desc limit ${limit}`,
  );

export const ratedOf = (db: Db, productId: string) =>
  row<{ reviews: number; points: number; distribution: number[] }>(
    db,
    sql`select reviews, points, distribution from product_ratings where product_id = ${productId}`,
  );

/** Whoever publishes or tests a product is an insider; what counts as use is what was metered under any of its subscriptions. */
export const standingOf = (db: Db, accountId: string, productId: string) =>
  row<Standing>(
    db,
    sql`select p.account_id = ${accountId} or ${accountId} = any (p.test_accounts) as insider,
      coalesce((select sum(u.quantity) from subscriptions s join usage_records u on u.subscription_id = s.id
        where s.account_id = ${accountId} and s.product_id = p.id), 0)::bigint as used,
      (select s.version from subscriptions s where s.account_id = ${accountId} and s.product_id = p.id order by s.state <> 'ended' desc, s.id desc limit 1) as version
    from products p where p.id = ${productId}`,
  );

/** One statement, so that two members of an account who write at once leave one review, the later one edited. */
export const upsertReview = async (
  tx: Tx,
  r: {
    id: string;
    productId: string;
    accountId: string;
    rating: number;
    title: string;
    text: string;
    version: string;
    showName: boolean;
    by: string;
    at: Date;
  },
): Promise<{ id: string; written: boolean } | undefined> =>
  row<{ id: string; written: boolean }>(
    tx,
    sql`insert into product_reviews (id, product_id, account_id, rating, title, body, version, show_name, written_by, created_at)
      values (${r.id}, ${r.productId}, ${r.accountId}, ${r.rating}, ${r.title}, ${r.text}, ${r.version}, ${r.showName}, ${r.by}, ${r.at})
      on conflict (product_id, account_id) do update set rating = excluded.rating, title = excluded.title, body = excluded.body, version = excluded.version,
        show_name = excluded.show_name, written_by = excluded.written_by, edited_at = excluded.created_at
      where product_reviews.hidden_at is null
      returning id, edited_at is null as written`,
  );

export const removeReview = (tx: Tx, id: string, accountId: string) =>
  changed(
    tx,
    sql`delete from product_reviews where id = ${id} and account_id = ${accountId} and hidden_at is null`,
  );

export const setReply = (tx: Tx, id: string, text: string, by: string, at: Date) =>
  changed(
    tx,
    sql`update product_reviews set reply = ${text}, reply_by = ${by}, reply_at = coalesce(reply_at, ${at}),
      reply_edited_at = case when reply_at is not null then ${at}::timestamptz end where id = ${id} and hidden_at is null`,
  );

/** Adds the visible reviews of a product up again, one writer after the other: two at once would each miss the other's. */
export async function recount(tx: Tx, productId: string): Promise<void> {
  await sql`select 1 from products where id = ${productId} for no key update`.execute(tx);
  await sql`insert into product_ratings (product_id, reviews, points, distribution)
    select ${productId}, count(*), coalesce(sum(rating), 0), array[count(*) filter (where rating = 1), count(*) filter (where rating = 2),
      count(*) filter (where rating = 3), count(*) filter (where rating = 4), count(*) filter (where rating = 5)]
    from product_reviews where product_id = ${productId} and hidden_at is null
    on conflict (product_id) do update set (reviews, points, distribution) = (excluded.reviews, excluded.points, excluded.distribution)`.execute(
    tx,
  );
}
