import type { Finding, ImageStatus } from '@souk/contract';
import { changed, type Db, json, row, rows, sql, type Tx } from '../../platform/db.ts';
import {
  type ImageContents,
  type ImageEvent,
  type ImageRow,
  type ImageVerdict,
  imageTransitions,
} from './images.ts';

/** Names and labels come from strangers; PostgreSQL takes neither NUL nor half a surrogate pair. */
const storable = (value: unknown) =>
  json(
    JSON.parse(JSON.stringify(value), (_key, v: unknown) =>
      typeof v === 'string' ? v.toWellFormed().replaceAll('\0', '\ufffd') : v,
    ),
  );

const columns = sql`id, account_id as "accountId", name, source, archive_sha256 as "archiveSha256", credentials_sealed as "credentialsSealed",
  status, status_message as "statusMessage", failure_reason as "failureReason", digest, verdict_key as "verdictKey", findings,
  created_by as "createdBy", created_at as "createdAt", updated_at as "updatedAt"`;

export type NewImageRow = Pick<
  ImageRow,
  'id' | 'accountId' | 'name' | 'source' | 'archiveSha256' | 'credentialsSealed' | 'createdBy'
>;

export async function insert(tx: Tx, i: NewImageRow): Promise<ImageRow> {
  const inserted = await row<ImageRow>(
    tx,
    sql`insert into images (id, account_id, name, source, archive_sha256, credentials_sealed, status, created_by)
    values (${i.id}, ${i.accountId}, ${i.name}, ${storable(i.source)}, ${i.archiveSha256}, ${i.credentialsSealed}, 'Pending', ${i.createdBy})
    returning ${columns}`,
  );
  if (!inserted) throw new Error('the image was not written');
  await history(tx, i.id, null, 'Pending');
  return inserted;
}

export const find = (db: Db, id: string) =>
  row<ImageRow>(db, sql`select ${columns} from images where id = ${id}`);

/** By id or digest. Of several with one digest the one that passed, then the newest. */
export const findNamed = (db: Db, accountId: string, image: string) =>
  row<ImageRow>(
    db,
    sql`select ${columns} from images where account_id = ${accountId} and (id = ${image} or digest = ${image})
    order by (status = 'Completed') desc, id desc limit 1`,
  );

export const lock = (tx: Tx, id: string) =>
  row<ImageRow>(tx, sql`select ${columns} from images where id = ${id} for update`);

export interface Filter {
  readonly nameContains?: string;
  readonly status?: ImageStatus;
  readonly before: string | null;
  readonly limit: number;
}

/** Newest first: ids begin with their time. */
export const list = (db: Db, accountId: string, f: Filter) =>
  rows<ImageRow & { sizeBytes: number | null; os: string | null; architecture: string | null }>(
    db,
    sql`select ${columns}, (select c.size_bytes from image_contents c where c.digest = images.digest)::float8 as "sizeBytes",
      (select v.examined -> 'config' ->> 'os' from image_verdicts v where v.key = images.verdict_key) as os,
      (select v.examined -> 'config' ->> 'architecture' from image_verdicts v where v.key = images.verdict_key) as architecture
    from images where account_id = ${accountId}
      and (${f.before}::text is null or id < ${f.before}) and (${f.status ?? null}::text is null or status = ${f.status ?? null})
      and (${f.nameContains ?? null}::text is null or position(lower(${f.nameContains ?? ''}) in lower(name)) > 0)
    order by id desc limit ${f.limit}`,
  );

export const countPending = async (tx: Tx, accountId: string): Promise<number> =>
  (
    await row<{ n: number }>(
      tx,
      sql`select count(*)::int as n from images where account_id = ${accountId} and status in ('Pending', 'Scanning')`,
    )
  )?.n ?? 0;

/** What the account keeps: every layer once, however many of its images have it. Refused images keep theirs until they are deleted. */
export const keptBytes = async (db: Db, accountId: string): Promise<number> =>
  (
    await row<{ n: number }>(
      db,
      sql`select coalesce(sum(size), 0)::float8 as n from (select distinct l ->> 'digest', (l ->> 'sizeBytes')::bigint as size
        from images i join image_contents c on c.digest = i.digest, jsonb_array_elements(c.layers) l where i.account_id = ${accountId}) kept`,
    )
  )?.n ?? 0;

/** Takes back what was noted of an image that may not be kept: its parts go with the next sweep. */
export const letGo = (tx: Tx, id: string) =>
  changed(tx, sql`update images set digest = null where id = ${id}`);

export interface Outcome {
  readonly name?: string;
  readonly digest?: string;
  /** Taken apart: the archive is no longer needed, nor what opened the registry. */
  readonly brought?: boolean;
  readonly verdictKey?: string;
  readonly statusMessage?: string | null;
  readonly failureReason?: string;
  readonly findings?: readonly Finding[];
}

/** The only place that moves an image. False, and nothing written, when it is no longer in the state that it is moved from. */
export async function move(
  tx: Tx,
  i: Pick<ImageRow, 'id' | 'status'>,
  event: ImageEvent,
  outcome: Outcome = {},
): Promise<boolean> {
  const to = imageTransitions[i.status][event];
  if (!to) throw new Error(`an image that is ${i.status} cannot be ${event}`);
  const moved = await changed(
    tx,
    sql`update images set status = ${to}, ${outcomeColumns(outcome)} where id = ${i.id} and status = ${i.status}`,
  );
  if (moved) await history(tx, i.id, i.status, to);
  return moved > 0;
}

/** Notes how far the checks are; only while they are under way. */
export const note = (tx: Tx, id: string, outcome: Outcome) =>
  changed(tx, sql`update images set ${outcomeColumns(outcome)} where id = ${id} and status = 'Scanning'`);

function outcomeColumns(o: Outcome) {
  const said = o.statusMessage !== undefined;
  return sql`name = coalesce(${o.name ?? null}, name), digest = coalesce(${o.digest ?? null}, digest),
    archive_sha256 = case when ${o.brought === true}::boolean then null else archive_sha256 end,
    credentials_sealed = case when ${o.brought === true}::boolean then null else credentials_sealed end,
    verdict_key = coalesce(${o.verdictKey ?? null}, verdict_key),
    status_message = case when ${said}::boolean then ${o.statusMessage ?? null} else status_message end,
    failure_reason = coalesce(${o.failureReason ?? null}, failure_reason),
    findings = coalesce(${o.findings ? storable(o.findings) : null}, findings), updated_at = now()`;
}

async function history(tx: Tx, id: string, from: ImageStatus | null, to: ImageStatus) {
  await sql`insert into image_history (image_id, from_status, to_status) values (${id}, ${from}, ${to})`.execute(
    tx,
  );
}

export const remove = (tx: Tx, id: string) => changed(tx, sql`delete from images where id = ${id}`);

/** The same image under an earlier push: the newer one takes its place. */
export const removeOlder = (tx: Tx, i: Pick<ImageRow, 'id' | 'accountId'>, digest: string) =>
  changed(
    tx,
    sql`delete from images where account_id = ${i.accountId} and digest = ${digest} and id < ${i.id} and status in ('Completed', 'Failed')`,
  );

/** Under way, but nothing was heard of them for long: their job was given up after all its attempts. */
export const findForgotten = (db: Db, olderThanMs: number) =>
  rows<{ id: string }>(
    db,
    sql`select id from images where status in ('Pending', 'Scanning') and updated_at < now() - ${olderThanMs} * interval '1 millisecond'`,
  );

export const findContents = (db: Db, digest: string) =>
  row<ImageContents>(
    db,
    sql`select digest, media_type as "mediaType", manifest_bytes::float8 as "manifestBytes", config_digest as "configDigest", layers,
      size_bytes::float8 as "sizeBytes" from image_contents where digest = ${digest}`,
  );

export async function insertContents(tx: Tx, c: ImageContents): Promise<void> {
  await sql`insert into image_contents (digest, media_type, manifest_bytes, config_digest, layers, size_bytes)
    values (${c.digest}, ${c.mediaType}, ${c.manifestBytes}, ${c.configDigest}, ${json(c.layers)}, ${c.sizeBytes}) on conflict do nothing`.execute(
    tx,
  );
}

export const findVerdict = (db: Db, key: string) =>
  row<ImageVerdict>(db, sql`select key, examined from image_verdicts where key = ${key}`);

export async function insertVerdict(tx: Tx, digest: string, v: ImageVerdict): Promise<void> {
  await sql`insert into image_verdicts (key, digest, examined) values (${v.key}, ${digest}, ${storable(v.examined)}) on conflict (key) do update
    set examined = excluded.examined`.execute(tx);
}
