import { changed, type Db, json, row, rows, sql, type Tx } from '../../platform/db.ts';
import type { ModelAddress } from '../runtime/index.ts';

export interface InferenceRow {
  readonly endpointId: string;
  readonly id: string;
  readonly accountId: string;
  readonly state: 'Pending' | 'InProgress' | 'Completed' | 'Failed';
  readonly contentType: string;
  readonly accept: string;
  readonly customAttributes: string | null;
  readonly inputLocation: string | null;
  readonly outputLocation: string;
  readonly failure: string | null;
  readonly attempts: number;
  readonly callbackUrl: string | null;
  readonly callbackState: 'waiting' | 'delivered' | 'failed' | null;
  readonly callbackAttempts: number;
  readonly callbackFailure: string | null;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly endedAt: Date | null;
}

const columns = sql`f.endpoint_id as "endpointId", f.id, f.account_id as "accountId", f.state, f.content_type as "contentType", f.accept,
  f.custom_attributes as "customAttributes", f.input_location as "inputLocation", f.output_location as "outputLocation", f.failure, f.attempts,
  f.callback_url as "callbackUrl", f.callback_state as "callbackState", f.callback_attempts as "callbackAttempts", f.callback_failure as "callbackFailure",
  f.created_by as "createdBy", f.created_at as "createdAt", f.ended_at as "endedAt"`;

export type NewInference = Pick<
  InferenceRow,
  | 'endpointId'
  | 'id'
  | 'accountId'
  | 'contentType'
  | 'accept'
  | 'customAttributes'
  | 'inputLocation'
  | 'outputLocation'
  | 'callbackUrl'
  | 'createdBy'
> & { readonly body: Buffer | null };

export async function insert(tx: Tx, n: NewInference): Promise<void> {
  await sql`insert into endpoint_inferences (endpoint_id, id, account_id, content_type, accept, custom_attributes, input_location, body, output_location, callback_url, created_by)
    values (${n.endpointId}, ${n.id}, ${n.accountId}, ${n.contentType}, ${n.accept}, ${n.customAttributes}, ${n.inputLocation}, ${n.body}, ${n.outputLocation}, ${n.callbackUrl}, ${n.createdBy})`.execute(
    tx,
  );
}

export const waiting = async (db: Db, endpointId: string): Promise<number> =>
  (
    await row<{ n: number }>(
      db,
      sql`select count(*) as n from endpoint_inferences where endpoint_id = ${endpointId} and state in ('Pending', 'InProgress')`,
    )
  )?.n ?? 0;

export const list = (db: Db, endpointId: string) =>
  rows<InferenceRow>(
    db,
    sql`select ${columns} from endpoint_inferences f where f.endpoint_id = ${endpointId} order by f.created_at desc, f.id limit 200`,
  );

export const find = (db: Db, endpointId: string, id: string) =>
  row<InferenceRow>(
    db,
    sql`select ${columns} from endpoint_inferences f where f.endpoint_id = ${endpointId} and f.id = ${id}`,
  );

/** Takes what waits and what nobody works on any more. */
export const claim = (db: Db, lease: string, limit: number) =>
  rows<InferenceRow & { readonly body: Buffer | null }>(
    db,
    sql`update endpoint_inferences f set state = 'InProgress', lease = ${lease}, leased_until = now() + interval '30 seconds'
      where (f.endpoint_id, f.id) in (select endpoint_id, id from endpoint_inferences
        where state in ('Pending', 'InProgress') and next_at <= now() and (leased_until is null or leased_until < now())
        order by next_at limit ${limit} for update skip locked)
      returning ${columns}, f.body`,
  );

export async function renew(db: Db, lease: string): Promise<void> {
  await sql`update endpoint_inferences set leased_until = now() + interval '30 seconds' where lease = ${lease} and state = 'InProgress'`.execute(
    db,
  );
}

/** Tried again after so long; `counts` when the model had its chance. */
export async function putBack(
  tx: Tx,
  f: InferenceRow,
  lease: string,
  afterMs: number,
  counts: boolean,
): Promise<void> {
  await sql`update endpoint_inferences set state = 'Pending', lease = null, leased_until = null, attempts = attempts + ${counts ? 1 : 0}, next_at = now() + ${afterMs} * interval '1 millisecond'
    where endpoint_id = ${f.endpointId} and id = ${f.id} and lease = ${lease} and state = 'InProgress'`.execute(
    tx,
  );
}

/** Ends it, once: false where somebody else has taken it over meanwhile. */
export const end = async (
  tx: Tx,
  f: InferenceRow,
  lease: string,
  state: 'Completed' | 'Failed',
  failure: string | null,
): Promise<boolean> =>
  (await changed(
    tx,
    sql`update endpoint_inferences set state = ${state}, failure = ${failure}, attempts = attempts + 1, lease = null, leased_until = null, body = null, ended_at = now(),
        callback_state = case when callback_url is not null then 'waiting' end, callback_at = now()
      where endpoint_id = ${f.endpointId} and id = ${f.id} and lease = ${lease} and state = 'InProgress'`,
  )) > 0;

/** The same inference counts once, however often this is said. */
export async function count(
  tx: Tx,
  f: InferenceRow,
  c: { subscriptionId: string; version: string; at: Date; units: number; status: number },
): Promise<void> {
  const record = {
    subscription_id: c.subscriptionId,
    dimension: 'inference.count',
    hour: `${c.at.toISOString().slice(0, 13)}:00:00Z`,
    quantity: c.units,
    client_errors: c.status >= 400 && c.status < 500 ? 1 : 0,
    server_errors: c.status >= 500 ? 1 : 0,
    version: c.version,
    calls: 1,
  };
  await sql`select gateway_ingest(${`inference.${f.endpointId}.${f.id}`}, 1, ${json([record])})`.execute(tx);
}

export interface ServingNow {
  readonly name: string;
  readonly state: string;
  readonly reason: string | null;
  readonly asleep: boolean;
  readonly subscriptionId: string | null;
  readonly version: string | null;
  readonly subscriptionActive: boolean;
  readonly quotaLeft: boolean;
  readonly settings: {
    readonly concurrency: number;
    readonly timeoutSeconds: number;
    readonly payloadBytesMax: number;
  };
  readonly instances: readonly {
    readonly id: string;
    readonly address: ModelAddress;
    readonly calls: number;
  }[];
}

/** What the gateway would know of an endpoint, asked at once; undefined when it has gone. */
export const servingNow = (db: Db, endpointId: string) =>
  row<ServingNow>(
    db,
    sql`select e.name, e.state, e.reason, e.asleep, e.subscription_id as "subscriptionId", e.version, e.settings,
        coalesce(q.status = 'active', false) as "subscriptionActive", coalesce(not q.quota_hard or q.quota_units is null or q.quota_used < q.quota_units, true) as "quotaLeft",
        coalesce((select jsonb_agg(i || jsonb_build_object('calls', endpoint_load(e.id, i ->> 'id'))) from jsonb_array_elements(e.instances) i), '[]') as instances
      from gateway_endpoints(${endpointId}) e left join lateral (select * from gateway_entitlements(e.account_id, e.product_id) g where g.subscription_id = e.subscription_id limit 1) q on true`,
  );

export const wake = (db: Db, endpointId: string) => sql`select gateway_wake(${endpointId})`.execute(db);

export async function reportInFlight(
  db: Db,
  worker: string,
  inFlight: readonly { endpoint_id: string; instance_id: string; calls: number }[],
): Promise<void> {
  await sql`select gateway_endpoint_report(${worker}, '[]', ${json(inFlight)})`.execute(db);
}

/** Callbacks whose turn it is; the next one only after a while, so that two workers do not call at once. */
export const claimCallbacks = (db: Db, limit: number) =>
  rows<InferenceRow>(
    db,
    sql`update endpoint_inferences f set callback_attempts = callback_attempts + 1, callback_at = now() + interval '10 seconds' * power(4, callback_attempts)
      where (f.endpoint_id, f.id) in (select endpoint_id, id from endpoint_inferences where callback_state = 'waiting' and callback_at <= now()
        order by callback_at limit ${limit} for update skip locked) returning ${columns}`,
  );

export async function calledBack(
  tx: Tx,
  f: InferenceRow,
  state: 'waiting' | 'delivered' | 'failed',
  failure: string | null,
): Promise<void> {
  await sql`update endpoint_inferences set callback_state = ${state}, callback_failure = ${failure} where endpoint_id = ${f.endpointId} and id = ${f.id}`.execute(
    tx,
  );
}

export async function removeOld(tx: Tx, keptDays: number): Promise<void> {
  await sql`delete from endpoint_inferences where ended_at < now() - ${keptDays} * interval '1 day' and callback_state is distinct from 'waiting'`.execute(
    tx,
  );
}
