import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Invoice, Plan } from '@souk/contract';
import { testGoverning } from '../../../test/governing.ts';
import type { Member } from '../../platform/authorize.ts';
import { inTx, sql } from '../../platform/db.ts';
import { amountOf, sum } from '../../platform/money.ts';

const market = await testGoverning();
const { db, meter, ok } = market;
const types = ['ml.c5.large', 'ml.m5.large'] as const;
const plan: Plan = {
  id: 'hours',
  name: 'By the hour',
  currency: 'USD',
  parts: [
    {
      kind: 'usage',
      dimension: 'realtime.seconds.ml.c5.large',
      unit: 'hour',
      pricePerUnit: '0.4',
      includedQuantity: 1,
    },
    { kind: 'usage', dimension: 'realtime.seconds.ml.m5.large', unit: 'hour', pricePerUnit: '0.75' },
    { kind: 'usage', dimension: 'transform.seconds.ml.c5.large', unit: 'hour', pricePerUnit: '0.33333333' },
    { kind: 'usage', dimension: 'inference.count', pricePerUnit: '0.01' },
  ],
};
const product = await market.product({ plans: [plan, { id: 'free', name: 'Free' }] });
await sql`update instance_types set price_per_hour = 0 where name = 'ml.m5.large'`.execute(db);
await sql`delete from instance_type_prices where instance_type = 'ml.m5.large'`.execute(db);

const start = Date.parse('2026-11-10T10:00:00Z');
const at = (ms: number) => market.setTime(new Date(ms).toISOString());

/** As long as it is said, with a sign of life each minute. */
async function runs(
  subscriptionId: string,
  seconds: number,
  more: {
    from?: number;
    type?: (typeof types)[number];
    use?: 'realtime' | 'transform';
    instances?: number;
  } = {},
) {
  const { from = start, type = 'ml.c5.large', use = 'realtime', instances = 1 } = more;
  at(from);
  const id = await inTx(db, (tx) =>
    meter.begin(tx, {
      subscriptionId,
      use,
      instanceType: type,
      instances,
      resource: { kind: use === 'realtime' ? 'endpoint' : 'transform-job', id: 'x', name: 'x' },
    }),
  );
  for (let t = 60; t < seconds; t += 60) {
    at(from + t * 1000);
    await meter.beat([id]);
  }
  at(from + seconds * 1000);
  await inTx(db, (tx) => meter.end(tx, id));
}
const buyer = async (planId = 'hours') => {
  const who = await market.member();
  await market.joins(who);
  return { who, ...(await market.subscribe(who, product, { planId })) };
};
const invoice = (who: Member, month = '2026-11') => market.invoice(who, month);
const lines = (i: Invoice) =>
  i.lines.map((l) => [l.dimension, l.payee, l.quantity, l.includedQuantity, l.pricePerUnit, l.amount]);

test('an invoice has hours at the plan’s price and the instances at the marketplace’s, where it asks one', async () => {
  const { who, id } = await buyer();
  await runs(id, 5400);
  await runs(id, 1800, { type: 'ml.m5.large', instances: 2 });
  await market.calls(id, 10, '2026-11-10T10:00:00Z');
  at(start + 8_000_000);
  const first = await invoice(who);
  assert.deepEqual(
    lines(first).toSorted((a, b) => `${a}`.localeCompare(`${b}`)),
    [
      ['inference.count', 'publisher', 10, 0, '0.01', '0.10'],
      ['realtime.seconds.ml.c5.large', 'operator', 5400, 0, '0.05', '0.08'],
      ['realtime.seconds.ml.c5.large', 'publisher', 5400, 3600, '0.4', '0.20'],
      ['realtime.seconds.ml.m5.large', 'publisher', 3600, 0, '0.75', '0.75'],
    ],
  );
  assert.deepEqual(first.totals, [{ currency: 'USD', amount: '1.13' }]);
  assert.deepEqual((await invoice(who)).lines, first.lines, 'computed again');
  const usage = await ok<{ total: number; instanceSeconds: number }>(
    who,
    'GET',
    `/api/subscriptions/${id}/usage?from=2026-11-10T00:00:00Z&to=2026-11-11T00:00:00Z`,
  );
  assert.deepEqual([usage.total, usage.instanceSeconds], [10, 9000]);
});

test('what the marketplace asks for an instance type changes with the next hour, and never for hours that were', async () => {
  const { who, id } = await buyer('free');
  await runs(id, 7200, { from: start - 3_600_000 });
  const before = await invoice(who);
  await sql`insert into instance_type_prices values ('ml.c5.large', '2026-11-10T10:00:00Z', 0.5, 'EUR')`.execute(
    db,
  );
  assert.deepEqual(
    (await invoice(who)).lines
      .filter((l) => l.payee === 'operator')
      .map((l) => [l.quantity, l.pricePerUnit, l.amount, l.currency, l.usageFrom, l.usageTo]),
    [
      [3600, '0.05', '0.05', 'USD', '2026-11-01T00:00:00.000Z', '2026-11-10T10:00:00.000Z'],
      [3600, '0.5', '0.50', 'EUR', '2026-11-10T10:00:00.000Z', '2026-11-10T11:00:00.000Z'],
    ],
  );
  await sql`delete from instance_type_prices where valid_from = '2026-11-10T10:00:00Z'`.execute(db);
  assert.deepEqual((await invoice(who)).lines, before.lines);
  // By the operator, now: kept for the hours that were, asked from the next hour on.
  await sql`update instance_types set price_per_hour = 9 where name = 'ml.c5.large'`.execute(db);
  const { rows } = await sql<{
    from: string;
    price: string;
  }>`select case when valid_from = '-infinity' then 'ever' when valid_from = date_trunc('hour', now()) + interval '1 hour' then 'next' end as from,
      price_per_hour::text as price from instance_type_prices where instance_type = 'ml.c5.large' order by valid_from`.execute(
    db,
  );
  await sql`update instance_types set price_per_hour = 0.05 where name = 'ml.c5.large'`.execute(db);
  assert.deepEqual(rows, [
    { from: 'ever', price: '0.05' },
    { from: 'next', price: '9' },
  ]);
});

test('a budget counts hours and infrastructure, and stops what costs, a free plan’s instances too', async () => {
  const { who, id } = await buyer('free');
  const budget = { scope: 'account', amount: '0.05', currency: 'USD', hardStop: true };
  await ok(who, 'POST', '/api/account/budgets', budget);
  const state = async () => (await ok<{ state: string }>(who, 'GET', `/api/subscriptions/${id}`)).state;
  await runs(id, 3000);
  await market.governance.budgets.evaluate(who.accountId);
  assert.equal(await state(), 'active');
  await runs(id, 600, { from: start + 4_000_000 });
  await market.governance.budgets.evaluate(who.accountId);
  await market.governance.budgets.evaluate(who.accountId);
  assert.equal(await state(), 'suspended');
  at(Date.parse('2026-12-01T00:00:00Z'));
  await market.governance.budgets.evaluate(who.accountId);
  assert.equal(await state(), 'active');
});

test('whatever ran, in whatever month, each line is its seconds at its price, and lines add up to the seconds metered', async () => {
  const random = (n: number) => Math.floor(Math.random() * n);
  const { who, id } = await buyer();
  const expected = new Map<string, number>();
  let from = Date.parse('2026-10-31T22:00:00Z');
  for (let i = 0; i < 14; i++) {
    const type = types[random(2)] ?? 'ml.c5.large';
    const use = random(2) ? 'realtime' : 'transform';
    const [seconds, instances] = [random(900), 1 + random(3)];
    const month = (ms: number) => new Date(ms).toISOString().slice(0, 7);
    for (let s = 0; s < seconds; s++) {
      const key = `${month(from + s * 1000)} ${use}.seconds.${type}`;
      expected.set(key, (expected.get(key) ?? 0) + instances);
    }
    await runs(id, seconds, { from, type, use, instances });
    from += 1000 * (seconds + random(1200));
  }
  at(Date.parse('2026-11-20T00:00:00Z'));
  for (const month of ['2026-10', '2026-11']) {
    const found = await invoice(who, month);
    const own = found.lines.filter((l) => l.payee === 'publisher');
    for (const l of found.lines) {
      assert.equal(l.quantity, expected.get(`${month} ${l.dimension}`) ?? 0, `${month} ${l.dimension}`);
      assert.equal(l.amount, amountOf(l.billableQuantity, l.pricePerUnit, l.currency, 3600));
      const costs = l.pricePerUnit !== '0';
      assert.equal(l.includedQuantity + l.billableQuantity, costs ? l.quantity : 0);
    }
    assert.equal(
      own.length,
      [...expected.keys()].filter((k) => k.startsWith(month)).length,
      'a line for each dimension',
    );
    const amounts = found.lines.map((l) => l.amount);
    if (amounts.length > 0) assert.equal(found.totals[0]?.amount, sum(amounts, 'USD'));
    assert.deepEqual((await invoice(who, month)).lines, found.lines);
  }
});
