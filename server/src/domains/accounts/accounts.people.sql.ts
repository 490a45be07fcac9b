import type { Role } from '@souk/contract';
import { changed, type Db, row, sql, type Tx } from '../../platform/db.ts';
import type { AccountRow, PersonRow } from './accounts.ts';

const columns = sql`u.id, u.email, u.name, u.email_verified as "emailVerified"`;

/** Undefined when the address is taken. */
export const insertPerson = (tx: Tx, p: PersonRow) =>
  row<PersonRow>(
    tx,
    sql`insert into auth_users as u (id, email, name, email_verified) values (${p.id}, ${p.email}, ${p.name}, ${p.emailVerified})
        on conflict (email) do nothing returning ${columns}`,
  );

/** As the library keeps passwords: it reads this row at sign-in. */
export const insertPassword = (tx: Tx, id: string, personId: string, hash: string) =>
  sql`insert into auth_credentials (id, user_id, issuer, account_id, provider_id, password)
      values (${id}, ${personId}, 'local:credential', ${personId}, 'credential', ${hash})`.execute(tx);

export const findPerson = (db: Db, id: string) =>
  row<PersonRow>(db, sql`select ${columns} from auth_users u where u.id = ${id}`);

export const findPersonByEmail = (db: Db, email: string) =>
  row<PersonRow>(db, sql`select ${columns} from auth_users u where u.email = ${email}`);

export const lockPerson = (tx: Tx, id: string) =>
  row<PersonRow>(tx, sql`select ${columns} from auth_users u where u.id = ${id} for update`);

/** 0 when the address was already known to be the person's. */
export const markEmailVerified = (tx: Tx, id: string) =>
  changed(
    tx,
    sql`update auth_users set email_verified = true, updated_at = now() where id = ${id} and not email_verified`,
  );

export interface SessionRow {
  readonly id: string;
  readonly expiresAt: Date;
  readonly person: PersonRow;
  readonly account: AccountRow | null;
  readonly roles: Role[];
  readonly withheld: string[];
}

/**
 * A session, and the account that it acts for: the one that was chosen if the person is still its member, else the one that
 * the person has belonged to for longest, else none.
 */
export async function findSession(db: Db, token: string): Promise<SessionRow | undefined> {
  const found = await row<{
    id: string;
    expiresAt: Date;
    personId: string;
    email: string;
    personName: string;
    emailVerified: boolean;
    accountId: string | null;
    accountName: string;
    operator: boolean;
    createdAt: Date;
    roles: Role[] | null;
    withheld: string[] | null;
  }>(
    db,
    sql`select s.id, s.expires_at as "expiresAt", u.id as "personId", u.email, u.name as "personName", u.email_verified as "emailVerified",
          m.id as "accountId", m.name as "accountName", m.operator, m.created_at as "createdAt", m.roles, m.withheld
        from auth_sessions s join auth_users u on u.id = s.user_id
          left join lateral (
            select a.id, a.name, a.operator, a.created_at, m.roles, m.withheld from members m join accounts a on a.id = m.account_id
            where m.person_id = u.id order by coalesce(m.account_id = s.account_id, false) desc, m.since, m.account_id limit 1
          ) m on true
        where s.token = ${token}`,
  );
  if (!found) return undefined;
  const {
    id,
    expiresAt,
    personId,
    email,
    personName,
    emailVerified,
    accountId,
    accountName,
    operator,
    createdAt,
    roles,
    withheld,
  } = found;
  return {
    id,
    expiresAt,
    person: { id: personId, email, name: personName, emailVerified },
    account: accountId === null ? null : { id: accountId, name: accountName, operator, createdAt },
    roles: roles ?? [],
    withheld: withheld ?? [],
  };
}

export const setSessionAccount = (tx: Tx, sessionId: string, accountId: string) =>
  changed(
    tx,
    sql`update auth_sessions set account_id = ${accountId}, updated_at = now() where id = ${sessionId}`,
  );

export const removeSession = (tx: Tx, sessionId: string) =>
  changed(tx, sql`delete from auth_sessions where id = ${sessionId}`);
