import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { openDatabase } from '../server/src/platform/db.ts';
import { newLog } from '../server/src/platform/log.ts';
import { migrate } from '../server/src/platform/migrate.ts';
import { startPostgres } from '../server/src/platform/postgres.ts';
import { freePort } from '../test/journeys/souk.ts';
import { alone, type BenchRow, notRun, sideBySide } from './bench-row.ts';
import { generateCatalog } from './catalog-data.ts';
import { catalogQuestions } from './catalog-questions.ts';
import { load, type Measured, type Request } from './load.ts';
import { at, type Started, stop, untilAnswers } from './processes.ts';
import { say } from './say.ts';
import { copyProducts, startVendure, vendureList, vendureMissing, vendureProduct } from './vendure.ts';

/**
 * The catalogue over 100,000 products through the real control plane, beside Vendure's product list over as many, both on one
 * PostgreSQL server and under the same load, in turns.
 */
const products = Number(process.env.SOUK_BENCH_PRODUCTS ?? 100_000);
const rounds = Number(process.env.SOUK_BENCH_ROUNDS ?? 3);
const seconds = Number(process.env.SOUK_BENCH_SECONDS ?? 2);
const callers = 16;

interface SideToLoad {
  readonly port: number;
  readonly connections?: number;
  readonly requests: (round: number) => Request[];
}

type Side = 'oneSearch' | 'search' | 'list' | 'page' | 'vendureList' | 'vendureProduct';

export async function run(): Promise<BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'souk-bench-'));
  const postgres = await startPostgres(folder, newLog('bench', 'error'));
  const started: Started[] = [];
  const client = new pg.Client(postgres.url);
  try {
    await client.connect();
    await fill(postgres.url);
    const control = await startControlPlane(folder, postgres.url);
    started.push(control);
    const paths = await productPaths(client);
    const missing = vendureMissing();
    const vendure = missing ? undefined : await fillVendure(client, postgres.url, started);
    const sides: Record<Side, SideToLoad | undefined> = {
      oneSearch: {
        port: control.port,
        connections: 1,
        requests: (round) => catalogQuestions(4000, 100 + round).map((path) => ({ path })),
      },
      search: {
        port: control.port,
        requests: (round) => catalogQuestions(4000, round).map((path) => ({ path })),
      },
      list: { port: control.port, requests: () => [{ path: '/api/catalog/products' }] },
      page: { port: control.port, requests: () => paths.map(({ path }) => ({ path })) },
      vendureList: vendure && { port: vendure.port, requests: () => [vendureList] },
      vendureProduct: vendure && {
        port: vendure.port,
        requests: () => paths.map(({ slug }) => vendureProduct(slug)),
      },
    };
    const measured: Record<Side, Measured[]> = {
      oneSearch: [],
      search: [],
      list: [],
      page: [],
      vendureList: [],
      vendureProduct: [],
    };
    for (let round = 0; round <= rounds; round++)
      for (const [name, side] of Object.entries(sides) as [Side, (typeof sides)[Side]][]) {
        if (!side) continue;
        const m = await load(side.port, side.requests(round), {
          connections: side.connections ?? callers,
          seconds: round === 0 ? 1 : seconds,
        });
        // The first, short round only warms both up.
        if (round === 0) continue;
        measured[name].push(m);
        say(
          `catalog: ${name}, round ${round} of ${rounds}: ${Math.round(m.perSecond)}/s, p50 ${m.p50Ms} ms, p95 ${m.p95Ms} ms`,
        );
      }
    return rowsOf(measured, missing, vendure?.count ?? 0);
  } finally {
    await client.end();
    for (const one of started.reverse()) await one.stop();
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function fill(databaseUrl: string) {
  const log = newLog('bench', 'error');
  await migrate(databaseUrl, log);
  const { db, close } = openDatabase(databaseUrl, log, 2);
  const made = await generateCatalog(db, products);
  say(`catalog: ${made.products} products made in ${Math.round(made.ms / 1000)} s`);
  await close();
}

async function startControlPlane(folder: string, databaseUrl: string): Promise<Started> {
  const port = await freePort();
  const env = {
    ...process.env,
    DATABASE_URL: databaseUrl,
    SOUK_DATA: folder,
    SOUK_CONTROL_PORT: String(port),
    SOUK_URL: `http://127.0.0.1:${port}`,
  };
  const child = spawn(process.execPath, ['--max-semi-space-size=8', at('server/src/main.ts'), 'control'], {
    env,
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  await untilAnswers(`http://127.0.0.1:${port}/readyz`);
  return { child, port, stop: () => stop(child) };
}

async function fillVendure(client: pg.Client, soukUrl: string, started: Started[]) {
  await client.query('create database vendure');
  const url = new URL(soukUrl);
  url.pathname = '/vendure';
  const vendure = await startVendure(url.href);
  started.push(vendure);
  const count = await copyProducts(client, url.href);
  say(`catalog: Vendure has ${count} products`);
  return { port: vendure.port, count };
}

async function productPaths(client: pg.Client): Promise<{ path: string; slug: string }[]> {
  const { rows } = await client.query<{ publisher: string; slug: string }>(
    'select u.slug as publisher, p.slug from products p join publishers u on u.account_id = p.account_id order by md5(p.id) limit 1000',
  );
  return rows.map(({ publisher, slug }) => ({ path: `/api/catalog/products/${publisher}/${slug}`, slug }));
}

function rowsOf(m: Record<Side, Measured[]>, missing: string | undefined, count: number): BenchRow[] {
  const perSecond = (side: Side) => m[side].map((one) => one.perSecond);
  const latencies = [
    alone({
      name: 'catalog: search p95',
      unit: 'ms, 1 caller',
      ours: m.oneSearch.map((one) => one.p95Ms),
      atMost: 20,
    }),
    alone({
      name: 'catalog: search p95, busy',
      unit: `ms, ${callers} callers`,
      ours: m.search.map((one) => one.p95Ms),
    }),
  ];
  if (missing)
    return [
      ...latencies,
      alone({ name: 'catalog: searches', unit: 'requests/s', ours: perSecond('search') }),
      alone({ name: 'catalog: lists', unit: 'requests/s', ours: perSecond('list') }),
      alone({ name: 'catalog: product pages', unit: 'requests/s', ours: perSecond('page') }),
      notRun('catalog: beside Vendure', missing),
    ];
  const list = `Vendure's product list, ${count} products`;
  const beside = (name: string, ours: Side, peer: Side, peerName: string, goal?: number) =>
    sideBySide({
      name,
      unit: `requests/s, ${callers} callers`,
      ours: perSecond(ours),
      peer: perSecond(peer),
      peerName,
      ...(goal ? { goal: ['ratio at least', goal] as const } : {}),
    });
  return [
    ...latencies,
    beside('catalog: searches', 'search', 'vendureList', list, 10),
    beside('catalog: lists of 24', 'list', 'vendureList', list),
    beside('catalog: product pages', 'page', 'vendureProduct', "Vendure's product by slug"),
  ];
}
