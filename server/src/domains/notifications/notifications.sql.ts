import { changed, type Db, row, rows, sql, type Tx } from '../../platform/db.ts';

export interface NotificationRow {
  readonly id: string;
  readonly title: string;
  readonly text: string;
  readonly link: string | null;
  readonly readAt: Date | null;
  readonly createdAt: Date;
}

/** False when the person has heard of this source already. */
export const insertNotification = async (
  tx: Tx,
  n: { id: string; personId: string; title: string; text: string; link: string | null; source: string },
): Promise<boolean> =>
  (await changed(
    tx,
    sql`insert into notifications (id, person_id, title, body, link, source)
        values (${n.id}, ${n.personId}, ${n.title}, ${n.text}, ${n.link}, ${n.source})
        on conflict (person_id, source) do nothing`,
  )) > 0;

/** Newest first; ids sort by time. */
export const listNotifications = (db: Db, personId: string, before: string | undefined, limit: number) =>
  rows<NotificationRow>(
    db,
    sql`select id, title, body as text, link, read_at as "readAt", created_at as "createdAt" from notifications
        where person_id = ${personId} and (${before ?? null}::text is null or id < ${before ?? null})
        order by id desc limit ${limit}`,
  );

export const countUnread = async (db: Db, personId: string): Promise<number> =>
  (
    await row<{ unread: number }>(
      db,
      sql`select count(*) as unread from notifications where person_id = ${personId} and read_at is null`,
    )
  )?.unread ?? 0;

/** All of the person's without `ids`. */
export const markRead = (tx: Tx, personId: string, ids: readonly string[] | undefined) =>
  changed(
    tx,
    sql`update notifications set read_at = now() where person_id = ${personId} and read_at is null
          and (${ids === undefined} or id = any(${[...(ids ?? [])]}::text[]))`,
  );

export async function removeOld(tx: Tx): Promise<void> {
  await sql`delete from notifications where created_at < now() - interval '180 days'`.execute(tx);
  await sql`delete from mails where created_at < now() - interval '90 days' and state <> 'queued'`.execute(
    tx,
  );
}

export interface MailRow {
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly state: 'queued' | 'sent' | 'failed' | 'outbox';
  readonly createdAt: Date;
  readonly sentAt: Date | null;
  readonly failure: string | null;
}

const mailColumns = sql`id, recipient as to, subject, body as text, state, created_at as "createdAt", sent_at as "sentAt", failure`;

export const listMails = (db: Db, before: string | undefined, limit: number) =>
  rows<MailRow>(
    db,
    sql`select ${mailColumns} from mails where (${before ?? null}::text is null or id < ${before ?? null})
        order by id desc limit ${limit}`,
  );

export const findMail = (db: Db, id: string) =>
  row<MailRow>(db, sql`select ${mailColumns} from mails where id = ${id}`);
