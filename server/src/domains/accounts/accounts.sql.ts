import { changed, type Db, row, rows, sql, type Tx } from '../../platform/db.ts';
import { newAccountId } from '../../platform/ids.ts';
import type { AccountRow } from './accounts.ts';

const columns = sql`a.id, a.name, a.operator, a.created_at as "createdAt"`;

/** Ids are random and few digits, so another is drawn when one is taken. */
export async function insertAccount(tx: Tx, name: string, operator = false): Promise<AccountRow> {
  for (;;) {
    const inserted = await row<AccountRow>(
      tx,
      sql`insert into accounts as a (id, name, operator) values (${newAccountId()}, ${name}, ${operator})
          on conflict (id) do nothing returning ${columns}`,
    );
    if (inserted) return inserted;
  }
}

export const findAccount = (db: Db, id: string) =>
  row<AccountRow>(db, sql`select ${columns} from accounts a where a.id = ${id}`);

/** Changes of members wait for each other here, so that two of them cannot each leave the last admin to the other. */
export const lockAccount = (tx: Tx, id: string) =>
  row<AccountRow>(tx, sql`select ${columns} from accounts a where a.id = ${id} for update`);

export const renameAccount = (tx: Tx, id: string, name: string) =>
  row<AccountRow>(tx, sql`update accounts a set name = ${name} where a.id = ${id} returning ${columns}`);

/** Newest first; `q` is part of a name, or the beginning of an id. */
export const listAccounts = (db: Db, q: string | undefined, after: string | undefined, limit: number) =>
  rows<AccountRow>(
    db,
    sql`select ${columns} from accounts a
        where (${q ?? null}::text is null or a.name ilike '%' || ${likeText(q ?? '')} || '%' or starts_with(a.id, ${q ?? ''}))
          and (${after ?? null}::text is null
            or (a.created_at, a.id) < (select c.created_at, c.id from accounts c where c.id = ${after ?? null}))
        order by a.created_at desc, a.id desc limit ${limit}`,
  );

const likeText = (text: string) => text.replace(/[\\%_]/g, '\\$&');

export const removeExpired = async (tx: Tx): Promise<void> => {
  await changed(tx, sql`delete from auth_sessions where expires_at < now()`);
  await changed(tx, sql`delete from auth_verifications where expires_at < now()`);
};

export const hasAccounts = async (db: Db, which: 'any' | 'operator'): Promise<boolean> =>
  (
    await row<{ found: boolean }>(
      db,
      sql`select exists (select 1 from accounts where operator or ${which === 'any'}) as found`,
    )
  )?.found ?? false;
