import type { EndpointSettings } from '@souk/contract';
import { changed, type Db, json, row, rows, sql, type Tx } from '../../platform/db.ts';
import { newId } from '../../platform/ids.ts';
import type { Decision, Note } from './endpoints.rules.ts';
import type { EndpointRow, InstanceRow, VariantRow } from './endpoints.ts';

const columns = sql`e.id, e.account_id as "accountId", e.name, e.state, e.reason, e.serving, e.coming, e.settings, e.coming_settings as "comingSettings",
  e.target, e.asleep, e.wake_asked_at as "wakeAskedAt", e.busy_at as "busyAt", e.low_since as "lowSince", e.stopped_reason as "stoppedReason",
  e.created_by as "createdBy", e.created_at as "createdAt", e.updated_at as "updatedAt"`;

const variantColumns = sql`v.endpoint_id as "endpointId", v.number, v.subscription_id as "subscriptionId", v.product_id as "productId", v.version, v.model_package as "modelPackage",
  v.name, v.model_name as "modelName", v.servable, v.instance_type as "instanceType", v.environment, v.created_by as "createdBy", v.created_at as "createdAt"`;

const instanceColumns = sql`i.id, i.endpoint_id as "endpointId", i.variant, i.desired, i.state, i.node, i.restarts, i.failure, i.ready_at as "readyAt", i.starting_at as "startingAt", i.created_at as "createdAt"`;

export const list = (db: Db, accountId: string) =>
  rows<EndpointRow>(
    db,
    sql`select ${columns} from endpoints e where e.account_id = ${accountId} and e.deleted_at is null order by e.created_at desc, e.id`,
  );

export const find = (db: Db, accountId: string, name: string) =>
  row<EndpointRow>(
    db,
    sql`select ${columns} from endpoints e where e.account_id = ${accountId} and e.name = ${name} and e.deleted_at is null`,
  );

/** Held until the transaction ends, so that nobody decides about it meanwhile. */
export const lock = (tx: Tx, id: string) =>
  row<EndpointRow>(
    tx,
    sql`select ${columns} from endpoints e where e.id = ${id} and e.deleted_at is null for update`,
  );

/** As `lock`; nothing where somebody else holds it: then that one decides. */
export const tryLock = (tx: Tx, id: string) =>
  row<EndpointRow>(
    tx,
    sql`select ${columns} from endpoints e where e.id = ${id} and e.deleted_at is null for update skip locked`,
  );

export const there = (db: Db) =>
  rows<EndpointRow>(db, sql`select ${columns} from endpoints e where e.deleted_at is null order by e.id`);

export const count = async (db: Db, accountId: string): Promise<number> =>
  (
    await row<{ n: number }>(
      db,
      sql`select count(*) as n from endpoints where account_id = ${accountId} and deleted_at is null`,
    )
  )?.n ?? 0;

export const variants = (db: Db, endpointIds: readonly string[]) =>
  rows<VariantRow>(
    db,
    sql`select ${variantColumns} from endpoint_variants v where v.endpoint_id = any (${[...endpointIds]}::text[]) order by v.number`,
  );

export const instances = (db: Db, endpointIds: readonly string[]) =>
  rows<InstanceRow & { readonly calls: number }>(
    db,
    sql`select ${instanceColumns}, endpoint_load(i.endpoint_id, i.id) as calls from endpoint_instances i
      where i.endpoint_id = any (${[...endpointIds]}::text[]) order by i.created_at, i.id`,
  );

/** Calls under way and waiting, by endpoint. */
export async function loads(db: Db): Promise<Map<string, number>> {
  const found = await rows<{ id: string; calls: number }>(
    db,
    sql`select endpoint_id as id, sum(calls)::bigint as calls from endpoint_in_flight where at > now() - interval '10 seconds' group by 1`,
  );
  return new Map(found.map((f) => [f.id, f.calls]));
}

export async function load(db: Db, endpointId: string): Promise<number> {
  return (await row<{ n: number }>(db, sql`select endpoint_load(${endpointId}) as n`))?.n ?? 0;
}

export async function insert(
  tx: Tx,
  e: { id: string; accountId: string; name: string; settings: EndpointSettings; by: string; now: Date },
): Promise<void> {
  await sql`insert into endpoints (id, account_id, name, state, coming, coming_settings, settings, target, created_by, created_at, updated_at, busy_at)
    values (${e.id}, ${e.accountId}, ${e.name}, 'Creating', 1, ${json(e.settings)}, ${json(e.settings)}, ${e.settings.instancesMin}, ${e.by}, ${e.now}, ${e.now}, ${e.now})`.execute(
    tx,
  );
}

export async function insertVariant(tx: Tx, v: VariantRow): Promise<void> {
  await sql`insert into endpoint_variants (endpoint_id, number, subscription_id, product_id, version, model_package, name, model_name, servable, instance_type, environment, created_by, created_at)
    values (${v.endpointId}, ${v.number}, ${v.subscriptionId}, ${v.productId}, ${v.version}, ${v.modelPackage}, ${v.name}, ${v.modelName}, ${json(v.servable)}, ${v.instanceType}, ${json(v.environment)}, ${v.createdBy}, ${v.createdAt})`.execute(
    tx,
  );
}

export const lastVariant = async (tx: Tx, endpointId: string): Promise<number> =>
  (
    await row<{ n: number }>(
      tx,
      sql`select coalesce(max(number), 0) as n from endpoint_variants where endpoint_id = ${endpointId}`,
    )
  )?.n ?? 0;

/** Begins to bring a variant up. */
export async function update(
  tx: Tx,
  id: string,
  u: { coming: number; settings: EndpointSettings; state: 'Creating' | 'Updating' },
): Promise<void> {
  await sql`update endpoints set state = ${u.state}, coming = ${u.coming}, coming_settings = ${json(u.settings)}, reason = null, stopped_reason = null, stopped_cause = null, updated_at = now() where id = ${id}`.execute(
    tx,
  );
}

export async function setSettings(tx: Tx, id: string, settings: EndpointSettings): Promise<void> {
  await sql`update endpoints set settings = ${json(settings)}, busy_at = now(), updated_at = now() where id = ${id}`.execute(
    tx,
  );
}

export const beginDeletion = (tx: Tx, id: string) =>
  changed(
    tx,
    sql`update endpoints set state = 'Deleting', coming = null, coming_settings = null, asleep = false, updated_at = now() where id = ${id} and state <> 'Deleting'`,
  );

export async function note(tx: Tx, endpointId: string, { kind, message, details = {} }: Note): Promise<void> {
  await sql`insert into endpoint_events (endpoint_id, kind, message, details) values (${endpointId}, ${kind}, ${message.slice(0, 1500)}, ${json(details)})`.execute(
    tx,
  );
}

/** Writes a decision down. */
export async function apply(tx: Tx, id: string, d: Decision): Promise<void> {
  for (const { variant, count: n } of d.add)
    for (let i = 0; i < n; i++)
      await sql`insert into endpoint_instances (id, endpoint_id, variant) values (${newId('epi')}, ${id}, ${variant})`.execute(
        tx,
      );
  if (d.stop.length > 0)
    await sql`update endpoint_instances set desired = 'stopped', updated_at = now() where id = any (${[...d.stop]}::text[])`.execute(
      tx,
    );
  for (const n of d.notes) await note(tx, id, n);
  const sets = Object.entries(d.set).map(([name, value]) => {
    const column = sql.ref(name.replaceAll(/[A-Z]/g, (c) => `_${c.toLowerCase()}`));
    const isJson = name === 'settings' || name === 'comingSettings';
    return sql`${column} = ${isJson && value !== null ? json(value) : value}`;
  });
  if (sets.length > 0)
    await sql`update endpoints set ${sql.join(sets)}, updated_at = now() where id = ${id}`.execute(tx);
  if (d.remove)
    await sql`update endpoints set deleted_at = now(), updated_at = now() where id = ${id}`.execute(tx);
}

export const events = (db: Db, endpointId: string, limit: number) =>
  rows<{ id: number; at: Date; kind: string; message: string }>(
    db,
    sql`select id, at, kind, message from endpoint_events where endpoint_id = ${endpointId} order by id desc limit ${limit}`,
  );

export const coldStarts = (db: Db, endpointId: string) =>
  rows<{ at: Date; durationMs: number }>(
    db,
    sql`select at, (details ->> 'durationMs')::float8 as "durationMs" from endpoint_events
      where endpoint_id = ${endpointId} and kind = 'woken' order by id desc limit 10`,
  );

export const logs = (db: Db, endpointId: string, after: number | undefined, limit: number) =>
  rows<{ id: number; at: Date; instanceId: string; level: 'info' | 'warn' | 'error'; text: string }>(
    db,
    after === undefined
      ? sql`select * from (select id, at, instance_id as "instanceId", level, text from endpoint_logs where endpoint_id = ${endpointId} order by id desc limit ${limit}) l order by id`
      : sql`select id, at, instance_id as "instanceId", level, text from endpoint_logs where endpoint_id = ${endpointId} and id > ${after} order by id limit ${limit}`,
  );

export const traffic = (db: Db, endpointId: string, since: Date) =>
  rows<{
    minute: Date;
    calls: number;
    clientErrors: number;
    serverErrors: number;
    durationMs: number;
    buckets: number[];
  }>(
    db,
    sql`select minute, calls, client_errors as "clientErrors", server_errors as "serverErrors", duration_ms as "durationMs",
        array(select b::float8 from unnest(buckets) b) as buckets
      from endpoint_traffic where endpoint_id = ${endpointId} and minute >= ${since} order by minute`,
  );

/** What of these subscriptions runs, or is to run, in endpoints. */
export const ofSubscriptions = (db: Db, subscriptionIds: readonly string[]) =>
  rows<{ id: string; name: string; state: string; asleep: boolean; subscriptionId: string; version: string }>(
    db,
    sql`select distinct on (e.id) e.id, e.name, e.state, e.asleep, v.subscription_id as "subscriptionId", v.version
      from endpoints e join endpoint_variants v on v.endpoint_id = e.id
      where e.deleted_at is null and v.subscription_id = any (${[...subscriptionIds]}::text[])
        and (v.number in (e.serving, e.coming) and e.stopped_reason is null and e.state <> 'Failed'
          or exists (select from endpoint_instances i where i.endpoint_id = e.id and i.variant = v.number))
      order by e.id, v.number = e.serving desc`,
  );

/** Stops all of an endpoint until it is updated, or its subscription goes on. */
export const stop = (tx: Tx, id: string, reason: string, cause: string) =>
  changed(
    tx,
    sql`update endpoints set state = 'OutOfService', stopped_reason = ${reason}, stopped_cause = ${cause}, reason = ${reason}, coming = null, coming_settings = null,
        asleep = false, target = 0, wake_asked_at = null, low_since = null, updated_at = now()
      where id = ${id} and state <> 'Deleting' and deleted_at is null and stopped_reason is null`,
  );

/** Starts again what stopped because its subscription was suspended. */
export const resume = (tx: Tx, subscriptionId: string) =>
  rows<{ id: string }>(
    tx,
    sql`update endpoints e set stopped_reason = null, stopped_cause = null, reason = null, target = (settings ->> 'instancesMin')::integer, busy_at = now(), updated_at = now(),
        state = case when serving is null then 'Creating' else 'OutOfService' end, coming = case when serving is null then v.number end,
        coming_settings = case when serving is null then settings end
      from endpoint_variants v where e.stopped_cause = 'suspended' and e.deleted_at is null and e.state = 'OutOfService' and v.endpoint_id = e.id
        and v.number = coalesce(e.serving, (select max(number) from endpoint_variants m where m.endpoint_id = e.id)) and v.subscription_id = ${subscriptionId}
      returning e.id`,
  );

/** Old minutes, events and deleted endpoints' logs are not kept for ever. */
export async function removeOld(tx: Tx): Promise<void> {
  await sql`delete from endpoint_traffic where minute < now() - interval '90 days'`.execute(tx);
  await sql`delete from endpoint_logs l using endpoints e where e.id = l.endpoint_id and (e.deleted_at < now() - interval '1 day' or l.at < now() - interval '30 days')`.execute(
    tx,
  );
  await sql`delete from endpoint_events where at < now() - interval '90 days'`.execute(tx);
}
