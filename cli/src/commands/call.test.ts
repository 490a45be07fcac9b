import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { serveContract } from '../testing/contract-server.ts';
import { runSouk } from '../testing/run-souk.ts';
import { catalogProduct } from '../testing/samples.ts';

/** The gateway's part of the contract: whatever is below /call goes to the model and back. */
function gateway(answer: (request: IncomingMessage, body: Buffer, response: ServerResponse) => void) {
  return serveContract({ getCatalogProduct: () => catalogProduct }, async (request, response) =>
    answer(request, await buffer(request), response),
  );
}
const echo = () =>
  gateway((request, body, response) => {
    response.writeHead(200, { 'content-type': 'text/csv', 'x-request-id': 'req-9' });
    response.end(
      [
        request.method,
        request.url,
        request.headers['content-type'],
        request.headers.authorization,
        body,
      ].join('|'),
    );
  });
const env = { SOUK_API_KEY: 'souk_k' };

test('a call sends the input as it is, with type and key, and gives the answer as it came', async () => {
  await using server = await echo();
  const stdin = Buffer.from([0xff, 0, 1]);
  const ran = await runSouk(['call', 'fisher-lab/iris', '--data', '-', '--content-type', 'image/png'], {
    url: server.url,
    env,
    stdin,
  });
  assert.equal(ran.code, 0);
  assert.match(ran.stdout, /^POST\|\/call\/fisher-lab\/iris\/invocations\|image\/png\|Bearer souk_k\|/);
  assert.ok(!ran.stdout.endsWith('\n'));
});

test('a version is part of the address; another path of the model server can be chosen', async () => {
  await using server = await echo();
  const argv = [
    'call',
    'fisher-lab/iris',
    '--data',
    '{}',
    '--version',
    '1.1.0',
    '--path',
    '/v2/models/iris/infer',
  ];
  const { stdout } = await runSouk(argv, { url: server.url, env });
  assert.match(stdout, /\/call\/fisher-lab\/iris@1\.1\.0\/v2\/models\/iris\/infer\|application\/json/);
});

test('without data the product’s own sample is sent', async () => {
  await using server = await echo();
  const { stdout } = await runSouk(['call', 'fisher-lab/iris'], { url: server.url, env });
  assert.match(stdout, /\|text\/csv\|.*\|1,2,3,4$/);
});

test('with --json a call is one line with status, type, time, request and body', async () => {
  await using server = await echo();
  const { json } = await runSouk(['call', 'fisher-lab/iris', '--data', '1,2', '--json'], {
    url: server.url,
    env,
  });
  const [line] = json as Record<string, unknown>[];
  assert.deepEqual([line?.status, line?.contentType, line?.requestId], [200, 'text/csv', 'req-9']);
  assert.match(String(line?.body), /1,2$/);
  assert.equal(typeof line?.durationMs, 'number');
});

test('what the model refuses is told in its own words, and is never sent twice', async () => {
  await using server = await gateway((_, __, response) => {
    response.writeHead(400, { 'content-type': 'text/plain' }).end('features has 3 columns; 4 are needed');
  });
  const ran = await runSouk(['call', 'fisher-lab/iris', '--data', '[]'], { url: server.url, env });
  assert.deepEqual([ran.code, ran.stdout], [2, '']);
  assert.match(ran.stderr, /features has 3 columns; 4 are needed/);
  assert.equal(server.log.length, 1);
});

test('a quota that is used up ends with 8', async () => {
  const error = {
    code: 'call.quota',
    kind: 'limited',
    message: 'Used up.',
    remedy: 'Wait.',
    params: {},
    docs: '',
  };
  await using server = await gateway((_, __, response) => {
    response.writeHead(429, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error: { ...error, requestId: 'req-3' } }));
  });
  const ran = await runSouk(['call', 'fisher-lab/iris', '--data', '[]'], { url: server.url, env });
  assert.equal(ran.code, 8);
  assert.match(ran.stderr, /Used up\..*call\.quota[\s\S]*→ Wait\.[\s\S]*request req-3/);
});
