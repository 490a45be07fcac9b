import assert from 'node:assert/strict';
import { test } from 'node:test';
import { version } from '../../../test/catalog.ts';
import { testSubscribing } from '../../../test/subscribing.ts';
import { sql } from '../../platform/db.ts';
import { SoukError } from '../../platform/errors.ts';
import { resolveRunnable } from './subscriptions.runnable.ts';

const market = await testSubscribing();
const { db, release, subscribe, cancel } = market;
const seller = await market.member();
const product = { accountId: seller.accountId, publisher: 'botany', slug: 'runs', title: 'Iris' };
const codeOf = async (run: Promise<unknown>) =>
  run.then(
    () => 'resolved',
    (error: unknown) => (error instanceof SoukError ? error.code : String(error)),
  );

test('a subscription may run the version it has chosen or another that it may choose, and no other', async () => {
  const buyer = await market.member();
  const { packageSha256, productId } = await release({
    ...product,
    versions: [version('1.0.0'), version('1.1.0')],
  });
  const { id } = await subscribe(buyer, product, { version: '1.0.0' });
  const resolve = (wanted?: string) =>
    resolveRunnable(db, buyer.accountId, { subscriptionId: id, ...(wanted ? { version: wanted } : {}) });
  const runnable = await resolve();
  assert.deepEqual(
    [runnable.productId, runnable.version, runnable.name, runnable.instanceTypes.transform],
    [productId, '1.0.0', 'botany/runs 1.0.0', ['ml.m5.large']],
  );
  assert.deepEqual(runnable.servable, { kind: 'onnx', packageSha256, modelName: 'iris', batching: null });
  assert.deepEqual([(await resolve('1.1.0')).version, (await resolve('latest')).version], ['1.1.0', '1.1.0']);
  assert.equal(await codeOf(resolve('9.0.0')), 'subscription.version_missing');
  const { accountId } = await market.member();
  assert.equal(
    await codeOf(resolveRunnable(db, accountId, { subscriptionId: id })),
    'subscription.missing',
    'another account’s',
  );
  await sql`update product_versions set servable = null where product_id = ${productId}`.execute(db);
  assert.equal(await codeOf(resolve()), 'subscription.answers_no_calls');
  await sql`update subscriptions set state = 'suspended' where id = ${id}`.execute(db);
  assert.equal(await codeOf(resolve()), 'subscription.suspended');
  await sql`update subscriptions set state = 'active' where id = ${id}`.execute(db);
  await cancel(buyer, id);
  assert.equal(await codeOf(resolve()), 'subscription.ended');
});
