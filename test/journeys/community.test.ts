import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { operations } from '@souk/contract';
import { verifyExport } from '../../cli/src/audit/verify-export.ts';
import { call, createIris, goLive, settled, submit, subscribe } from './publish.ts';
import {
  createOperator,
  type Person,
  type RunningSouk,
  removeFolder,
  signUp,
  startSouk,
  until,
} from './souk.ts';

/** What only the whole shows: metered calls that allow a review, a budget that stops calls at the gateway, an audit log to verify. */
let souk: RunningSouk;
let operator: Person;
let publisher: Person;
let tester: Person;
let buyer: Person;
let subscriptionId: string;
const iris = { publisher: 'flowers', product: 'iris' };

before(async () => {
  souk = await startSouk();
  [operator, publisher, tester, buyer] = await Promise.all([
    createOperator(souk),
    signUp(souk.url, 'publisher'),
    signUp(souk.url, 'tester'),
    signUp(souk.url, 'buyer'),
  ]);
  const product = await createIris(publisher, 'flowers');
  await goLive(
    publisher.client,
    await settled(publisher.client, await submit(publisher.client, product.id, [tester.accountId])),
  );
  // The live slot has moved; the catalogue draws its entry a moment later.
  await until(
    'the publisher in the catalogue',
    () => buyer.client.send(operations.getPublisherPage, { params: { publisher: 'flowers' } }),
    (page) => page.status === 200,
  );
});
after(async () => {
  await souk.stop();
  removeFolder(souk.dataDir);
});

test('rules refuse at the door, and let in once they allow', async () => {
  const rules = (version: number, effect: 'deny' | 'allow') =>
    buyer.client.ok(operations.putGovernance, {
      body: {
        version,
        default: 'allow',
        contact: 'procurement@example.org',
        rules: [{ kind: 'publisher', value: 'flowers', effect }],
      },
    });
  await rules(0, 'deny');
  await assert.rejects(subscribe(buyer.client, 'flowers', 'pay'), /governance\.denied/);
  await rules(1, 'allow');
  subscriptionId = (await subscribe(buyer.client, 'flowers', 'pay')).id;
});

test('a review is allowed within seconds of the first answered call, and shows in the search', async () => {
  const body = { ...iris, rating: 5, title: 'Right', text: 'On our own flowers, too.' };
  const early = await buyer.client.send(operations.putReview, { body });
  assert.equal(early.status, 412);
  await until(
    'an answer',
    () => call(buyer.client, 'flowers'),
    (r) => r.status === 200,
  );
  await until(
    'the review',
    () => buyer.client.send(operations.putReview, { body }),
    (answer) => answer.status === 200,
    10_000,
  );
  const { items } = await until(
    'the rating in the search',
    () => tester.client.ok(operations.searchCatalog, { query: { q: 'iris', rating: '4' } }),
    (page) => page.items.length === 1,
    10_000,
  );
  assert.deepEqual(items[0]?.rating, { count: 1, average: 5 });
});

test('a spent budget stops calls at the gateway, with the reason, and a higher one lets them go on', async () => {
  // 0.50 USD a call after the two that are included.
  const budget = await buyer.client.ok(operations.createBudget, {
    body: { scope: 'account', amount: '1.00', currency: 'USD', hardStop: true },
  });
  const stopped = await until(
    'the stop',
    () => call(buyer.client, 'flowers'),
    (r) => r.status !== 200,
    120_000,
  );
  const text = await stopped.text();
  assert.equal(stopped.status, 403, text);
  assert.match(text, /is spent; calls go on from/);
  const held = await buyer.client.ok(operations.getSubscription, { params: { subscriptionId } });
  assert.equal(held.suspended?.code, 'budget.exceeded');
  await buyer.client.ok(operations.updateBudget, {
    params: { budgetId: budget.id },
    body: { amount: '1000000.00' },
  });
  await until(
    'calls that go on',
    () => call(buyer.client, 'flowers'),
    (r) => r.status === 200,
    10_000,
  );
});

test('the operator’s export of the audit log verifies whole, an account’s with gaps, and a changed one does not', async () => {
  const exported = async (who: Person) => {
    const answer = await fetch(`${souk.url}/api/audit/export?format=jsonl`, {
      headers: { authorization: `Bearer ${who.client.key}` },
    });
    assert.equal(answer.status, 200);
    return answer.text();
  };
  const verify = (text: string) =>
    verifyExport(
      (async function* () {
        yield text;
      })(),
    );
  const all = await verify(await exported(operator));
  assert.deepEqual([all.problem, all.gaps, all.first], [null, 0, 1]);
  const text = await exported(buyer);
  const own = await verify(text);
  assert.equal(own.problem, null);
  assert.ok(own.gaps > 0 && own.entries > 5);
  const changed = await verify(text.replace('publisher flowers: deny', 'publisher flowers: allow'));
  assert.match(changed.problem?.message ?? '', /is not what was hashed|is not that of what was hashed/);
});
