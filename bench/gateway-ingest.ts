import type pg from 'pg';
import { ingest } from '../server/src/domains/gateway/gateway.sql.ts';
import type { UsageRow } from '../server/src/domains/gateway/usage-file.ts';
import { type BenchRow, sideBySide } from './bench-row.ts';

const batches = 30;
const rowsPerBatch = 1000;

/** Usage into the database: our batches, each counted once and added up, beside bare INSERTs of the same rows, in turns. */
export async function measureIngest(pool: pg.Pool, subscriptionIds: readonly string[]): Promise<BenchRow> {
  await pool.query('create table plain_usage (like usage_records including all)');
  const firstHour = 400_000;
  const seconds: { ours: number[]; peer: number[] } = { ours: [], peer: [] };
  for (let batch = 0; batch < batches; batch++) {
    const rows: UsageRow[] = Array.from({ length: rowsPerBatch }, (_, i) => ({
      subscriptionId: subscriptionIds[i % subscriptionIds.length] ?? '',
      dimension: 'inference.count',
      hour: firstHour + batch,
      quantity: i,
      version: '1.0.0',
      calls: i,
      clientErrors: 0,
      serverErrors: 0,
    }));
    seconds.ours.push(await timed(() => ingest(pool, 'bench', batch, rows)));
    seconds.peer.push(await timed(() => insertPlainly(pool, rows)));
  }
  const counted = await pool.query<{ n: number }>(
    "select count(*)::int as n from usage_records where hour < now() - interval '1 year'",
  );
  if (counted.rows[0]?.n !== batches * rowsPerBatch)
    throw new Error(`${counted.rows[0]?.n} rows were ingested.`);
  return sideBySide({
    name: 'usage ingestion, batches of 1,000',
    unit: 'rows/s',
    ours: seconds.ours.map((s) => rowsPerBatch / s),
    peer: seconds.peer.map((s) => rowsPerBatch / s),
    peerName: 'multi-row INSERT',
  });
}

function insertPlainly(pool: pg.Pool, rows: readonly UsageRow[]) {
  const values = rows.map(
    (_, i) => `($${i * 6 + 1},$${i * 6 + 2},$${i * 6 + 3},$${i * 6 + 4},$${i * 6 + 5},$${i * 6 + 6})`,
  );
  const parameters = rows.flatMap((r) => [
    r.subscriptionId,
    r.dimension,
    new Date(r.hour * 3_600_000),
    r.quantity,
    r.clientErrors,
    r.serverErrors,
  ]);
  return pool.query(`insert into plain_usage values ${values.join(',')}`, parameters);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}
