import { changed, type Db, json, row, rows, sql, type Tx } from '../../platform/db.ts';
import type { JobRow } from './webservices.ts';

const columns = sql`j.id, j.endpoint_id as "endpointId", j.account_id as "accountId", j.state, j.input, j.output, j.parameters, j.started_at as "startedAt", j.failure,
  j.rows_done as "rowsDone", j.attempts, j.created_by as "createdBy", j.created_at as "createdAt", j.ended_at as "endedAt"`;

export async function insert(
  tx: Tx,
  j: Pick<JobRow, 'id' | 'endpointId' | 'accountId' | 'input' | 'output' | 'parameters' | 'createdBy'>,
): Promise<void> {
  await sql`insert into web_service_jobs (id, endpoint_id, account_id, input, output, parameters, created_by)
    values (${j.id}, ${j.endpointId}, ${j.accountId}, ${j.input}, ${j.output}, ${json(j.parameters)}, ${j.createdBy})`.execute(
    tx,
  );
}

export const find = (db: Db, endpointId: string, id: string) =>
  row<JobRow>(
    db,
    sql`select ${columns} from web_service_jobs j where j.endpoint_id = ${endpointId} and j.id = ${id}`,
  );

export const list = (db: Db, endpointId: string, limit: number) =>
  rows<JobRow>(
    db,
    sql`select ${columns} from web_service_jobs j where j.endpoint_id = ${endpointId} order by j.created_at desc, j.id limit ${limit}`,
  );

export const open = async (db: Db, endpointId: string): Promise<number> =>
  (
    await row<{ n: number }>(
      db,
      sql`select count(*) as n from web_service_jobs where endpoint_id = ${endpointId} and state in ('NotStarted', 'Running')`,
    )
  )?.n ?? 0;

export const start = (tx: Tx, id: string) =>
  changed(
    tx,
    sql`update web_service_jobs set started_at = now() where id = ${id} and state = 'NotStarted' and started_at is null`,
  );

export const cancel = (tx: Tx, id: string) =>
  changed(
    tx,
    sql`update web_service_jobs set state = 'Cancelled', lease = null, leased_until = null, ended_at = now() where id = ${id} and state in ('NotStarted', 'Running')`,
  );

/** Takes what waits and what nobody works on any more: of each endpoint no more at a time than `perEndpoint`, in the order of their starts. */
export const claim = (db: Db, lease: string, limit: number, perEndpoint: number) =>
  rows<JobRow>(
    db,
    sql`update web_service_jobs j set state = 'Running', lease = ${lease}, leased_until = now() + interval '30 seconds', attempts = attempts + 1
      where j.id in (
        select o.id from web_service_jobs o
        where o.started_at is not null and o.state in ('NotStarted', 'Running') and o.next_at <= now() and (o.leased_until is null or o.leased_until < now())
          and (select count(*) from web_service_jobs r where r.endpoint_id = o.endpoint_id and r.id <> o.id and r.state in ('NotStarted', 'Running') and r.started_at is not null
            and (r.leased_until >= now() or (r.started_at, r.id) < (o.started_at, o.id))) < ${perEndpoint}
        order by o.started_at, o.id limit ${limit} for update skip locked)
      returning ${columns}`,
  );

/** Those that are still this worker's; the others were cancelled, or taken over. */
export const renew = (db: Db, lease: string, progress: readonly { id: string; rows: number }[]) =>
  rows<{ id: string }>(
    db,
    sql`update web_service_jobs j set leased_until = now() + interval '30 seconds', rows_done = p.rows
      from jsonb_to_recordset(${json(progress)}) as p (id text, rows integer) where p.id = j.id and j.lease = ${lease} and j.state = 'Running' returning j.id`,
  );

export const end = async (
  tx: Tx,
  id: string,
  lease: string,
  state: 'Finished' | 'Failed',
  { failure, rows: done }: { failure: string | null; rows: number },
): Promise<boolean> =>
  (await changed(
    tx,
    sql`update web_service_jobs set state = ${state}, failure = ${failure}, rows_done = ${done}, lease = null, leased_until = null, ended_at = now()
      where id = ${id} and lease = ${lease} and state = 'Running'`,
  )) > 0;

/** For another worker, or this one, after a while. */
export const putBack = (tx: Tx, id: string, lease: string, afterMs: number) =>
  changed(
    tx,
    sql`update web_service_jobs set lease = null, leased_until = null, next_at = now() + ${afterMs} * interval '1 millisecond' where id = ${id} and lease = ${lease} and state = 'Running'`,
  );

export async function log(
  tx: Tx,
  e: {
    endpointId: string;
    at: Date;
    jobId: string;
    status: number;
    durationMs: number;
    rows: number;
    message: string;
  },
): Promise<void> {
  const entry = {
    endpoint_id: e.endpointId,
    at: e.at.toISOString(),
    kind: 'batch',
    request_id: e.jobId,
    status: e.status,
    duration_ms: e.durationMs,
    rows: e.rows,
    message: e.message.slice(0, 2000),
  };
  await sql`select gateway_web_service_report('[]', ${json([entry])})`.execute(tx);
}

/** The account of a workspace that has, or had, web services. */
export const accountOf = async (db: Db, workspace: string): Promise<string | undefined> =>
  (
    await row<{ accountId: string }>(
      db,
      sql`select account_id as "accountId" from web_services where workspace = ${workspace} limit 1`,
    )
  )?.accountId;
