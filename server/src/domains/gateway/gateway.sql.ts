import pg from 'pg';
import { readServices } from './data/services.sql.ts';
import { readEndpoints } from './endpoints.sql.ts';
import type { Entitlement, KeyRecord, UpstreamAddress, VersionRoute } from './gateway.ts';
import type { RecordedCall } from './recorder.ts';
import type { SnapshotData } from './snapshot.ts';
import type { UsageRow } from './usage-file.ts';
import { readWebServices } from './webservices.ts';

/**
 * All that the gateway asks of the database, through functions that the migrations 0003-gateway.sql and 0009-versions.sql define:
 *   gateway_keys(account_id text default null)
 *     -> key_hash text, account_id text, expires_at timestamptz, may_call boolean            active keys of members only
 *   gateway_entitlements(account_id text default null, product_id text default null)
 *     -> account_id, subscription_id, publisher, product, product_id, status ('active'|'suspended'|'ended'), reason text|null, version, latest, versions text[],
 *        dimension, quota_units bigint|null, quota_used bigint, quota_since, quota_resets_at timestamptz|null, quota_hard boolean,
 *        concurrency_max int|null, record_max int|null
 *   gateway_routes(product_id text default null)
 *     -> product_id, version, model_name, addresses jsonb, state ('ready'|'starting'|'down'), deprecated_at, sunset_at timestamptz|null,
 *        sunset_reason, ended boolean, successor (a path), withdrawn_at timestamptz|null, withdrawn_reason, withdrawn_replacement
 *   gateway_ingest(node text, sequence bigint, rows jsonb) -> boolean
 *     rows: [{subscription_id, dimension, hour (timestamptz text), quantity, client_errors, server_errors, version, calls}]; true when it
 *     counts now
 *   gateway_record(rows jsonb)
 *     rows: [{subscription_id, at, version, content_type, accept, body (base64), status, answer_content_type, answer (base64), duration_ms}]
 */
export async function readAll(client: pg.Pool): Promise<SnapshotData> {
  const [keys, entitlements, routes, endpoints, webServices, services] = await Promise.all([
    readKeys(client, null),
    readEntitlements(client, null, null),
    readRoutes(client, null),
    readEndpoints(client, null),
    readWebServices(client, null),
    readServices(client, null),
  ]);
  return { keys, entitlements, routes, endpoints, webServices, services };
}

export async function readAccount(client: pg.Pool, accountId: string) {
  const [keys, entitlements] = await Promise.all([
    readKeys(client, accountId),
    readEntitlements(client, accountId, null),
  ]);
  return { keys, entitlements };
}

/** A product's routes, and what its subscriptions allow: a new revision changes the versions that may be called. */
export async function readProduct(client: pg.Pool, productId: string) {
  const [routes, entitlements, services] = await Promise.all([
    readRoutes(client, productId),
    readEntitlements(client, null, productId),
    readServices(client, productId),
  ]);
  return { routes, entitlements, services };
}

async function readKeys(client: pg.Pool, accountId: string | null): Promise<KeyRecord[]> {
  const { rows } = await client.query<{
    key_hash: string;
    account_id: string;
    expires_at: Date | null;
    may_call: boolean;
  }>('select * from gateway_keys($1)', [accountId]);
  return rows.map((r) => ({
    keyHash: r.key_hash,
    accountId: r.account_id,
    expiresAt: r.expires_at?.getTime() ?? null,
    mayCall: r.may_call,
  }));
}

interface EntitlementColumns {
  account_id: string;
  subscription_id: string;
  publisher: string;
  product: string;
  product_id: string;
  status: Entitlement['status'];
  reason: string | null;
  version: string;
  latest: string | null;
  versions: string[];
  dimension: string;
  quota_units: string | null;
  quota_used: string;
  quota_since: Date | null;
  quota_resets_at: Date | null;
  quota_hard: boolean;
  concurrency_max: number | null;
  record_max: number | null;
}

async function readEntitlements(
  client: pg.Pool,
  accountId: string | null,
  productId: string | null,
): Promise<Entitlement[]> {
  const { rows } = await client.query<EntitlementColumns>('select * from gateway_entitlements($1, $2)', [
    accountId,
    productId,
  ]);
  return rows.map((r) => ({
    accountId: r.account_id,
    subscriptionId: r.subscription_id,
    publisher: r.publisher,
    product: r.product,
    productId: r.product_id,
    status: r.status,
    reason: r.reason,
    version: r.version,
    latest: r.latest,
    versions: r.versions,
    dimension: r.dimension,
    concurrencyMax: r.concurrency_max,
    recordMax: r.record_max,
    quota:
      r.quota_units === null
        ? null
        : {
            units: Number(r.quota_units),
            used: Number(r.quota_used),
            since: r.quota_since?.getTime() ?? 0,
            resetsAt: r.quota_resets_at?.getTime() ?? 0,
            hard: r.quota_hard,
          },
  }));
}

async function readRoutes(client: pg.Pool, productId: string | null): Promise<VersionRoute[]> {
  const { rows } = await client.query<{
    product_id: string;
    version: string;
    model_name: string;
    addresses: UpstreamAddress[];
    state: VersionRoute['state'];
    deprecated_at: Date | null;
    sunset_at: Date | null;
    sunset_reason: string | null;
    ended: boolean;
    successor: string | null;
    withdrawn_at: Date | null;
    withdrawn_reason: string | null;
    withdrawn_replacement: string | null;
  }>('select * from gateway_routes($1)', [productId]);
  return rows.map((r) => ({
    productId: r.product_id,
    version: r.version,
    modelName: r.model_name,
    addresses: r.addresses,
    state: r.state,
    deprecatedAt: r.deprecated_at?.getTime() ?? null,
    sunsetAt: r.sunset_at?.getTime() ?? null,
    sunsetReason: r.sunset_reason,
    ended: r.ended,
    successor: r.successor,
    withdrawnAt: r.withdrawn_at?.getTime() ?? null,
    withdrawnReason: r.withdrawn_reason,
    withdrawnReplacement: r.withdrawn_replacement,
  }));
}

export async function ingest(
  client: pg.Pool,
  node: string,
  sequence: number,
  rows: readonly UsageRow[],
): Promise<boolean> {
  const records = rows.map((r) => ({
    subscription_id: r.subscriptionId,
    dimension: r.dimension,
    hour: new Date(r.hour * 3_600_000).toISOString(),
    quantity: r.quantity,
    client_errors: r.clientErrors,
    server_errors: r.serverErrors,
    version: r.version,
    calls: r.calls,
  }));
  const { rows: answer } = await client.query<{ counted: boolean }>(
    'select gateway_ingest($1, $2, $3) as counted',
    [node, sequence, JSON.stringify(records)],
  );
  return answer[0]?.counted ?? false;
}

export async function record(client: pg.Pool, calls: readonly RecordedCall[]): Promise<void> {
  const rows = calls.map((c) => ({
    subscription_id: c.subscriptionId,
    at: new Date(c.at).toISOString(),
    version: c.version,
    content_type: c.contentType,
    accept: c.accept,
    body: Buffer.from(c.body).toString('base64'),
    status: c.status,
    answer_content_type: c.answerContentType,
    answer: Buffer.from(c.answer).toString('base64'),
    duration_ms: c.durationMs,
  }));
  await client.query('select gateway_record($1)', [JSON.stringify(rows)]);
}

/** Data that PostgreSQL will refuse however often it is sent: a number out of range, a broken constraint. */
export const isHopeless = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && /^2[23]/.test(error.code ?? '');
