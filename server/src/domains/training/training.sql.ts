import type { MetricCurve, SecondaryStatus, TrainingStatus } from '@souk/contract';
import { changed, type Db, json, row, rows, sql, type Tx } from '../../platform/db.ts';
import type { Instance, JobResult, JobRow, JobSpec, ProgramEnd, TransitionRow } from './training.ts';
import { transitions } from './training.ts';

/** What a program says comes from strangers; PostgreSQL takes neither NUL nor half a surrogate pair. */
export const storable = (text: string) => text.toWellFormed().replaceAll('\0', '\ufffd');

const columns = sql`j.id, j.account_id as "accountId", j.region, j.name, j.arn, j.subscription_id as "subscriptionId", j.product_id as "productId",
  b.slug as publisher, p.slug as product, coalesce(r.document -> 'listing' ->> 'title', p.slug) as title, j.version,
  j.tuning_job_id as "tuningJobId", t.name as "tuningJob", j.trial_number as "trialNumber", j.stopped_early as "stoppedEarly", j.spec, j.status,
  j.secondary_status as "secondaryStatus", j.status_message as "statusMessage", j.failure_code as "failureCode", j.failure_reason as "failureReason",
  j.stop_requested_at as "stopRequestedAt", j.stop_code as "stopCode", j.stop_reason as "stopReason", j.lease_owner as "leaseOwner", j.attempt, j.ended,
  j.result, m.name as "modelPackage", m.status as "modelPackageStatus", j.billable_ms as "billableMs", j.training_started_at as "trainingStartedAt",
  j.training_ended_at as "trainingEndedAt", j.created_by as "createdBy", j.created_at as "createdAt", j.updated_at as "updatedAt", j.ended_at as "endedAt"`;
const tables = sql`training_jobs j join products p on p.id = j.product_id join publishers b on b.account_id = p.account_id
  join subscriptions s on s.id = j.subscription_id join revisions r on r.id = s.revision_id
  left join tuning_jobs t on t.id = j.tuning_job_id left join model_packages m on m.id = j.model_package_id`;

export interface NewJob {
  readonly id: string;
  readonly accountId: string;
  readonly region: string;
  readonly name: string;
  readonly arn: string;
  readonly subscriptionId: string;
  readonly productId: string;
  readonly version: string;
  readonly tuningJobId: string | null;
  readonly trialNumber: number | null;
  readonly spec: JobSpec;
  readonly createdBy: string;
}

export async function insert(tx: Tx, j: NewJob): Promise<void> {
  await sql`insert into training_jobs (id, account_id, region, name, arn, subscription_id, product_id, version, tuning_job_id, trial_number, spec, created_by)
    values (${j.id}, ${j.accountId}, ${j.region}, ${j.name}, ${j.arn}, ${j.subscriptionId}, ${j.productId}, ${j.version}, ${j.tuningJobId},
      ${j.trialNumber}, ${json(j.spec)}, ${j.createdBy})`.execute(tx);
  await transition(tx, j.id, 'Pending', null);
}

export const find = (db: Db, id: string) =>
  row<JobRow>(db, sql`select ${columns} from ${tables} where j.id = ${id}`);

export const findNamed = (db: Db, accountId: string, name: string) =>
  row<JobRow>(
    db,
    sql`select ${columns} from ${tables} where j.account_id = ${accountId} and j.name = ${name}`,
  );

export const lock = async (tx: Tx, id: string) => {
  await sql`select 1 from training_jobs where id = ${id} for update`.execute(tx);
  return find(tx, id);
};

export const ofTuning = (db: Db, tuningJobId: string) =>
  rows<JobRow>(
    db,
    sql`select ${columns} from ${tables} where j.tuning_job_id = ${tuningJobId} order by j.trial_number`,
  );

export const underWay = (db: Db, subscriptionIds: readonly string[]) =>
  rows<JobRow>(
    db,
    sql`select ${columns} from ${tables} where j.subscription_id = any (${[...subscriptionIds]}::text[]) and j.status in ('InProgress', 'Stopping') order by j.id`,
  );

export const countUnderWay = async (db: Db, accountId: string) =>
  (
    await row<{ count: number }>(
      db,
      sql`select count(*) from training_jobs where account_id = ${accountId} and tuning_job_id is null and status in ('InProgress', 'Stopping')`,
    )
  )?.count ?? 0;

export const nameTaken = async (db: Db, accountId: string, region: string, name: string) =>
  (await row(
    db,
    sql`select 1 from training_jobs where account_id = ${accountId} and name = ${name}
      union all select 1 from model_packages where account_id = ${accountId} and region = ${region} and name = ${name}`,
  )) !== undefined;

export interface Filter {
  readonly nameContains?: string;
  readonly status?: TrainingStatus;
  readonly tuningJob?: string;
  readonly before: string | null;
  readonly limit: number;
}

/** Newest first: ids begin with their time. */
export const list = (db: Db, accountId: string, f: Filter) =>
  rows<JobRow>(
    db,
    sql`select ${columns} from ${tables} where j.account_id = ${accountId}
      and (${f.before}::text is null or j.id < ${f.before}) and (${f.status ?? null}::text is null or j.status = ${f.status ?? null})
      and (${f.tuningJob ?? null}::text is null or t.name = ${f.tuningJob ?? null})
      and (${f.nameContains ?? null}::text is null or position(lower(${f.nameContains ?? ''}) in lower(j.name)) > 0)
    order by j.id desc limit ${f.limit}`,
  );

export interface Change {
  readonly status?: TrainingStatus;
  readonly secondary?: SecondaryStatus;
  readonly message?: string | null;
  readonly failureCode?: string;
  readonly failureReason?: string;
  readonly attempt?: number;
  readonly ended?: ProgramEnd | null;
  readonly result?: JobResult;
  readonly trainingStarted?: boolean;
  readonly trainingEnded?: boolean;
}

/**
 * The only place that moves a training job. False, and nothing written, when it is no longer in the state that was read, or is another's to
 * run: a supervisor that was thought dead must not write over the one that took its place.
 */
export async function move(
  tx: Tx,
  from: { readonly id: string; readonly status: TrainingStatus },
  change: Change,
  lease: string | null,
): Promise<boolean> {
  const to = change.status ?? from.status;
  if (!transitions[from.status].includes(to))
    throw new Error(`a training that is ${from.status} cannot become ${to}`);
  const over = transitions[to].length === 0;
  const moved = await changed(
    tx,
    sql`update training_jobs set status = ${to}, secondary_status = coalesce(${change.secondary ?? null}, secondary_status),
      status_message = case when ${change.secondary !== undefined || change.message !== undefined}::boolean then ${change.message ?? null} else status_message end,
      failure_code = coalesce(${change.failureCode ?? null}, failure_code),
      failure_reason = coalesce(${change.failureReason === undefined ? null : storable(change.failureReason)}, failure_reason),
      attempt = coalesce(${change.attempt ?? null}, attempt),
      ended = case when ${change.ended !== undefined}::boolean then ${change.ended ? json(change.ended) : null} else ended end,
      result = coalesce(${change.result ? json(change.result) : null}, result),
      training_started_at = case when ${change.trainingStarted ?? false}::boolean then coalesce(training_started_at, now()) else training_started_at end,
      training_ended_at = case when ${change.trainingEnded ?? false}::boolean then now() else training_ended_at end,
      ended_at = case when ${over}::boolean then now() else ended_at end,
      lease_until = case when ${over}::boolean then null else lease_until end, updated_at = now()
    where id = ${from.id} and status = ${from.status} and (${lease}::text is null or lease_owner = ${lease})`,
  );
  if (moved && change.secondary) await transition(tx, from.id, change.secondary, change.message ?? null);
  return moved > 0;
}

async function transition(tx: Tx, jobId: string, status: SecondaryStatus, message: string | null) {
  await sql`update training_transitions set ended_at = clock_timestamp() where job_id = ${jobId} and ended_at is null`.execute(
    tx,
  );
  await sql`insert into training_transitions (job_id, status, message) values (${jobId}, ${status}, ${message === null ? null : storable(message)})`.execute(
    tx,
  );
}

export const transitionsOf = (db: Db, jobId: string) =>
  rows<TransitionRow>(
    db,
    sql`select status, message, started_at as "startedAt", ended_at as "endedAt" from training_transitions where job_id = ${jobId} order by id`,
  );

/** Asks a job to end; the first reason counts. False when it is over. */
export const requestStop = async (
  tx: Tx,
  id: string,
  why: { code: string; reason: string; early?: boolean },
) =>
  (await changed(
    tx,
    sql`update training_jobs set stop_requested_at = coalesce(stop_requested_at, now()), stop_code = coalesce(stop_code, ${why.code}),
      stop_reason = coalesce(stop_reason, ${why.reason}), stopped_early = stopped_early or ${why.early ?? false}, updated_at = now()
    where id = ${id} and status in ('InProgress', 'Stopping')`,
  )) > 0;

export async function setModel(tx: Tx, id: string, modelPackageId: string): Promise<void> {
  await sql`update training_jobs set model_package_id = ${modelPackageId} where id = ${id}`.execute(tx);
}

export const remove = (tx: Tx, id: string) => changed(tx, sql`delete from training_jobs where id = ${id}`);

export const findInstance = (db: Db, name: string) =>
  row<Instance>(
    db,
    sql`select name, cpus::float8 as cpus, memory_mb as "memoryMb", backend from instance_types where name = ${name} and enabled`,
  );

export const enabledInstanceTypes = async (db: Db) =>
  (
    await rows<{ name: string }>(
      db,
      sql`select name from instance_types where enabled order by price_per_hour, name`,
    )
  ).map((i) => i.name);

export const curvesOf = async (db: Db, jobId: string) =>
  (
    await rows<{ curve: MetricCurve }>(
      db,
      sql`select curve from training_metrics where job_id = ${jobId} order by attempt, name`,
    )
  ).map((c) => c.curve);
