import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CatalogProduct, Snippet, Subscription } from '@souk/contract';
import { version } from '../../../test/catalog.ts';
import { testSubscribing } from '../../../test/subscribing.ts';
import type { Member } from '../../platform/authorize.ts';
import { sql } from '../../platform/db.ts';

const market = await testSubscribing();
const { db, ok, refused, agreement, release, subscribe, cancel } = market;
const seller = await market.member();
const given = (slug: string) => ({ accountId: seller.accountId, publisher: 'botany', slug, title: 'Iris' });
const restricted = (number: string) => version(number, { state: 'restricted' });
const numbers = (s: Subscription) => s.versions.map((v) => `${v.number}${v.limited ? ' limited' : ''}`);
const choose = (who: Member, s: Subscription, to: string) =>
  ok<Subscription>(who, 'PATCH', `/api/subscriptions/${s.id}`, { version: to });
/** What the gateway lets through, as it asks for it. */
const callable = async (who: Member) =>
  (
    await sql<{ versions: string[] }>`select versions from gateway_entitlements(${who.accountId})`.execute(db)
  ).rows.flatMap((r) => r.versions);

test('a subscription made in the preview of a live product is offered the versions of both, as the gateway is', async () => {
  const tester = await market.member();
  const product = { ...given('both'), testAccounts: [tester.accountId] };
  await release({ ...product, title: 'Old', versions: [version('1.0.0')] });
  await release({
    ...product,
    title: 'New',
    slot: 'preview',
    versions: [version('1.0.0'), version('2.0.0')],
  });
  const made = await subscribe(tester, product, { slot: 'preview' });
  assert.deepEqual([made.version, made.title, made.limited], ['2.0.0', 'New', true]);
  assert.deepEqual(numbers(made), ['1.0.0', '2.0.0 limited']);
  assert.deepEqual(await callable(tester), ['1.0.0', '2.0.0']);
  const live = await choose(tester, made, '1.0.0');
  assert.deepEqual([live.version, live.limited], ['1.0.0', false]);
  assert.equal((await choose(tester, made, 'latest')).version, '2.0.0');
  const { items } = await ok<{ items: Snippet[] }>(tester, 'GET', `/api/subscriptions/${made.id}/snippets`);
  assert.ok(items.every((s) => s.code.includes('/call/botany/both/invocations')));

  await sql`update products set test_accounts = '{}' where slug = 'both'`.execute(db);
  const after = await ok<Subscription>(tester, 'GET', `/api/subscriptions/${made.id}`);
  assert.deepEqual([after.title, ...numbers(after)], ['Old', '1.0.0']);
  assert.deepEqual(await callable(tester), ['1.0.0']);
  assert.equal(
    await refused(tester, 'PATCH', `/api/subscriptions/${made.id}`, { version: '2.0.0' }),
    'subscription.version_missing',
  );
  assert.equal((await choose(tester, made, 'latest')).version, '1.0.0');
});

test('a tester with a live subscription may choose what is in preview; nobody else learns of it', async () => {
  const [tester, buyer] = [await market.member(), await market.member()];
  const product = { ...given('staged'), testAccounts: [tester.accountId] };
  await release(product);
  const [tested, bought] = [await subscribe(tester, product), await subscribe(buyer, product)];
  await release({ ...product, slot: 'preview', versions: [version('1.0.0'), version('2.0.0')] });
  assert.equal((await choose(tester, tested, 'latest')).version, '1.0.0');
  assert.equal((await choose(tester, tested, '2.0.0')).limited, true);
  assert.deepEqual(numbers(await ok(buyer, 'GET', `/api/subscriptions/${bought.id}`)), ['1.0.0']);
  assert.equal(
    await refused(buyer, 'PATCH', `/api/subscriptions/${bought.id}`, { version: '2.0.0' }),
    'subscription.version_missing',
  );
});

test('who was subscribed before a version was restricted keeps it, on the page, to choose and to call', async () => {
  const [old, fresh] = [await market.member(), await market.member()];
  const product = given('restricted');
  await release({ ...product, versions: [version('1.0.0')] });
  const kept = await subscribe(old, product);
  const next = await release({ ...product, versions: [version('1.0.0'), version('2.0.0')] });
  await sql`insert into submissions (id, product_id, revision_id, account_id, state, submitted_by)
    values ('sbm_1', ${next.productId}, ${next.revisionId}, ${seller.accountId}, 'released', 'test')`.execute(
    db,
  );
  await choose(old, kept, '2.0.0');
  const between = await market.member();
  const later = await subscribe(between, product);
  await release({ ...product, versions: [restricted('1.0.0'), restricted('2.0.0'), version('3.0.0')] });
  const bought = await subscribe(fresh, product);

  const shown = async (who: Member) =>
    (await ok<CatalogProduct>(who, 'GET', '/api/catalog/products/botany/restricted')).versions.map(
      (v) => v.number,
    );
  const all = ['1.0.0', '2.0.0', '3.0.0'];
  for (const [who, s] of [
    [old, kept],
    [between, later],
  ] as const) {
    assert.deepEqual((await shown(who)).toSorted(), all);
    assert.deepEqual(numbers(await ok(who, 'GET', `/api/subscriptions/${s.id}`)).toSorted(), all);
    assert.deepEqual((await callable(who)).toSorted(), all);
    assert.equal((await choose(who, s, '1.0.0')).version, '1.0.0');
    // It stays after another one was chosen.
    assert.equal((await choose(who, s, 'latest')).version, '3.0.0');
    assert.equal((await choose(who, s, '2.0.0')).version, '2.0.0');
  }
  assert.deepEqual(
    [...(await shown(fresh)), ...numbers(bought), ...(await callable(fresh))],
    ['3.0.0', '3.0.0', '3.0.0'],
  );
  assert.equal(
    await refused(fresh, 'PATCH', `/api/subscriptions/${bought.id}`, { version: '1.0.0' }),
    'subscription.version_missing',
  );
});

test('who cancels and comes back is new: restricted versions are gone; the owner has them all', async () => {
  const buyer = await market.member();
  const product = given('again');
  await release({ ...product, versions: [version('1.0.0'), version('2.0.0')] });
  const first = await subscribe(buyer, product, { version: '1.0.0' });
  await release({ ...product, versions: [restricted('1.0.0'), version('2.0.0')] });
  const ended = await cancel(buyer, first.id);
  assert.deepEqual([ended.state, ended.version, ...numbers(ended)], ['ended', '1.0.0']);
  assert.equal(
    await refused(buyer, 'POST', '/api/subscriptions', agreement(product, { version: '1.0.0' })),
    'subscription.version_missing',
  );
  assert.deepEqual(numbers(await subscribe(buyer, product)), ['2.0.0']);
  assert.deepEqual(await callable(buyer), ['2.0.0']);
  const own = await subscribe(seller, product, { version: '1.0.0' });
  assert.deepEqual([own.version, ...numbers(own).toSorted()], ['1.0.0', '1.0.0', '2.0.0']);
  assert.ok((await callable(seller)).includes('1.0.0'));
});
