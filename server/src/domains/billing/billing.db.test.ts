import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Invoice, Plan } from '@souk/contract';
import { testSubscribing } from '../../../test/subscribing.ts';
import type { Member } from '../../platform/authorize.ts';
import { sql } from '../../platform/db.ts';
import { monthOf } from '../metering/index.ts';

const market = await testSubscribing();
const { db, release, subscribe, cancel, usage, invoice } = market;
const seller = await market.member();
const price = (includedQuantity: number, pricePerUnit = '0.01'): NonNullable<Plan['parts']> => [
  { kind: 'usage', dimension: 'inference.count', pricePerUnit, includedQuantity },
];
const plans: Plan[] = [
  {
    id: 'small',
    name: 'Small',
    currency: 'USD',
    parts: price(100),
    quota: { dimension: 'inference.count', unitsPerMonth: 150 },
  },
  { id: 'large', name: 'Large', currency: 'USD', parts: price(500, '0.005') },
];
const product = { accountId: seller.accountId, publisher: 'botany', slug: 'iris', title: 'Iris', plans };
const another = { ...product, slug: 'orchid', title: 'Orchid' };
await release(product);
await release(another);

let sequence = 0;
/** As the gateway hands usage in; `hour` as text, now where none is said. */
async function use(subscriptionId: string, quantity: number, hour = new Date().toISOString().slice(0, 13)) {
  const rows = [
    {
      subscription_id: subscriptionId,
      dimension: 'inference.count',
      hour: `${hour}:00:00Z`,
      quantity,
      client_errors: 0,
      server_errors: 0,
    },
  ];
  await sql`select gateway_ingest('test', ${++sequence}, ${JSON.stringify(rows)}::jsonb)`.execute(db);
}
const lines = (i: Invoice) =>
  i.lines.map((l) => [l.quantity, l.includedQuantity, l.billableQuantity, l.amount]);
const small = (who: Member, of = product) => subscribe(who, of, { planId: 'small' });

test('subscribing again grants the included quantity and the quota no second time', async () => {
  const buyer = await market.member();
  const first = await small(buyer);
  await use(first.id, 120);
  await cancel(buyer, first.id);
  const second = await small(buyer);
  await use(second.id, 20);
  const { quota } = await usage(buyer, second.id);
  assert.deepEqual([quota?.used, quota?.limit], [140, 150]);
  assert.deepEqual(lines(await invoice(buyer)), [
    [120, 100, 20, '0.20'],
    [20, 0, 20, '0.20'],
  ]);
  const entitled = await sql<{
    used: number;
  }>`select quota_used::int as used from gateway_entitlements(${buyer.accountId})`.execute(db);
  assert.equal(entitled.rows[0]?.used, 140);
  // Another product is another allowance, and so is another account.
  const third = await small(buyer, another);
  await use(third.id, 30);
  assert.equal((await usage(buyer, third.id)).quota?.used, 30);
  assert.deepEqual(lines(await invoice(buyer)).at(-1), [30, 30, 0, '0.00']);
  // A name that changes later changes no invoice.
  const before = (await invoice(buyer)).lines;
  await release({ ...another, title: 'Renamed' });
  assert.deepEqual(
    (await invoice(buyer)).lines.map((l) => l.description),
    before.map((l) => l.description),
  );
  const other = await market.member();
  const theirs = await small(other);
  await use(theirs.id, 10);
  assert.deepEqual(lines(await invoice(other)), [[10, 10, 0, '0.00']]);
});

test('between plans, units that were included under one count against what the other includes', async () => {
  const up = await market.member();
  const before = await small(up);
  await use(before.id, 90);
  await cancel(up, before.id);
  const after = await subscribe(up, product, { planId: 'large' });
  await use(after.id, 600);
  assert.deepEqual(lines(await invoice(up)), [
    [90, 90, 0, '0.00'],
    [600, 410, 190, '0.95'],
  ]);
  const down = await market.member();
  const large = await subscribe(down, product, { planId: 'large' });
  await use(large.id, 300);
  await cancel(down, large.id);
  const less = await small(down);
  await use(less.id, 10);
  assert.deepEqual(lines(await invoice(down)), [
    [300, 300, 0, '0.00'],
    [10, 0, 10, '0.10'],
  ]);
});

test('an invoice closes a day after its month, and what arrives later is a line of the month in which it arrives', async () => {
  const buyer = await market.member();
  const { id } = await small(buyer);
  const thisMonth = monthOf(new Date());
  const lastMonth = monthOf(new Date(thisMonth.start.getTime() - 1));
  const name = (m: { start: Date }) => m.start.toISOString().slice(0, 7);
  const at = (ms: number) => market.setTime(new Date(thisMonth.start.getTime() + ms).toISOString());
  const hourMs = 3_600_000;
  // As a batch in time has left it.
  await sql`insert into usage_records (subscription_id, dimension, hour, quantity) values (${id}, 'inference.count', ${lastMonth.start}, 60)`.execute(
    db,
  );
  at(0);
  assert.equal((await invoice(buyer, name(lastMonth))).state, 'so-far');
  at(24 * hourMs - 1);
  assert.equal((await invoice(buyer, name(lastMonth))).state, 'so-far');
  at(25 * hourMs);
  const closed = await invoice(buyer, name(lastMonth));
  assert.equal(closed.state, 'closed');
  assert.deepEqual(lines(closed), [[60, 60, 0, '0.00']]);

  market.setTime(new Date().toISOString());
  const longAgo = monthOf(new Date(lastMonth.start.getTime() - 40 * 24 * hourMs));
  await use(id, 70, longAgo.start.toISOString().slice(0, 13));
  await use(id, 130, longAgo.start.toISOString().slice(0, 13));
  await use(id, 5);
  const now = await invoice(buyer);
  assert.equal(now.month, name(thisMonth));
  // The month in which it was used grants what it includes, and the present one what it includes.
  assert.deepEqual(lines(now), [
    [200, 100, 100, '1.00'],
    [5, 5, 0, '0.00'],
  ]);
  const [late, present] = now.lines;
  assert.deepEqual(
    [late?.usageFrom, late?.usageTo],
    [longAgo.start.toISOString(), longAgo.end.toISOString()],
  );
  assert.match(late?.description ?? '', new RegExp(`of ${name(longAgo)}, arrived late`));
  assert.notEqual(late?.id, present?.id);
  assert.deepEqual((await invoice(buyer, name(longAgo))).lines, []);
  assert.deepEqual(lines(await invoice(buyer, name(lastMonth))), lines(closed));
  // In the pages about usage it stands at the hour in which it was used.
  const { from, to } = { from: longAgo.start.toISOString(), to: longAgo.end.toISOString() };
  const then = await market.ok<{ total: number }>(
    buyer,
    'GET',
    `/api/subscriptions/${id}/usage?from=${from}&to=${to}`,
  );
  assert.equal(then.total, 200);
  assert.equal((await usage(buyer, id)).quota?.used, 5);
});

test('a batch is late from a day after its month on, and not before', async () => {
  const { rows } = await sql<{
    at: string;
    from: string;
  }>`select at, invoiced_from('2026-10-31T23:00Z', at::timestamptz)::text as "from"
    from unnest(array['2026-10-31T23:59:59Z', '2026-11-01T23:59:59Z', '2026-11-02T00:00:00Z', '2027-02-01T10:00:00Z']) at`.execute(
    db,
  );
  assert.deepEqual(
    rows.map((r) => (r.from === '-infinity' ? 'its own' : new Date(r.from).toISOString())),
    ['its own', 'its own', '2026-11-01T00:00:00.000Z', '2027-02-01T00:00:00.000Z'],
  );
});
