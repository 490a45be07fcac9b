import type { TransformFailure } from '@souk/contract';
import { changed, type Db, json, row, rows, sql, type Tx } from '../../platform/db.ts';
import type { Effective } from './transforms.rules.ts';
import {
  type FileRow,
  type TransformEvent,
  type TransformRow,
  type TransformState,
  transitions,
} from './transforms.ts';

const columns = sql`id, account_id as "accountId", name, state, stage, failure, model, request, effective, files_total as "filesTotal", files_done as "filesDone",
  files_failed as "filesFailed", bytes_total as "bytesTotal", rows_done as "rowsDone", calls_done as "callsDone", bytes_done as "bytesDone",
  counted_units as "countedUnits", live, manifest_uri as "manifestUri", log, created_by as "createdBy", person_id as "personId", created_at as "createdAt", started_at as "startedAt", ended_at as "endedAt"`;

export async function insert(
  tx: Tx,
  j: Pick<TransformRow, 'id' | 'accountId' | 'name' | 'model' | 'request' | 'createdBy' | 'personId'>,
): Promise<void> {
  await sql`insert into transform_jobs (id, account_id, name, subscription_id, model, request, created_by, person_id)
    values (${j.id}, ${j.accountId}, ${j.name}, ${j.model.subscriptionId}, ${json(j.model)}, ${json(j.request)}, ${j.createdBy}, ${j.personId})`.execute(
    tx,
  );
  await history(tx, j.id, 'created', null, 'InProgress', j.createdBy);
  await tell(tx, j.id);
}

export const findByName = (db: Db, accountId: string, name: string) =>
  row<TransformRow>(
    db,
    sql`select ${columns} from transform_jobs where account_id = ${accountId} and name = ${name}`,
  );

export const find = (db: Db, id: string) =>
  row<TransformRow>(db, sql`select ${columns} from transform_jobs where id = ${id}`);

export const list = (
  db: Db,
  accountId: string,
  filter: { state?: TransformState; subscriptionId?: string },
  before: string | null,
  limit: number,
) =>
  rows<TransformRow>(
    db,
    sql`select ${columns} from transform_jobs where account_id = ${accountId} and (${filter.state ?? null}::text is null or state = ${filter.state ?? null})
    and (${filter.subscriptionId ?? null}::text is null or subscription_id = ${filter.subscriptionId ?? null})
    and (${before}::text is null or id < ${before}) order by id desc limit ${limit}`,
  );

export const underWay = (db: Db, subscriptionIds: readonly string[]) =>
  rows<TransformRow>(
    db,
    sql`select ${columns} from transform_jobs where subscription_id = any (${[...subscriptionIds]}) and ended_at is null order by id`,
  );

/** The only place that moves a job; undefined when it is no longer in a state that the event has a meaning in. */
export async function move(
  tx: Tx,
  id: string,
  event: TransformEvent,
  by: string,
  failure: TransformFailure | null = null,
): Promise<TransformState | undefined> {
  const now = await row<{ state: TransformState }>(
    tx,
    sql`select state from transform_jobs where id = ${id} for update`,
  );
  const to = now && transitions[now.state][event];
  if (!to) return undefined;
  const ended = Object.keys(transitions[to]).length === 0;
  await sql`update transform_jobs set state = ${to}, failure = coalesce(${failure ? json(failure) : null}, failure),
      ended_at = case when ${ended} then now() end, stage = case when ${ended} then 'Ended' else stage end,
      worker = case when ${ended} then null else worker end, worker_until = case when ${ended} then null else worker_until end
    where id = ${id}`.execute(tx);
  await history(tx, id, event, now.state, to, by);
  await tell(tx, id);
  await sql`select pg_notify('souk_transform_stop', ${id})`.execute(tx);
  return to;
}

async function history(tx: Tx, id: string, event: string, from: string | null, to: string, by: string) {
  await sql`insert into transform_history (job_id, event, from_state, to_state, by) values (${id}, ${event}, ${from}, ${to}, ${by})`.execute(
    tx,
  );
}

/** Whoever follows the job, and whoever works on it, looks again. */
export async function tell(tx: Tx, id: string): Promise<void> {
  await sql`select pg_notify('souk_transform', ${id})`.execute(tx);
}

/**
 * Takes the oldest job that nobody works on: new ones, and those whose worker has not been heard of. What an earlier process of
 * this node had is free when that process is gone (`release`).
 */
export const claim = (tx: Tx, worker: string, forMs: number, onCluster: boolean) =>
  row<Claimed>(
    tx,
    sql`update transform_jobs set worker = ${worker}, worker_until = now() + ${forMs} * interval '1 millisecond', taken = taken + 1,
        started_at = coalesce(started_at, now()), live = '{"rows": 0, "calls": 0, "bytes": 0, "rowsPerSecond": 0}'
      where id = (select id from transform_jobs j where ended_at is null and (worker_until is null or worker_until < now())
          and ${onCluster} = exists (select from instance_types t where t.name = j.request -> 'transformResources' ->> 'instanceType' and t.backend = 'slurm')
        order by created_at for update skip locked limit 1)
      returning ${columns}, taken`,
  );

export type Claimed = TransformRow & { readonly taken: number };

/** Frees what an earlier process of this node worked on. */
export async function release(tx: Tx, node: string): Promise<void> {
  await sql`update transform_jobs set worker = null, worker_until = null where ended_at is null and split_part(worker, '/', 1) = ${node}`.execute(
    tx,
  );
}

/** Stays its worker; undefined when somebody else is by now. Also what the job should be doing. */
export const renew = (tx: Tx, id: string, worker: string, forMs: number) =>
  row<{ state: TransformState }>(
    tx,
    sql`update transform_jobs set worker_until = now() + ${forMs} * interval '1 millisecond' where id = ${id} and worker = ${worker} returning state`,
  );

/** Gives the job back: another may take it at once. */
export async function giveBack(tx: Tx, id: string, worker: string): Promise<void> {
  await sql`update transform_jobs set worker = null, worker_until = null, taken = taken - 1, stage = 'Waiting' where id = ${id} and worker = ${worker}`.execute(
    tx,
  );
}

/** After a fault of ours: taken again in a while, not at once. */
export async function pauseAfterFault(tx: Tx, id: string, worker: string): Promise<void> {
  await sql`update transform_jobs set worker = null, worker_until = now() + interval '5 seconds', stage = 'Waiting' where id = ${id} and worker = ${worker}`.execute(
    tx,
  );
}

export interface Live {
  readonly stage?: TransformRow['stage'];
  readonly effective?: Effective;
  readonly live?: TransformRow['live'];
  readonly log?: readonly string[];
}
/** What a worker tells of its work; nothing once it is no longer its own. */
export async function writeLive(tx: Tx, id: string, worker: string, l: Live): Promise<void> {
  await sql`update transform_jobs set stage = coalesce(${l.stage ?? null}, stage), effective = coalesce(${l.effective ? json(l.effective) : null}, effective),
      live = coalesce(${l.live ? json(l.live) : null}, live), log = coalesce(${l.log ? [...l.log] : null}::text[], log)
    where id = ${id} and worker = ${worker}`.execute(tx);
  await tell(tx, id);
}

/** The inputs, all at once: a job has either all of its files or none. */
export async function insertFiles(
  tx: Tx,
  id: string,
  files: readonly Pick<FileRow, 'inputUri' | 'outputUri' | 'inputBytes'>[],
): Promise<void> {
  await sql`insert into transform_files (job_id, position, input_uri, output_uri, input_bytes)
    select ${id}, f.position, f.value ->> 'inputUri', f.value ->> 'outputUri', (f.value ->> 'inputBytes')::bigint
    from jsonb_array_elements(${json(files)}) with ordinality as f (value, position)`.execute(tx);
  await sql`update transform_jobs set files_total = ${files.length}, bytes_total = ${files.reduce((n, f) => n + f.inputBytes, 0)} where id = ${id}`.execute(
    tx,
  );
}

const fileColumns = sql`position, input_uri as "inputUri", output_uri as "outputUri", input_bytes as "inputBytes", state, rows, calls, output_bytes as "outputBytes",
  output_sha256 as "outputSha256", failure, finished_at as "finishedAt"`;

export const listFiles = (db: Db, id: string, state: FileRow['state'] | null, after: number, limit: number) =>
  rows<FileRow>(
    db,
    sql`select ${fileColumns} from transform_files where job_id = ${id} and position > ${after} and (${state}::text is null or state = ${state}) order by position limit ${limit}`,
  );

/** Those of a worker that was killed are done from their beginning: nothing of them was kept. */
export const unfinished = (db: Db, id: string) =>
  rows<FileRow>(
    db,
    sql`select ${fileColumns} from transform_files where job_id = ${id} and state in ('waiting', 'running') order by position`,
  );

export async function beginFile(tx: Tx, id: string, position: number): Promise<void> {
  await sql`update transform_files set state = 'running' where job_id = ${id} and position = ${position}`.execute(
    tx,
  );
}

/** Held by its worker until the transaction ends; false when the job is another's by now. */
export const isWorker = async (tx: Tx, id: string, worker: string): Promise<boolean> =>
  (await row(tx, sql`select id from transform_jobs where id = ${id} and worker = ${worker} for update`)) !==
  undefined;

export async function finishFile(
  tx: Tx,
  id: string,
  f: {
    position: number;
    rows: number;
    calls: number;
    units: number;
    inputBytes: number;
    outputBytes: number;
    outputSha256: string;
  },
): Promise<void> {
  await sql`update transform_files set state = 'done', rows = ${f.rows}, calls = ${f.calls}, output_bytes = ${f.outputBytes}, output_sha256 = ${f.outputSha256}, finished_at = now()
    where job_id = ${id} and position = ${f.position}`.execute(tx);
  await sql`update transform_jobs set files_done = files_done + 1, rows_done = rows_done + ${f.rows}, calls_done = calls_done + ${f.calls},
    bytes_done = bytes_done + ${f.inputBytes}, counted_units = counted_units + ${f.units} where id = ${id}`.execute(
    tx,
  );
  await tell(tx, id);
}

export async function failFile(
  tx: Tx,
  id: string,
  f: { position: number; inputBytes: number; failure: TransformFailure },
): Promise<void> {
  await sql`update transform_files set state = 'failed', failure = ${json(f.failure)}, finished_at = now() where job_id = ${id} and position = ${f.position}`.execute(
    tx,
  );
  await sql`update transform_jobs set files_failed = files_failed + 1, bytes_done = bytes_done + ${f.inputBytes} where id = ${id}`.execute(
    tx,
  );
  await tell(tx, id);
}

export async function skipRest(tx: Tx, id: string): Promise<void> {
  await sql`update transform_files set state = 'skipped' where job_id = ${id} and state in ('waiting', 'running')`.execute(
    tx,
  );
}

export const firstFailed = (db: Db, id: string) =>
  row<FileRow>(
    db,
    sql`select ${fileColumns} from transform_files where job_id = ${id} and state = 'failed' order by position limit 1`,
  );

export async function setManifest(tx: Tx, id: string, uri: string): Promise<void> {
  await changed(tx, sql`update transform_jobs set manifest_uri = ${uri} where id = ${id}`);
}
