import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instanceDimension } from '@souk/contract';
import { testSubscribing } from '../../../test/subscribing.ts';
import { inTx, row, rows, sql } from '../../platform/db.ts';
import { suspend } from '../subscriptions/index.ts';
import type { NewRun } from './instances.ts';

const market = await testSubscribing();
const { db, meter } = market;
const seller = await market.member();
const product = { accountId: seller.accountId, publisher: 'botany', slug: 'iris', title: 'Iris' };
await market.release(product);

const at = (ms: number) => market.setTime(new Date(ms).toISOString());
const start = Date.parse('2026-11-10T10:00:00.000Z');
const subscribed = async () => {
  const buyer = await market.member();
  return { buyer, id: (await market.subscribe(buyer, product)).id };
};
const runOf = (subscriptionId: string, more: Partial<NewRun> = {}): NewRun => ({
  subscriptionId,
  use: 'realtime',
  instanceType: 'ml.c5.large',
  instances: 1,
  resource: { kind: 'endpoint', id: 'end_1', name: 'flowers' },
  ...more,
});
const begin = (subscriptionId: string, more: Partial<NewRun> = {}) =>
  inTx(db, (tx) => meter.begin(tx, runOf(subscriptionId, more)));
const end = (id: string) => inTx(db, (tx) => meter.end(tx, id));
const used = async (subscriptionId: string, dimension = instanceDimension('realtime', 'ml.c5.large')) =>
  (
    await rows<{ hour: Date; quantity: number }>(
      db,
      sql`select hour, quantity from usage_records where subscription_id = ${subscriptionId} and dimension = ${dimension} order by hour`,
    )
  ).map((r) => [r.hour.toISOString().slice(0, 13), r.quantity] as const);
const total = async (id: string) => (await used(id)).reduce((n, [, q]) => n + q, 0);
const stateOf = (id: string) =>
  row<{ ended: boolean; lapsed: boolean; endedAt: Date | null; seconds: number }>(
    db,
    sql`select ended_at is not null as ended, ended_at as "endedAt", lapsed, seconds from instance_runs where id = ${id}`,
  );

test('time between signs of life is used, by the second, for each instance', async () => {
  const { id } = await subscribed();
  at(start);
  const run = await begin(id, { instances: 3 });
  at(start + 30_400);
  await meter.beat([run]);
  assert.equal(await total(id), 90);
  at(start + 60_900);
  await meter.beat([run]);
  assert.equal(await total(id), 180);
  at(start + 61_100);
  await end(run);
  assert.equal(await total(id), 183, 'parts of seconds add up between signs');
  await end(run);
  at(start + 90_000);
  await meter.beat([run, 'run_unknown']);
  assert.equal(await total(id), 183, 'what has ended gives no signs');
  assert.equal((await stateOf(run))?.seconds, 61);
});

test('seconds are in the hour in which they begin, over any border', async () => {
  const { id } = await subscribed();
  at(start - 10_500);
  const run = await begin(id);
  at(start + 19_500);
  await meter.beat([run]);
  assert.deepEqual(await used(id), [
    ['2026-11-10T09', 11],
    ['2026-11-10T10', 19],
  ]);
  // Midnight, the end of a month, and daylight saving where it ends are borders of an hour and no more.
  for (const border of ['2026-11-30T23:59:30Z', '2026-12-31T23:59:30Z', '2026-10-25T00:59:30Z']) {
    const other = (await subscribed()).id;
    at(Date.parse(border));
    const next = await begin(other);
    at(Date.parse(border) + 60_000);
    await meter.beat([next]);
    assert.deepEqual(
      (await used(other)).map(([, q]) => q),
      [30, 30],
      border,
    );
  }
});

test('a run whose signs stopped ended with the last one, and what comes back later begins anew', async () => {
  const { id } = await subscribed();
  at(start);
  const run = await begin(id);
  at(start + 30_000);
  await meter.beat([run]);
  at(start + 149_000);
  await meter.closeLapsed();
  assert.equal((await stateOf(run))?.ended, false, 'two minutes are waited');
  at(start + 600_000);
  await meter.closeLapsed();
  const lapsed = await stateOf(run);
  assert.deepEqual([lapsed?.lapsed, lapsed?.endedAt?.getTime()], [true, start + 30_000]);
  await meter.beat([run]);
  assert.deepEqual([await total(id), (await stateOf(run))?.ended], [30, false]);
  at(start + 620_000);
  await meter.beat([run]);
  assert.equal(await total(id), 50, 'the ten minutes that nobody saw are not used');
});

test('an end after a silence ends with the last sign, whether or not somebody noticed the silence', async () => {
  for (const noticed of [true, false]) {
    const { id } = await subscribed();
    at(start);
    const run = await begin(id);
    at(start + 10_000);
    await meter.beat([run]);
    at(start + 900_000);
    if (noticed) await meter.closeLapsed();
    await end(run);
    const { lapsed, endedAt } = (await stateOf(run)) ?? {};
    assert.deepEqual([await total(id), lapsed, endedAt?.getTime()], [10, false, start + 10_000]);
  }
});

test('a clock that is put forward or back bills no time that did not pass, and none twice', async () => {
  const { id } = await subscribed();
  at(start);
  const run = await begin(id);
  at(start + 30_000);
  await meter.beat([run]);
  at(start + 3_600_000);
  await meter.beat([run]);
  assert.equal(await total(id), 30);
  at(start + 60_000);
  await meter.beat([run]);
  at(start + 90_000);
  await meter.beat([run]);
  assert.equal(await total(id), 60);
  // Two processes whose clocks differ by some seconds.
  at(start + 80_000);
  await meter.beat([run]);
  at(start + 95_000);
  await meter.beat([run]);
  assert.equal(await total(id), 65);
});

test('signs of the same runs at the same time count once, in whatever order they come', async () => {
  const all = await Promise.all(Array.from({ length: 5 }, subscribed));
  at(start);
  const ids = await Promise.all(all.map(({ id }) => begin(id)));
  at(start + 30_000);
  await Promise.all(
    Array.from({ length: 16 }, (_, i) => meter.beat(i % 2 ? ids : ids.toReversed())).concat(
      end(ids[0] ?? ''),
    ),
  );
  for (const { id } of all) assert.equal(await total(id), 30);
});

test('nothing begins under a subscription that is not active, and nothing more is used once it is not', async () => {
  const { buyer, id } = await subscribed();
  at(start);
  const run = await begin(id);
  at(start + 30_000);
  await meter.beat([run]);
  await inTx(db, (tx) =>
    suspend(tx, market.platform.events, id, { code: 'test.hold', reason: 'Held.', by: 'system:test' }),
  );
  at(start + 60_000);
  await meter.beat([run]);
  assert.equal(await total(id), 30);
  await assert.rejects(begin(id), { code: 'instance.subscription_not_active' });
  await market.ok(buyer, 'POST', `/api/subscriptions/${id}/cancel?stopRunning=true`);
  at(start + 90_000);
  await meter.beat([run]);
  await end(run);
  assert.equal(await total(id), 30);
  await assert.rejects(begin(id), { code: 'instance.subscription_not_active' });
});

test('what is used is the sum of beaten intervals, under any interleaving of beginnings, signs, ends and kills', async () => {
  const random = (n: number) => Math.floor(Math.random() * n);
  const { id } = await subscribed();
  let now = start;
  let expected = 0;
  /** A model in a few lines: milliseconds since the last whole second, and whether somebody still gives signs. */
  const open = new Map<string, { instances: number; seen: number; metered: number; closed: boolean }>();
  for (let step = 0; step < 150; step++) {
    now += random(8) === 0 ? 121_000 + random(5_000_000) : random(90_000);
    at(now);
    const sign = (run: { instances: number; seen: number; metered: number; closed: boolean }) => {
      if (run.closed || now - run.seen > 120_000) run.metered = now;
      const seconds = Math.floor((now - run.metered) / 1000);
      expected += seconds * run.instances;
      run.metered += seconds * 1000;
      run.seen = now;
      run.closed = false;
    };
    const ids = [...open.keys()].filter(() => random(2));
    const what = random(5);
    if (what === 0) {
      const instances = 1 + random(4);
      open.set(await begin(id, { instances }), { instances, seen: now, metered: now, closed: false });
    } else if (what === 1 && ids[0]) {
      const run = open.get(ids[0]);
      if (run && !run.closed && now - run.seen <= 120_000) sign(run);
      await end(ids[0]);
      open.delete(ids[0]);
    } else if (what === 2) {
      // Killed: nobody gives signs any more.
      if (ids[0]) open.delete(ids[0]);
    } else if (what === 3) {
      await meter.closeLapsed();
      for (const run of open.values()) if (now - run.seen > 120_000) run.closed = true;
    } else {
      await meter.beat(ids);
      for (const one of ids) {
        const run = open.get(one);
        if (run) sign(run);
      }
    }
    assert.equal(await total(id), expected, `after step ${step}`);
  }
  assert.ok(expected > 0);
});
