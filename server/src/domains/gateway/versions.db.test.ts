import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { testDatabase } from '../../../test/database.ts';
import { startGateway, startModel, until } from '../../../test/gateway.ts';
import { insertMarket, type SmallMarket } from '../../../test/market.ts';

const { pool, url: databaseUrl } = await testDatabase();
const model = await startModel();
const gateway = await startGateway({ databaseUrl });
const call = (to: SmallMarket, version = '') =>
  fetch(`${gateway.url}/call/${to.publisher}/${to.product}${version}/invocations`, {
    method: 'POST',
    headers: { authorization: `Bearer ${to.apiKey}` },
    body: 'x',
  });
/** Under a second: what somebody may no longer do, or may do from now on, is known at once and not with the next full reading. */
const becomes = (status: number, to: SmallMarket, version = '') =>
  until(`${status} for ${version}`, async () => (await call(to, version)).status === status, 1000);
const refusal = async (answer: Response) => ((await answer.json()) as { error: { code: string } }).error.code;

type Versions = Readonly<Record<string, 'listed' | 'restricted'>>;

/** A further revision, in a slot. */
async function revise(market: SmallMarket, slot: 'live' | 'preview', versions: Versions) {
  const document = { versions: Object.entries(versions).map(([number, state]) => ({ number, state })) };
  for (const number of Object.keys(versions)) await insertVersion(market, number);
  const { rows } = await pool.query<{ id: string }>(
    `insert into revisions (id, product_id, number, document, sha256, created_by)
     select $1 || '_' || n, $1, n, $2, '', 'test' from (select 1 + max(number) as n from revisions where product_id = $1) next returning id`,
    [market.productId, JSON.stringify(document)],
  );
  await pool.query(`update products set ${slot}_revision_id = $2 where id = $1`, [
    market.productId,
    rows[0]?.id,
  ]);
}

async function insertVersion(market: SmallMarket, number: string) {
  await pool.query(
    `insert into product_versions (product_id, number, model_package_id, package_sha256, package_size_bytes, model_name, resource, bom)
     select product_id, $2, model_package_id, package_sha256, 1, model_name, '{}', '{}' from product_versions where product_id = $1 limit 1 on conflict do nothing`,
    [market.productId, number],
  );
  await pool.query(
    `insert into deployments (id, product_id, version, package_sha256, model_name, backend, instance_type, state, addresses)
     select id || $2, product_id, $2, package_sha256, model_name, backend, instance_type, state, addresses from deployments where product_id = $1 limit 1 on conflict do nothing`,
    [market.productId, number],
  );
}

const admit = (market: SmallMarket, accounts: string[]) =>
  pool.query('update products set test_accounts = $2 where id = $1', [market.productId, accounts]);

test('a tester calls the preview until taken off the audience, and not a second longer', async () => {
  const market = await insertMarket(pool, { addresses: [model.address], number: 1 });
  await admit(market, [market.buyerAccountId]);
  await pool.query(
    'update products set preview_revision_id = live_revision_id, live_revision_id = null where id = $1',
    [market.productId],
  );
  await pool.query(`update subscriptions set slot = 'preview' where id = $1`, [market.subscriptionId]);
  await becomes(200, market);
  await admit(market, []);
  await becomes(403, market);
  // In the words in which a product that does not exist is refused.
  assert.equal(await refusal(await call(market)), 'call.not_subscribed');
  assert.equal(await refusal(await call(market, '@1.0.0')), 'call.not_subscribed');
  await admit(market, [market.buyerAccountId]);
  await becomes(200, market);
});

test('a subscriber who is also a tester reaches the versions of both slots, another subscriber those of live', async () => {
  const market = await insertMarket(pool, { addresses: [model.address], number: 2 });
  await becomes(200, market);
  await revise(market, 'preview', { '1.0.0': 'listed', '2.0.0': 'listed' });
  await pause(300);
  assert.equal(await refusal(await call(market, '@2.0.0')), 'call.version_not_allowed');
  await admit(market, [market.buyerAccountId]);
  await becomes(200, market, '@2.0.0');
  assert.equal((await call(market, '@1.0.0')).status, 200);
  assert.equal((await call(market)).headers.get('x-souk-version'), '1.0.0');
  // Chosen in the preview, and then taken off the audience: refused by name, never answered by another version.
  await pool.query(`update subscriptions set version = '2.0.0' where id = $1`, [market.subscriptionId]);
  await admit(market, []);
  await until('the tester is out', async () => (await call(market)).status !== 200, 1000);
  assert.equal(await refusal(await call(market)), 'call.version_not_allowed');
  assert.equal((await call(market, '@1.0.0')).status, 200);
});

test('a new version may be called as soon as it goes live', async () => {
  const market = await insertMarket(pool, { addresses: [model.address], number: 3 });
  await becomes(200, market);
  await insertVersion(market, '2.0.0');
  await pause(300);
  assert.equal(await refusal(await call(market, '@2.0.0')), 'call.version_not_allowed');
  await revise(market, 'live', { '1.0.0': 'listed', '2.0.0': 'listed' });
  await becomes(200, market, '@2.0.0');
});

test('a restricted version stays with those who were subscribed while it was listed', async () => {
  const [old, fresh] = [
    await insertMarket(pool, { addresses: [model.address], number: 4 }),
    await insertMarket(pool, { addresses: [model.address], number: 5 }),
  ];
  await becomes(200, old);
  await revise(old, 'live', { '1.0.0': 'listed', '2.0.0': 'listed' });
  // Agreed to after 1.0.0 was restricted.
  await revise(fresh, 'live', { '1.0.0': 'restricted', '2.0.0': 'listed' });
  await pool.query(
    `update subscriptions s set version = '2.0.0', revision_id = p.live_revision_id from products p where p.id = s.product_id and s.id = any ($1)`,
    [[old.subscriptionId, fresh.subscriptionId]],
  );
  await pool.query(`update subscriptions set revision_id = 'rev_4' where id = $1`, [old.subscriptionId]);
  await revise(old, 'live', { '1.0.0': 'restricted', '2.0.0': 'listed' });
  await becomes(200, fresh, '@2.0.0');
  assert.equal(await refusal(await call(fresh, '@1.0.0')), 'call.version_not_allowed');
  await pause(300);
  assert.equal((await call(old, '@1.0.0')).status, 200);
  assert.equal((await call(old)).headers.get('x-souk-version'), '2.0.0');
});

test('subscribing again does not refill the quota, not even with what was not written yet', async () => {
  const market = await insertMarket(pool, { addresses: [model.address], number: 6, unitsPerMonth: 1000 });
  const left = async () => {
    const { headers } = await call(market);
    return Number(/r=(\d+)/.exec(headers.get('ratelimit') ?? '')?.[1]);
  };
  await becomes(200, market);
  let calls = 1000 - (await left());
  for (; calls < 40; calls++) await call(market);
  await pool.query(`update subscriptions set state = 'ended', ended_at = now() where id = $1`, [
    market.subscriptionId,
  ]);
  await pool.query(
    `insert into subscriptions (id, account_id, product_id, revision_id, plan, plan_id, slot, version, state, eula_sha256, accepted_by)
     select id || '_again', account_id, product_id, revision_id, plan, plan_id, slot, version, 'active', '', 'test' from subscriptions where id = $1`,
    [market.subscriptionId],
  );
  await becomes(200, market);
  calls++;
  await until('every call counts', async () => (await left()) === 1000 - ++calls, 5000);
});
