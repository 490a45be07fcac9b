import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testFolder } from '../../../test/gateway.ts';
import { newLog } from '../../platform/log.ts';
import type { NewDataPlane } from './data-plane.ts';
import { newHandler } from './gateway.handler.ts';
import { startSync } from './gateway.sync.ts';
import { nodeSend } from './upstream.ts';

// No database: what is asked here is who gets a request.
const settings = {
  port: 0,
  host: '127.0.0.1',
  controlPlane: { host: '127.0.0.1', port: 9 },
  databaseUrl: 'postgres://nobody:x@127.0.0.1:9/none',
  dataDir: testFolder(),
  nodeName: 'test',
  publicUrl: 'http://souk.example',
  payloadBytesMax: 1000,
  callTimeoutMs: 1000,
};
const sync = startSync(settings, newLog('gateway', 'fatal'));
const plane: NewDataPlane = (parts) => ({
  matches: (path) => path.startsWith('/mine/'),
  handle(request, path, requestId) {
    const given = parts.subscriber(request.headers, 'p', 'o');
    if ('code' in given) return parts.refuse(given.code, given.params, requestId, 'odata', given.headers);
    return new Response(path);
  },
});
const handler = newHandler(settings, sync, await nodeSend(), [plane]);
const get = (path: string) => handler.handle(new Request(`http://souk.example${path}`), () => '127.0.0.1');

test('a data plane answers its own paths, and its refusals are OData errors that say the way out', async () => {
  const answer = await get('/mine/x?y=1');
  assert.equal(answer.status, 503);
  assert.equal(answer.headers.get('content-language'), 'en');
  const { error } = (await answer.json()) as { error: Record<string, unknown> };
  assert.deepEqual(Object.keys(error), ['code', 'message', 'innererror']);
  assert.equal(error.code, 'call.not_ready');
  assert.match(String(error.message), /not read its keys .* Try again in a few seconds\.$/);
});

test('calls, health and pages go where they went', async () => {
  const call = await get('/call/p/o/invocations');
  assert.equal(((await call.json()) as { error: { code: string } }).error.code, 'call.not_ready');
  assert.equal((await get('/gateway/healthz')).status, 503);
  assert.equal((await get('/minecraft')).status, 503);
  assert.match(await (await get('/minecraft')).text(), /control_plane_away/);
  await sync.stop();
});
