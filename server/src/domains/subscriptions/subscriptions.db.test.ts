import assert from 'node:assert/strict';
import { test } from 'node:test';
import { subscriptionStates } from '@souk/contract';
import { testSubscribing } from '../../../test/subscribing.ts';
import { inTx, row, sql } from '../../platform/db.ts';
import * as store from './subscriptions.sql.ts';
import { type SubscriptionEvent, transitions } from './subscriptions.ts';

const market = await testSubscribing();
const { db, refused } = market;
const [seller, buyer] = [await market.member(), await market.member()];
const product = { accountId: seller.accountId, publisher: 'botany', slug: 'iris', title: 'Iris' };
await market.release(product);
const events: SubscriptionEvent[] = [
  'subscribed',
  'version-chosen',
  'suspended',
  'resumed',
  'cancelled',
  'terminated',
];

test('each event moves each state as the table says, is written to the history, and otherwise changes nothing', async () => {
  const { id } = await market.subscribe(buyer, product);
  const now = () =>
    row<{ state: string; ended: boolean; entries: number; last: string }>(
      db,
      sql`select state, ended_at is not null as ended, (select count(*)::int from subscription_history h where h.subscription_id = s.id) as entries,
        (select event || ' ' || from_state || ' ' || to_state from subscription_history h where h.subscription_id = s.id order by h.id desc limit 1) as last
      from subscriptions s where id = ${id}`,
    );
  for (const state of subscriptionStates)
    for (const event of events) {
      await sql`update subscriptions set state = ${state}, ended_at = case when ${state} = 'ended' then now() end where id = ${id}`.execute(
        db,
      );
      const before = await now();
      const to = transitions[state][event];
      const moved = await inTx(db, (tx) => store.move(tx, { id, state }, event, 'test'));
      assert.equal(moved, to !== undefined, `${state} ${event}`);
      const after = await now();
      if (to) {
        assert.deepEqual(
          [after?.state, after?.ended, after?.last],
          [to, to === 'ended', `${event} ${state} ${to}`],
        );
        assert.equal(after?.entries, (before?.entries ?? 0) + 1);
      } else assert.deepEqual(after, before);
      // Who decided on another state than the one that it is in by now moves nothing.
      for (const other of subscriptionStates)
        if (after && other !== after.state) {
          assert.equal(await inTx(db, (tx) => store.move(tx, { id, state: other }, event, 'test')), false);
          assert.deepEqual(await now(), after);
        }
    }
});

test('every state is reached from active, and only ended is for ever', () => {
  const reached = new Set<string>(['active']);
  for (const state of reached)
    for (const to of Object.values(transitions[state as 'active'])) reached.add(to);
  assert.deepEqual([...reached].toSorted(), [...subscriptionStates].toSorted());
  assert.deepEqual(
    subscriptionStates.filter((s) => Object.keys(transitions[s]).length === 0),
    ['ended'],
  );
});

test('an ended subscription refuses everything; the agreement is recorded', async () => {
  const other = await market.member();
  const { id, eulaSha256 } = await market.subscribe(other, product);
  const recorded = await row<{
    actor: string;
    details: { eulaSha256: string; planId: string; requestId: string };
  }>(db, sql`select actor, details from subscription_history where subscription_id = ${id}`);
  assert.deepEqual(
    [recorded?.actor, recorded?.details.eulaSha256, recorded?.details.planId],
    [other.email, eulaSha256, 'free'],
  );
  assert.ok(recorded?.details.requestId);
  await market.cancel(other, id);
  const url = `/api/subscriptions/${id}`;
  assert.equal(await refused(other, 'POST', `${url}/cancel`), 'subscription.ended');
  assert.equal(await refused(other, 'PATCH', url, { version: 'latest' }), 'subscription.ended');
});

test('one subscription of a product at a time, however many ask at once; nobody else sees it', async () => {
  const other = await market.member();
  const asked = await Promise.allSettled([1, 2, 3, 4, 5].map(() => market.subscribe(other, product)));
  const made = asked.flatMap((a) => (a.status === 'fulfilled' ? [a.value] : []));
  assert.equal(made.length, 1);
  assert.equal(
    await refused(other, 'POST', '/api/subscriptions', market.agreement(product)),
    'subscription.exists',
  );
  assert.equal(await refused(seller, 'GET', `/api/subscriptions/${made[0]?.id}`), 'subscription.missing');
});

test('a licence text that has changed meanwhile, a plan or a version that is not there are refused by name', async () => {
  const other = await market.member();
  for (const [more, code] of [
    [{ eulaSha256: 'a'.repeat(64) }, 'subscription.eula_changed'],
    [{ acceptEula: false }, 'subscription.eula_not_accepted'],
    [{ planId: 'gold' }, 'subscription.plan_missing'],
    [{ version: '9.9.9' }, 'subscription.version_missing'],
    [{ slot: 'preview' }, 'catalog.missing'],
  ] as const)
    assert.equal(await refused(other, 'POST', '/api/subscriptions', market.agreement(product, more)), code);
});
