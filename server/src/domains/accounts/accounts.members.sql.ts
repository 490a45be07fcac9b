import type { Role } from '@souk/contract';
import { changed, type Db, row, rows, sql, type Tx } from '../../platform/db.ts';
import type { AccountRow, MemberRow, MembershipRow, PersonRow } from './accounts.ts';

export const insertMember = (tx: Tx, accountId: string, personId: string, roles: readonly Role[]) =>
  changed(
    tx,
    sql`insert into members (account_id, person_id, roles) values (${accountId}, ${personId}, ${[...roles]}::text[])`,
  );

type Flat = PersonRow & Pick<MemberRow, 'roles' | 'withheld' | 'since'>;
const memberOfRow = ({ roles, withheld, since, ...person }: Flat): MemberRow => ({
  person,
  roles,
  withheld,
  since,
});
const columns = sql`u.id, u.email, u.name, u.email_verified as "emailVerified", m.roles, m.withheld, m.since`;

export const listMembers = async (db: Db, accountId: string): Promise<MemberRow[]> =>
  (
    await rows<Flat>(
      db,
      sql`select ${columns} from members m join auth_users u on u.id = m.person_id where m.account_id = ${accountId}
          order by m.since, u.email`,
    )
  ).map(memberOfRow);

export async function findMember(
  db: Db,
  accountId: string,
  personId: string,
): Promise<MemberRow | undefined> {
  const found = await row<Flat>(
    db,
    sql`select ${columns} from members m join auth_users u on u.id = m.person_id
        where m.account_id = ${accountId} and m.person_id = ${personId}`,
  );
  return found && memberOfRow(found);
}

export const setRoles = (tx: Tx, accountId: string, personId: string, roles: readonly Role[]) =>
  changed(
    tx,
    sql`update members set roles = ${[...roles]}::text[] where account_id = ${accountId} and person_id = ${personId}`,
  );

export const setWithheld = (tx: Tx, accountId: string, personId: string, withheld: readonly string[]) =>
  changed(
    tx,
    sql`update members set withheld = ${[...withheld]}::text[] where account_id = ${accountId} and person_id = ${personId}`,
  );

/** What the person could do here ends with the membership: a key made then must not wake up at a later invitation. */
export async function removeMember(tx: Tx, accountId: string, personId: string): Promise<void> {
  await sql`delete from members where account_id = ${accountId} and person_id = ${personId}`.execute(tx);
  await sql`update api_keys set revoked_at = now()
            where account_id = ${accountId} and person_id = ${personId} and revoked_at is null`.execute(tx);
  await sql`update auth_sessions set account_id = null where account_id = ${accountId} and user_id = ${personId}`.execute(
    tx,
  );
}

type FlatMembership = AccountRow & { readonly roles: Role[] };

/** In the order in which the person came to them. */
export const membershipsOf = async (db: Db, personId: string): Promise<MembershipRow[]> =>
  (
    await rows<FlatMembership>(
      db,
      sql`select a.id, a.name, a.operator, a.created_at as "createdAt", m.roles
          from members m join accounts a on a.id = m.account_id where m.person_id = ${personId} order by m.since, a.id`,
    )
  ).map(({ roles, ...account }) => ({ account, roles }));

/** Members of an account (or of the operator's) who have any of the roles. */
export const peopleWithRoles = (db: Db, account: { id: string } | 'operator', roles: readonly Role[]) =>
  rows<PersonRow>(
    db,
    sql`select u.id, u.email, u.name, u.email_verified as "emailVerified"
        from members m join auth_users u on u.id = m.person_id join accounts a on a.id = m.account_id
        where ${account === 'operator' ? sql`a.operator` : sql`a.id = ${account.id}`} and m.roles && ${[...roles]}::text[]
        order by u.email`,
  );

/** Whether a person belongs to an account, for whichever account they act just now. */
export const isMember = async (db: Db, personId: string, accountId: string): Promise<boolean> =>
  (await row(db, sql`select 1 from members where account_id = ${accountId} and person_id = ${personId}`)) !==
  undefined;
