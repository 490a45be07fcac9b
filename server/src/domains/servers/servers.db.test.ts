import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { ModelServer } from '@souk/contract';
import { insertProduct } from '../../../test/catalog.ts';
import { testDatabase } from '../../../test/database.ts';
import { serveElsewhere } from '../../../test/elsewhere.ts';
import { testMember, testPlatform, testServer } from '../../../test/platform.ts';
import { json, rows, sql } from '../../platform/db.ts';
import { compareForm } from '../models/index.ts';
import { callModel, findDeployment, startRunner, startServables } from '../runtime/index.ts';
import { remoteBackend } from '../runtime/remote/remote-backend.ts';
import { newServedVersions, newServers, openServer, serverRoutes } from './index.ts';

const database = await testDatabase();
const { db } = database;
const platform = testPlatform(database, { SOUK_OUTBOUND_ALLOW: '127.0.0.0/8' });
const servers = newServers(platform);
const socketDir = mkdtempSync(join(tmpdir(), 's-'));
const start = startServables([
  remoteBackend({
    find: (id) => openServer(db, platform.sealer, id),
    outboundAllow: platform.config.outboundAllow,
    bodyBytesMax: 1_000_000,
    socketDir,
    log: () => undefined,
  }),
]);
const served = newServedVersions(platform, servers, { start, compareForm });
const { send } = testServer(
  platform,
  serverRoutes(servers, served, async () => []),
);
const admin = await testMember(db, ['operator-admin']);
const seller = await testMember(db, ['admin']);
const other = await testMember(db, ['admin']);

const elsewhere = await serveElsewhere();
const { url } = elsewhere;
const token = elsewhere.token;
after(() => elsewhere.close());

const post = (payload: object, who = admin) =>
  send(who, { method: 'POST', url: '/api/operator/servers', payload });
const patch = (name: string, payload: object) =>
  send(admin, { method: 'PATCH', url: `/api/operator/servers/${name}`, payload });
const triton = {
  name: 'triton',
  url,
  protocol: 'inference-v2',
  modelName: 'iris',
  credentials: { kind: 'bearer', token },
  accountIds: [seller.accountId],
};

test('a server is registered with its health, and its credentials are never shown or kept in the open', async () => {
  const answer = await post(triton);
  assert.equal(answer.statusCode, 201, answer.body);
  const made = answer.json<ModelServer>();
  assert.deepEqual([made.health.state, made.credentials], ['ok', { kind: 'bearer', name: null }]);
  for (const text of [
    answer.body,
    JSON.stringify(await rows(db, sql`select * from model_servers`)),
    JSON.stringify(await rows(db, sql`select * from audit_entries`)),
  ])
    assert.ok(!text.includes(token));
  const opened = await openServer(db, platform.sealer, made.id);
  assert.deepEqual(opened?.credentials, { kind: 'bearer', token });
});

test('a test says how calls reach it and what its model takes', async () => {
  const answer = await send(admin, { method: 'POST', url: '/api/operator/servers/triton/test' });
  const { invocations, inputs, health } = answer.json();
  assert.deepEqual([answer.statusCode, invocations, health.state], [200, 'translated', 'ok']);
  assert.deepEqual(inputs, [{ name: 'x', type: 'FP32', shape: [null, 2] }]);
});

test('what cannot be a server is refused, each with its own code', async () => {
  const named = (more: object) => ({ ...triton, name: 'other', ...more });
  for (const [payload, code] of [
    [named({ name: 'triton' }), 'server.name_taken'],
    [named({ url: 'http://10.0.0.1:8000' }), 'server.address_refused'],
    [named({ url: 'http://93.184.216.34' }), 'server.address_refused'],
    [named({ url: 'https://user:secret@example.com' }), 'server.address_refused'],
    [named({ modelName: undefined }), 'server.model_name_needed'],
    [named({ protocol: 'sagemaker' }), 'server.model_name_unused'],
    [named({ credentials: { kind: 'header', name: 'Host', value: 'x' } }), 'server.header_invalid'],
    [named({ credentials: { kind: 'bearer', token: 'a\r\nx-evil: 1' } }), 'server.header_invalid'],
    [named({ caPem: 'not a certificate' }), 'server.certificate_invalid'],
    [named({ accountIds: ['000000000000'] }), 'server.account_unknown'],
    [named({ credentials: { kind: 'oauth' } }), 'request.invalid'],
    [named({ timeoutMs: 1 }), 'request.invalid'],
  ] as const) {
    const answer = await post(payload);
    assert.equal(answer.json().error?.code, code, answer.body);
  }
  assert.equal((await post(triton, seller)).statusCode, 403);
  assert.equal((await patch('nobody', {})).json().error.code, 'server.missing');
});

test('a publisher sees the names of the servers that are open to the account, and nothing about where they are', async () => {
  const of = async (who: typeof seller) => (await send(who, { method: 'GET', url: '/api/servers' })).body;
  const seen = await of(seller);
  assert.match(seen, /"name":"triton"/);
  assert.ok(!seen.includes('127.0.0.1'));
  assert.deepEqual(JSON.parse(await of(other)), { items: [] });
});

test('new credentials are taken over at once, and what the server serves goes over to them', async () => {
  elsewhere.token = 'second-secret';
  await servers.lookAtAll((_name, error) => assert.fail(String(error)));
  assert.match((await servers.get('triton')).health.detail, /refused the credentials with 401/);
  const { productId } = await insertProduct(db, {
    accountId: seller.accountId,
    publisher: 'flowers',
    slug: 'iris',
    title: 'Iris',
  });
  const { id } = await servers.get('triton');
  await sql`update deployments set servable = jsonb_build_object('kind', 'remote', 'serverId', ${id}::text) where product_id = ${productId}`.execute(
    db,
  );
  const generation = async () =>
    (
      await rows<{ generation: number }>(
        db,
        sql`select generation from deployments where product_id = ${productId}`,
      )
    )[0]?.generation ?? 0;
  const before = await generation();
  const answer = await patch('triton', { credentials: { kind: 'bearer', token: 'second-secret' } });
  assert.deepEqual([answer.statusCode, answer.json().health.state], [200, 'ok'], answer.body);
  assert.equal(await generation(), before + 1);
  assert.deepEqual(answer.json().serves, ['flowers/iris 1.0.0']);
  assert.deepEqual(answer.json().accountIds, [seller.accountId], 'what was not given stays');
});

test('a server that is lost and comes back is told once each, and since when', async () => {
  const told = () =>
    rows<{ type: string }>(db, sql`select type from outbox where type like 'server.%' order by id`);
  const before = (await told()).length;
  const look = () => servers.lookAtAll((_name, error) => assert.fail(String(error)));
  elsewhere.isWell = false;
  await look();
  const { health } = await servers.get('triton');
  assert.deepEqual(
    [health.state, health.detail, health.latencyMs],
    ['down', '/v2/models/iris/ready answered 500', null],
  );
  await look();
  assert.equal((await servers.get('triton')).health.since, health.since);
  elsewhere.isWell = true;
  await look();
  assert.deepEqual(
    (await told()).slice(before).map((e) => e.type),
    ['server.lost', 'server.back'],
  );
});

test('a version is served by a server only once it answers the certified sample, and calls go over and back', async () => {
  const { productId } = await insertProduct(db, {
    accountId: seller.accountId,
    publisher: 'flowers',
    slug: 'pair',
    title: 'Pair',
  });
  const certified = (expected: string) =>
    sql`update product_versions set resource = ${json({
      validationProfile: {
        profileName: 'sample',
        input: { contentType: 'text/csv', body: '1,2\n' },
        expected: { contentType: 'text/csv', body: expected },
      },
    })} where product_id = ${productId}`.execute(db);
  const put = (version = '1.0.0', name = 'triton') =>
    send(admin, {
      method: 'PUT',
      url: `/api/operator/servers/${name}/versions`,
      payload: { product: 'flowers/pair', version },
    });
  const code = async (answer: ReturnType<typeof put>) => (await answer).json().error?.code;
  await certified('setosa\n');
  const refused = (await put()).json().error;
  assert.equal(refused.code, 'server.answers_otherwise');
  assert.ok(refused.params.problem.length > 10, refused.params.problem);
  assert.equal(await code(put('2.0.0')), 'server.version_missing');
  assert.equal(await code(put('1.0.0', 'nobody')), 'server.missing');
  await certified('3,4\n');
  await patch('triton', { accountIds: [other.accountId] });
  assert.equal(await code(put()), 'server.not_open');
  await patch('triton', { accountIds: [seller.accountId] });

  const before = await findDeployment(db, productId, '1.0.0');
  const answer = await put();
  assert.equal(answer.statusCode, 200, answer.body);
  assert.ok(answer.json().serves.includes('flowers/pair 1.0.0'));
  await sql`delete from deployments where product_id <> ${productId}`.execute(db);
  const runner = startRunner({
    db,
    notifications: platform.notifications,
    log: platform.log,
    node: 'node-1',
    start,
  });
  try {
    await runner.settled(60_000);
    let address = (await findDeployment(db, productId, '1.0.0'))?.addresses[0];
    for (; !address; address = (await findDeployment(db, productId, '1.0.0'))?.addresses[0])
      await new Promise((resolve) => setTimeout(resolve, 20));
    const called = await callModel(address, {
      path: '/invocations',
      contentType: 'text/csv',
      body: '5,6\n',
      timeoutMs: 20_000,
    });
    assert.deepEqual([called.status, called.body.toString()], [200, '5,6\n']);
  } finally {
    await runner.stop();
  }

  // What a later submission asks for does not take it back.
  await sql`update deployments set servable = ${json(before?.servable)} where product_id = ${productId}`.execute(
    db,
  );
  assert.equal((await findDeployment(db, productId, '1.0.0'))?.servable.kind, 'remote');
  const back = () =>
    send(admin, {
      method: 'DELETE',
      url: '/api/operator/servers/triton/versions?product=flowers/pair&version=1.0.0',
    });
  assert.equal((await back()).statusCode, 200);
  assert.deepEqual((await findDeployment(db, productId, '1.0.0'))?.servable, before?.servable);
  assert.equal((await back()).json().error.code, 'server.not_served');
});

test('a server that serves something is not removed; one that serves nothing is', async () => {
  const { id } = await servers.get('triton');
  await sql`update deployments set servable = jsonb_build_object('kind', 'remote', 'serverId', ${id}::text)`.execute(
    db,
  );
  const remove = () => send(admin, { method: 'DELETE', url: '/api/operator/servers/triton' });
  const refused = (await remove()).json().error;
  assert.deepEqual([refused.code, refused.params.users], ['server.in_use', 'flowers/pair 1.0.0']);
  await sql`update deployments set desired = 'stopped'`.execute(db);
  assert.equal((await remove()).statusCode, 204);
  assert.equal((await remove()).json().error.code, 'server.missing');
});
