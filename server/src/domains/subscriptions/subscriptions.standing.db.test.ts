import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Subscription } from '@souk/contract';
import { testSubscribing } from '../../../test/subscribing.ts';
import { inTx, row, rows, sql } from '../../platform/db.ts';
import { newEvents } from '../../platform/events.ts';
import { end, resume, suspend } from './index.ts';

const market = await testSubscribing();
const { db, ok } = market;
const [seller, buyer] = [await market.member(), await market.member()];
const product = { accountId: seller.accountId, publisher: 'botany', slug: 'iris', title: 'Iris' };
await market.release(product);
const events = newEvents();
const budget = {
  code: 'budget.exceeded',
  reason: 'The budget of November is used up.',
  by: 'system:budgets',
};
const takeDown = { code: 'product.held', reason: 'The operator looks into a report.', by: 'op@example.org' };
const shown = (id: string) => ok<Subscription>(buyer, 'GET', `/api/subscriptions/${id}`);
const gateway = (id: string) =>
  row<{ status: string; reason: string | null }>(
    db,
    sql`select status, reason from gateway_entitlements() where subscription_id = ${id}`,
  );
const told = async (id: string) =>
  (await rows<{ type: string }>(db, sql`select type from outbox where subject = ${id} order by id`)).map(
    (e) => e.type,
  );
const { id } = await market.subscribe(buyer, product);

test('a subscription stays suspended until the last hold is lifted, and says why all the time', async () => {
  assert.equal(await inTx(db, (tx) => suspend(tx, events, id, budget)), true);
  assert.equal(await inTx(db, (tx) => suspend(tx, events, id, takeDown)), true);
  assert.equal(await inTx(db, (tx) => suspend(tx, events, id, takeDown)), false);
  assert.deepEqual((await shown(id)).suspended, { code: budget.code, reason: budget.reason });
  assert.deepEqual(await gateway(id), { status: 'suspended', reason: budget.reason });

  assert.equal(await inTx(db, (tx) => resume(tx, events, id, budget)), false);
  assert.deepEqual((await shown(id)).suspended, { code: takeDown.code, reason: takeDown.reason });
  assert.equal(await inTx(db, (tx) => resume(tx, events, id, takeDown)), true);
  const again = await shown(id);
  assert.deepEqual([again.state, again.suspended], ['active', null]);
  assert.deepEqual(await gateway(id), { status: 'active', reason: null });
  // A hold that is not there lifts nothing.
  assert.equal(await inTx(db, (tx) => resume(tx, events, id, takeDown)), false);
  assert.deepEqual(await told(id), [
    'subscription.started',
    'subscription.suspended',
    'subscription.resumed',
  ]);
});

test('many holds and lifts at once leave it as the holds that are there say', async () => {
  const codes = Array.from({ length: 8 }, (_, i) => `hold.${i}`);
  await Promise.all(codes.map((code) => inTx(db, (tx) => suspend(tx, events, id, { ...budget, code }))));
  assert.equal((await shown(id)).state, 'suspended');
  await Promise.all(codes.map((code) => inTx(db, (tx) => resume(tx, events, id, { code, by: 'test' }))));
  assert.equal((await shown(id)).state, 'active');
});

test('one that somebody else ended says why to its calls, until its account subscribes again', async () => {
  await inTx(db, (tx) => suspend(tx, events, id, budget));
  const why = { code: 'product.taken_down', reason: 'The product was taken down.', by: 'op@example.org' };
  assert.equal(await inTx(db, (tx) => end(tx, events, id, why)), true);
  assert.equal(await inTx(db, (tx) => end(tx, events, id, why)), false);
  assert.equal(await inTx(db, (tx) => suspend(tx, events, id, budget)), false);
  const ended = await shown(id);
  assert.deepEqual(
    [ended.state, ended.suspended, ended.ended],
    ['ended', null, { code: why.code, reason: why.reason }],
  );
  assert.deepEqual(await gateway(id), { status: 'ended', reason: why.reason });
  assert.equal((await told(id)).at(-1), 'subscription.ended');
  await market.subscribe(buyer, product);
  assert.equal(await gateway(id), undefined);
});

test('one that its own account cancelled is unknown to the gateway', async () => {
  const other = await market.member();
  const own = await market.subscribe(other, product);
  await market.cancel(other, own.id);
  assert.equal(await gateway(own.id), undefined);
});
