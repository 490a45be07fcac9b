import type { MetricCurve } from '@souk/contract';
import { type Db, json, rows, sql, type Tx } from '../../platform/db.ts';
import { storable } from './training.sql.ts';

/** Of one job; older pieces are dropped. */
export const logBytesKept = 2_000_000;

/** What was printed and measured since the last time, by one attempt. */
export async function keep(
  tx: Tx,
  job: { readonly id: string; readonly attempt: number },
  lines: readonly string[],
  curves: readonly MetricCurve[],
): Promise<void> {
  if (lines.length > 0) {
    const stored = lines.map(storable);
    const sizeBytes = stored.reduce((n, line) => n + line.length + 1, 0);
    await sql`insert into training_log (job_id, attempt, lines, size_bytes) values (${job.id}, ${job.attempt}, ${stored}::text[], ${sizeBytes})`.execute(
      tx,
    );
    await sql`delete from training_log where job_id = ${job.id} and id < (select coalesce(min(id), 0) from
      (select id, sum(size_bytes) over (order by id desc) as bytes from training_log where job_id = ${job.id}) sized where bytes <= ${logBytesKept})`.execute(
      tx,
    );
  }
  for (const curve of curves)
    await sql`insert into training_metrics (job_id, attempt, name, curve) values (${job.id}, ${job.attempt}, ${storable(curve.name)}, ${json(curve)})
      on conflict (job_id, attempt, name) do update set curve = excluded.curve`.execute(tx);
  await sql`update training_jobs set updated_at = now() where id = ${job.id}`.execute(tx);
}

/** What an attempt that is told again from its beginning had said. */
export async function forget(tx: Tx, job: { readonly id: string; readonly attempt: number }): Promise<void> {
  await sql`delete from training_log where job_id = ${job.id} and attempt = ${job.attempt}`.execute(tx);
  await sql`delete from training_metrics where job_id = ${job.id} and attempt = ${job.attempt}`.execute(tx);
}

export const pieces = (db: Db, jobId: string, after: number) =>
  rows<{ id: number; lines: string[] }>(
    db,
    sql`select id, lines from training_log where job_id = ${jobId} and id > ${after} order by id`,
  );

export const firstPiece = (db: Db, jobId: string) =>
  rows<{ id: number; bytes: number }>(
    db,
    sql`select min(id) as id, coalesce(sum(size_bytes), 0)::bigint as bytes from training_log where job_id = ${jobId}`,
  );
