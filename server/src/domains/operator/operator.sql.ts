import type { Deployment, InstanceType, Policies } from '@souk/contract';
import { type Db, json, row, rows, sql, type Tx } from '../../platform/db.ts';

export const policies = (db: Db) => row<{ document: unknown }>(db, sql`select document from policies`);

export async function savePolicies(tx: Tx, document: Policies, by: string): Promise<void> {
  await sql`insert into policies (document, updated_by) values (${json(document)}, ${by})
    on conflict (only_one) do update set document = excluded.document, updated_by = excluded.updated_by, updated_at = now()`.execute(
    tx,
  );
}

export const instanceTypes = (db: Db) =>
  rows<InstanceType>(
    db,
    sql`select name, cpus::float8 as cpus, memory_mb as "memoryMb", backend, price_per_hour::text as "pricePerHour", currency, enabled from instance_types order by cpus, memory_mb, name`,
  );

export async function saveInstanceType(tx: Tx, t: InstanceType): Promise<void> {
  await sql`insert into instance_types (name, cpus, memory_mb, backend, price_per_hour, currency, enabled)
    values (${t.name}, ${t.cpus}, ${t.memoryMb}, ${t.backend}, ${t.pricePerHour}::numeric, ${t.currency}, ${t.enabled})
    on conflict (name) do update set cpus = excluded.cpus, memory_mb = excluded.memory_mb, backend = excluded.backend, price_per_hour = excluded.price_per_hour,
      currency = excluded.currency, enabled = excluded.enabled`.execute(tx);
}

interface DeploymentRow extends Omit<Deployment, 'readyAt' | 'updatedAt'> {
  readonly readyAt: Date | null;
  readonly updatedAt: Date;
}

const deploymentColumns = sql`d.id, d.product_id as "productId", b.slug || '/' || p.slug as product, d.version, d.backend, d.instance_type as "instanceType",
  d.package_sha256 as "packageSha256", d.state, d.sandbox, d.restarts, d.last_failure as "lastFailure", d.pid, d.ready_at as "readyAt", d.updated_at as "updatedAt"`;
const deploymentTables = sql`deployments d join products p on p.id = d.product_id join publishers b on b.account_id = p.account_id`;
const fromRow = (r: DeploymentRow): Deployment => ({
  ...r,
  readyAt: r.readyAt?.toISOString() ?? null,
  updatedAt: r.updatedAt.toISOString(),
});

export const deployments = async (db: Db) =>
  (
    await rows<DeploymentRow>(
      db,
      sql`select ${deploymentColumns} from ${deploymentTables} order by d.updated_at desc limit 1000`,
    )
  ).map(fromRow);

export async function deployment(db: Db, id: string): Promise<Deployment | undefined> {
  const found = await row<DeploymentRow>(
    db,
    sql`select ${deploymentColumns} from ${deploymentTables} where d.id = ${id}`,
  );
  return found && fromRow(found);
}

/** Asks the runner for a replacement: it starts the new process before it ends the old one. */
export async function raiseGeneration(tx: Tx, id: string): Promise<void> {
  await sql`update deployments set generation = generation + 1, updated_at = now() where id = ${id}`.execute(
    tx,
  );
}

export interface HealthFacts {
  readonly jobsWaiting: number;
  readonly oldestJobSeconds: number;
  readonly jobsFailed: number;
  readonly down: number;
  readonly running: number;
  readonly lastUsageSeconds: number | null;
  readonly mailsFailed: number;
  readonly held: number;
}

export const healthFacts = (db: Db) =>
  row<HealthFacts>(
    db,
    sql`select
    (select count(*)::int from graphile_worker._private_jobs where run_at <= now() and attempts < max_attempts and locked_at is null) as "jobsWaiting",
    (select coalesce(extract(epoch from now() - min(run_at)), 0)::float8 from graphile_worker._private_jobs where run_at <= now() and attempts < max_attempts and locked_at is null) as "oldestJobSeconds",
    (select count(*)::int from graphile_worker._private_jobs where attempts >= max_attempts and locked_at is null) as "jobsFailed",
    (select count(*)::int from deployments where desired = 'running' and state = 'down') as down,
    (select count(*)::int from deployments where desired = 'running') as running,
    (select extract(epoch from now() - max(applied_at))::float8 from usage_batches) as "lastUsageSeconds",
    (select count(*)::int from mails where state = 'failed') as "mailsFailed",
    (select count(*)::int from submissions where state = 'held') as held`,
  );
