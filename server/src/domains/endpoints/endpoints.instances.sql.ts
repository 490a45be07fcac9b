import { type Db, json, row, rows, sql, type Tx } from '../../platform/db.ts';
import type { ModelAddress } from '../runtime/index.ts';
import type { InstanceState, InstanceToRun } from './endpoints.ts';

/** Takes instances that nobody runs, or whose node has not been heard of for long. */
export async function claim(db: Db, node: string): Promise<void> {
  await sql`update endpoint_instances set node = ${node}, seen_at = now(), starting_at = now(), state = 'starting', address = null, pid = null, meter_id = null
    where node is null or (node <> ${node} and seen_at < now() - interval '60 seconds')`.execute(db);
}

/** Forgets the processes of an earlier run of this node: they have ended with it. */
export async function resetNode(db: Db, node: string): Promise<void> {
  await sql`update endpoint_instances set state = 'starting', address = null, pid = null, meter_id = null, seen_at = now(), starting_at = now() where node = ${node}`.execute(
    db,
  );
}

export const forNode = (db: Db, node: string) =>
  rows<InstanceToRun>(
    db,
    sql`select i.id, i.endpoint_id as "endpointId", i.variant, i.desired, i.state, i.node, i.restarts, i.failure, i.ready_at as "readyAt", i.starting_at as "startingAt", i.created_at as "createdAt",
        i.meter_id as "meterId", i.address, e.name as "endpointName", v.servable, v.environment, v.subscription_id as "subscriptionId", v.instance_type as "instanceType",
        t.cpus::float8 as cpus, t.memory_mb as "memoryMb",
        1000 * (coalesce(case when e.coming = i.variant then e.coming_settings end, e.settings) ->> 'startSeconds')::integer as "startTimeoutMs"
      from endpoint_instances i join endpoints e on e.id = i.endpoint_id join endpoint_variants v on v.endpoint_id = i.endpoint_id and v.number = i.variant
        join instance_types t on t.name = v.instance_type
      where i.node = ${node} order by i.id`,
  );

export async function beat(db: Db, node: string): Promise<void> {
  await sql`update endpoint_instances set seen_at = now() where node = ${node}`.execute(db);
}

export interface InstanceNews {
  readonly state: InstanceState;
  readonly address: ModelAddress | null;
  readonly pid: number | null;
  readonly failure?: string;
  /** How often it ended since this was last written. */
  readonly ended: number;
  readonly meterId?: string | null;
}

/** Of an instance that is this node's still; says whether it is. */
export async function write(tx: Tx, id: string, node: string, n: InstanceNews): Promise<boolean> {
  const found = await row<{ id: string }>(
    tx,
    sql`update endpoint_instances set state = case when desired = 'stopped' and ${n.state} <> 'draining' then state else ${n.state} end,
        address = ${n.address ? json(n.address) : null}, pid = ${n.pid},
        failure = coalesce(${n.failure ?? null}, failure), restarts = restarts + ${n.ended}, meter_id = ${n.meterId ?? null},
        ready_at = case when ${n.state} = 'ready' then now() when ${n.state} = 'draining' then ready_at end, seen_at = now(), updated_at = now()
      where id = ${id} and node = ${node} returning id`,
  );
  return found !== undefined;
}

export const remove = (tx: Tx, id: string, node: string) =>
  sql`delete from endpoint_instances where id = ${id} and node = ${node}`.execute(tx);

/** Calls that gateways say they still have there. */
export const callsOf = async (db: Db, endpointId: string, id: string): Promise<number> =>
  (await row<{ n: number }>(db, sql`select endpoint_load(${endpointId}, ${id}) as n`))?.n ?? 0;

export interface LogLine {
  readonly endpointId: string;
  readonly instanceId: string;
  readonly at: Date;
  readonly level: string;
  readonly text: string;
}

/** Adds lines, and lets the oldest of each endpoint go. */
export async function addLogs(tx: Tx, lines: readonly LogLine[], keep: number): Promise<void> {
  await sql`insert into endpoint_logs (endpoint_id, instance_id, at, level, text)
    select l."endpointId", l."instanceId", l.at, l.level, l.text
    from jsonb_to_recordset(${json(lines)}) as l ("endpointId" text, "instanceId" text, at timestamptz, level text, text text) join endpoints e on e.id = l."endpointId"`.execute(
    tx,
  );
  const touched = [...new Set(lines.map((l) => l.endpointId))];
  await sql`delete from endpoint_logs l using (select e.id as endpoint, (select id from endpoint_logs k where k.endpoint_id = e.id order by id desc offset ${keep} limit 1) as last
      from unnest(${touched}::text[]) e (id)) old
    where l.endpoint_id = old.endpoint and l.id <= old.last`.execute(tx);
}
