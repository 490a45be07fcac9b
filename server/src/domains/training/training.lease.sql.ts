import { changed, type Db, row, rows, sql, type Tx } from '../../platform/db.ts';

export interface Claimed {
  readonly id: string;
}

/**
 * Takes jobs that nobody runs, oldest first. Two supervisors that look at once take different ones; who takes a job has it until the
 * lease is over, and renews it long before.
 */
export const claim = (tx: Tx, owner: string, limit: number, leaseMs: number, onCluster: boolean) =>
  rows<Claimed>(
    tx,
    sql`update training_jobs set lease_owner = ${owner}, lease_until = now() + ${leaseMs} * interval '1 millisecond'
      where id in (select id from training_jobs j where status in ('InProgress', 'Stopping') and (lease_until is null or lease_until < now())
          and ${onCluster} = exists (select from instance_types t where t.name = j.spec ->> 'instanceType' and t.backend = 'slurm')
        order by created_at, id limit ${limit} for update skip locked)
      returning id`,
  );

/** Those that are still ours, and whether they are to end. */
export const renew = (
  tx: Tx,
  owner: string,
  jobs: readonly { readonly id: string; readonly billableMs: number }[],
  leaseMs: number,
) =>
  rows<{ id: string; stopRequested: boolean }>(
    tx,
    sql`update training_jobs j set lease_until = now() + ${leaseMs} * interval '1 millisecond', billable_ms = greatest(j.billable_ms, mine.billable)
      from unnest(${jobs.map((j) => j.id)}::text[], ${jobs.map((j) => Math.round(j.billableMs))}::bigint[]) as mine (id, billable)
      where j.id = mine.id and j.lease_owner = ${owner} and j.status in ('InProgress', 'Stopping')
      returning j.id, j.stop_requested_at is not null as "stopRequested"`,
  );

/** Whoever ends in good order leaves its jobs to the next at once. */
export const release = (tx: Tx, owner: string) =>
  changed(
    tx,
    sql`update training_jobs set lease_until = null where lease_owner = ${owner} and lease_until is not null`,
  );

/** What an earlier process of the same name held: there is one process of a name at a time, so that one is gone. */
export const releaseOfProcess = (tx: Tx, processName: string) =>
  changed(
    tx,
    sql`update training_jobs set lease_until = null where lease_until is not null and split_part(lease_owner, '#', 1) = ${processName}`,
  );

export const subscriptionState = (db: Db, id: string) =>
  row<{ state: string; reason: string | null }>(
    db,
    sql`select state, coalesce(suspended_reason, ended_reason) as reason from subscriptions where id = ${id}`,
  );

/** Left alone for a while, then anybody's. */
export const rest = (tx: Tx, id: string, owner: string, pauseMs: number) =>
  changed(
    tx,
    sql`update training_jobs set lease_owner = null, lease_until = now() + ${pauseMs} * interval '1 millisecond' where id = ${id} and lease_owner = ${owner}`,
  );
