import type { OnnxDescription, Parameter, ValidationProfile, Version } from '@souk/contract';
import type { Static } from 'typebox';
import { changed, type Db, json, row, rows, sql, type Tx } from '../../platform/db.ts';
import type { EndpointRow, WebServiceRow } from './webservices.ts';

const columns = sql`s.id, s.account_id as "accountId", s.workspace, s.name, s.description, s.served_by as "servedBy", e.name as "servedByName",
  case when e.deleted_at is null then e.state else 'Deleting' end as "servedByState", coalesce(e.stopped_reason, e.reason) as "servedByReason", e.serving is not null as serves,
  s.runs, s.schema, s.wire, s.created_by as "createdBy", s.created_at as "createdAt", s.updated_at as "updatedAt",
  (select count(*) from web_service_endpoints w where w.service_id = s.id and w.deleted_at is null)::integer as "endpointCount"`;
const from = sql`from web_services s join endpoints e on e.id = s.served_by`;

const endpointColumns = sql`w.id, w.service_id as "serviceId", w.name, w.is_default as "isDefault", w.description, w.max_concurrent_calls as "maxConcurrentCalls",
  w.logging, w.logging_until as "loggingUntil", w.sample_data as "sampleData", w.read_only as "readOnly", w.primary_sha256 as "primarySha256", w.primary_hint as "primaryHint",
  w.secondary_sha256 as "secondarySha256", w.secondary_hint as "secondaryHint", w.created_by as "createdBy", w.created_at as "createdAt", w.updated_at as "updatedAt"`;

export const list = (db: Db, accountId: string) =>
  rows<WebServiceRow>(
    db,
    sql`select ${columns} ${from} where s.account_id = ${accountId} and s.deleted_at is null order by s.created_at desc, s.id`,
  );

export const find = (db: Db, id: string) =>
  row<WebServiceRow>(db, sql`select ${columns} ${from} where s.id = ${id} and s.deleted_at is null`);

/** Held until the transaction ends: who adds and removes endpoints looks at all of them. */
export const lock = (tx: Tx, accountId: string, id: string) =>
  row<{ id: string }>(
    tx,
    sql`select id from web_services where id = ${id} and account_id = ${accountId} and deleted_at is null for update`,
  );

export const count = async (db: Db, accountId: string): Promise<number> =>
  (
    await row<{ n: number }>(
      db,
      sql`select count(*) as n from web_services where account_id = ${accountId} and deleted_at is null`,
    )
  )?.n ?? 0;

export async function insert(
  tx: Tx,
  s: Pick<
    WebServiceRow,
    | 'id'
    | 'accountId'
    | 'workspace'
    | 'name'
    | 'description'
    | 'servedBy'
    | 'runs'
    | 'schema'
    | 'wire'
    | 'createdBy'
  > & { readonly now: Date },
): Promise<void> {
  await sql`insert into web_services (id, account_id, workspace, name, description, served_by, runs, schema, wire, created_by, created_at, updated_at)
    values (${s.id}, ${s.accountId}, ${s.workspace}, ${s.name}, ${s.description}, ${s.servedBy}, ${s.runs}, ${json(s.schema)}, ${json(s.wire)}, ${s.createdBy}, ${s.now}, ${s.now})`.execute(
    tx,
  );
}

export async function update(
  tx: Tx,
  id: string,
  s: Pick<WebServiceRow, 'name' | 'description' | 'schema'>,
): Promise<void> {
  await sql`update web_services set name = ${s.name}, description = ${s.description}, schema = ${json(s.schema)}, updated_at = now() where id = ${id}`.execute(
    tx,
  );
}

export async function remove(tx: Tx, id: string): Promise<void> {
  await sql`update web_service_endpoints set deleted_at = now(), updated_at = now() where service_id = ${id} and deleted_at is null`.execute(
    tx,
  );
  await sql`update web_services set deleted_at = now(), updated_at = now() where id = ${id}`.execute(tx);
}

export const endpoints = (db: Db, serviceId: string) =>
  rows<EndpointRow>(
    db,
    sql`select ${endpointColumns} from web_service_endpoints w where w.service_id = ${serviceId} and w.deleted_at is null order by w.is_default desc, w.created_at, w.id`,
  );

/** By the id in addresses. */
export const endpointById = (db: Db, id: string) =>
  row<EndpointRow>(
    db,
    sql`select ${endpointColumns} from web_service_endpoints w where w.id = ${id} and w.deleted_at is null`,
  );

export async function insertEndpoint(tx: Tx, e: Omit<EndpointRow, 'createdAt' | 'updatedAt'>): Promise<void> {
  await sql`insert into web_service_endpoints (id, service_id, name, is_default, description, max_concurrent_calls, logging, logging_until, sample_data, read_only,
      primary_sha256, primary_hint, secondary_sha256, secondary_hint, created_by)
    values (${e.id}, ${e.serviceId}, ${e.name}, ${e.isDefault}, ${e.description}, ${e.maxConcurrentCalls}, ${e.logging}, ${e.loggingUntil}, ${e.sampleData}, ${e.readOnly},
      ${e.primarySha256}, ${e.primaryHint}, ${e.secondarySha256}, ${e.secondaryHint}, ${e.createdBy})`.execute(
    tx,
  );
}

export async function updateEndpoint(
  tx: Tx,
  id: string,
  e: Pick<
    EndpointRow,
    'description' | 'maxConcurrentCalls' | 'logging' | 'loggingUntil' | 'sampleData' | 'readOnly'
  >,
): Promise<boolean> {
  return (
    (await changed(
      tx,
      sql`update web_service_endpoints set description = ${e.description}, max_concurrent_calls = ${e.maxConcurrentCalls}, logging = ${e.logging},
        logging_until = ${e.loggingUntil}, sample_data = ${e.sampleData}, read_only = ${e.readOnly}, updated_at = now()
      where id = ${id} and deleted_at is null and not read_only`,
    )) > 0
  );
}

export const removeEndpoint = (tx: Tx, id: string) =>
  changed(
    tx,
    sql`update web_service_endpoints set deleted_at = now(), updated_at = now() where id = ${id} and deleted_at is null and not read_only`,
  );

/** Endpoints that are opened by the key, held until the transaction ends. */
export const endpointsOfKey = (tx: Tx, sha256: string) =>
  rows<{
    id: string;
    name: string;
    serviceId: string;
    service: string;
    accountId: string;
    primarySha256: string;
  }>(
    tx,
    sql`select w.id, w.name, s.id as "serviceId", s.name as service, s.account_id as "accountId", w.primary_sha256 as "primarySha256"
        from web_service_endpoints w join web_services s on s.id = w.service_id
        where (w.primary_sha256 = ${sha256} or w.secondary_sha256 = ${sha256}) and w.deleted_at is null and s.deleted_at is null
        order by w.id for update of w`,
  );

export async function setKey(
  tx: Tx,
  id: string,
  which: 'primary' | 'secondary',
  key: { readonly sha256: string; readonly hint: string },
): Promise<void> {
  const [hash, hint] =
    which === 'primary'
      ? [sql.ref('primary_sha256'), sql.ref('primary_hint')]
      : [sql.ref('secondary_sha256'), sql.ref('secondary_hint')];
  await sql`update web_service_endpoints set ${hash} = ${key.sha256}, ${hint} = ${key.hint}, updated_at = now() where id = ${id}`.execute(
    tx,
  );
}

/** The endpoint whose key has this hash, and which of its keys that is. */
export const byKey = (db: Db, sha256: string) =>
  row<EndpointRow & { readonly which: 'primary' | 'secondary'; readonly accountId: string }>(
    db,
    sql`select ${endpointColumns}, s.account_id as "accountId", case when w.primary_sha256 = ${sha256} then 'primary' else 'secondary' end as which
      from web_service_endpoints w join web_services s on s.id = w.service_id
      where w.deleted_at is null and (w.primary_sha256 = ${sha256} or w.secondary_sha256 = ${sha256})`,
  );

export const traffic = (db: Db, serviceId: string, since: Date) =>
  rows<{
    minute: Date;
    endpoint: string;
    calls: number;
    failed: number;
    throttled: number;
    durationMs: number;
  }>(
    db,
    sql`select t.minute, w.name as endpoint, t.calls, t.failed, t.throttled, t.duration_ms as "durationMs"
      from web_service_traffic t join web_service_endpoints w on w.id = t.endpoint_id
      where w.service_id = ${serviceId} and t.minute >= ${since} order by t.minute, w.name`,
  );

export const log = (db: Db, endpointId: string, limit: number) =>
  rows<{
    at: Date;
    kind: 'score/requests' | 'batch';
    requestId: string;
    status: number;
    durationMs: number;
    rows: number;
    message: string;
  }>(
    db,
    sql`select at, kind, request_id as "requestId", status, duration_ms as "durationMs", rows, message from web_service_log
      where endpoint_id = ${endpointId} order by id desc limit ${limit}`,
  );

/** Figures of 90 days, and the last of each endpoint's log, are kept. */
export async function removeOld(tx: Tx, logEntries: number): Promise<void> {
  await sql`delete from web_service_traffic where minute < now() - interval '90 days'`.execute(tx);
  await sql`delete from web_service_log l using (select id, row_number() over (partition by endpoint_id order by id desc) as n from web_service_log) o
    where o.id = l.id and o.n > ${logEntries}`.execute(tx);
  await sql`delete from web_service_jobs where ended_at < now() - interval '90 days'`.execute(tx);
}

/** What is known of a model: of a version of a product, with the samples of its page, or of a model of the account. */
export interface KnownModel {
  readonly onnx: OnnxDescription | null;
  readonly profile: ValidationProfile | null;
  readonly details: Pick<Version, 'input' | 'output'> | null;
  readonly attributes?: Static<typeof Parameter>[];
}

export const knownVersion = (db: Db, subscriptionId: string, version: string) =>
  row<KnownModel>(
    db,
    sql`select v.resource -> 'onnx' as onnx, v.resource -> 'validationProfile' as profile,
        (select d from jsonb_array_elements(r.document -> 'versions') d where d ->> 'number' = v.number limit 1) as details
      from subscriptions s join products p on p.id = s.product_id
        join product_versions v on v.product_id = s.product_id and v.number = ${version}
        left join revisions r on r.id = coalesce(case s.slot when 'preview' then p.preview_revision_id end, p.live_revision_id, s.revision_id)
      where s.id = ${subscriptionId}`,
  );

export const knownModel = (db: Db, accountId: string, name: string) =>
  row<KnownModel>(
    db,
    sql`select onnx, validation_specification -> 'validationProfiles' -> 0 as profile, null as details from model_packages where account_id = ${accountId} and name = ${name}
      order by trained_by_subscription_id is null limit 1`,
  );
