import { type Db, json, row, rows, sql, type Tx } from '../../platform/db.ts';
import { newId } from '../../platform/ids.ts';
import type { DeploymentRow, ModelAddress } from './runtime.ts';
import type { Servable } from './servable.ts';

const columns = sql`d.id, d.product_id as "productId", d.version, d.servable, d.model_name as "modelName", d.backend,
  d.instance_type as "instanceType", i.cpus::float8 as cpus, i.memory_mb as "memoryMb", d.desired, d.state, d.generation, d.addresses`;

/** A version runs once per node; asking again for what already runs changes nothing, so that a repeated stage is harmless. */
export async function ensureDeployment(
  tx: Tx,
  d: {
    productId: string;
    version: string;
    packageSha256: string;
    servable: Servable;
    modelName: string;
    backend: string;
    instanceType: string;
  },
): Promise<void> {
  await sql`insert into deployments (id, product_id, version, package_sha256, servable, model_name, backend, instance_type)
    values (${newId('dep')}, ${d.productId}, ${d.version}, ${d.packageSha256}, ${json(d.servable)}, ${d.modelName}, ${d.backend}, ${d.instanceType})
    on conflict (product_id, version) do update set package_sha256 = excluded.package_sha256, servable = excluded.servable, model_name = excluded.model_name, instance_type = excluded.instance_type,
      desired = 'running', generation = deployments.generation + 1, updated_at = now()
      where (deployments.servable, deployments.instance_type, deployments.desired) is distinct from (excluded.servable, excluded.instance_type, 'running')`.execute(
    tx,
  );
}

/** Stops a version that nobody may call any more, or starts it again. */
export async function keepRunning(
  tx: Tx,
  productId: string,
  version: string,
  running: boolean,
): Promise<void> {
  const desired = running ? 'running' : 'stopped';
  await sql`update deployments set desired = ${desired}, generation = generation + 1, updated_at = now()
    where product_id = ${productId} and version = ${version} and desired <> ${desired}`.execute(tx);
}

/** Stops what nobody can reach any more: versions that were never released and are in no slot. */
export async function stopUnused(tx: Tx, productId: string): Promise<void> {
  await sql`update deployments d set desired = 'stopped', updated_at = now() from product_versions v, products p
    where d.product_id = ${productId} and d.desired = 'running' and v.product_id = d.product_id and v.number = d.version and v.released_at is null
      and p.id = d.product_id and not exists (select from revisions r, jsonb_array_elements(r.document -> 'versions') shown
        where r.id in (p.preview_revision_id, p.live_revision_id) and shown ->> 'number' = d.version)`.execute(
    tx,
  );
}

/** Stops everything of a product, or all but what its preview has; answers which versions ran. */
export const stopProduct = async (tx: Tx, productId: string, keepPreview: boolean): Promise<string[]> =>
  (
    await rows<{ version: string }>(
      tx,
      sql`update deployments d set desired = 'stopped', updated_at = now() where d.product_id = ${productId} and d.desired = 'running'
        and not (${keepPreview} and exists (select from products p join revisions r on r.id = p.preview_revision_id
          where p.id = d.product_id and d.version = any (r.listed_versions || r.restricted_versions))) returning version`,
    )
  ).map((d) => d.version);

/** Starts these versions again, as far as a slot of the product still has them. */
export async function startVersions(tx: Tx, productId: string, versions: readonly string[]): Promise<void> {
  await sql`update deployments d set desired = 'running', generation = generation + 1, updated_at = now()
    where d.product_id = ${productId} and d.version = any (${[...versions]}::text[]) and d.desired = 'stopped'
      and exists (select from products p join revisions r on r.id in (p.preview_revision_id, p.live_revision_id)
        where p.id = d.product_id and d.version = any (r.listed_versions || r.restricted_versions))`.execute(
    tx,
  );
}

/** What should run on this node, and what no longer should. */
export const forNode = (db: Db, node: string) =>
  rows<DeploymentRow>(
    db,
    sql`select ${columns} from deployments d join instance_types i on i.name = d.instance_type
    where d.node = ${node} or (d.node is null and d.desired = 'stopped') order by d.id`,
  );

export const find = (db: Db, productId: string, version: string) =>
  row<DeploymentRow>(
    db,
    sql`select ${columns} from deployments d join instance_types i on i.name = d.instance_type
    where d.product_id = ${productId} and d.version = ${version}`,
  );

/** Takes what nobody runs yet. */
export async function claim(db: Db, node: string): Promise<void> {
  await sql`update deployments set node = ${node} where node is null and desired = 'running'`.execute(db);
}

/** Forgets the addresses of processes that ended with an earlier run of this node. */
export async function resetNode(db: Db, node: string): Promise<void> {
  await sql`update deployments set state = 'starting', addresses = '[]', pid = null, updated_at = now() where node = ${node} and state <> 'stopped'`.execute(
    db,
  );
}

/** What became of a deployment; what is not named stays as it was. */
export interface DeploymentState {
  readonly state?: DeploymentRow['state'];
  readonly addresses?: readonly ModelAddress[];
  readonly pid?: number | null;
  readonly sandbox?: string;
  readonly failure?: string;
  readonly restarts?: number;
}

export async function writeState(db: Db, id: string, node: string, s: DeploymentState): Promise<void> {
  await sql`update deployments set node = ${node}, state = coalesce(${s.state ?? null}, state), addresses = coalesce(${s.addresses ? json(s.addresses) : null}, addresses),
      pid = case when ${s.pid !== undefined} then ${s.pid ?? null}::int else pid end, sandbox = coalesce(${s.sandbox ?? null}, sandbox),
      last_failure = coalesce(${s.failure ?? null}, last_failure), restarts = restarts + ${s.restarts ?? 0},
      ready_at = case when ${s.state === 'ready'} then now() else ready_at end, updated_at = now()
    where id = ${id}`.execute(db);
}
