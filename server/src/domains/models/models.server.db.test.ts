import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { ModelPackage } from '@souk/contract';
import { testDatabase } from '../../../test/database.ts';
import { serveElsewhere } from '../../../test/elsewhere.ts';
import { modelParts } from '../../../test/models.ts';
import { testMember, testPlatform, testServer } from '../../../test/platform.ts';
import { defaultPolicies } from '../operator/index.ts';
import { newTrials, startServables } from '../runtime/index.ts';
import { remoteBackend } from '../runtime/remote/remote-backend.ts';
import { newServedVersions, newServers, openServer, serverRoutes } from '../servers/index.ts';
import { newUploadsService } from '../uploads/index.ts';
import { compareForm, modelRoutes, newCheck, newModelsService, newVerdicts } from './index.ts';

const database = await testDatabase();
const { db } = database;
const platform = testPlatform(database, { SOUK_OUTBOUND_ALLOW: '127.0.0.0/8' });
const elsewhere = await serveElsewhere();
after(() => elsewhere.close());
const { loader } = await modelParts(platform);
const servers = newServers(platform);
const start = startServables([
  remoteBackend({
    find: (id) => openServer(db, platform.sealer, id),
    outboundAllow: platform.config.outboundAllow,
    bodyBytesMax: 1_000_000,
    socketDir: mkdtempSync(join(tmpdir(), 's-')),
    log: () => undefined,
  }),
]);
const trials = newTrials(start);
const uploads = newUploadsService(platform);
const models = newModelsService(platform, {
  finishedUpload: (reader, accountId, uploadId) => uploads.finished(reader, accountId, uploadId, 'model'),
  image: async () => undefined,
  server: servers.openTo,
  productNaming: async () => undefined,
});
const check = newCheck(platform, {
  verdicts: newVerdicts(platform, loader),
  start,
  trials,
  image: async () => undefined,
  containersMissing: async () => null,
  server: servers.lookAtOpen,
  policies: async () => ({ ...defaultPolicies, scannerMissing: 'record' }),
  lift: async (_accountId, _sha256, findings) => findings,
});
const { send } = testServer(platform, [
  ...modelRoutes(models),
  ...serverRoutes(servers, newServedVersions(platform, servers, { start, compareForm }), async () => []),
]);
const operator = await testMember(db, ['operator-admin']);
const publisher = await testMember(db);
const stranger = await testMember(db);

const api = async <T>(
  who: typeof publisher,
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
  url: string,
  payload?: object,
) => {
  const answer = await send(who, { method, url, ...(payload ? { payload } : {}) });
  return { status: answer.statusCode, body: (answer.body ? answer.json() : null) as T };
};
const types = ['ml.m5.large'];
const specification = {
  supportedContentTypes: ['text/csv'],
  supportedResponseMIMETypes: ['text/csv'],
  supportedRealtimeInferenceInstanceTypes: types,
  supportedTransformInstanceTypes: types,
  server: 'triton',
};
let names = 0;
const request = (more: object = {}, expected = '3,4\n') => ({
  name: `pair-${++names}`,
  inferenceSpecification: { ...specification, ...more },
  validationSpecification: {
    validationProfiles: [
      {
        profileName: 'sample',
        input: { contentType: 'text/csv', body: '1,2\n' },
        expected: { contentType: 'text/csv', body: expected },
      },
    ],
  },
});
const register = (body: object, who = publisher) =>
  api<ModelPackage & { error?: { code: string } }>(who, 'POST', '/api/model-packages', body);
const checked = async ({ body: { id, name } }: Awaited<ReturnType<typeof register>>) => {
  await check(id);
  return (await api<ModelPackage>(publisher, 'GET', `/api/model-packages/${name}`)).body;
};
const server = (
  await api<{ id: string }>(operator, 'POST', '/api/operator/servers', {
    name: 'triton',
    url: elsewhere.url,
    protocol: 'inference-v2',
    modelName: 'iris',
    credentials: { kind: 'bearer', token: elsewhere.token },
    accountIds: [publisher.accountId],
  })
).body;

test('a package that a server serves is tried there, and says that its weights were not scanned', async () => {
  const registered = await register(request());
  assert.equal(registered.status, 201, JSON.stringify(registered.body));
  const done = await checked(registered);
  assert.equal(done.status, 'Completed', done.failureReason ?? '');
  assert.match(
    done.imageScanStatuses[0]?.failureReason ?? '',
    /weights were not scanned: they are on the server triton/,
  );
  assert.deepEqual([done.inferenceSpecification.server, done.archive.fileName], ['triton', 'server.json']);
  assert.ok(!JSON.stringify(done).includes(server.id), 'the operator’s own id of it is not shown');
  const resource = await models.resource(publisher.accountId, done.arn);
  assert.deepEqual(resource?.served, { kind: 'remote', serverId: server.id });
});

test('what cannot be served there is refused at once, each with its own code', async () => {
  const image = `sha256:${'a'.repeat(64)}`;
  const code = async (body: object, who = publisher) => (await register(body, who)).body.error?.code;
  assert.equal(await code(request({ server: 'nobody' })), 'model.server_missing');
  assert.equal(await code(request(), stranger), 'model.server_missing');
  assert.equal(await code(request({ container: { image } })), 'model.server_and_more');
  assert.equal(await code(request({ batching: { windowMs: 1, recordsMax: 2 } })), 'model.server_and_more');
  assert.equal(await code({ ...request(), uploadId: 'upl_00000000000000000000' }), 'model.server_and_more');
});

test('a server that answers otherwise than the sample says refuses the package, in words about the server', async () => {
  const done = await checked(await register(request({}, 'setosa\n')));
  assert.equal(done.status, 'Failed');
  assert.ok(done.findings.length > 0);
  assert.ok(!/container|image/.test(JSON.stringify(done.findings)), JSON.stringify(done.findings));
});

test('while the server is away the package waits; it is refused when the server is not open to the account any more', async () => {
  const registered = await register(request());
  elsewhere.isWell = false;
  const waiting = await checked(registered);
  assert.equal(waiting.status, 'InProgress');
  assert.match(waiting.validationStatuses[0]?.failureReason ?? '', /^Waits for the server triton: /);
  elsewhere.isWell = true;
  const late = await register(request());
  assert.equal((await checked(registered)).status, 'Completed');
  await api(operator, 'PATCH', '/api/operator/servers/triton', { accountIds: [stranger.accountId] });
  const refused = await checked(late);
  assert.deepEqual(
    [refused.status, refused.findings.map((f) => f.code)],
    ['Failed', ['container.server_missing']],
  );
});

test('a server is not removed while a package names it; a failed one does not hold it', async () => {
  const remove = () =>
    api<{ error: { code: string; params: { users: string } } } | null>(
      operator,
      'DELETE',
      '/api/operator/servers/triton',
    );
  const named = (name: string) => `the model package ${name} of ${publisher.accountId}`;
  const { body } = await remove();
  assert.equal(body?.error.code, 'server.in_use');
  const kept = await api<{ items: ModelPackage[] }>(publisher, 'GET', '/api/model-packages?status=Completed');
  assert.equal(
    body?.error.params.users,
    kept.body.items
      .map((m) => named(m.name))
      .sort()
      .join(', '),
  );
  for (const { name } of kept.body.items) await api(publisher, 'DELETE', `/api/model-packages/${name}`);
  assert.equal((await remove()).status, 204);
});
