import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { testDatabase } from '../../../test/database.ts';
import { startGateway, startModel, testFolder, until } from '../../../test/gateway.ts';
import { insertDataService, insertMarket } from '../../../test/market.ts';
import { startODataBackend } from '../../../test/odata-backend.ts';

const { pool, url: databaseUrl } = await testDatabase();
const model = await startModel();
const dataDir = testFolder();
const fifty = await insertMarket(pool, { addresses: [model.address], number: 1, unitsPerMonth: 50 });
const ten = await insertMarket(pool, { addresses: [model.address], number: 2, unitsPerMonth: 10 });
const two = await insertMarket(pool, { addresses: [model.address], number: 3, unitsPerMonth: 2 });
const pair = await insertMarket(pool, { addresses: [model.address], number: 4, callsAtOnce: 2 });
const backend = await startODataBackend();
const data = await insertDataService(pool, {
  number: 5,
  section: { url: `${backend.root}/`, isOData: true },
  callsAtOnce: 2,
});
let gateway = await startGateway({ databaseUrl, dataDir, outboundAllow: ['127.0.0.1'] });
const call = (to: typeof fifty, how = '', signal?: AbortSignal) =>
  fetch(`${gateway.url}/call/${to.publisher}/${to.product}/invocations`, {
    method: 'POST',
    headers: { authorization: `Bearer ${to.apiKey}`, 'x-amzn-sagemaker-custom-attributes': how },
    body: 'x',
    signal: signal ?? null,
  });
const read = (path: string, signal?: AbortSignal) =>
  fetch(`${gateway.url}/data/${data.publisher}/${data.product}/v1${path}`, {
    headers: { authorization: `Bearer ${data.apiKey}` },
    signal: signal ?? null,
  });
const unitsOf = async (subscriptionId: string) => {
  const { rows } = await pool.query<{ units: number }>(
    'select coalesce(sum(quantity), 0)::int as units from usage_records where subscription_id = $1',
    [subscriptionId],
  );
  return rows[0]?.units ?? 0;
};
const ready = () =>
  until('the snapshot is read', async () => (await fetch(`${gateway.url}/gateway/healthz`)).ok);
await ready();

test('a quota ends at its last unit, with many at once, across flushes and readings of the snapshot', async () => {
  let reading = true;
  const readings = (async () => {
    while (reading) {
      await pool.query(
        "select pg_notify('souk_gateway', 'all'), pg_notify('souk_gateway', 'account:' || $1)",
        [fifty.buyerAccountId],
      );
      await pause(30);
    }
  })();
  const statuses = new Map<number, number>();
  const caller = async () => {
    // The bursts are spread over several flushes; failing calls give their place back.
    for (let i = 0; i < 25; i++) {
      const { status } = await call(fifty, i % 5 === 0 ? 'status=500' : 'wait=5');
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      await pause(100 * Math.random());
    }
  };
  await Promise.all(Array.from({ length: 16 }, caller));
  reading = false;
  await readings;
  assert.equal(statuses.get(200), 50, JSON.stringify([...statuses]));
  assert.ok((statuses.get(429) ?? 0) > 100);
  await until('the units are in the database', async () => (await unitsOf(fifty.subscriptionId)) >= 50);
  await pause(1200);
  assert.equal(await unitsOf(fifty.subscriptionId), 50);
  assert.equal((await call(fifty)).status, 429);
});

test('what is left of a quota is told with each answer, and when it is renewed with the last', async () => {
  const first = await call(ten);
  assert.equal(first.headers.get('ratelimit-policy'), '"month";q=10');
  assert.match(first.headers.get('ratelimit') ?? '', /^"month";r=9;t=\d+$/);
  const next = await call(ten, 'units=4');
  assert.equal(next.headers.get('x-souk-units'), '4');
  assert.match(next.headers.get('ratelimit') ?? '', /r=5;/);
  const streamed = await call(ten, 'stream=2');
  assert.equal(streamed.headers.get('x-souk-units'), '2');
  assert.match(streamed.headers.get('ratelimit') ?? '', /r=3;/);
  await streamed.text();
  await call(ten, 'units=3');
  const refused = await call(ten);
  assert.equal(refused.status, 429);
  const { error } = (await refused.json()) as { error: { code: string; params: { resetsAt: string } } };
  assert.equal(error.code, 'call.quota_exhausted');
  const now = new Date();
  const renewed = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1));
  assert.equal(error.params.resetsAt, renewed.toISOString());
  const seconds = Number(refused.headers.get('retry-after'));
  assert.ok(Math.abs(seconds - (renewed.getTime() - Date.now()) / 1000) < 5);
});

test('a unit that is only under way is worth waiting for', async () => {
  const slow = [call(two, 'wait=400'), call(two, 'wait=400')];
  await pause(150);
  const refused = await call(two);
  assert.deepEqual([refused.status, refused.headers.get('retry-after')], [429, '1']);
  assert.deepEqual(await Promise.all(slow.map(async (c) => (await c).status)), [200, 200]);
});

/** Two are held by who is behind, the third is refused; once the two are given up, there is a place again. */
async function twoAtOnce(
  seen: readonly unknown[],
  hang: (signal: AbortSignal) => Promise<Response>,
  next: () => Promise<Response>,
  meanwhile: () => Promise<void> = async () => {},
) {
  const before = seen.length;
  const leave = new AbortController();
  const held = [hang(leave.signal), hang(leave.signal)].map((c) => assert.rejects(c, { name: 'AbortError' }));
  await until('both are under way', async () => seen.length === before + 2);
  const refused = await next();
  const { error } = (await refused.json()) as { error: { code: string; message: string } };
  assert.deepEqual(
    [refused.status, error.code, refused.headers.get('retry-after')],
    [429, 'call.too_many_at_once', '1'],
  );
  assert.match(error.message, /allows 2 calls/);
  assert.equal(seen.length, before + 2, 'nobody was asked');
  await meanwhile();
  leave.abort();
  await Promise.all(held);
  await until('a place is free', async () => (await next()).status === 200);
}

test('a plan’s calls at the same time: the next to a model is refused until one is over', () =>
  twoAtOnce(
    model.seen,
    (signal) => call(pair, 'hang', signal),
    () => call(pair),
  ));

test('a plan’s calls at the same time: the next to a data service is refused, its metadata never', () =>
  twoAtOnce(
    backend.seen,
    (signal) => read('/Hang', signal),
    () => read('/Things'),
    async () => assert.equal((await read('/$metadata')).status, 200),
  ));

test('a restarted gateway gives no unit back', async () => {
  await gateway.kill('SIGKILL');
  gateway = await startGateway({ databaseUrl, dataDir, outboundAllow: ['127.0.0.1'] });
  await ready();
  for (const market of [fifty, ten, two]) assert.equal((await call(market)).status, 429, market.publisher);
  await until('the last units are in the database', async () => (await unitsOf(two.subscriptionId)) === 2);
  assert.deepEqual([await unitsOf(fifty.subscriptionId), await unitsOf(ten.subscriptionId)], [50, 10]);
});

test('a larger plan counts at once', async () => {
  await pool.query(`update subscriptions set plan = '{"quota":{"unitsPerMonth":60}}' where id = $1`, [
    fifty.subscriptionId,
  ]);
  await until('the new quota is known', async () => (await call(fifty)).status === 200, 1000);
  assert.match((await call(fifty)).headers.get('ratelimit') ?? '', /r=8;/);
});
