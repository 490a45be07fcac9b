import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Invoice, Plan, Usage } from '@souk/contract';
import { testSubscribing } from '../../../test/subscribing.ts';
import { row, rows, sql } from '../../platform/db.ts';
import { amountOf } from '../../platform/money.ts';

const market = await testSubscribing();
const { db, pool } = market;
const seller = await market.member();
const plan: Plan = {
  id: 'pay',
  name: 'Pay',
  currency: 'USD',
  parts: [{ kind: 'usage', dimension: 'inference.count', pricePerUnit: '0.0035', includedQuantity: 50 }],
  quota: { dimension: 'inference.count', unitsPerMonth: 100_000 },
};
const product = {
  accountId: seller.accountId,
  publisher: 'botany',
  slug: 'iris',
  title: 'Iris',
  plans: [plan],
};
const { productId } = await market.release(product);
const subscribed = async () => {
  const buyer = await market.member();
  return { buyer, ...(await market.subscribe(buyer, product, { planId: 'pay' })) };
};

interface Counted {
  subscription: string;
  hour: string;
  quantity: number;
  clientErrors?: number;
  serverErrors?: number;
}
let sequence = 0;
const hourOf = (at = new Date()) => `${at.toISOString().slice(0, 13)}:00:00Z`;
async function ingest(node: string, number: number, ...counted: Counted[]): Promise<boolean> {
  const batch = counted.map((c) => ({
    subscription_id: c.subscription,
    dimension: 'inference.count',
    hour: c.hour,
    quantity: c.quantity,
    client_errors: c.clientErrors ?? 0,
    server_errors: c.serverErrors ?? 0,
  }));
  const found = await row<{ applied: boolean }>(
    db,
    sql`select gateway_ingest(${node}, ${number}, ${JSON.stringify(batch)}::jsonb) as applied`,
  );
  return found?.applied ?? false;
}

test('a batch that is applied twice, or many times at once, counts once; the same number of another node is another batch', async () => {
  const { buyer, id } = await subscribed();
  const counted = { subscription: id, hour: hourOf(), quantity: 7, clientErrors: 2, serverErrors: 1 };
  assert.equal(await ingest('a', 1, counted), true);
  assert.equal(await ingest('a', 1, counted), false);
  const atOnce = await Promise.all(Array.from({ length: 6 }, () => ingest('a', 2, counted)));
  assert.equal(atOnce.filter(Boolean).length, 1);
  assert.equal(await ingest('b', 1, counted), true);
  const { total, rows: hours } = await market.usage(buyer, id);
  const sum = (of: (r: Usage['rows'][number]) => number) => hours.reduce((n, r) => n + of(r), 0);
  assert.deepEqual(
    [total, sum((r) => r.quantity), sum((r) => r.clientErrors), sum((r) => r.serverErrors)],
    [21, 21, 6, 3],
  );
});

test('what belongs to nobody is left out, and the rest of its batch counts', async () => {
  const { buyer, id } = await subscribed();
  assert.equal(
    await ingest(
      'c',
      ++sequence,
      { subscription: 'sub_none', hour: hourOf(), quantity: 5 },
      { subscription: id, hour: hourOf(), quantity: 3 },
    ),
    true,
  );
  assert.equal((await market.usage(buyer, id)).total, 3);
  assert.deepEqual(await rows(db, sql`select 1 from usage_records where subscription_id = 'sub_none'`), []);
});

test('gateways that write the same records in different orders do not stop each other', async () => {
  const all = await Promise.all(Array.from({ length: 6 }, subscribed));
  const counted = all.map(({ id }) => ({ subscription: id, hour: hourOf(), quantity: 1 }));
  await Promise.all(
    Array.from({ length: 24 }, (_, i) => ingest(`node-${i}`, 1, ...(i % 2 ? counted : counted.toReversed()))),
  );
  for (const { buyer, id } of all) assert.equal((await market.usage(buyer, id)).total, 24);
});

test('usage, quota and invoice say the same, whatever was recorded, and the invoice is what the plan says it is', async () => {
  const random = (n: number) => Math.floor(Math.random() * n);
  for (let i = 0; i < 8; i++) {
    const { buyer, id } = await subscribed();
    let expected = 0;
    for (let batch = 0; batch < 5; batch++) {
      const quantity = random(1000);
      const number = ++sequence;
      const counted = { subscription: id, hour: hourOf(), quantity, clientErrors: random(9) };
      await ingest('p', number, counted);
      if (random(2)) await ingest('p', number, counted);
      expected += quantity;
    }
    const usage = await market.usage(buyer, id);
    const { lines, totals } = await market.invoice(buyer);
    assert.deepEqual([usage.total, usage.quota?.used, lines[0]?.quantity], [expected, expected, expected]);
    const amount = amountOf(Math.max(0, expected - 50), '0.0035', 'USD');
    assert.deepEqual([lines.length, lines[0]?.amount, totals], [1, amount, [{ currency: 'USD', amount }]]);
  }
});

test('a month begins and ends at midnight UTC, in whatever time zone the database talks', async () => {
  const { buyer, id } = await subscribed();
  // As batches in time have left them: the last hour of October, both edges of November, the first hour of December.
  for (const [hour, quantity] of [
    ['2026-10-31T23:00Z', 1],
    ['2026-11-01T00:00Z', 10],
    ['2026-11-30T23:00Z', 100],
    ['2026-12-01T00:00Z', 1000],
  ] as const)
    await sql`insert into usage_records (subscription_id, dimension, hour, quantity) values (${id}, 'inference.count', ${hour}, ${quantity})`.execute(
      db,
    );
  market.setTime('2026-12-20T12:00:00Z');
  for (const zone of ['UTC', 'Pacific/Kiritimati', 'Pacific/Pago_Pago']) {
    const name = market.url.split('/').at(-1) ?? '';
    await pool.query(`alter database ${name} set timezone to '${zone}'`);
    // Sessions that began before have the zone of before.
    await pool.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    );
    const quantity = async (month: string) =>
      (await invoiceOf(buyer, month)).lines.reduce((n, l) => n + l.quantity, 0);
    assert.deepEqual(
      [await quantity('2026-10'), await quantity('2026-11'), await quantity('2026-12')],
      [1, 110, 1000],
      zone,
    );
    assert.equal((await market.usage(buyer, id)).quota?.used, 1000, zone);
  }
});
async function invoiceOf(who: Parameters<typeof market.invoice>[0], month: string): Promise<Invoice> {
  for (let i = 0; ; i++)
    try {
      return await market.invoice(who, month);
    } catch (error) {
      // A connection of the pool that was ended just now.
      if (i > 5) throw error;
    }
}

test('usage is for its own account, that of a product for its publisher, and for nobody else', async () => {
  const { buyer, id } = await subscribed();
  const stranger = await market.member();
  assert.equal(
    await market.refused(stranger, 'GET', `/api/subscriptions/${id}/usage`),
    'subscription.missing',
  );
  assert.equal(await market.refused(buyer, 'GET', `/api/products/${productId}/usage`), 'product.missing');
  assert.equal((await market.ok<Usage>(seller, 'GET', `/api/products/${productId}/usage`)).quota, null);
});

test('a month that no calendar of ours has is refused or empty, never an error of ours', async () => {
  const { buyer } = await subscribed();
  assert.equal(await market.refused(buyer, 'GET', '/api/account/invoice?month=2026-13'), 'request.invalid');
  for (const month of ['0001-01', '9999-12'])
    assert.equal(
      await market.refused(buyer, 'GET', `/api/account/invoice?month=${month}`),
      'request.invalid',
      month,
    );
  assert.deepEqual((await market.invoice(buyer, '2000-01')).lines, []);
});
