import type { Finding, ModelPackageStatus, OnnxDescription } from '@souk/contract';
import { changed, type Db, json, row, rows, sql, type Tx } from '../../platform/db.ts';
import type { Certification, CertifiedAs } from '../certification/index.ts';
import { type ModelPackageEvent, type ModelPackageRow, type StepStatus, transitions } from './models.ts';

/** Names come from strangers' archives and models; PostgreSQL takes neither NUL nor half a surrogate pair. */
const storable = (value: unknown) =>
  json(
    JSON.parse(JSON.stringify(value), (_key, v: unknown) =>
      typeof v === 'string' ? v.toWellFormed().replaceAll('\0', '\ufffd') : v,
    ),
  );

const columns = sql`id, account_id as "accountId", region, name, arn, description, status, failure_reason as "failureReason",
  archive_sha256 as "archiveSha256", archive_size_bytes as "archiveSizeBytes", archive_file_name as "archiveFileName", image_only as "imageOnly",
  inference_specification as "inferenceSpecification", validation_specification as "validationSpecification",
  certify_for_marketplace as "certifyForMarketplace", scan_status as "scanStatus", scan_message as "scanMessage",
  validation_status as "validationStatus", validation_message as "validationMessage", onnx, findings, created_by as "createdBy",
  trained_by_subscription_id as "trainedBySubscriptionId", training_job as "trainingJob",
  created_at as "createdAt", updated_at as "updatedAt"`;

export type NewModelPackage = Pick<
  ModelPackageRow,
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
  | 'inferenceSpecification'
  | 'validationSpecification'
  | 'certifyForMarketplace'
  | 'createdBy'
  | 'trainedBySubscriptionId'
  | 'trainingJob'
>;

export async function insert(tx: Tx, p: NewModelPackage): Promise<ModelPackageRow> {
  const inserted = await row<ModelPackageRow>(
    tx,
    sql`insert into model_packages (id, account_id, region, name, arn, description, status, archive_sha256, archive_size_bytes,
      archive_file_name, image_only, inference_specification, validation_specification, certify_for_marketplace, created_by, trained_by_subscription_id, training_job)
    values (${p.id}, ${p.accountId}, ${p.region}, ${p.name}, ${p.arn}, ${p.description}, 'Pending', ${p.archiveSha256}, ${p.archiveSizeBytes},
      ${p.archiveFileName}, ${p.imageOnly}, ${json(p.inferenceSpecification)}, ${json(p.validationSpecification)}, ${p.certifyForMarketplace}, ${p.createdBy}, ${p.trainedBySubscriptionId}, ${p.trainingJob})
    returning ${columns}`,
  );
  if (!inserted) throw new Error('the model package was not written');
  await history(tx, p.id, null, 'Pending');
  return inserted;
}

export const find = (db: Db, id: string) =>
  row<ModelPackageRow>(db, sql`select ${columns} from model_packages where id = ${id}`);

export const findNamed = (db: Db, accountId: string, region: string, name: string) =>
  row<ModelPackageRow>(
    db,
    sql`select ${columns} from model_packages where account_id = ${accountId} and region = ${region} and name = ${name}`,
  );

/** For products: a model that its account trained with somebody's algorithm is never part of one. */
export const findByArns = (db: Db, accountId: string, arns: readonly string[]) =>
  rows<ModelPackageRow>(
    db,
    sql`select ${columns} from model_packages where account_id = ${accountId} and arn = any(${[...arns]}) and trained_by_subscription_id is null`,
  );

export interface Filter {
  readonly nameContains?: string;
  readonly status?: ModelPackageStatus;
  readonly trained?: boolean;
  readonly before: string | null;
  readonly only: readonly string[] | null;
  readonly limit: number;
}

/** Newest first: ids begin with their time. */
export const list = (db: Db, accountId: string, f: Filter) =>
  rows<ModelPackageRow>(
    db,
    sql`select ${columns} from model_packages where account_id = ${accountId}
      and (${f.before}::text is null or id < ${f.before}) and (${f.status ?? null}::text is null or status = ${f.status ?? null})
      and (${f.trained ?? null}::boolean is null or (trained_by_subscription_id is not null) = ${f.trained ?? null})
      and (${f.nameContains ?? null}::text is null or position(lower(${f.nameContains ?? ''}) in lower(name)) > 0)
      and (${f.only && [...f.only]}::text[] is null or name = any (${f.only && [...f.only]}::text[]))
    order by id desc limit ${f.limit}`,
  );

export interface Outcome {
  readonly scanStatus?: StepStatus;
  readonly scanMessage?: string | null;
  readonly validationStatus?: StepStatus;
  readonly validationMessage?: string | null;
  readonly failureReason?: string;
  readonly onnx?: OnnxDescription | null;
  readonly findings?: readonly Finding[];
}

/**
 * The only place that moves a model package. False, and nothing written, when it is no longer in the state that it is moved
 * from: another run of its checks was faster, or it is being deleted.
 */
export async function move(
  tx: Tx,
  p: Pick<ModelPackageRow, 'id' | 'status'>,
  event: ModelPackageEvent,
  outcome: Outcome = {},
): Promise<boolean> {
  const to = transitions[p.status][event];
  if (!to) throw new Error(`a model package that is ${p.status} cannot be ${event}`);
  const moved = await changed(
    tx,
    sql`update model_packages set status = ${to}, ${outcomeColumns(outcome)} where id = ${p.id} and status = ${p.status}`,
  );
  if (moved) await history(tx, p.id, p.status, to);
  return moved > 0;
}

/** Notes how far the checks are; only while they are under way. */
export const note = (tx: Tx, id: string, outcome: Outcome) =>
  changed(
    tx,
    sql`update model_packages set ${outcomeColumns(outcome)} where id = ${id} and status = 'InProgress'`,
  );

const kept = (value: unknown) => value !== undefined;

function outcomeColumns(o: Outcome) {
  return sql`scan_status = coalesce(${o.scanStatus ?? null}, scan_status),
    scan_message = case when ${kept(o.scanMessage)}::boolean then ${o.scanMessage ?? null} else scan_message end,
    validation_status = coalesce(${o.validationStatus ?? null}, validation_status),
    validation_message = case when ${kept(o.validationMessage)}::boolean then ${o.validationMessage ?? null} else validation_message end,
    failure_reason = coalesce(${o.failureReason ?? null}, failure_reason),
    onnx = coalesce(${o.onnx ? storable(o.onnx) : null}, onnx),
    findings = coalesce(${o.findings ? storable(o.findings) : null}, findings), updated_at = now()`;
}

async function history(tx: Tx, id: string, from: ModelPackageStatus | null, to: ModelPackageStatus) {
  await sql`insert into model_package_history (model_package_id, from_status, to_status) values (${id}, ${from}, ${to})`.execute(
    tx,
  );
}

export const lock = (tx: Tx, id: string) =>
  row<ModelPackageRow>(tx, sql`select ${columns} from model_packages where id = ${id} for update`);

export const remove = (tx: Tx, id: string) =>
  changed(tx, sql`delete from model_packages where id = ${id} and status = 'Deleting'`);

/** Under way, but nothing was heard of them for long: their job was given up after all its attempts. */
export const findForgotten = (db: Db, olderThanMs: number) =>
  rows<{ id: string }>(
    db,
    sql`select id from model_packages where status in ('Pending', 'InProgress') and updated_at < now() - ${olderThanMs} * interval '1 millisecond'`,
  );

export const enabledInstanceTypes = (db: Db) =>
  rows<{ name: string; cpus: number; memoryMb: number }>(
    db,
    sql`select name, cpus::float8 as cpus, memory_mb as "memoryMb" from instance_types where enabled and backend <> 'slurm' order by price_per_hour, name`,
  );

export const findVerdict = (db: Db, key: string) =>
  row<{ verdict: Certification }>(db, sql`select verdict from package_verdicts where key = ${key}`);

/**
 * Any verdict on the archive that unpacked it: what is in an archive does not depend on rules. What is served or started of it does on
 * what it was certified as, and an archive may have been registered as both.
 */
export const findUnpacked = (db: Db, archiveSha256: string, as: CertifiedAs) =>
  row<{ verdict: Certification }>(
    db,
    sql`select verdict from package_verdicts where archive_sha256 = ${archiveSha256} and jsonb_array_length(verdict -> 'files') > 0
      and (${as === 'contents'} or coalesce(verdict ->> 'program', verdict ->> 'modelPath') is null or (verdict ->> 'program' is null) = ${as === 'model'})
    order by coalesce(verdict ->> 'program', verdict ->> 'modelPath') is null, created_at desc limit 1`,
  );

/** The newest scanned verdict under a set of rules, whatever the signatures of that day. */
export const findScanned = (db: Db, archiveSha256: string, ruleSet: string) =>
  row<{ verdict: Certification; at: Date }>(
    db,
    sql`select verdict, created_at as at from package_verdicts where archive_sha256 = ${archiveSha256} and verdict ->> 'ruleSet' = ${ruleSet}
      and verdict -> 'malware' ->> 'state' = 'clean' and key not like '%~%' order by created_at desc limit 1`,
  );

/** Verdicts that stop the archive are not given again; they stay, since what runs is compared with the files that they list. */
export async function retireVerdicts(tx: Tx, archiveSha256: string): Promise<void> {
  await sql`update package_verdicts set key = key || '~' || gen_random_uuid() where archive_sha256 = ${archiveSha256} and key not like '%~%'
    and verdict -> 'findings' @> '[{"severity": "error"}]'`.execute(tx);
}

export async function insertVerdict(tx: Tx, archiveSha256: string, verdict: Certification): Promise<void> {
  await sql`insert into package_verdicts (key, archive_sha256, verdict) values (${verdict.key}, ${archiveSha256}, ${storable(verdict)}) on conflict do nothing`.execute(
    tx,
  );
}
