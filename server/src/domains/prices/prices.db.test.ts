import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type ErrorBody,
  type Plan,
  type PriceChanges,
  type SubscriptionPrices,
  usageParts,
} from '@souk/contract';
import { documentOf } from '../../../test/catalog.ts';
import { testSubscribing } from '../../../test/subscribing.ts';
import type { Member } from '../../platform/authorize.ts';
import { inTx, json, row, sql } from '../../platform/db.ts';

const market = await testSubscribing();
const { db, send, setTime, work, leaving } = market;
const announced = '2026-03-16T10:37:00.000Z';
let products = 0;

const plan = (pricePerUnit: string, includedQuantity = 0, more: Partial<Plan> = {}): Plan => ({
  id: 'pay',
  name: 'Pay',
  currency: 'USD',
  parts: [{ kind: 'usage', dimension: 'inference.count', pricePerUnit, includedQuantity }],
  ...more,
});

async function sold(first: Plan) {
  setTime('2026-03-01T00:00:00Z');
  const seller = await market.person();
  const product = {
    accountId: seller.accountId,
    publisher: `maker-${++products}`,
    slug: 'assay',
    title: `Assay ${products}`,
    plans: [first],
  };
  const { productId } = await market.release(product);
  /** As the release stage does: the revision is there, and takes the slot with what it changes. */
  async function release(plans: readonly Plan[], at = announced) {
    setTime(at);
    const document = documentOf({ ...product, plans });
    const revisionId = `rev_${productId.slice(4, 14)}${Math.random().toString(36).slice(2, 12).padEnd(10, '0')}`;
    await inTx(db, async (tx) => {
      await sql`insert into revisions (id, product_id, number, document, sha256, created_by) select ${revisionId}, ${productId}, max(number) + 1, ${json(document)}, '', 'test'
        from revisions where product_id = ${productId}`.execute(tx);
      await leaving.goesLive(tx, productId, revisionId);
      await sql`update products set live_revision_id = ${revisionId}, draft = ${json(document)} where id = ${productId}`.execute(
        tx,
      );
    });
    await work();
  }
  async function buyer(planId = 'pay') {
    const who = await market.person();
    const { id } = await market.subscribe(who, product, { planId });
    await sql`update subscriptions set accepted_at = '2026-03-01T00:00:00Z' where id = ${id}`.execute(db);
    await work();
    return { who, id };
  }
  return { seller, product, productId, release, buyer };
}
const pricesOf = async ({ who, id }: { who: Member; id: string }) =>
  (await send(who, { url: `/api/subscriptions/${id}/prices` })).json<SubscriptionPrices>();
const unit = (parts: SubscriptionPrices['now']) => usageParts(parts)[0]?.pricePerUnit ?? 'free';
const coming = async (s: { who: Member; id: string }) =>
  (await pricesOf(s)).steps.filter((x) => x.when === 'coming').map((x) => [x.from, unit(x.parts)]);
const use = (id: string, hour: string, quantity: number) =>
  sql`insert into usage_records (subscription_id, dimension, hour, quantity) values (${id}, 'inference.count', ${hour}, ${quantity})`.execute(
    db,
  );
const lines = async (who: Member, month: string) =>
  (await market.invoice(who, month)).lines.map((l) => [
    l.usageFrom.slice(0, 13),
    l.quantity,
    l.includedQuantity,
    l.pricePerUnit,
    l.amount,
  ]);
const changes = async (seller: Member, id: string) =>
  (await send(seller, { url: `/api/products/${id}/price-changes` })).json<PriceChanges>();
const cancel = (seller: Member, id: string, planId = 'pay') =>
  send(seller, { method: 'POST', url: `/api/products/${id}/price-changes/cancel`, payload: { planId } });

test('who is subscribed pays an increase from the first of the month after the notice, who subscribes now at once', async () => {
  const s = await sold(plan('0.01'));
  const old = await s.buyer();
  await s.release([plan('0.02')]);
  const fresh = await s.buyer();
  assert.deepEqual(await coming(old), [['2026-07-01T00:00:00.000Z', '0.02']]);
  assert.equal(unit((await pricesOf(old)).now), '0.01');
  assert.deepEqual([unit((await pricesOf(fresh)).now), await coming(fresh)], ['0.02', []]);
  assert.equal((await market.mailsTo(old.who)).at(-1), `${s.product.title}: the price changes`);
  assert.equal((await market.mailsTo(fresh.who)).at(-1), `Subscribed to ${s.product.title}`);
  const mail = await row<{ body: string }>(
    db,
    sql`select body from mails where recipient = ${old.who.email} order by id desc limit 1`,
  );
  assert.match(mail?.body ?? '', /from 2026-07-01 \(UTC\) on: 0\.02 USD per inference/);
  // The last hour of June and the first of July, on two invoices with two prices.
  for (const who of [old, fresh]) {
    await use(who.id, '2026-06-30T23:00:00Z', 100);
    await use(who.id, '2026-07-01T00:00:00Z', 100);
  }
  setTime('2026-09-01T00:00:00Z');
  assert.deepEqual(await lines(old.who, '2026-06'), [['2026-06-01T00', 100, 0, '0.01', '1.00']]);
  assert.deepEqual(await lines(old.who, '2026-07'), [['2026-07-01T00', 100, 0, '0.02', '2.00']]);
  assert.deepEqual(await lines(fresh.who, '2026-06'), [['2026-06-01T00', 100, 0, '0.02', '2.00']]);
  assert.equal(unit((await pricesOf(old)).now), '0.02');
  const [line] = (await market.invoice(old.who, '2026-07')).lines;
  assert.equal(line?.revision, 2);
});

test('a decrease holds at once for everybody, from the hour that has begun, in a line of its own; what is included counts once', async () => {
  const s = await sold(plan('0.01', 100));
  const old = await s.buyer();
  await use(old.id, '2026-03-16T09:00:00Z', 150);
  await use(old.id, '2026-03-16T10:00:00Z', 50);
  await use(old.id, '2026-03-20T00:00:00Z', 1000);
  await s.release([plan('0.004', 300)]);
  assert.equal((await market.mailsTo(old.who)).at(-1), `${s.product.title}: the price is lower`);
  setTime('2026-05-01T00:00:00Z');
  assert.deepEqual(await lines(old.who, '2026-03'), [
    ['2026-03-01T00', 150, 100, '0.01', '0.50'],
    ['2026-03-16T10', 1050, 200, '0.004', '3.40'],
  ]);
  const { lines: full } = await market.invoice(old.who, '2026-03');
  assert.deepEqual(
    full.map((l) => [l.usageFrom, l.usageTo]),
    [
      ['2026-03-01T00:00:00.000Z', '2026-03-16T10:00:00.000Z'],
      ['2026-03-16T10:00:00.000Z', '2026-04-01T00:00:00.000Z'],
    ],
  );
  assert.equal(new Set(full.map((l) => l.id)).size, 2);
});

test('an invoice computed again after later changes of price has the same figures and words', async () => {
  const s = await sold(plan('0.01', 10));
  const old = await s.buyer();
  await use(old.id, '2026-03-05T05:00:00Z', 500);
  await s.release([plan('0.008', 10)]);
  await use(old.id, '2026-03-25T05:00:00Z', 500);
  setTime('2026-04-05T00:00:00Z');
  const closed = (await market.invoice(old.who, '2026-03')).lines;
  await s.release([plan('0.001', 1000)], '2026-04-10T00:00:00Z');
  await s.release([plan('0.05')], '2026-04-11T00:00:00Z');
  await cancel(s.seller, s.productId);
  setTime('2027-01-01T00:00:00Z');
  assert.deepEqual((await market.invoice(old.who, '2026-03')).lines, closed);
});

test('a release that leaves the price alone leaves alone what was announced, and what was taken back stays so', async () => {
  const s = await sold(plan('0.01'));
  const old = await s.buyer();
  await s.release([plan('0.02')]);
  await s.release([plan('0.02', 0, { description: 'Better words' })], '2026-04-20T00:00:00Z');
  assert.deepEqual(await coming(old), [['2026-07-01T00:00:00.000Z', '0.02']]);
  const answer = await cancel(s.seller, s.productId);
  assert.deepEqual(answer.json<PriceChanges>().announced, []);
  await work();
  assert.equal((await market.mailsTo(old.who)).at(-1), `${s.product.title}: the price stays`);
  await s.release([plan('0.020', 0, { description: 'Other words' })], '2026-04-21T00:00:00Z');
  setTime('2026-12-01T00:00:00Z');
  assert.deepEqual([unit((await pricesOf(old)).now), await coming(old)], ['0.01', []]);
  assert.equal((await cancel(s.seller, s.productId)).json<ErrorBody>().error.code, 'price.nothing_announced');
});

test('an increase that is taken back by a release never comes, and is not announced as lower', async () => {
  const s = await sold(plan('0.01'));
  const old = await s.buyer();
  await s.release([plan('0.02')]);
  const between = await s.buyer();
  await s.release([plan('0.01')], '2026-04-01T00:30:00Z');
  setTime('2026-12-01T00:00:00Z');
  assert.deepEqual([unit((await pricesOf(old)).now), (await pricesOf(old)).steps], ['0.01', []]);
  assert.equal((await market.mailsTo(old.who)).at(-1), `${s.product.title}: the price stays`);
  // For who subscribed meanwhile it is a decrease.
  assert.deepEqual(
    (await pricesOf(between)).steps.map((x) => [x.from, x.kind]),
    [['2026-04-01T00:00:00.000Z', 'decrease']],
  );
});

test('before a release the publisher sees what it changes, for whom and from when, and it is what happens', async () => {
  const s = await sold(plan('0.01', 100));
  const old = await s.buyer();
  await s.release([plan('0.02', 100)]);
  await s.buyer();
  setTime('2026-04-01T00:00:00Z');
  const next = [plan('0.015', 50), plan('1', 0, { id: 'large', name: 'Large' })];
  await sql`update products set draft = ${json(documentOf({ ...s.product, plans: next }))} where id = ${s.productId}`.execute(
    db,
  );
  const said = await changes(s.seller, s.productId);
  assert.deepEqual([said.noticeDays, said.increasesFrom], [90, '2026-07-01T00:00:00.000Z']);
  assert.deepEqual(
    said.plans.map((p) => [p.planId, p.kind]),
    [
      ['pay', 'mixed'],
      ['large', 'new'],
    ],
  );
  const groups = said.plans[0]?.existing.map((g) => [
    g.subscribers,
    unit(g.now),
    g.steps.map((x) => [x.from.slice(0, 13), x.kind, unit(x.parts)]),
  ]);
  assert.deepEqual(groups, [
    [1, '0.01', [['2026-07-01T00', 'increase', '0.015']]],
    [
      1,
      '0.02',
      [
        ['2026-04-01T00', 'decrease', '0.015'],
        ['2026-07-01T00', 'increase', '0.015'],
      ],
    ],
  ]);
  await s.release(next, '2026-04-01T00:00:00Z');
  assert.deepEqual(
    (await pricesOf(old)).steps.map((x) => [x.from.slice(0, 13), x.kind, unit(x.parts)]),
    [['2026-07-01T00', 'increase', '0.015']],
  );
  const after = await changes(s.seller, s.productId);
  assert.deepEqual(
    after.plans.map((p) => p.kind),
    ['same', 'same'],
  );
  assert.deepEqual(
    after.announced.map((a) => [a.planId, a.subscribers, a.from.slice(0, 10)]),
    [['pay', 2, '2026-07-01']],
  );
});

test('the operator says how long the notice is; what was announced keeps its date', async () => {
  const s = await sold(plan('0.01'));
  const old = await s.buyer();
  await s.release([plan('0.02')]);
  const { current } = market.policy;
  market.policy.current = { ...current, notice: { ...current.notice, priceIncreaseDays: 0 } };
  assert.deepEqual(await coming(old), [['2026-07-01T00:00:00.000Z', '0.02']]);
  const other = await sold(plan('0.01'));
  const theirs = await other.buyer();
  await other.release([plan('0.02')], '2026-03-31T23:59:59.999Z');
  market.policy.current = current;
  assert.deepEqual(await coming(theirs), [['2026-04-01T00:00:00.000Z', '0.02']]);
});

test('another account’s prices are nobody’s business, and ended subscriptions are told nothing', async () => {
  const s = await sold(plan('0.01'));
  const [old, gone] = [await s.buyer(), await s.buyer()];
  await market.cancel(gone.who, gone.id);
  await work();
  await s.release([plan('0.02')]);
  assert.equal((await market.mailsTo(gone.who)).at(-1), `The subscription to ${s.product.title} ended`);
  assert.deepEqual((await pricesOf(gone)).steps, []);
  assert.equal(
    (await send(gone.who, { url: `/api/subscriptions/${old.id}/prices` })).json<ErrorBody>().error.code,
    'subscription.missing',
  );
  assert.equal(
    (await send(gone.who, { url: `/api/products/${s.productId}/price-changes` })).json<ErrorBody>().error
      .code,
    'product.missing',
  );
  assert.equal((await cancel(gone.who, s.productId)).json<ErrorBody>().error.code, 'product.missing');
});

test('over random changes and usage, an invoice bills every unit once, at the price of its hour', async () => {
  let state = 11;
  const random = (below: number) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
  const s = await sold(plan('0.01', 40));
  const old = await s.buyer();
  const used: { hour: Date; quantity: number }[] = [];
  const start = Date.parse('2026-03-01T00:00:00Z');
  for (let day = 0; day < 150; day += 1 + random(3)) {
    const hour = new Date(start + (day * 24 + random(24)) * 3_600_000);
    used.push({ hour, quantity: 1 + random(60) });
    await use(old.id, hour.toISOString(), used.at(-1)?.quantity ?? 0);
  }
  for (let i = 0; i < 9; i++)
    await s.release(
      [plan(`0.0${1 + random(9)}`, random(4) * 20)],
      new Date(start + (i * 11 + random(9)) * 86_400_000).toISOString(),
    );
  setTime('2027-01-01T00:00:00Z');
  const { accepted, steps } = await pricesOf(old);
  for (let month = 3; month <= 7; month++) {
    const name = `2026-0${month}`;
    let granted = 0;
    const expected = new Map<string, number>();
    for (const u of used
      .filter((x) => x.hour.toISOString().startsWith(name))
      .toSorted((a, b) => +a.hour - +b.hour)) {
      const step = steps.filter((x) => new Date(x.from) <= u.hour).at(-1);
      const part = usageParts(step?.parts ?? accepted)[0];
      const free = Math.min(u.quantity, Math.max(0, (part?.includedQuantity ?? 0) - granted));
      granted += free;
      const key = `${step?.from ?? 'accepted'} ${part?.pricePerUnit}`;
      expected.set(key, (expected.get(key) ?? 0) + u.quantity - free);
    }
    const invoice = await market.invoice(old.who, name);
    assert.deepEqual(
      invoice.lines.map((l) => l.billableQuantity).sort(),
      [...expected.values()].sort(),
      name,
    );
    const units = used
      .filter((x) => x.hour.toISOString().startsWith(name))
      .reduce((n, u) => n + u.quantity, 0);
    assert.equal(
      invoice.lines.reduce((n, l) => n + l.quantity, 0),
      units,
    );
  }
});
