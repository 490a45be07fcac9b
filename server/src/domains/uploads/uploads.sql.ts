import { changed, type Db, row, rows, sql, type Tx } from '../../platform/db.ts';
import type { OwnedFile, PictureRow, Purpose, UploadRow } from './uploads.ts';

const columns = sql`id, account_id as "accountId", file_name as "fileName", purpose, size_bytes as "sizeBytes", offset_bytes as "offsetBytes",
  expected_sha256 as "expectedSha256", state, sha256, expires_at as "expiresAt"`;

export async function insert(tx: Tx, u: UploadRow): Promise<void> {
  await sql`insert into uploads (id, account_id, file_name, purpose, size_bytes, offset_bytes, expected_sha256, state, sha256, expires_at)
    values (${u.id}, ${u.accountId}, ${u.fileName}, ${u.purpose}, ${u.sizeBytes}, ${u.offsetBytes}, ${u.expectedSha256}, ${u.state}, ${u.sha256}, ${u.expiresAt})`.execute(
    tx,
  );
}

export const find = (db: Db, accountId: string, id: string, now: Date) =>
  row<UploadRow>(
    db,
    sql`select ${columns} from uploads where id = ${id} and account_id = ${accountId} and (state = 'complete' or expires_at > ${now})`,
  );

/**
 * Makes this process the only one that writes the file, until the time given. Taken over from a process that stopped renewing, and
 * at once from an earlier process of the same node: it is gone.
 */
export const claim = (tx: Tx, id: string, writer: { node: string; name: string }, forMs: number) =>
  changed(
    tx,
    sql`update uploads set writer = ${writer.name}, writer_until = now() + ${forMs} * interval '1 millisecond'
    where id = ${id} and state = 'receiving' and (writer is null or writer_until < now() or split_part(writer, '/', 1) = ${writer.node})`,
  );

export const renew = (tx: Tx, id: string, writer: string, forMs: number) =>
  changed(
    tx,
    sql`update uploads set writer_until = now() + ${forMs} * interval '1 millisecond' where id = ${id} and writer = ${writer}`,
  );

export const release = (tx: Tx, id: string, writer: string, offsetBytes: number) =>
  changed(
    tx,
    sql`update uploads set writer = null, writer_until = null, offset_bytes = ${offsetBytes} where id = ${id} and writer = ${writer}`,
  );

/** Repairs the row after a kill: the file is ahead of it and nobody writes. */
export const followFile = (tx: Tx, id: string, offsetBytes: number) =>
  changed(
    tx,
    sql`update uploads set offset_bytes = ${offsetBytes} where id = ${id} and state = 'receiving' and (writer is null or writer_until < now())`,
  );

export const setSha256 = (tx: Tx, id: string, sha256: string) =>
  changed(tx, sql`update uploads set sha256 = ${sha256} where id = ${id} and state = 'receiving'`);

export const complete = (tx: Tx, id: string) =>
  changed(
    tx,
    sql`update uploads set state = 'complete', offset_bytes = size_bytes, writer = null, writer_until = null where id = ${id} and state = 'receiving'`,
  );

export const remove = (tx: Tx, id: string) => changed(tx, sql`delete from uploads where id = ${id}`);

export const removeExpired = (tx: Tx, now: Date) =>
  rows<{ id: string }>(
    tx,
    sql`delete from uploads where state = 'receiving' and expires_at < ${now} and (writer is null or writer_until < now()) returning id`,
  );

export const removeUnused = (tx: Tx, purpose: 'data' | 'image', now: Date) =>
  rows<{ sha256: string }>(
    tx,
    sql`delete from uploads where purpose = ${purpose} and state = 'complete' and expires_at < ${now} returning sha256`,
  );

export const knownIds = (db: Db, ids: readonly string[]) =>
  rows<{ id: string }>(db, sql`select id from uploads where state = 'receiving' and id = any(${[...ids]})`);

export async function insertOwner(
  tx: Tx,
  o: OwnedFile & { accountId: string; kind: Purpose; contentType: string | null },
): Promise<void> {
  await sql`insert into blob_owners (sha256, account_id, kind, file_name, content_type, size_bytes)
    values (${o.sha256}, ${o.accountId}, ${o.kind}, ${o.fileName}, ${o.contentType}, ${o.sizeBytes}) on conflict do nothing`.execute(
    tx,
  );
}

export const findOwned = (db: Db, accountId: string, kind: Purpose, sha256: readonly string[]) =>
  rows<OwnedFile>(
    db,
    sql`select sha256, size_bytes as "sizeBytes", file_name as "fileName" from blob_owners
    where account_id = ${accountId} and kind = ${kind} and sha256 = any(${[...sha256]})`,
  );

/** Somebody who sent it as a picture. */
export const findMedia = (db: Db, sha256: string) =>
  row<{ fileName: string }>(
    db,
    sql`select file_name as "fileName" from blob_owners where sha256 = ${sha256} and kind = 'media' limit 1`,
  );

export const findPicture = (db: Db, sha256: string) =>
  row<PictureRow>(
    db,
    sql`select sha256, served_sha256 as "servedSha256", content_type as "contentType", width, height, size_bytes as "sizeBytes", ground
    from media_images where sha256 = ${sha256}`,
  );

/** Under both digests; the first to come stays. */
export async function insertPicture(tx: Tx, p: PictureRow): Promise<void> {
  for (const sha256 of new Set([p.sha256, p.servedSha256]))
    await sql`insert into media_images (sha256, served_sha256, content_type, width, height, size_bytes, ground)
      values (${sha256}, ${p.servedSha256}, ${p.contentType}, ${p.width}, ${p.height}, ${p.sizeBytes}, ${p.ground}) on conflict do nothing`.execute(
      tx,
    );
}
