import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { IncomingHttpHeaders, RequestListener } from 'node:http';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { Agent, request } from 'undici';
import { listening, type Runtime, startGateway, until } from '../../../test/gateway.ts';

// No database anywhere: pages and API go through all the same.
const databaseUrl = 'postgres://nobody:x@127.0.0.1:9/none';
const zipped = gzipSync('a page'.repeat(1000));
const manyConnections = new Agent({ connections: 400 });
let received = 0;
let closed = 0;

const controlPlane: RequestListener = async (incoming, outgoing) => {
  const path = incoming.url ?? '';
  if (path === '/api/events') {
    outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
    const timer = setInterval(() => outgoing.write('data: tick\n\n'), 50);
    outgoing.once('close', () => {
      clearInterval(timer);
      closed++;
    });
    return;
  }
  if (path === '/slow') {
    for await (const chunk of incoming) {
      received += (chunk as Buffer).length;
      await pause(1);
    }
    outgoing.end(String(received));
    return;
  }
  if (path === '/cookies')
    outgoing.setHeader('set-cookie', ['a=1; Path=/; HttpOnly', 'b=2; Expires=Sat, 21 Nov 2026 08:00:00 GMT']);
  if (path === '/cached') return void outgoing.writeHead(304, { etag: '"x"' }).end();
  if (path === '/zipped')
    return void outgoing
      .writeHead(200, {
        'content-encoding': 'gzip',
        'content-length': zipped.length,
        'x-asked': String(incoming.headers['accept-encoding']),
      })
      .end(zipped);
  if (path === '/away') return void outgoing.writeHead(302, { location: '/sign-in' }).end();
  if (path === '/hop')
    return void outgoing
      .writeHead(200, {
        connection: 'close, x-internal',
        'x-internal': '1',
        'keep-alive': 'timeout=9',
        'x-kept': '1',
      })
      .end();
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const body = {
    method: incoming.method,
    path,
    headers: incoming.headers,
    body: Buffer.concat(chunks).toString(),
  };
  outgoing.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};
const { port } = await listening(controlPlane);

interface Echo {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

for (const runtime of ['bun', 'node'] as Runtime[]) {
  const gateway = await startGateway({ databaseUrl, controlPlane: { host: '127.0.0.1', port } }, runtime);
  const alone = await startGateway({ databaseUrl }, runtime);
  const echo = async (path: string, options: Parameters<typeof request>[1] = {}) =>
    (await (await request(gateway.url + path, options)).body.json()) as Echo;

  test(`${runtime}: a request reaches the control plane as it was sent, and its answer comes back so`, async () => {
    const sent = await request(`${gateway.url}/api/products/%C3%A9?q=a%20b&q=2`, {
      method: 'PUT',
      headers: {
        host: 'souk.example',
        cookie: 'session=1',
        'content-type': 'application/json',
        'x-custom': 'kept',
      },
      body: '{"a":1}',
    });
    assert.equal(sent.statusCode, 201);
    const seen = (await sent.body.json()) as Echo;
    assert.deepEqual(
      [seen.method, seen.path, seen.body],
      ['PUT', '/api/products/%C3%A9?q=a%20b&q=2', '{"a":1}'],
    );
    assert.deepEqual(
      [seen.headers.host, seen.headers.cookie, seen.headers['content-type'], seen.headers['x-custom']],
      ['souk.example', 'session=1', 'application/json', 'kept'],
    );
  });

  test(`${runtime}: nobody can pretend to come from elsewhere`, async () => {
    const { headers } = await echo('/api/x', {
      headers: {
        'x-forwarded-for': '10.0.0.1',
        'x-forwarded-proto': 'https',
        'x-forwarded-host': 'evil.example',
        'x-forwarded-prefix': '/evil',
        'x-real-ip': '10.0.0.1',
        'x-request-id': 'mine',
        forwarded: 'for=10.0.0.1',
      },
    });
    assert.match(String(headers['x-forwarded-for']), /^(::ffff:)?127\.0\.0\.1$/);
    assert.equal(headers['x-forwarded-proto'], 'http');
    for (const name of ['x-forwarded-host', 'x-forwarded-prefix', 'x-real-ip', 'forwarded'])
      assert.equal(headers[name], undefined, name);
    assert.ok(headers['x-request-id'] && headers['x-request-id'] !== 'mine');
  });

  test(`${runtime}: headers of one connection end with it, in both directions`, async () => {
    const text = await rawRequest(
      gateway.url,
      'GET /api/x HTTP/1.1\r\nhost: a\r\nconnection: close, X-Secret\r\nx-secret: 1\r\nte: trailers\r\nkeep-alive: timeout=5\r\nproxy-authorization: Basic x\r\n\r\n',
    );
    for (const name of ['x-secret', 'te', 'proxy-authorization'])
      assert.ok(!text.includes(`"${name}"`), name);
    const { headers } = await request(`${gateway.url}/hop`);
    assert.deepEqual([headers['x-internal'], headers['x-kept']], [undefined, '1']);
    assert.notEqual(headers['keep-alive'], 'timeout=9');
  });

  test(`${runtime}: several cookies stay several; redirects and 304 are the caller's to handle`, async () => {
    assert.deepEqual((await request(`${gateway.url}/cookies`)).headers['set-cookie'], [
      'a=1; Path=/; HttpOnly',
      'b=2; Expires=Sat, 21 Nov 2026 08:00:00 GMT',
    ]);
    const moved = await request(`${gateway.url}/away`);
    assert.deepEqual([moved.statusCode, moved.headers.location], [302, '/sign-in']);
    const cached = await request(`${gateway.url}/cached`);
    assert.deepEqual([cached.statusCode, cached.headers.etag, await cached.body.text()], [304, '"x"', '']);
  });

  test(`${runtime}: compressed pages stay compressed, and are not asked for where nobody did`, async () => {
    const page = await request(`${gateway.url}/zipped`, { headers: { 'accept-encoding': 'gzip' } });
    assert.deepEqual([page.headers['content-encoding'], page.headers['x-asked']], ['gzip', 'gzip']);
    assert.deepEqual(Buffer.from(await page.body.arrayBuffer()), zipped);
    assert.equal((await request(`${gateway.url}/zipped`)).headers['x-asked'], 'identity');
  });

  test(`${runtime}: HEAD has the headers of GET and no body`, async () => {
    const { headers, body } = await request(`${gateway.url}/zipped`, { method: 'HEAD' });
    assert.equal(headers['content-length'], String(zipped.length));
    assert.equal(await body.text(), '');
  });

  test(`${runtime}: this machine may read the metrics`, async () => {
    const metrics = await request(`${gateway.url}/gateway/metrics`);
    assert.match(await metrics.body.text(), /souk_gateway_usage_backlog 0/);
    assert.equal((await echo('/metrics')).path, '/metrics');
  });

  test(`${runtime}: events are passed on as they come, and end with their reader`, async () => {
    const before = closed;
    const { body } = await request(`${gateway.url}/api/events`);
    let ticks = 0;
    for await (const chunk of body) {
      ticks += String(chunk).split('tick').length - 1;
      if (ticks >= 3) break;
    }
    await until('the control plane was told that the reader left', () => closed > before, 3000);
  });

  test(`${runtime}: three hundred readers of events keep nobody else waiting`, async () => {
    const readers = await Promise.all(
      Array.from({ length: 300 }, () =>
        request(`${gateway.url}/api/events`, { dispatcher: manyConnections }),
      ),
    );
    assert.equal((await echo('/api/x')).path, '/api/x');
    for (const { body } of readers) body.destroy();
  });

  test(`${runtime}: a large upload is streamed: a slow receiver does not fill our memory`, async () => {
    received = 0;
    const sizeBytes = 320 * 1024 * 1024;
    const chunk = Buffer.alloc(1024 * 1024, 1);
    const memory = () =>
      Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${gateway.pid}/status`, 'utf8'))?.[1]) / 1024;
    const [before, peaks] = [memory(), [0]];
    const watch = setInterval(() => peaks.push(memory()), 20);
    async function* parts() {
      for (let sent = 0; sent < sizeBytes; sent += chunk.length) yield chunk;
    }
    const { body } = await request(`${gateway.url}/slow`, {
      method: 'PUT',
      headers: { 'content-length': String(sizeBytes) },
      body: Readable.from(parts()),
    });
    assert.equal(await body.text(), String(sizeBytes));
    clearInterval(watch);
    const grownMb = Math.max(...peaks) - before;
    // What is collected late is in it too; a buffer would hold all 320 MB.
    assert.ok(grownMb < 160, `grew by ${grownMb} MB for an upload of 320 MB`);
  });

  test(`${runtime}: with the control plane away programs get an error and people a page`, async () => {
    const answer = await request(`${alone.url}/api/products`);
    assert.equal(answer.statusCode, 503);
    assert.equal(answer.headers['retry-after'], '2');
    const { error } = (await answer.body.json()) as { error: { code: string } };
    assert.equal(error.code, 'call.control_plane_away');
    const page = await request(alone.url, { headers: { accept: 'text/html,*/*' } });
    assert.equal(page.statusCode, 503);
    assert.match(await page.body.text(), /<h1>Back in a moment<\/h1>/);
  });

  test(`${runtime}: before the first snapshot calls are told to try again`, async () => {
    const health = await request(`${gateway.url}/gateway/healthz`);
    assert.equal(health.statusCode, 503);
    const answer = await request(`${gateway.url}/call/a/b/invocations`, { method: 'POST', body: 'x' });
    assert.equal(answer.statusCode, 503);
    assert.match(await answer.body.text(), /call\.not_ready/);
  });

  test(`${runtime}: what is no HTTP breaks nothing`, async () => {
    const host = 'host: a\r\n';
    for (const text of [
      'OPTIONS * HTTP/1.1\r\nhost: a\r\n\r\n',
      'GET /x HTTP/1.1\r\n\r\n',
      `POST /x HTTP/1.1\r\n${host}content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
      `POST /x HTTP/1.1\r\n${host}content-length: 3\r\ncontent-length: 4\r\n\r\nabc`,
      'GET /x HTTP/1.1\r\nhost: evil/call/a/b/invocations\r\n\r\n',
      `GET /call/%00/%ff HTTP/1.1\r\n${host}\r\n`,
      '\u0016\u0003\u0001',
    ])
      await rawRequest(gateway.url, text);
    assert.equal((await echo('/api/after')).path, '/api/after');
  });

  test(`${runtime}: asked to end, it lets event streams go at once`, async () => {
    const { body } = await request(`${gateway.url}/api/events`);
    const ended = body.text().catch(() => 'cut');
    const started = performance.now();
    assert.equal(await gateway.kill('SIGTERM'), 0);
    assert.ok(performance.now() - started < 6000);
    await ended;
  });
}

/** What comes back within a moment for bytes that no client library would send. */
function rawRequest(url: string, text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk.toString();
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(answer));
    socket.write(text);
    setTimeout(() => socket.destroy(), 300);
  });
}
