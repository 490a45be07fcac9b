import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Handler } from '../model-server/handler.ts';
import { identityModel, serving } from '../model-server/testing.ts';
import { callModel } from '../runtime.call.ts';
import type { RunningModel } from '../runtime.ts';
import { servingSuite } from '../serving.suite.ts';
import type { RemoteServer } from './remote.ts';
import { remoteBackend } from './remote-backend.ts';

const socketDir = mkdtempSync(join(tmpdir(), 's-'));
const listening: Server[] = [];
after(() => {
  for (const server of listening) {
    server.closeAllConnections();
    server.close();
  }
});

const local = ['127.0.0.0/8'];
const secret = 'Bearer s3cret';
const bodyBytesMax = 5_000_000;
const slowly = '0.125,0.125\n';

/** A model server as somebody else runs one: over TCP, with a key of its own, and no hurry for some calls. */
async function elsewhere(
  handler: Handler,
  seen: (incoming: IncomingMessage) => void = () => undefined,
): Promise<string> {
  const server = createServer(async (incoming, outgoing) => {
    seen(incoming);
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    if (incoming.headers.authorization !== secret) return void outgoing.writeHead(401).end('{}');
    if (body.includes('0.125')) await sleep(400);
    const answer = await handler(
      new Request(`http://x${incoming.url}`, {
        method: incoming.method ?? 'GET',
        headers: Object.entries(incoming.headers).filter(
          (h): h is [string, string] => typeof h[1] === 'string',
        ),
        ...(incoming.method === 'POST' ? { body } : {}),
      }),
    );
    const text = Buffer.from(await answer.arrayBuffer());
    outgoing.writeHead(answer.status, Object.fromEntries(answer.headers)).end(text);
  }).listen(0, '127.0.0.1');
  listening.push(server);
  await new Promise((resolve) => server.once('listening', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const { handler } = await serving(
  { 'far away': identityModel(1, ['N', 2]), half: identityModel(10, ['N', 2]), long: identityModel(7) },
  50_000_000,
);
const single = await serving({ x: identityModel(1, ['N', 2]) }, 50_000_000);
const started: RunningModel[] = [];
after(() => Promise.all(started.map((r) => r.stop())));

const serverAt = (url: string, more: Partial<RemoteServer> = {}): RemoteServer => ({
  url,
  protocol: 'sagemaker',
  modelName: null,
  credentials: { kind: 'bearer', token: 's3cret' },
  caPem: null,
  timeoutMs: 30_000,
  ...more,
});

async function start(server: RemoteServer, outboundAllow = local) {
  const backend = remoteBackend({
    find: async () => server,
    outboundAllow,
    bodyBytesMax,
    socketDir,
    log: () => undefined,
    healthEveryMs: 100,
  });
  const running = await backend.start({
    name: 'm',
    servable: { kind: 'remote', serverId: 'srv_1' },
    instance: { name: 'remote', cpus: 1, memoryMb: 64 },
    startTimeoutMs: 60_000,
  });
  started.push(running);
  return running;
}

const nowhere = 'http://127.0.0.1:9';
for (const protocol of ['sagemaker', 'inference-v2'] as const) {
  const url = await elsewhere(protocol === 'sagemaker' ? single.handler : handler);
  const named = protocol === 'sagemaker' ? {} : { modelName: 'far away' };
  servingSuite({
    kind: `remote (${protocol})`,
    missing: null,
    start: (model) =>
      model === 'broken'
        ? start(serverAt(nowhere, { protocol, ...named }), local)
        : start(serverAt(url, { protocol, ...named })),
    eat: null,
    slow: { contentType: 'text/csv', body: slowly, holds: /0\.125/ },
  });
}

suite('a server of somebody else', () => {
  const call = (
    running: RunningModel,
    path: string,
    contentType: string,
    body: string,
    accept = contentType,
  ) => callModel(running.address, { path, contentType, accept, body, timeoutMs: 20_000 });

  test('that speaks the Open Inference Protocol only takes /v2 as it came, under its own name for the model', async () => {
    const paths: string[] = [];
    const url = await elsewhere(handler, (incoming) => paths.push(incoming.url ?? ''));
    const running = await start(serverAt(url, { protocol: 'inference-v2', modelName: 'far away' }));
    await running.ready;
    const body = '{"inputs":[{"name":"x","datatype":"FP32","shape":[1,2],"data":[1,2]}]}';
    const answer = await call(running, '/v2/models/here/infer', 'application/json', body);
    assert.deepEqual(JSON.parse(answer.body.toString()).outputs[0].data, [1, 2]);
    assert.ok(paths.includes('/v2/models/far%20away/infer'), paths.join());
    assert.equal((await call(running, '/v2/repository/index', 'application/json', '{}')).status, 404);
  });

  test('gets integers of 64 bits whole, there and back', async () => {
    const url = await elsewhere(handler);
    const running = await start(serverAt(url, { protocol: 'inference-v2', modelName: 'long' }));
    await running.ready;
    const answer = await call(running, '/invocations', 'application/json', '{"x":[9007199254740993]}');
    assert.equal(answer.body.toString(), '{"y":[9007199254740993]}');
  });

  test('with tensors that JSON cannot carry is called with /v2, and /invocations says so', async () => {
    const described: Handler = async (request) =>
      request.url.endsWith('/ready')
        ? new Response('')
        : Response.json({
            inputs: [{ name: 'x', datatype: 'BF16', shape: [-1] }],
            outputs: [{ name: 'y', datatype: 'BF16', shape: [-1] }],
          });
    const running = await start(
      serverAt(await elsewhere(described), { protocol: 'inference-v2', modelName: 'b' }),
    );
    await running.ready;
    const answer = await call(running, '/invocations', 'application/json', '[1]');
    assert.equal(answer.status, 501);
    assert.match(answer.body.toString(), /input \\"x\\" is of type BF16.*call \/v2\/models/);
  });

  test('that refuses the credentials is not ready, and its callers never learn why', async () => {
    const url = await elsewhere(single.handler);
    const wrong = await start(serverAt(url, { credentials: { kind: 'none' } }));
    await assert.rejects(wrong.ready, /\/ping refused the credentials with 401/);
    let open = true;
    const revoking: Handler = async (request) =>
      open || request.url.endsWith('/ping') ? single.handler(request) : new Response('{}', { status: 403 });
    const running = await start(serverAt(await elsewhere(revoking)));
    await running.ready;
    open = false;
    const answer = await call(running, '/invocations', 'text/csv', '1,2\n');
    assert.equal(answer.status, 502);
    assert.match(answer.body.toString(), /refused the marketplace/);
  });

  test('gets the headers of the contract and no others of a caller', async () => {
    let headers: IncomingMessage['headers'] = {};
    const url = await elsewhere(single.handler, (incoming) => {
      if (incoming.method === 'POST') headers = incoming.headers;
    });
    const running = await start(serverAt(url));
    await running.ready;
    const { request } = await import('undici');
    const { Agent } = await import('undici');
    assert.ok('unix' in running.address);
    const dispatcher = new Agent({ connect: { socketPath: running.address.unix } });
    const answer = await request('http://m/invocations', {
      method: 'POST',
      dispatcher,
      headers: {
        'content-type': 'text/csv',
        'x-amzn-sagemaker-custom-attributes': 'trace=1',
        cookie: 'session=1',
        'x-api-key': 'of-the-caller',
        authorization: 'Bearer of-the-caller',
      },
      body: '1,2\n',
    });
    await answer.body.dump();
    await dispatcher.close();
    assert.equal(headers['x-amzn-sagemaker-custom-attributes'], 'trace=1');
    assert.equal(headers.authorization, secret);
    assert.deepEqual([headers.cookie, headers['x-api-key']], [undefined, undefined]);
  });

  test('is not called at a private address, nor without TLS, unless the operator allows the network', async () => {
    const refused = await start(serverAt(nowhere), []);
    await assert.rejects(refused.ready, /127\.0\.0\.1.*loopback/);
    const plain = await start(serverAt('http://1.1.1.1'), []);
    await assert.rejects(plain.ready, /is not encrypted/);
  });

  test('that is lost ends what stands for it here, so that the deployment is seen to be down', async () => {
    let well = true;
    const running = await start(
      serverAt(
        await elsewhere(async (request) =>
          well ? single.handler(request) : new Response('', { status: 503 }),
        ),
      ),
    );
    await running.ready;
    well = false;
    const { kind, reason } = await running.exited;
    assert.deepEqual([kind, reason], ['crashed', 'the model’s server is lost: /ping answered 503']);
  });

  test('that redirects is told to give its real address, and the credentials do not follow', async () => {
    const running = await start(
      serverAt(
        await elsewhere(async () => new Response('', { status: 302, headers: { location: nowhere } })),
      ),
      local,
    );
    await assert.rejects(running.ready, /More than 0 redirects/);
  });

  test('never sees a body larger than the limit', async () => {
    const running = await start(serverAt(await elsewhere(single.handler)));
    await running.ready;
    const answer = await call(running, '/invocations', 'text/csv', '1,2\n'.repeat(bodyBytesMax / 3));
    assert.equal(answer.status, 413);
  });
});
