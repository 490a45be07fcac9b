import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testDatabase } from '../../../test/database.ts';
import { insertDataService } from '../../../test/market.ts';
import { openDatabase } from '../../platform/db.ts';
import { newLog } from '../../platform/log.ts';
import type { News } from '../notifications/index.ts';
import { newData } from './data.service.ts';
import { newDataWatch, type Sampled } from './data.watch.ts';

const { pool, url } = await testDatabase();
const log = newLog('test', 'fatal');
const { db } = openDatabase(url, log);
let now = new Date();
const clock = { now: () => now };
const section = {
  url: 'https://api.example.com/svc',
  isOData: true,
  sample: { operation: 'Things' },
  healthEveryMinutes: 10,
};
const weather = await insertDataService(pool, { number: 1, section, transactionsPerMonth: 50 });
const prices = await insertDataService(pool, {
  number: 2,
  section: { ...section, sample: null },
  buyerOf: weather,
});
const member = (accountId: string) => ({ accountId }) as never;
const data = newData({ db, clock, config: { publicUrl: 'https://souk.example' } as never });
const told: News[] = [];
let answer: Sampled | Error = { ok: true, ms: 40, error: null };
const sampled: string[] = [];
const watch = newDataWatch(
  { db, clock: clock as never, log },
  {
    async sample(productId) {
      sampled.push(productId);
      if (answer instanceof Error) throw answer;
      return answer;
    },
    notify: async (_tx, news) => told.push(news),
  },
);
const later = (minutes: number) => {
  now = new Date(now.getTime() + minutes * 60_000);
};
const owner = member('100000000001');

test('my data says where each service is and what is left of its plan', async () => {
  await pool.query(
    `insert into usage_records (subscription_id, dimension, hour, quantity) values ($1, 'transactions', date_trunc('hour', now()), 12)`,
    [weather.subscriptionId],
  );
  const { items } = await data.mine(member(weather.buyerAccountId));
  const one = items.find((i) => i.product === weather.product && i.publisher === weather.publisher);
  assert.equal(items.length, 2);
  assert.equal(one?.serviceRoot, `https://souk.example/data/${weather.publisher}/${weather.product}/v1/`);
  assert.deepEqual([one?.balance?.limit, one?.balance?.used, one?.balance?.remaining], [50, 12, 38]);
  assert.equal(items.find((i) => i.publisher === prices.publisher)?.balance, null);
  assert.deepEqual((await data.mine(member('999999999999'))).items, []);
});

test('two watches at the same time call a service once, and again when its time has come', async () => {
  await Promise.all([watch.look(), watch.look(), watch.look()]);
  assert.deepEqual(sampled, [weather.productId], 'and what has no sample is left alone');
  later(9);
  await watch.look();
  assert.equal(sampled.length, 1);
  later(2);
  await watch.look();
  assert.equal(sampled.length, 2);
  const { health } = await data.ofProduct(weather.publisher, weather.product);
  assert.deepEqual(
    [health?.state, health?.uptime24h, health?.latencyMs, health?.everyMinutes],
    ['up', 1, 40, 10],
  );
  assert.equal(told.length, 0);
});

test('the publisher is told after two failures in a row, and when it works again', async () => {
  answer = { ok: false, ms: null, error: 'The service answered 500.' };
  later(10);
  await watch.look();
  assert.equal((await data.ofProduct(weather.publisher, weather.product)).health?.state, 'up');
  assert.equal(told.length, 0);
  for (const _ of [1, 2]) {
    later(10);
    await watch.look();
  }
  assert.equal(told.length, 1);
  assert.match(told[0]?.text ?? '', /answered 500/);
  assert.deepEqual([told[0]?.mail, told[0]?.accountId], [true, '100000000001']);
  const mine = (await data.mine(member(weather.buyerAccountId))).items.find(
    (i) => i.publisher === weather.publisher,
  );
  assert.deepEqual([mine?.health?.state, mine?.health?.uptime30d], ['down', 0.4]);
  answer = { ok: true, ms: 60, error: null };
  later(10);
  await watch.look();
  assert.match(told[1]?.title ?? '', /works again/);
  const own = await data.own(owner, weather.productId);
  assert.deepEqual([own.checks.length, own.checks[0]?.ok, own.error], [6, true, null]);
  await assert.rejects(data.own(member('100000000002'), weather.productId), { code: 'product.missing' });
});

test('a fault of ours is nothing against the service, and is tried again when the lease is over', async () => {
  answer = new Error('the sealing key is gone');
  later(10);
  const before = sampled.length;
  await watch.look();
  await watch.look();
  assert.equal(sampled.length, before + 1);
  later(4);
  answer = { ok: true, ms: 1, error: null };
  await watch.look();
  assert.equal(sampled.length, before + 2);
  assert.equal((await data.own(owner, weather.productId)).checks.length, 7);
});

test('what calls of buyers failed at is told once a day, with what buyers are not shown', async () => {
  const report = (count: number) =>
    pool.query('select gateway_service_report($1)', [
      JSON.stringify([
        {
          product_id: weather.productId,
          slot: 'live',
          code: 'data.service_refused_souk',
          detail: 'it answered 401',
          count,
          last_at: now.toISOString(),
        },
      ]),
    ]);
  told.length = 0;
  await report(2);
  await watch.look();
  later(1);
  await report(3);
  await watch.look();
  assert.equal(told.length, 1);
  assert.match(told[0]?.text ?? '', /2 so far, the last one: it answered 401/);
  assert.deepEqual(
    (await data.own(owner, weather.productId)).failures.map((f) => [f.code, f.count]),
    [['data.service_refused_souk', 5]],
  );
  later(25 * 60);
  await report(1);
  await watch.look();
  assert.equal(told.length, 2);
});

test('health is kept for a month', async () => {
  later(32 * 24 * 60);
  await watch.look();
  assert.equal((await data.own(owner, weather.productId)).checks.length, 1);
});
