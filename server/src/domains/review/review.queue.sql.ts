import type { QueueKind } from '@souk/contract';
import { changed, type Db, row, rows, sql, type Tx } from '../../platform/db.ts';
import type { QueueRow } from './review.ts';

const columns = sql`id, kind, subject, account_id as "accountId", title, product, why, opened_at as "openedAt", due_at as "dueAt",
  closed_at as "closedAt", assignee_id as "assigneeId", assignee_email as "assigneeEmail", assigned_at as "assignedAt"`;

export type NewQueueItem = Pick<
  QueueRow,
  'id' | 'kind' | 'subject' | 'accountId' | 'title' | 'product' | 'why' | 'openedAt' | 'dueAt'
>;

/** What waits already keeps its clock and who has taken it; only the reason may be news. */
export async function openItem(tx: Tx, i: NewQueueItem): Promise<void> {
  await sql`insert into queue_items (id, kind, subject, account_id, title, product, why, opened_at, due_at)
    values (${i.id}, ${i.kind}, ${i.subject}, ${i.accountId}, ${i.title}, ${i.product}, ${i.why}, ${i.openedAt}, ${i.dueAt})
    on conflict (kind, subject) where closed_at is null do update set why = excluded.why`.execute(tx);
}

export const closeItems = (tx: Tx, subject: string, at: Date) =>
  changed(tx, sql`update queue_items set closed_at = ${at} where subject = ${subject} and closed_at is null`);

export const findItem = (db: Db, id: string) =>
  row<QueueRow>(db, sql`select ${columns} from queue_items where id = ${id} and closed_at is null`);

export const lockItem = (tx: Tx, id: string) =>
  row<QueueRow>(
    tx,
    sql`select ${columns} from queue_items where id = ${id} and closed_at is null for update`,
  );

export interface QueueFilter {
  readonly kind?: QueueKind;
  /** A person's id, or null for what nobody has taken. */
  readonly assigneeId?: string | null;
  readonly dueBefore?: Date;
}

/** What is due first comes first, so what is overdue leads. */
export const listItems = (db: Db, f: QueueFilter) =>
  rows<QueueRow>(
    db,
    sql`select ${columns} from queue_items where closed_at is null
      and (${f.kind ?? null}::text is null or kind = ${f.kind ?? null})
      and (${f.assigneeId === undefined}::boolean or assignee_id is not distinct from ${f.assigneeId ?? null})
      and (${f.dueBefore ?? null}::timestamptz is null or due_at <= ${f.dueBefore ?? null})
    order by due_at, id limit 500`,
  );

export async function assign(
  tx: Tx,
  id: string,
  to: { personId: string; email: string; at: Date } | null,
): Promise<void> {
  await sql`update queue_items set assignee_id = ${to?.personId ?? null}, assignee_email = ${to?.email ?? null}, assigned_at = ${to?.at ?? null}
    where id = ${id}`.execute(tx);
}

/** Overdue, and nobody was told yet. Marked at once: of two processes that look, one tells. */
export const takeOverdue = (tx: Tx, now: Date) =>
  rows<QueueRow>(
    tx,
    sql`update queue_items set overdue_told_at = ${now} where id in (
      select id from queue_items where closed_at is null and due_at <= ${now} and overdue_told_at is null for update skip locked)
    returning ${columns}`,
  );

export async function unassign(tx: Tx, subject: string): Promise<void> {
  await sql`update queue_items set assignee_id = null, assignee_email = null, assigned_at = null where subject = ${subject} and closed_at is null`.execute(
    tx,
  );
}
