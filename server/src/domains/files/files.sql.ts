import { changed, type Db, row, rows, sql, type Tx } from '../../platform/db.ts';
import type { FileRow } from './files.ts';

const columns = sql`account_id as "accountId", path, sha256, size_bytes as "sizeBytes", content_type as "contentType", created_by as "createdBy", created_at as "createdAt"`;

export const find = (db: Db, accountId: string, path: string) =>
  row<FileRow>(db, sql`select ${columns} from files where account_id = ${accountId} and path = ${path}`);

/** `like` would take _ and % in a path for more than they are. */
export const list = (db: Db, accountId: string, prefix: string, after: string | null, limit: number) =>
  rows<FileRow>(
    db,
    sql`select ${columns} from files where account_id = ${accountId} and path >= ${prefix} and starts_with(path, ${prefix})
    and (${after}::text is null or path > ${after}) order by path limit ${limit}`,
  );

export interface Used {
  readonly sizeBytes: number;
  readonly files: number;
}
const none: Used = { sizeBytes: 0, files: 0 };

export const used = async (db: Db, accountId: string): Promise<Used> =>
  (await row<Used>(
    db,
    sql`select size_bytes as "sizeBytes", files from file_usage where account_id = ${accountId}`,
  )) ?? none;

/** How much the account keeps; whoever else adds or removes waits until this transaction has ended. */
export async function lockUsed(tx: Tx, accountId: string): Promise<Used> {
  await sql`insert into file_usage (account_id) values (${accountId}) on conflict do nothing`.execute(tx);
  return (
    (await row<Used>(
      tx,
      sql`select size_bytes as "sizeBytes", files from file_usage where account_id = ${accountId} for update`,
    )) ?? none
  );
}

export async function addUsed(tx: Tx, accountId: string, sizeBytes: number, files: number): Promise<void> {
  await sql`update file_usage set size_bytes = size_bytes + ${sizeBytes}, files = files + ${files} where account_id = ${accountId}`.execute(
    tx,
  );
}

export const put = (tx: Tx, f: Omit<FileRow, 'createdAt'>) =>
  row<FileRow>(
    tx,
    sql`insert into files (account_id, path, sha256, size_bytes, content_type, created_by)
    values (${f.accountId}, ${f.path}, ${f.sha256}, ${f.sizeBytes}, ${f.contentType}, ${f.createdBy})
    on conflict (account_id, path) do update set sha256 = excluded.sha256, size_bytes = excluded.size_bytes, content_type = excluded.content_type,
      created_by = excluded.created_by, created_at = now() returning ${columns}`,
  );

export const remove = (tx: Tx, accountId: string, path: string) =>
  row<FileRow>(
    tx,
    sql`delete from files where account_id = ${accountId} and path = ${path} returning ${columns}`,
  );

export async function giveUp(tx: Tx, digests: readonly string[]): Promise<void> {
  if (digests.length === 0) return;
  await sql`insert into files_given_up (sha256) select distinct unnest(${[...digests]}::text[]) on conflict do nothing`.execute(
    tx,
  );
}

/** Contents that have been nobody's for long enough; those that found somebody again are forgotten about. */
export const nobodys = (tx: Tx, before: Date) =>
  rows<{ sha256: string }>(
    tx,
    sql`with again as (delete from files_given_up g using files f where f.sha256 = g.sha256 returning g.sha256)
    select sha256 from files_given_up where since < ${before} and sha256 not in (select sha256 from again) limit 1000`,
  );

export const forget = (tx: Tx, sha256: string) =>
  changed(tx, sql`delete from files_given_up where sha256 = ${sha256}`);
