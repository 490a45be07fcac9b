import { changed, type Db, row, rows, sql, type Tx } from '../../platform/db.ts';
import type { QuestionRow, QuestionState } from './feedback.ts';

const columns = sql`q.id, q.product_id as "productId", p.account_id as "publisherAccountId", b.slug as publisher, b.display_name as "publisherName", p.slug as product,
  coalesce((select l.document -> 'listing' ->> 'title' from revisions l where l.id = p.live_revision_id), p.slug) as "productTitle",
  q.account_id as "accountId", a.name as "accountName", q.person_id as "personId", q.asked_by as "askedBy", q.title, q.state, q.may_publish as "mayPublish", q.public,
  q.created_at as "createdAt", q.updated_at as "updatedAt", q.closed_at as "closedAt", q.hidden_at as "hiddenAt", q.hidden_reason as "hiddenReason",
  (select coalesce(jsonb_agg(jsonb_build_object('side', m.side, 'by', m.written_by, 'text', m.body, 'at', m.at) order by m.number), '[]')
    from question_messages m where m.question_id = q.id) as messages`;
const tables = sql`questions q join products p on p.id = q.product_id join publishers b on b.account_id = p.account_id join accounts a on a.id = q.account_id`;

export const findQuestion = (db: Db, id: string) =>
  row<QuestionRow>(db, sql`select ${columns} from ${tables} where q.id = ${id}`);

export const publicQuestions = (db: Db, productId: string, before: string | undefined, limit: number) =>
  rows<QuestionRow>(
    db,
    sql`select ${columns} from ${tables} where q.product_id = ${productId} and q.public and q.hidden_at is null
      and (${before ?? null}::text is null or q.id < ${before ?? null}) order by q.id desc limit ${limit}`,
  );

export interface QuestionFilter {
  readonly box: 'asked' | 'received';
  readonly state?: QuestionState | undefined;
  readonly productId?: string | undefined;
  readonly before?: string | undefined;
}

export const listQuestions = (db: Db, accountId: string, f: QuestionFilter, limit: number) =>
  rows<QuestionRow>(
    db,
    sql`select ${columns} from ${tables}
      where ${f.box === 'asked' ? sql`q.account_id = ${accountId}` : sql`p.account_id = ${accountId}`}
        and (${f.state ?? null}::text is null or q.state = ${f.state ?? null})
        and (${f.productId ?? null}::text is null or q.product_id = ${f.productId ?? null})
        and (${f.before ?? null}::text is null or q.id < ${f.before ?? null}) order by q.id desc limit ${limit}`,
  );

export async function insertQuestion(
  tx: Tx,
  q: {
    id: string;
    productId: string;
    accountId: string;
    personId: string;
    by: string;
    title: string;
    mayPublish: boolean;
    at: Date;
  },
): Promise<void> {
  await sql`insert into questions (id, product_id, account_id, person_id, asked_by, title, may_publish, created_at, updated_at)
    values (${q.id}, ${q.productId}, ${q.accountId}, ${q.personId}, ${q.by}, ${q.title}, ${q.mayPublish}, ${q.at}, ${q.at})`.execute(
    tx,
  );
}

export const lockQuestion = (tx: Tx, id: string) =>
  row<{ state: QuestionState }>(tx, sql`select state from questions where id = ${id} for update`);

/** The only place that moves a question; false when it is no longer in the state that was read. */
export const moveQuestion = async (
  tx: Tx,
  id: string,
  from: QuestionState,
  to: QuestionState,
  at: Date,
): Promise<boolean> =>
  (await changed(
    tx,
    sql`update questions set state = ${to}, updated_at = ${at}, closed_at = case when ${to === 'closed'} then ${at}::timestamptz end where id = ${id} and state = ${from}`,
  )) > 0;

/** The question's row is held by `moveQuestion` before, so numbers follow each other. */
export async function insertMessage(
  tx: Tx,
  m: { questionId: string; side: 'asker' | 'publisher'; by: string; text: string; at: Date },
): Promise<void> {
  await sql`insert into question_messages (question_id, number, side, written_by, body, at)
    select ${m.questionId}, coalesce(max(number), 0) + 1, ${m.side}, ${m.by}, ${m.text}, ${m.at} from question_messages where question_id = ${m.questionId}`.execute(
    tx,
  );
}

export const setPublic = (tx: Tx, id: string, shown: boolean) =>
  changed(tx, sql`update questions set public = ${shown} where id = ${id} and hidden_at is null`);
