import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { callModel, type ModelAddress } from '../server/src/domains/runtime/index.ts';
import { newLog } from '../server/src/platform/log.ts';
import { migrate } from '../server/src/platform/migrate.ts';
import { startPostgres } from '../server/src/platform/postgres.ts';
import { insertMarket } from '../server/test/market.ts';
import { type BenchRow, median, notRun, sideBySide } from './bench-row.ts';
import { type ContainerPair, containerPair, peerName } from './container-pair.ts';
import { startGateway, untilCalled } from './gateway-process.ts';
import { load } from './load.ts';
import { say } from './say.ts';

/**
 * What a call of a container costs more because it is Souk's: through the socket of the process that stands between us and the
 * container's closed network, and through the gateway, beside the same image on the host's network, called directly. The client of
 * the first is the one that trials and batch jobs have, in this process on both sides; that of the second is wrk.
 */
const rounds = Number(process.env.SOUK_BENCH_ROUNDS ?? 3);
const seconds = Number(process.env.SOUK_BENCH_SECONDS ?? 2);
const callers = 16;
const body = '{"instances":[{"features":[5.1,3.5,1.4,0.2]}]}';
const json = 'application/json';
const ways = ['socket', 'direct', 'gateway', 'directByWrk'] as const;
type Way = (typeof ways)[number];

interface Figures {
  readonly perSecond: number;
  readonly p50Ms: number;
}

export async function run(): Promise<BenchRow[]> {
  const pair = await containerPair();
  if ('skip' in pair) return [notRun('container calls', pair.skip)];
  try {
    return await measure(pair);
  } finally {
    await pair.close();
  }
}

async function measure(pair: ContainerPair): Promise<BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'souk-bench-'));
  const ends: (() => Promise<unknown>)[] = [];
  try {
    const ours = await pair.ours();
    ends.push(ours.stop);
    const byHand = await pair.byHand();
    ends.push(byHand.stop);
    await ours.ready;
    const postgres = await startPostgres(folder, newLog('bench', 'error'));
    ends.push(postgres.stop);
    await migrate(postgres.url, newLog('bench', 'error'));
    const market = await marketOf(postgres.url, ours.address);
    const gateway = await startGateway(folder, postgres.url);
    ends.push(gateway.stop);
    const path = `/call/${market.publisher}/${market.product}/invocations`;
    await untilCalled(`http://127.0.0.1:${gateway.port}${path}`, market.apiKey);
    const key = { authorization: `Bearer ${market.apiKey}` };
    const direct = { url: `http://127.0.0.1:${byHand.port}` };
    const measured = await inTurns({
      socket: () => called(ours.address),
      direct: () => called(direct),
      gateway: () => loaded(gateway.port, path, key),
      directByWrk: () => loaded(byHand.port, '/invocations', {}),
    });
    return [
      ...rowsOf('over its socket', measured.socket, measured.direct),
      ...rowsOf('through the gateway', measured.gateway, measured.directByWrk),
    ];
  } finally {
    for (const end of ends.reverse()) await end();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function marketOf(databaseUrl: string, address: ModelAddress) {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 1 });
  try {
    return await insertMarket(pool, { addresses: [address] });
  } finally {
    await pool.end();
  }
}

/** The first round only warms up: servers run for weeks, and their compilers' first seconds are not what is asked here. */
async function inTurns(measures: Record<Way, () => Promise<Figures>>): Promise<Record<Way, Figures[]>> {
  const measured: Record<Way, Figures[]> = { socket: [], direct: [], gateway: [], directByWrk: [] };
  for (let round = 0; round <= rounds; round++)
    for (const way of ways) {
      const figures = await measures[way]();
      if (round === 0) continue;
      measured[way].push(figures);
      say(
        `container-calls: ${way}, round ${round} of ${rounds}: ${Math.round(figures.perSecond)} calls/s, p50 ${figures.p50Ms.toFixed(3)} ms`,
      );
    }
  return measured;
}

function rowsOf(way: string, ours: readonly Figures[], peer: readonly Figures[]): BenchRow[] {
  return [
    sideBySide({
      name: `container: calls ${way}`,
      unit: `calls/s, ${callers} callers`,
      ours: ours.map((f) => f.perSecond),
      peer: peer.map((f) => f.perSecond),
      peerName,
    }),
    sideBySide({
      name: `container: p50 ${way}`,
      unit: 'ms, 1 caller',
      ours: ours.map((f) => f.p50Ms),
      peer: peer.map((f) => f.p50Ms),
      peerName,
      inverted: true,
    }),
  ];
}

async function called(address: ModelAddress): Promise<Figures> {
  const many = await callLoop(address, callers, seconds);
  const one = await callLoop(address, 1, 1);
  return { perSecond: many.perSecond, p50Ms: one.p50Ms };
}

async function callLoop(address: ModelAddress, atOnce: number, forSeconds: number): Promise<Figures> {
  const times: number[] = [];
  const began = performance.now();
  const caller = async () => {
    while (performance.now() - began < forSeconds * 1000) {
      const answer = await callModel(address, {
        path: '/invocations',
        contentType: json,
        body,
        timeoutMs: 20_000,
      });
      if (answer.status !== 200) throw new Error(`the container answers ${answer.status}`);
      times.push(answer.durationMs);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, caller));
  return { perSecond: (times.length * 1000) / (performance.now() - began), p50Ms: median(times) };
}

async function loaded(port: number, path: string, key: Readonly<Record<string, string>>): Promise<Figures> {
  const request = { method: 'POST', path, headers: { 'content-type': json, ...key }, body } as const;
  const { perSecond } = await load(port, [request], { connections: callers, seconds });
  const { p50Ms } = await load(port, [request], { connections: 1, seconds: 1 });
  return { perSecond, p50Ms };
}
