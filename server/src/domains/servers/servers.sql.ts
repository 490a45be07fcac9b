import { changed, type Db, row, rows, sql, type Tx } from '../../platform/db.ts';
import type { ServerRow } from './servers.ts';

const columns = sql`s.id, s.name, s.description, s.url, s.protocol, s.model_name as "modelName", s.credentials_kind as "credentialsKind",
  s.credentials_name as "credentialsName", s.credentials_sealed as "credentialsSealed", s.ca_pem as "caPem", s.timeout_ms as "timeoutMs",
  array(select a.account_id from model_server_accounts a where a.server_id = s.id order by 1) as "accountIds",
  s.health, s.health_detail as "healthDetail", s.health_latency_ms as "healthLatencyMs", s.health_checked_at as "healthCheckedAt",
  s.health_since as "healthSince", s.created_at as "createdAt", s.updated_at as "updatedAt"`;

export const list = (db: Db) =>
  rows<ServerRow>(db, sql`select ${columns} from model_servers s order by s.name`);

export const listOf = (db: Db, accountId: string) =>
  rows<ServerRow>(
    db,
    sql`select ${columns} from model_servers s join model_server_accounts o on o.server_id = s.id and o.account_id = ${accountId} order by s.name`,
  );

export const find = (db: Db, id: string) =>
  row<ServerRow>(db, sql`select ${columns} from model_servers s where s.id = ${id}`);

export const findNamed = (db: Db, name: string) =>
  row<ServerRow>(db, sql`select ${columns} from model_servers s where s.name = ${name}`);

/** Locked, so that two changes follow each other. */
export const lockNamed = (tx: Tx, name: string) =>
  row<ServerRow>(tx, sql`select ${columns} from model_servers s where s.name = ${name} for update`);

export type Settings = Pick<
  ServerRow,
  'description' | 'url' | 'credentialsKind' | 'credentialsName' | 'credentialsSealed' | 'caPem' | 'timeoutMs'
>;

export async function insert(
  tx: Tx,
  s: Settings & Pick<ServerRow, 'id' | 'name' | 'protocol' | 'modelName'>,
  by: string,
): Promise<void> {
  await sql`insert into model_servers (id, name, description, url, protocol, model_name, credentials_kind, credentials_name, credentials_sealed,
      ca_pem, timeout_ms, created_by)
    values (${s.id}, ${s.name}, ${s.description}, ${s.url}, ${s.protocol}, ${s.modelName}, ${s.credentialsKind}, ${s.credentialsName},
      ${s.credentialsSealed}, ${s.caPem}, ${s.timeoutMs}, ${by})`.execute(tx);
}

export async function update(tx: Tx, id: string, s: Settings): Promise<void> {
  await sql`update model_servers set description = ${s.description}, url = ${s.url}, credentials_kind = ${s.credentialsKind},
      credentials_name = ${s.credentialsName}, credentials_sealed = ${s.credentialsSealed}, ca_pem = ${s.caPem}, timeout_ms = ${s.timeoutMs},
      updated_at = now() where id = ${id}`.execute(tx);
}

/** Answers the first of the accounts that does not exist. */
export async function setAccounts(
  tx: Tx,
  id: string,
  accountIds: readonly string[],
): Promise<string | undefined> {
  const given = sql`${[...accountIds]}::text[]`;
  const unknown = await row<{ id: string }>(
    tx,
    sql`select g.id from unnest(${given}) as g (id) where not exists (select from accounts a where a.id = g.id) limit 1`,
  );
  if (unknown) return unknown.id;
  await sql`delete from model_server_accounts where server_id = ${id} and account_id <> all (${given})`.execute(
    tx,
  );
  await sql`insert into model_server_accounts (server_id, account_id) select ${id}, unnest(${given}) on conflict do nothing`.execute(
    tx,
  );
  return undefined;
}

export interface Health {
  readonly state: 'ok' | 'down';
  readonly detail: string;
  readonly latencyMs: number | null;
  readonly at: Date;
}

/** Answers whether the state is another one than before. `since` moves with the state only. */
export async function writeHealth(tx: Tx, id: string, h: Health): Promise<boolean> {
  const before = await row<{ health: string }>(
    tx,
    sql`select health from model_servers where id = ${id} for update`,
  );
  await sql`update model_servers set health = ${h.state}, health_detail = ${h.detail}, health_latency_ms = ${h.latencyMs}, health_checked_at = ${h.at},
      health_since = case when health = ${h.state} then health_since else ${h.at} end where id = ${id}`.execute(
    tx,
  );
  return before !== undefined && before.health !== h.state;
}

/** What names the server and would not run without it: versions and endpoints that run, and packages that may still become a version. */
export const uses = async (db: Db, id: string): Promise<string[]> =>
  (
    await rows<{ name: string }>(
      db,
      sql`select 1 as kind, b.slug || '/' || p.slug || ' ' || d.version as name from deployments d join products p on p.id = d.product_id
          join publishers b on b.account_id = p.account_id where d.servable ->> 'serverId' = ${id} and d.desired = 'running'
        union select 2, 'the endpoint ' || e.name || ' of ' || e.account_id from endpoints e join endpoint_variants v on v.endpoint_id = e.id
          where v.servable ->> 'serverId' = ${id} and e.deleted_at is null and e.state <> 'Failed' and v.number in (e.serving, e.coming)
        union select 3, 'the model package ' || m.name || ' of ' || m.account_id from model_packages m
          where m.inference_specification ->> 'serverId' = ${id} and m.status <> 'Failed'
        order by 1, 2`,
    )
  ).map((u) => u.name);

export const remove = (tx: Tx, id: string) => changed(tx, sql`delete from model_servers where id = ${id}`);
