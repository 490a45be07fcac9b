import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { newLog } from '../server/src/platform/log.ts';
import { migrate } from '../server/src/platform/migrate.ts';
import { startPostgres } from '../server/src/platform/postgres.ts';
import { insertBuyers, insertMarket } from '../server/test/market.ts';
import { type BenchRow, sideBySide } from './bench-row.ts';
import { measureIngest } from './gateway-ingest.ts';
import { type Measured, newLoad } from './gateway-load.ts';
import { startNginx } from './gateway-nginx.ts';
import { startGateway, untilCalled } from './gateway-process.ts';

/**
 * The gateway beside nginx with auth_request and a small authorizer, both before the same upstream and under the same load, in
 * turns, so that what else the machine does falls on both. The gateway is the real process on a real database with thousands of
 * keys and subscriptions, and every answered call must be in the database afterwards.
 */
const rounds = Number(process.env.SOUK_BENCH_ROUNDS ?? 4);
const seconds = Number(process.env.SOUK_BENCH_SECONDS ?? 1);
/** Servers run for weeks: what their compilers do in the first seconds is not what is asked here. */
const warmUpSeconds = 3;
const buyers = 3000;
const nginxName = 'nginx with auth_request';
const ways = ['direct', 'nginx', 'gateway', 'nginxTcp', 'gatewayTcp'] as const;
type Way = (typeof ways)[number];

export async function run(): Promise<BenchRow[]> {
  requireTools();
  const folder = mkdtempSync(join(tmpdir(), 'souk-bench-'));
  const children: ChildProcess[] = [];
  const postgres = await startPostgres(folder, newLog('bench', 'error'));
  const pool = new pg.Pool({ connectionString: postgres.url, max: 2 });
  pool.on('error', () => {});
  try {
    await migrate(postgres.url, newLog('bench', 'error'));
    const sockets = { upstream: join(folder, 'up.sock'), authorizer: join(folder, 'auth.sock') };
    const upstream = await startServer(children, ['upstream', sockets.upstream]);
    const market = await insertMarket(pool, { addresses: [{ unix: sockets.upstream }] });
    const overTcp = await insertMarket(pool, {
      addresses: [{ url: `http://127.0.0.1:${upstream}` }],
      number: 2,
      buyerOf: market,
    });
    const subscriptionIds = await insertBuyers(pool, market, buyers);
    const keys = await pool.query('select key_sha256, account_id from api_keys');
    const keysFile = join(folder, 'keys.json');
    writeFileSync(keysFile, JSON.stringify(keys.rows.map((r) => [r.key_sha256, r.account_id])));
    const authorizer = await startServer(children, ['authorizer', sockets.authorizer, keysFile]);
    const nginx = await startNginx(join(folder, 'nginx'), {
      upstream: `unix:${sockets.upstream}`,
      authorizer: `unix:${sockets.authorizer}`,
    });
    children.push(nginx.child);
    const nginxTcp = await startNginx(join(folder, 'nginx-tcp'), {
      upstream: `127.0.0.1:${upstream}`,
      authorizer: `127.0.0.1:${authorizer}`,
    });
    children.push(nginxTcp.child);
    const { child, port: gateway } = await startGateway(folder, postgres.url);
    children.push(child);
    const at = (port: number, { publisher, product } = market) =>
      `http://127.0.0.1:${port}/call/${publisher}/${product}/invocations`;
    const urls: Record<Way, string> = {
      direct: at(upstream),
      nginx: at(nginx.port),
      gateway: at(gateway),
      nginxTcp: at(nginxTcp.port),
      gatewayTcp: at(gateway, overTcp),
    };
    await untilCalled(urls.gateway, market.apiKey);
    const load = newLoad(folder, market.apiKey);
    const calls = await measureCalls(urls, load);
    await requireMetered(pool, [...calls.gateway, ...calls.gatewayTcp]);
    return [...rowsOf(calls), await measureIngest(pool, subscriptionIds)];
  } finally {
    for (const child of children.reverse()) await stop(child);
    await pool.end();
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measureCalls(urls: Record<Way, string>, load: ReturnType<typeof newLoad>) {
  const measured: Record<Way, Measured[]> = {
    direct: [],
    nginx: [],
    gateway: [],
    nginxTcp: [],
    gatewayTcp: [],
  };
  for (const way of ways) await load(urls[way], warmUpSeconds);
  for (let round = 0; round < rounds; round++)
    for (const way of ways) measured[way].push(await load(urls[way], seconds));
  return measured;
}

function rowsOf(measured: Record<Way, Measured[]>): BenchRow[] {
  const row = (name: string, of: keyof Measured, ours: Way, peer: Way, goal?: number) =>
    sideBySide({
      name: `gateway: ${name}`,
      unit: of === 'callsPerSecond' ? 'calls/s' : 'ms',
      ours: measured[ours].map((m) => m[of]),
      peer: measured[peer].map((m) => m[of]),
      peerName: peer === 'direct' ? 'upstream called directly' : nginxName,
      inverted: of !== 'callsPerSecond',
      ...(goal === undefined ? {} : { goal: ['ratio at least', goal] as const }),
    });
  return [
    row('calls', 'callsPerSecond', 'gateway', 'nginx', 1),
    row('p50', 'p50Ms', 'gateway', 'nginx'),
    row('p99', 'p99Ms', 'gateway', 'nginx'),
    row('calls, upstream over TCP', 'callsPerSecond', 'gatewayTcp', 'nginxTcp'),
    row('p99, upstream over TCP', 'p99Ms', 'gatewayTcp', 'nginxTcp'),
    row('calls beside none between', 'callsPerSecond', 'gateway', 'direct'),
    row('p50 beside none between', 'p50Ms', 'gateway', 'direct'),
  ];
}

/** A fast gateway that forgot to count would be no gateway: every answered call must be in the database. */
async function requireMetered(pool: pg.Pool, measured: readonly Measured[]) {
  const answered = measured.reduce((sum, m) => sum + m.calls, 0);
  const until = Date.now() + 10_000;
  for (;;) {
    const { rows } = await pool.query<{ units: number }>(
      'select coalesce(sum(quantity), 0)::float8 as units from usage_records',
    );
    const units = rows[0]?.units ?? 0;
    if (units >= answered) return;
    if (Date.now() > until) throw new Error(`${answered} calls were answered, ${units} were counted.`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

function requireTools() {
  const folders = `${process.env.PATH ?? ''}:/usr/sbin`.split(':');
  const missing = ['nginx', 'wrk'].filter((tool) => !folders.some((f) => existsSync(join(f, tool))));
  if (missing.length)
    throw new Error(
      `${missing.join(' and ')} missing: run "sh scripts/system-deps.sh bench" as root, then again.`,
    );
}

const at = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));

function startServer(children: ChildProcess[], args: readonly string[]): Promise<number> {
  return start(children, at('node_modules/.bin/bun'), [at('bench/gateway-servers.ts'), ...args], {});
}

/** Starts a process that says its port in its first line. */
function start(
  children: ChildProcess[],
  command: string,
  args: readonly string[],
  env: Record<string, string>,
): Promise<number> {
  const child = spawn(command, [...args], {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  children.push(child);
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes('\n')) resolve((JSON.parse(text) as { port: number }).port);
    });
    child.once('exit', (code) => reject(new Error(`${args[0]} ended with ${code}`)));
  });
}

async function stop(child: ChildProcess) {
  if (child.exitCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 5000);
  await ended;
  clearTimeout(timer);
}

if (import.meta.main) {
  const rows = await run();
  if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify({ results: rows })}\n`);
  else console.table(rows);
}
