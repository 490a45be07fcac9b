import { type Db, row, rows, sql, type Tx } from '../../platform/db.ts';
import type { DetailsRow } from './publishers.ts';

const columns = sql`id, account_id as "accountId", what, version, sealed, form, to_char(expires_on, 'YYYY-MM-DD') as "expiresOn",
  created_by as "createdBy", created_at as "createdAt"`;

/** Every version, newest first. */
export const versions = (db: Db, accountId: string, what: DetailsRow['what']) =>
  rows<DetailsRow>(
    db,
    sql`select ${columns} from publisher_payment_details where account_id = ${accountId} and what = ${what} order by version desc`,
  );

export const newest = (db: Db, accountId: string, what: DetailsRow['what']) =>
  row<DetailsRow>(
    db,
    sql`select ${columns} from publisher_payment_details where account_id = ${accountId} and what = ${what} order by version desc limit 1`,
  );

export async function insert(tx: Tx, d: DetailsRow): Promise<void> {
  await sql`insert into publisher_payment_details (id, account_id, what, version, sealed, form, expires_on, created_by, created_at)
    values (${d.id}, ${d.accountId}, ${d.what}, ${d.version}, ${d.sealed}, ${d.form}, ${d.expiresOn}::date, ${d.createdBy}, ${d.createdAt})`.execute(
    tx,
  );
}

/** Newest tax forms that end on or before a day. */
export const expiring = (db: Db, upTo: string) =>
  rows<{ accountId: string; form: string; version: number; expiresOn: string }>(
    db,
    sql`select account_id as "accountId", form, version, to_char(expires_on, 'YYYY-MM-DD') as "expiresOn"
      from (select distinct on (account_id) * from publisher_payment_details where what = 'tax' order by account_id, version desc) d
      where expires_on <= ${upTo}::date`,
  );
