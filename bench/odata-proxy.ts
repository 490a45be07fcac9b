import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { newLog } from '../server/src/platform/log.ts';
import { migrate } from '../server/src/platform/migrate.ts';
import { startPostgres } from '../server/src/platform/postgres.ts';
import { insertDataService } from '../server/test/market.ts';
import { type BenchRow, sideBySide } from './bench-row.ts';
import { startGateway } from './gateway-process.ts';
import { load, type Measured } from './load.ts';
import { at, type Started, startListening } from './processes.ts';

/**
 * A data service called through the gateway - key, quota, addresses rewritten, rows counted, in the usage log - beside the same service
 * called directly: same run, same load, in turns. Every answered call must be in the database afterwards.
 */
const rounds = Number(process.env.SOUK_BENCH_ROUNDS ?? 4);
const seconds = Number(process.env.SOUK_BENCH_SECONDS ?? 1);
const connections = 16;
const warmUpSeconds = 3;

export async function run(): Promise<BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'souk-bench-'));
  const started: Started[] = [];
  const postgres = await startPostgres(folder, newLog('bench', 'error'));
  const pool = new pg.Pool({ connectionString: postgres.url, max: 2 });
  pool.on('error', () => {});
  try {
    await migrate(postgres.url, newLog('bench', 'error'));
    const service = await startListening(at('node_modules/.bin/bun'), [at('bench/odata-service.ts')]);
    started.push(service);
    const market = await insertDataService(pool, {
      number: 1,
      section: { url: `http://127.0.0.1:${service.port}/svc/`, isOData: true },
    });
    const gateway = await startGateway(folder, postgres.url, {
      outboundAllow: [`127.0.0.1:${service.port}`],
    });
    started.push(gateway);
    const path = `/data/${market.publisher}/${market.product}/v1/Flats`;
    const headers = { authorization: `Bearer ${market.apiKey}` };
    await untilAnswered(`http://127.0.0.1:${gateway.port}${path}`, headers);
    const ways = {
      ours: (s: number) => load(gateway.port, [{ path, headers }], { connections, seconds: s }),
      peer: (s: number) => load(service.port, [{ path: '/svc/Flats' }], { connections, seconds: s }),
    };
    const measured: Record<keyof typeof ways, Measured[]> = { ours: [], peer: [] };
    let answered = (await ways.ours(warmUpSeconds)).requests;
    await ways.peer(warmUpSeconds);
    for (let round = 0; round < rounds; round++)
      for (const way of ['peer', 'ours'] as const) measured[way].push(await ways[way](seconds));
    for (const m of measured.ours) answered += m.requests;
    await requireCounted(pool, answered);
    const row = (name: string, unit: string, of: 'perSecond' | 'p50Ms' | 'p99Ms') =>
      sideBySide({
        name: `data service: ${name}`,
        unit,
        ours: measured.ours.map((m) => m[of]),
        peer: measured.peer.map((m) => m[of]),
        peerName: 'the service called directly',
        inverted: of !== 'perSecond',
      });
    return [row('calls', 'calls/s', 'perSecond'), row('p50', 'ms', 'p50Ms'), row('p99', 'ms', 'p99Ms')];
  } finally {
    for (const one of started.reverse()) await one.stop();
    await pool.end();
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function untilAnswered(url: string, headers: Record<string, string>): Promise<void> {
  for (const end = Date.now() + 20_000; ; await new Promise((resolve) => setTimeout(resolve, 100))) {
    const answer = await fetch(url, { headers });
    const text = await answer.text();
    if (answer.ok) return;
    if (Date.now() > end) throw new Error(`the gateway answers ${answer.status}: ${text.slice(0, 500)}`);
  }
}

async function requireCounted(pool: pg.Pool, answered: number): Promise<void> {
  for (const end = Date.now() + 10_000; ; await new Promise((resolve) => setTimeout(resolve, 200))) {
    const { rows } = await pool.query<{ units: number }>(
      `select coalesce(sum(quantity), 0)::float8 as units from usage_records where dimension = 'transactions'`,
    );
    const units = rows[0]?.units ?? 0;
    if (units >= answered) return;
    if (Date.now() > end) throw new Error(`${answered} calls were answered, ${units} transactions counted.`);
  }
}

if (import.meta.main) {
  const rows = await run();
  if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify({ results: rows })}\n`);
  else console.table(rows);
}
