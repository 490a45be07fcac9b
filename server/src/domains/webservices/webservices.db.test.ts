import assert from 'node:assert/strict';
import { test } from 'node:test';
import { version } from '../../../test/catalog.ts';
import { testSubscribing } from '../../../test/subscribing.ts';
import { newApiKey } from '../../platform/api-keys.ts';
import { json, row, rows, sql } from '../../platform/db.ts';
import { SoukError } from '../../platform/errors.ts';
import { newEndpoints } from '../endpoints/index.ts';
import { resolveRunnable } from '../subscriptions/index.ts';
import { newEndpointKeyRevoker, newWebServiceEndpoints, newWebServices } from './index.ts';

const market = await testSubscribing();
const { db, platform } = market;
const seller = await market.member();
const product = { accountId: seller.accountId, publisher: 'botany', slug: 'iris', title: 'Iris' };
const { productId } = await market.release({ ...product, versions: [version('1.0.0')] });
const tensors = {
  inputs: [{ name: 'f', type: 'float32', shape: ['N', 2] }],
  outputs: [{ name: 'y', type: 'int64', shape: ['N'] }],
};
await sql`update product_versions set resource = resource || ${json({ onnx: tensors })} where product_id = ${productId}`.execute(
  db,
);
const buyer = await market.person();
const { id: subscriptionId } = await market.subscribe(buyer, product, { version: '1.0.0' });
const backing = newEndpoints(platform, {
  runnable: resolveRunnable,
  checkLocation: async () => {},
  instanceTypes: async () => ['ml.m5.large'],
});
const services = newWebServices(platform, { runnable: resolveRunnable, endpoints: backing });
const endpoints = newWebServiceEndpoints(platform);
const deploy = (more = {}) =>
  services.create(buyer, { name: 'Irises, named', subscriptionId, instanceType: 'ml.m5.large', ...more });
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: unknown) => (error instanceof SoukError ? error.code : String(error)),
  );

test('a web service is an endpoint of the account with a default endpoint of its own, and goes with it', async () => {
  const { service, keys } = await deploy();
  assert.deepEqual(
    [service.state, service.endpoints.length, service.endpoints[0]?.isDefault],
    ['Provisioning', 1, true],
  );
  assert.match(service.workspace, /^[0-9a-f]{32}$/);
  assert.match(keys.primaryKey ?? '', /^souk_/);
  assert.notEqual(keys.primaryKey, keys.secondaryKey);
  assert.equal(
    service.endpoints[0]?.urls.odata,
    `${platform.config.publicUrl}/odata/workspaces/${service.workspace}/services/${service.endpoints[0]?.id}`,
  );
  assert.equal((await backing.get(buyer.accountId, service.servedBy)).serving, null);
  await services.remove(buyer, service.id);
  assert.equal(await codeOf(services.get(buyer.accountId, service.id)), 'web_service.missing');
  assert.equal((await backing.get(buyer.accountId, service.servedBy)).state, 'Deleting');
});

test('nobody else reaches a web service, and two accounts have two workspaces', async () => {
  const { service } = await deploy();
  const stranger = await market.person();
  assert.equal(await codeOf(services.get(stranger.accountId, service.id)), 'web_service.missing');
  assert.equal(await codeOf(services.remove(stranger, service.id)), 'web_service.missing');
  assert.equal(await codeOf(endpoints.create(stranger, service.id, { name: 'x' })), 'web_service.missing');
  assert.equal(
    await codeOf(endpoints.regenerate(stranger, service.id, 'default', 'primary')),
    'web_service.missing',
  );
  assert.deepEqual(await services.list(stranger.accountId), { items: [] });
});

test('what cannot be deployed is refused by name, and nothing is left of it', async () => {
  const before = (await rows(db, sql`select 1 from endpoints`)).length;
  assert.equal(await codeOf(deploy({ instanceType: 'ml.none' })), 'endpoint.instance_type_unsupported');
  assert.equal(await codeOf(deploy({ subscriptionId: `sub_${'0'.repeat(20)}` })), 'subscription.missing');
  const column = { name: 'f', type: 'Double' as const };
  const port = (n: number) => ({
    name: 'input1',
    columns: Array.from({ length: n }, (_, i) => ({ ...column, name: `f${i}` })),
  });
  const schema = {
    input: port(3),
    output: port(1),
    parameters: [],
    sampleRows: [],
    sampleAnswer: [],
    rowsMax: 5,
  };
  assert.equal(await codeOf(deploy({ schema })), 'web_service.schema_invalid');
  assert.equal((await rows(db, sql`select 1 from endpoints`)).length, before);
  const { service } = await deploy({ schema: { ...schema, input: port(2) } });
  assert.equal(service.schema.input.columns[1]?.name, 'f1');
});

test('the default endpoint goes last, a frozen one never, and their keys can still be replaced', async () => {
  const { service } = await deploy();
  const { id } = service;
  await endpoints.create(buyer, id, { name: 'customer1' });
  assert.equal(
    await codeOf(endpoints.create(buyer, id, { name: 'customer1' })),
    'web_service.endpoint_taken',
  );
  assert.equal(await codeOf(endpoints.remove(buyer, id, 'default')), 'web_service.endpoint_default');
  assert.equal(await codeOf(endpoints.remove(buyer, id, 'nobody')), 'web_service.endpoint_missing');
  const past = { loggingUntil: '2020-01-01T00:00:00Z' };
  assert.equal(await codeOf(endpoints.update(buyer, id, 'customer1', past)), 'web_service.logging_past');
  const changed = await endpoints.update(buyer, id, 'customer1', { maxConcurrentCalls: 200, readOnly: true });
  assert.deepEqual([changed.maxConcurrentCalls, changed.readOnly], [200, true]);
  assert.equal(
    await codeOf(endpoints.update(buyer, id, 'customer1', { description: 'x' })),
    'web_service.endpoint_frozen',
  );
  assert.equal(await codeOf(endpoints.remove(buyer, id, 'customer1')), 'web_service.endpoint_frozen');
  assert.equal(await codeOf(services.remove(buyer, id)), 'web_service.endpoint_frozen');
  const { primaryKey, secondaryKey } = await endpoints.regenerate(buyer, id, 'customer1', 'primary');
  assert.deepEqual([typeof primaryKey, secondaryKey], ['string', null]);
  const entry = await row<{ details: unknown }>(
    db,
    sql`select details from audit_entries where action = 'webservice.key_regenerated' order by id desc limit 1`,
  );
  assert.deepEqual(entry?.details, { service: 'Irises, named', name: 'customer1', key: 'primary' });
});

test('a reported key of an endpoint opens nothing any more, its other key does, and the account is told once', async () => {
  const { service, keys } = await deploy({ name: 'leaky' });
  const told: { accountId: string; text: string }[] = [];
  const revoker = newEndpointKeyRevoker(platform, async (_tx, news) => told.push(news));
  const hashes = async () =>
    await row<{ primary: string; secondary: string }>(
      db,
      sql`select primary_sha256 as primary, secondary_sha256 as secondary from web_service_endpoints where service_id = ${service.id}`,
    );
  const before = await hashes();
  const leaked = keys.secondaryKey ?? '';
  assert.equal(revoker.recognises(leaked), true);
  for (let i = 0; i < 2; i++) await revoker.revoke(leaked, 'a forum');
  await revoker.revoke(newApiKey(), null);
  const after = await hashes();
  assert.equal(after?.primary, before?.primary);
  assert.notEqual(after?.secondary, before?.secondary);
  assert.equal(told.length, 1);
  assert.equal(told[0]?.accountId, buyer.accountId);
  assert.match(told[0]?.text ?? '', /secondary key of the endpoint “default”.*“leaky”[\s\S]*a forum/);
  const regenerated = await endpoints.regenerate(buyer, service.id, 'default', 'secondary');
  assert.match(regenerated.secondaryKey ?? '', /^souk_/);
});
