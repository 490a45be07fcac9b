import type { MetricCurve, TrainingTemplate, TuningConfig, TuningStatus } from '@souk/contract';
import { changed, type Db, json, row, rows, sql, type Tx } from '../../platform/db.ts';
import type { JobSpec } from './training.ts';

export interface TuningRow {
  readonly id: string;
  readonly accountId: string;
  readonly name: string;
  readonly subscriptionId: string;
  readonly productId: string;
  readonly publisher: string;
  readonly product: string;
  readonly title: string;
  readonly version: string;
  readonly config: TuningConfig;
  readonly training: TrainingTemplate;
  readonly status: TuningStatus;
  readonly failureReason: string | null;
  readonly stopReason: string | null;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly endedAt: Date | null;
}

/** A trial as the search and the pages need it. */
export interface TrialRow {
  readonly id: string;
  readonly number: number;
  readonly name: string;
  readonly status: 'InProgress' | 'Completed' | 'Failed' | 'Stopping' | 'Stopped';
  readonly stoppedEarly: boolean;
  readonly failureReason: string | null;
  readonly hyperParameters: Readonly<Record<string, string>>;
  /** Of the objective, of the last attempt. */
  readonly curve: MetricCurve | null;
  readonly hasModel: boolean;
  readonly modelPackageId: string | null;
  readonly createdAt: Date;
  readonly endedAt: Date | null;
}

const columns = sql`t.id, t.account_id as "accountId", t.name, t.subscription_id as "subscriptionId", t.product_id as "productId", b.slug as publisher,
  p.slug as product, coalesce(r.document -> 'listing' ->> 'title', p.slug) as title, t.version, t.config, t.training, t.status,
  t.failure_reason as "failureReason", t.stop_reason as "stopReason", t.created_by as "createdBy", t.created_at as "createdAt", t.ended_at as "endedAt"`;
const tables = sql`tuning_jobs t join products p on p.id = t.product_id join publishers b on b.account_id = p.account_id
  join subscriptions s on s.id = t.subscription_id join revisions r on r.id = s.revision_id`;

export async function insert(
  tx: Tx,
  t: Pick<
    TuningRow,
    | 'id'
    | 'accountId'
    | 'name'
    | 'subscriptionId'
    | 'productId'
    | 'version'
    | 'config'
    | 'training'
    | 'createdBy'
  >,
): Promise<void> {
  await sql`insert into tuning_jobs (id, account_id, name, subscription_id, product_id, version, config, training, created_by)
    values (${t.id}, ${t.accountId}, ${t.name}, ${t.subscriptionId}, ${t.productId}, ${t.version}, ${json(t.config)}, ${json(t.training)}, ${t.createdBy})`.execute(
    tx,
  );
}

export const find = (db: Db, id: string) =>
  row<TuningRow>(db, sql`select ${columns} from ${tables} where t.id = ${id}`);

export const findNamed = (db: Db, accountId: string, name: string) =>
  row<TuningRow>(
    db,
    sql`select ${columns} from ${tables} where t.account_id = ${accountId} and t.name = ${name}`,
  );

export const list = (
  db: Db,
  accountId: string,
  f: { status?: TuningStatus; before: string | null; limit: number },
) =>
  rows<TuningRow>(
    db,
    sql`select ${columns} from ${tables} where t.account_id = ${accountId} and (${f.before}::text is null or t.id < ${f.before})
      and (${f.status ?? null}::text is null or t.status = ${f.status ?? null}) order by t.id desc limit ${f.limit}`,
  );

export const underWay = (db: Db) =>
  rows<{ id: string }>(
    db,
    sql`select id from tuning_jobs where status in ('InProgress', 'Stopping') order by created_at`,
  );

export const underWayOf = (db: Db, subscriptionIds: readonly string[]) =>
  rows<TuningRow>(
    db,
    sql`select ${columns} from ${tables} where t.subscription_id = any (${[...subscriptionIds]}::text[]) and t.status in ('InProgress', 'Stopping') order by t.id`,
  );

/** Undefined while another control plane moves it on. */
export const lockFree = (tx: Tx, id: string) =>
  row<{ id: string }>(tx, sql`select id from tuning_jobs where id = ${id} for update skip locked`);

export const trials = (db: Db, id: string, metricName: string) =>
  rows<TrialRow>(
    db,
    sql`select j.id, j.trial_number as number, j.name, j.status, j.stopped_early as "stoppedEarly", j.failure_reason as "failureReason",
      j.spec -> 'hyperParameters' as "hyperParameters", m.curve, coalesce(j.result ? 'model', false) as "hasModel",
      j.model_package_id as "modelPackageId", j.created_at as "createdAt", j.ended_at as "endedAt"
    from training_jobs j left join training_metrics m on m.job_id = j.id and m.attempt = j.attempt and m.name = ${metricName}
    where j.tuning_job_id = ${id} order by j.trial_number`,
  );

export const modelOf = (db: Db, jobId: string) =>
  row<{ spec: JobSpec; region: string; sha256: string; sizeBytes: number }>(
    db,
    sql`select spec, region, result -> 'model' ->> 'sha256' as sha256, (result -> 'model' ->> 'sizeBytes')::bigint as "sizeBytes" from training_jobs where id = ${jobId}`,
  );

const over = ['Completed', 'Failed', 'Stopped'];
const mayBecome: Readonly<Record<TuningStatus, readonly TuningStatus[]>> = {
  InProgress: ['Completed', 'Failed', 'Stopping'],
  Stopping: ['Stopped'],
  Completed: [],
  Failed: [],
  Stopped: [],
};

/** The only place that moves a tuning; false when it is no longer in the state that was read. */
export async function move(
  tx: Tx,
  t: Pick<TuningRow, 'id' | 'status'>,
  to: TuningStatus,
  words: { failureReason?: string; stopReason?: string } = {},
): Promise<boolean> {
  if (!mayBecome[t.status].includes(to)) throw new Error(`a tuning that is ${t.status} cannot become ${to}`);
  return (
    (await changed(
      tx,
      sql`update tuning_jobs set status = ${to}, failure_reason = coalesce(${words.failureReason ?? null}, failure_reason),
        stop_reason = coalesce(stop_reason, ${words.stopReason ?? null}), updated_at = now(),
        ended_at = case when ${over.includes(to)}::boolean then now() end where id = ${t.id} and status = ${t.status}`,
    )) > 0
  );
}
