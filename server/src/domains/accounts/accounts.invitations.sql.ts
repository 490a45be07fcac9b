import type { Role } from '@souk/contract';
import { changed, type Db, row, rows, sql, type Tx } from '../../platform/db.ts';
import type { InvitationRow } from './accounts.ts';

const columns = sql`i.id, i.account_id as "accountId", a.name as "accountName", i.email, i.roles, i.state,
  i.created_at as "createdAt", i.expires_at as "expiresAt"`;
const joined = sql`invitations i join accounts a on a.id = i.account_id`;

export const insertInvitation = (
  tx: Tx,
  i: {
    id: string;
    accountId: string;
    email: string;
    roles: readonly Role[];
    tokenSha256: string;
    invitedBy: string;
    expiresAt: Date;
  },
) =>
  sql`insert into invitations (id, account_id, email, roles, token_sha256, invited_by, expires_at)
      values (${i.id}, ${i.accountId}, ${i.email}, ${[...i.roles]}::text[], ${i.tokenSha256}, ${i.invitedBy}, ${i.expiresAt})`.execute(
    tx,
  );

export const listInvitations = (db: Db, accountId: string) =>
  rows<InvitationRow>(
    db,
    sql`select ${columns} from ${joined} where i.account_id = ${accountId} order by i.id desc limit 500`,
  );

export const findInvitation = (db: Db, id: string) =>
  row<InvitationRow>(db, sql`select ${columns} from ${joined} where i.id = ${id}`);

export const findInvitationByToken = (db: Db, tokenSha256: string) =>
  row<InvitationRow>(db, sql`select ${columns} from ${joined} where i.token_sha256 = ${tokenSha256}`);

/** The oldest that still waits for this address. */
export const findPendingInvitation = (db: Db, email: string, now: Date) =>
  row<InvitationRow>(
    db,
    sql`select ${columns} from ${joined} where i.email = ${email} and i.state = 'pending' and i.expires_at > ${now}
        order by i.id limit 1`,
  );

/** 0 when somebody was faster. */
export const moveInvitation = (tx: Tx, id: string, to: 'accepted' | 'withdrawn') =>
  changed(tx, sql`update invitations set state = ${to} where id = ${id} and state = 'pending'`);

/** A new invitation takes the place of those that were sent before. */
export const withdrawInvitationsTo = (tx: Tx, accountId: string, email: string) =>
  changed(
    tx,
    sql`update invitations set state = 'withdrawn' where account_id = ${accountId} and email = ${email} and state = 'pending'`,
  );
