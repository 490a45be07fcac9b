import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { folders } from './config.ts';
import { changed, inTx, row, sql, type Tx } from './db.ts';
import { newId } from './ids.ts';
import { enqueue, type JobDefinition } from './jobs.ts';
import { deliver, type Letter, render } from './mail-delivery.ts';
import type { Platform } from './platform.ts';

export interface NewMail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

export interface Mailer {
  send(tx: Tx, mail: NewMail): Promise<string>;
  readonly jobs: JobDefinition[];
}

// With the worker's growing pauses this tries for about a day.
const attemptsMax = 13;

/** Writes a mail in the caller's transaction: it goes out if and only if what it tells of was committed. */
export async function sendMail(tx: Tx, mail: NewMail): Promise<string> {
  const id = newId('mai');
  await sql`insert into mails (id, recipient, subject, body) values (${id}, ${mail.to}, ${oneLine(mail.subject)}, ${mail.text})`.execute(
    tx,
  );
  await enqueue(tx, 'mail:deliver', { mailId: id }, { attemptsMax });
  return id;
}

/**
 * Mail leaves by SMTP where it is configured, and otherwise as a file in the outbox folder that the operator can read. A
 * delivery may be repeated (killed between the server's yes and our note of it): the Message-ID is the mail's own, so that
 * mailboxes can tell.
 */
export function newMailer({ config, db }: Pick<Platform, 'config' | 'db'>): Mailer {
  const { smtpUrl, mailFrom, dataDir } = config;

  async function toOutbox(letter: Letter) {
    const folder = folders(dataDir).outbox;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const path = join(folder, `${letter.id}.eml`);
    await writeFile(`${path}.part`, await render(letter), { mode: 0o600 });
    await rename(`${path}.part`, path);
  }

  const settle = (id: string, state: 'sent' | 'outbox' | 'failed' | 'queued', failure: string | null) =>
    inTx(db, (tx) =>
      changed(
        tx,
        sql`update mails set state = ${state}, failure = ${failure}, sent_at = case when ${state} in ('sent', 'outbox') then now() end
            where id = ${id} and state = 'queued'`,
      ),
    );

  const deliverJob: JobDefinition = {
    name: 'mail:deliver',
    async run({ mailId }, { attempt, attemptsMax }) {
      const mail = await row<Omit<Letter, 'from'>>(
        db,
        sql`select id, recipient as to, subject, body as text, created_at as "at" from mails where id = ${String(mailId)} and state = 'queued'`,
      );
      if (!mail) return;
      const letter: Letter = { ...mail, from: mailFrom };
      if (!smtpUrl) {
        await toOutbox(letter);
        await settle(letter.id, 'outbox', null);
        return;
      }
      const failure = await deliver(letter, smtpUrl);
      if (!failure) {
        await settle(letter.id, 'sent', null);
        return;
      }
      const isOver = failure.permanent || attempt >= attemptsMax;
      await settle(letter.id, isOver ? 'failed' : 'queued', failure.problem);
      if (!isOver) throw new Error(`mail ${letter.id}: ${failure.problem}`);
    },
  };
  return { send: sendMail, jobs: [deliverJob] };
}

const oneLine = (text: string) => text.replace(/[\p{Cc}\s]+/gu, ' ').trim();
