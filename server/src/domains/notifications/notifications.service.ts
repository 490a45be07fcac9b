import { roles as allRoles, type Mail, type Notification, type Role } from '@souk/contract';
import type { Member } from '../../platform/authorize.ts';
import { inTx, type Tx } from '../../platform/db.ts';
import { fail } from '../../platform/errors.ts';
import { newId } from '../../platform/ids.ts';
import type { JobDefinition } from '../../platform/jobs.ts';
import { sendMail } from '../../platform/mail.ts';
import { type Page, pageFrom } from '../../platform/paging.ts';
import type { Platform } from '../../platform/platform.ts';
import { peopleWithRoles } from '../accounts/index.ts';
import {
  countUnread,
  findMail,
  insertNotification,
  listMails,
  listNotifications,
  type MailRow,
  markRead,
  type NotificationRow,
  removeOld,
} from './notifications.sql.ts';

export interface News {
  /** Whose members are told; `operator` for those who run the marketplace. */
  readonly accountId: string;
  readonly roles: readonly Role[];
  /** Only this member of the account, whatever the roles: an answer to what one person asked. */
  readonly personId?: string;
  readonly title: string;
  readonly text: string;
  /** Path in the web application, or null. */
  readonly link: string | null;
  /** What it is about, for example `event:4711` or `submission:sub_1:refused`. Nobody is told of one source twice. */
  readonly source: string;
  /** Also by mail. */
  readonly mail?: boolean;
}

interface Paging {
  readonly cursor?: string;
  readonly limit?: number;
}

export type NotificationsService = ReturnType<typeof newNotificationsService>;

export function newNotificationsService({ db, config }: Pick<Platform, 'db' | 'config'>) {
  return {
    /** Tells everybody in the account who has one of the roles, in the caller's transaction. Answers how many had not heard. */
    async notify(tx: Tx, news: News): Promise<number> {
      const { accountId, personId: only, title, text, link, source, mail = false } = news;
      const people = await peopleWithRoles(
        tx,
        accountId === 'operator' ? 'operator' : { id: accountId },
        only === undefined ? news.roles : allRoles,
      );
      let told = 0;
      for (const { id: personId, email } of people) {
        if (only !== undefined && personId !== only) continue;
        if (!(await insertNotification(tx, { id: newId('ntf'), personId, title, text, link, source })))
          continue;
        told++;
        const where = link === null ? '' : `\n\n${config.publicUrl}${link}`;
        if (mail) await sendMail(tx, { to: email, subject: title, text: `${text}${where}\n` });
      }
      return told;
    },

    async list(
      caller: Member,
      { cursor, limit = 50 }: Paging,
    ): Promise<Page<Notification> & { unread: number }> {
      const [found, unread] = await Promise.all([
        listNotifications(db, caller.personId, cursor, limit + 1),
        countUnread(db, caller.personId),
      ]);
      return { ...pageFrom(found, limit, shown, (n) => n.id), unread };
    },

    async markRead(caller: Member, ids: readonly string[] | undefined): Promise<void> {
      await inTx(db, (tx) => markRead(tx, caller.personId, ids));
    },

    async listMails({ cursor, limit = 50 }: Paging): Promise<Page<Mail>> {
      return pageFrom(await listMails(db, cursor, limit + 1), limit, mailShown, (m) => m.id);
    },

    async getMail(id: string): Promise<Mail> {
      return mailShown((await findMail(db, id)) ?? fail('operator.mail_missing'));
    },

    jobs: [
      {
        name: 'notifications:sweep',
        cron: '41 3 * * *',
        run: () => inTx(db, removeOld),
      },
    ] satisfies JobDefinition[],
  };
}

const shown = (n: NotificationRow): Notification => ({
  ...n,
  readAt: n.readAt?.toISOString() ?? null,
  createdAt: n.createdAt.toISOString(),
});

const mailShown = (m: MailRow): Mail => ({
  ...m,
  createdAt: m.createdAt.toISOString(),
  sentAt: m.sentAt?.toISOString() ?? null,
});
