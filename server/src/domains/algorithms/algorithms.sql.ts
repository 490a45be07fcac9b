import type { AlgorithmStatus, Finding, TrainingTrial } from '@souk/contract';
import { changed, type Db, json, row, rows, sql, type Tx } from '../../platform/db.ts';
import type { TrainingProgram } from '../certification/index.ts';
import { type ResourceEvent, resourceTransitions, type StepStatus } from '../models/index.ts';
import type { AlgorithmRow } from './algorithms.ts';

/** Names and log lines come from strangers' programs; PostgreSQL takes neither NUL nor half a surrogate pair. */
const storable = (value: unknown) =>
  json(
    JSON.parse(JSON.stringify(value), (_key, v: unknown) =>
      typeof v === 'string' ? v.toWellFormed().replaceAll('\0', '\ufffd') : v,
    ),
  );

const columns = sql`id, account_id as "accountId", region, name, arn, description, status, failure_reason as "failureReason",
  archive_sha256 as "archiveSha256", archive_size_bytes as "archiveSizeBytes", archive_file_name as "archiveFileName", image_only as "imageOnly",
  training_specification as "trainingSpecification", inference_specification as "inferenceSpecification",
  validation_specification as "validationSpecification", certify_for_marketplace as "certifyForMarketplace",
  scan_status as "scanStatus", scan_message as "scanMessage", training_status as "trainingStatus", training_message as "trainingMessage",
  validation_status as "validationStatus", validation_message as "validationMessage", program, trial, log, findings,
  created_by as "createdBy", created_at as "createdAt", updated_at as "updatedAt"`;

export type NewAlgorithmRow = Pick<
  AlgorithmRow,
  | 'id'
  | 'accountId'
  | 'region'
  | 'name'
  | 'arn'
  | 'description'
  | 'archiveSha256'
  | 'archiveSizeBytes'
  | 'archiveFileName'
  | 'imageOnly'
  | 'trainingSpecification'
  | 'inferenceSpecification'
  | 'validationSpecification'
  | 'certifyForMarketplace'
  | 'createdBy'
>;

export async function insert(tx: Tx, a: NewAlgorithmRow): Promise<AlgorithmRow> {
  const inserted = await row<AlgorithmRow>(
    tx,
    sql`insert into algorithms (id, account_id, region, name, arn, description, status, archive_sha256, archive_size_bytes, archive_file_name, image_only,
      training_specification, inference_specification, validation_specification, certify_for_marketplace, created_by)
    values (${a.id}, ${a.accountId}, ${a.region}, ${a.name}, ${a.arn}, ${a.description}, 'Pending', ${a.archiveSha256}, ${a.archiveSizeBytes},
      ${a.archiveFileName}, ${a.imageOnly}, ${storable(a.trainingSpecification)}, ${json(a.inferenceSpecification)}, ${storable(a.validationSpecification)},
      ${a.certifyForMarketplace}, ${a.createdBy})
    returning ${columns}`,
  );
  if (!inserted) throw new Error('the algorithm was not written');
  await history(tx, a.id, null, 'Pending');
  return inserted;
}

export const find = (db: Db, id: string) =>
  row<AlgorithmRow>(db, sql`select ${columns} from algorithms where id = ${id}`);

export const findNamed = (db: Db, accountId: string, region: string, name: string) =>
  row<AlgorithmRow>(
    db,
    sql`select ${columns} from algorithms where account_id = ${accountId} and region = ${region} and name = ${name}`,
  );

export const findByArns = (db: Db, accountId: string, arns: readonly string[]) =>
  rows<AlgorithmRow>(
    db,
    sql`select ${columns} from algorithms where account_id = ${accountId} and arn = any(${[...arns]})`,
  );

export interface Filter {
  readonly nameContains?: string;
  readonly status?: AlgorithmStatus;
  readonly before: string | null;
  readonly only: readonly string[] | null;
  readonly limit: number;
}

/** Newest first: ids begin with their time. */
export const list = (db: Db, accountId: string, f: Filter) =>
  rows<AlgorithmRow>(
    db,
    sql`select ${columns} from algorithms where account_id = ${accountId}
      and (${f.before}::text is null or id < ${f.before}) and (${f.status ?? null}::text is null or status = ${f.status ?? null})
      and (${f.nameContains ?? null}::text is null or position(lower(${f.nameContains ?? ''}) in lower(name)) > 0)
      and (${f.only && [...f.only]}::text[] is null or name = any (${f.only && [...f.only]}::text[]))
    order by id desc limit ${f.limit}`,
  );

export interface Outcome {
  readonly scanStatus?: StepStatus;
  readonly scanMessage?: string | null;
  readonly trainingStatus?: StepStatus;
  readonly trainingMessage?: string | null;
  readonly validationStatus?: StepStatus;
  readonly validationMessage?: string | null;
  readonly failureReason?: string;
  readonly program?: TrainingProgram | null;
  readonly trial?: TrainingTrial | null;
  readonly log?: readonly string[];
  readonly findings?: readonly Finding[];
}

/** The only place that moves an algorithm. False, and nothing written, when it is no longer in the state that it is moved from. */
export async function move(
  tx: Tx,
  a: Pick<AlgorithmRow, 'id' | 'status'>,
  event: ResourceEvent,
  outcome: Outcome = {},
): Promise<boolean> {
  const to = resourceTransitions[a.status][event];
  if (!to) throw new Error(`an algorithm that is ${a.status} cannot be ${event}`);
  const moved = await changed(
    tx,
    sql`update algorithms set status = ${to}, ${outcomeColumns(outcome)} where id = ${a.id} and status = ${a.status}`,
  );
  if (moved) await history(tx, a.id, a.status, to);
  return moved > 0;
}

/** Notes how far the checks are; only while they are under way. */
export const note = (tx: Tx, id: string, outcome: Outcome) =>
  changed(
    tx,
    sql`update algorithms set ${outcomeColumns(outcome)} where id = ${id} and status = 'InProgress'`,
  );

const kept = (value: unknown) => value !== undefined;

function outcomeColumns(o: Outcome) {
  return sql`scan_status = coalesce(${o.scanStatus ?? null}, scan_status),
    scan_message = case when ${kept(o.scanMessage)}::boolean then ${o.scanMessage ?? null} else scan_message end,
    training_status = coalesce(${o.trainingStatus ?? null}, training_status),
    training_message = case when ${kept(o.trainingMessage)}::boolean then ${o.trainingMessage ?? null} else training_message end,
    validation_status = coalesce(${o.validationStatus ?? null}, validation_status),
    validation_message = case when ${kept(o.validationMessage)}::boolean then ${o.validationMessage ?? null} else validation_message end,
    failure_reason = coalesce(${o.failureReason ?? null}, failure_reason),
    program = coalesce(${o.program ? storable(o.program) : null}, program),
    trial = coalesce(${o.trial ? storable(o.trial) : null}, trial),
    log = coalesce(${o.log ? storable(o.log) : null}, log),
    findings = coalesce(${o.findings ? storable(o.findings) : null}, findings), updated_at = now()`;
}

async function history(tx: Tx, id: string, from: AlgorithmStatus | null, to: AlgorithmStatus) {
  await sql`insert into algorithm_history (algorithm_id, from_status, to_status) values (${id}, ${from}, ${to})`.execute(
    tx,
  );
}

export const lock = (tx: Tx, id: string) =>
  row<AlgorithmRow>(tx, sql`select ${columns} from algorithms where id = ${id} for update`);

export const remove = (tx: Tx, id: string) =>
  changed(tx, sql`delete from algorithms where id = ${id} and status = 'Deleting'`);

/** Under way, but nothing was heard of them for long: their job was given up after all its attempts. */
export const findForgotten = (db: Db, olderThanMs: number) =>
  rows<{ id: string }>(
    db,
    sql`select id from algorithms where status in ('Pending', 'InProgress') and updated_at < now() - ${olderThanMs} * interval '1 millisecond'`,
  );

export const enabledInstanceTypes = (db: Db) =>
  rows<{ name: string; cpus: number; memoryMb: number }>(
    db,
    sql`select name, cpus::float8 as cpus, memory_mb as "memoryMb" from instance_types where enabled and backend <> 'slurm' order by price_per_hour, name`,
  );
