import type pg from 'pg';
import type { EndpointRecord } from './endpoints.ts';

/**
 * What is asked about endpoints, through functions of the migration 0017-endpoints.sql:
 *   gateway_endpoints(endpoint_id text default null)
 *     -> id, account_id, name, state, reason, asleep, subscription_id, product_id, version, title, model_name, settings jsonb, instances jsonb [{id, address}]
 *   gateway_wake(endpoint_id text)
 *   gateway_capture(rows jsonb)   rows: [{endpoint_id, line}]
 *   gateway_endpoint_report(gateway text, traffic jsonb, in_flight jsonb)
 */
export async function readEndpoints(client: pg.Pool, endpointId: string | null): Promise<EndpointRecord[]> {
  const { rows } = await client.query<{
    id: string;
    account_id: string;
    name: string;
    state: EndpointRecord['state'];
    reason: string | null;
    asleep: boolean;
    subscription_id: string | null;
    product_id: string | null;
    version: string | null;
    model_name: string | null;
    settings: {
      concurrency: number;
      startSeconds: number;
      timeoutSeconds: number;
      payloadBytesMax: number;
      capture?: EndpointRecord['capture'];
    };
    instances: EndpointRecord['instances'];
  }>('select * from gateway_endpoints($1)', [endpointId]);
  return rows.map((r) => ({
    id: r.id,
    accountId: r.account_id,
    name: r.name,
    state: r.state,
    reason: r.reason,
    asleep: r.asleep,
    serves:
      r.subscription_id && r.product_id && r.version
        ? {
            subscriptionId: r.subscription_id,
            productId: r.product_id,
            version: r.version,
            modelName: r.model_name ?? '',
          }
        : null,
    concurrency: r.settings.concurrency,
    startMs: r.settings.startSeconds * 1000,
    timeoutMs: r.settings.timeoutSeconds * 1000,
    payloadBytesMax: r.settings.payloadBytesMax,
    capture: r.settings.capture ?? null,
    instances: r.instances,
  }));
}

export async function wake(client: pg.Pool, endpointId: string): Promise<void> {
  await client.query('select gateway_wake($1)', [endpointId]);
}

export interface TrafficRow {
  readonly endpoint_id: string;
  readonly minute: string;
  calls: number;
  client_errors: number;
  server_errors: number;
  duration_ms: number;
  readonly buckets: number[];
}

export interface InFlightRow {
  readonly endpoint_id: string;
  /** Empty: calls that wait for an instance. */
  readonly instance_id: string;
  readonly calls: number;
}

export async function report(
  client: pg.Pool,
  gateway: string,
  traffic: readonly TrafficRow[],
  inFlight: readonly InFlightRow[],
): Promise<void> {
  await client.query('select gateway_endpoint_report($1, $2, $3)', [
    gateway,
    JSON.stringify(traffic),
    JSON.stringify(inFlight),
  ]);
}

export async function capture(
  client: pg.Pool,
  rows: readonly { readonly endpoint_id: string; readonly line: string }[],
): Promise<void> {
  await client.query('select gateway_capture($1)', [JSON.stringify(rows)]);
}
