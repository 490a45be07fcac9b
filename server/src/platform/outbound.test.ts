import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { type Lookup, newOutbound, OutboundError, type OutboundRequest } from './outbound.ts';

const servers: Server[] = [];
after(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(listener: RequestListener, host = '127.0.0.1', port = 0): Promise<number> {
  const server = createServer(listener).listen(port, host);
  servers.push(server);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const local = newOutbound({ outboundAllow: ['127.0.0.0/8'] });
const at = (port: number, path = '/') => `http://127.0.0.1:${port}${path}`;

async function refusal(request: OutboundRequest, outbound = local): Promise<OutboundError> {
  const error = await outbound.request(request).then(
    () => assert.fail('it should have been refused'),
    (e: unknown) => e,
  );
  assert.ok(error instanceof OutboundError, String(error));
  return error;
}

test('an answer comes back whole, with each step on the way to it', async () => {
  const port = await serve((request, response) => {
    response.setHeader('x-seen', `${request.method} ${request.headers.authorization}`);
    request.pipe(response);
  });
  const told: string[] = [];
  const answer = await local.request({
    url: at(port, '/score?x=1'),
    method: 'POST',
    headers: { Authorization: 'Bearer abc', 'content-type': 'application/json' },
    body: '{"a":1}',
    onStep: (s) => told.push(s.step),
  });
  assert.equal(answer.status, 200);
  assert.equal(answer.body.toString(), '{"a":1}');
  assert.equal(answer.headers['x-seen'], 'POST Bearer abc');
  assert.deepEqual(told, ['resolved', 'allowed', 'connected', 'status']);
  assert.ok(answer.steps.every((s) => s.ok));
});

test('a private address is refused before anything is sent to it', async () => {
  let calls = 0;
  const port = await serve((_request, response) => {
    calls++;
    response.end();
  });
  const strict = newOutbound({ outboundAllow: [] });
  for (const host of [
    '127.0.0.1',
    '127.1',
    '2130706433',
    '0x7f.1',
    '[::1]',
    '[::ffff:127.0.0.1]',
    'localhost',
    '0.0.0.0',
  ]) {
    const error = await refusal({ url: `http://${host}:${port}/` }, strict);
    assert.equal(error.code, 'outbound.address_refused', host);
    assert.deepEqual(
      error.steps.map((s) => [s.step, s.ok]),
      [
        ['resolved', true],
        ['allowed', false],
      ],
    );
  }
  assert.equal(calls, 0);
});

test('a name with one public and one private address is refused', async () => {
  const lookup: Lookup = async () => [
    { address: '93.184.216.34', family: 4 },
    { address: '10.0.0.1', family: 4 },
  ];
  const error = await refusal({ url: 'http://mixed.test/' }, newOutbound({ outboundAllow: [] }, lookup));
  assert.equal(error.code, 'outbound.address_refused');
  assert.match(error.message, /10\.0\.0\.1.*private/);
});

test('a name that changes its address after the check is still called at the address that was checked', async () => {
  const inside = await serve((_request, response) => response.end('inside'), '127.0.0.1');
  await serve((_request, response) => response.end('outside'), '127.0.0.2', inside);
  let asked = 0;
  const lookup: Lookup = async () => [{ address: asked++ === 0 ? '127.0.0.2' : '127.0.0.1', family: 4 }];
  const outbound = newOutbound({ outboundAllow: ['127.0.0.2'] }, lookup);
  const answer = await outbound.request({ url: `http://rebind.test:${inside}/` });
  assert.equal(answer.body.toString(), 'outside');
  assert.equal(asked, 1);
});

test('a name that changes its address between redirects is refused at the second look', async () => {
  const port = await serve(
    (_request, response) => response.writeHead(302, { location: '/again' }).end(),
    '127.0.0.2',
  );
  let asked = 0;
  const lookup: Lookup = async () => [{ address: asked++ === 0 ? '127.0.0.2' : '127.0.0.1', family: 4 }];
  const error = await refusal(
    { url: `http://rebind.test:${port}/` },
    newOutbound({ outboundAllow: ['127.0.0.2'] }, lookup),
  );
  assert.equal(error.code, 'outbound.address_refused');
  assert.equal(error.steps.filter((s) => s.step === 'status').length, 1);
});

test('a redirect to a private address, or to another scheme, is refused', async () => {
  const to = (location: string) =>
    serve((_request, response) => response.writeHead(302, { location }).end(), '127.0.0.2');
  const outbound = newOutbound({ outboundAllow: ['127.0.0.2'] });
  for (const [location, code] of [
    ['http://169.254.169.254/latest/meta-data/', 'outbound.address_refused'],
    ['http://[::ffff:10.0.0.1]/', 'outbound.address_refused'],
    ['file:///etc/passwd', 'outbound.url_invalid'],
    ['gopher://127.0.0.2/', 'outbound.url_invalid'],
    ['http://user:secret@127.0.0.2/', 'outbound.url_invalid'],
  ] as const) {
    const error = await refusal({ url: `http://127.0.0.2:${await to(location)}/` }, outbound);
    assert.equal(error.code, code, location);
    assert.ok(!error.message.includes('secret'));
  }
});

test('an address that is refused is told without its query and its password', async () => {
  for (const url of [
    'https://user:hidden@svc.example/path?key=hidden',
    'https:user:hidden@svc.example/path',
    'https://user:hidden@svc.example:99999/path?key=hidden',
    'ftp://user:hidden@svc.example/path?key=hidden#hidden',
  ]) {
    const error = await refusal({ url });
    assert.equal(error.code, 'outbound.url_invalid');
    assert.match(error.message, /svc\.example/, url);
    assert.doesNotMatch(error.message, /hidden/, url);
  }
});

test('redirects end at their bound', async () => {
  let calls = 0;
  const port = await serve((_request, response) => {
    calls++;
    response.writeHead(307, { location: `/${calls}` }).end();
  });
  const error = await refusal({ url: at(port), redirectsMax: 2 });
  assert.equal(error.code, 'outbound.redirects');
  assert.equal(calls, 3);
});

test('with no redirects allowed the redirect itself is the answer', async () => {
  const port = await serve((_request, response) => response.writeHead(302, { location: '/x' }).end());
  assert.equal((await local.request({ url: at(port), redirectsMax: 0 })).status, 302);
});

test('credentials do not follow a redirect to another origin; a form becomes a GET without its body', async () => {
  const seen: string[] = [];
  const other = await serve((request, response) => {
    seen.push(
      `${request.method} ${request.headers.authorization} ${request.headers['x-api-key']} ${request.headers['content-type']}`,
    );
    response.end('there');
  });
  const port = await serve((_request, response) => response.writeHead(303, { location: at(other) }).end());
  const answer = await local.request({
    url: at(port),
    method: 'POST',
    headers: { authorization: 'Bearer x', 'X-Api-Key': 'y', 'content-type': 'text/plain' },
    body: 'hello',
  });
  assert.deepEqual(seen, ['GET undefined undefined undefined']);
  assert.equal(answer.url, at(other));
});

test('a header that would begin another line, or frame the message, is refused', async () => {
  for (const headers of [
    { 'x-a': 'b\r\nx-evil: 1' },
    { 'x-a': 'b\nx-evil: 1' },
    { 'x-a\r\nx-evil': '1' },
    { 'x a': '1' },
    { Host: 'other' },
    { 'Transfer-Encoding': 'chunked' },
    { 'content-length': '3' },
  ] as Record<string, string>[]) {
    const error = await refusal({ url: 'http://127.0.0.1:9/', headers });
    assert.equal(error.code, 'outbound.header_invalid');
  }
});

test('a line break in the address reaches the server as part of the path, never as a header', async () => {
  const port = await serve((request, response) =>
    response.end(`${request.url} ${request.headers['x-evil']}`),
  );
  const answer = await local.request({ url: `${at(port)}a\r\nx-evil: 1` });
  assert.equal(answer.body.toString(), '/ax-evil:%201 undefined');
});

test('an answer that comes drop by drop ends at the time limit', async () => {
  const port = await serve((_request, response) => {
    response.writeHead(200);
    const timer = setInterval(() => response.write('.'), 20);
    response.on('close', () => clearInterval(timer));
  });
  const began = performance.now();
  const error = await refusal({ url: at(port), timeoutMs: 300 });
  assert.equal(error.code, 'outbound.timeout');
  assert.ok(performance.now() - began < 2000);
});

test('a server that never answers, and a name that never resolves, end at the time limit', async () => {
  const port = await serve(() => {});
  assert.equal((await refusal({ url: at(port), timeoutMs: 200 })).code, 'outbound.timeout');
  const deaf = newOutbound({ outboundAllow: [] }, () => new Promise(() => {}));
  assert.equal((await refusal({ url: 'http://slow.test/', timeoutMs: 100 }, deaf)).code, 'outbound.timeout');
});

test('an answer larger than the limit is cut off, packed or not', async () => {
  const port = await serve((request, response) => {
    if (request.url === '/plain') response.end(Buffer.alloc(200_000));
    else response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(200_000_000)));
  });
  for (const path of ['/plain', '/bomb']) {
    const error = await refusal({ url: at(port, path), bodySizeBytesMax: 100_000 });
    assert.equal(error.code, 'outbound.too_large', path);
  }
});

test('a packed answer is unpacked; one that cannot be is refused', async () => {
  const port = await serve((request, response) => {
    if (request.url === '/good')
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('hello'));
    else if (request.url === '/torn')
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('hello').subarray(0, 15));
    else
      response.writeHead(200, { 'content-encoding': request.url?.slice(1) ?? '' }).end('not packed at all');
  });
  assert.equal((await local.request({ url: at(port, '/good') })).body.toString(), 'hello');
  for (const path of ['/torn', '/gzip', '/br', '/zstd'])
    assert.equal((await refusal({ url: at(port, path) })).code, 'outbound.encoding', path);
});

test('headers larger than the limit are refused', async () => {
  const port = await serve((_request, response) =>
    response.writeHead(200, { 'x-big': 'x'.repeat(9000) }).end(),
  );
  const error = await refusal({ url: at(port), headerSizeBytesMax: 4096 });
  assert.equal(error.code, 'outbound.headers_too_large');
});

test('a closed port and an unknown name say so', async () => {
  const port = await serve((_request, response) => response.end());
  await new Promise((done) => servers.pop()?.close(done));
  const closed = await refusal({ url: at(port) });
  assert.equal(closed.code, 'outbound.unreachable');
  assert.match(closed.message, /ECONNREFUSED/);
  const nowhere = newOutbound({ outboundAllow: [] }, async () => []);
  assert.equal((await refusal({ url: 'http://nowhere.test/' }, nowhere)).code, 'outbound.unresolved');
});

test('the next address is tried when one does not answer', async () => {
  const port = await serve((_request, response) => response.end('second'), '127.0.0.3');
  const lookup: Lookup = async () => [
    { address: '127.0.0.2', family: 4 },
    { address: '127.0.0.3', family: 4 },
  ];
  const answer = await newOutbound({ outboundAllow: ['127.0.0.0/8'] }, lookup).request({
    url: `http://two.test:${port}/`,
  });
  assert.equal(answer.body.toString(), 'second');
});

test('TLS is held against the name that was typed, though the connection goes to the address', async () => {
  const [key, cert] = ['key', 'certificate'].map((f) =>
    readFileSync(new URL(`../../test/tls/${f}.pem`, import.meta.url), 'utf8'),
  );
  const server = createSecureServer({ key, cert }, (_request, response) => response.end('secret')).listen(
    0,
    '127.0.0.1',
  );
  servers.push(server as unknown as Server);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const outbound = newOutbound({ outboundAllow: ['127.0.0.1'] }, async () => [
    { address: '127.0.0.1', family: 4 },
  ]);
  const unknown = await refusal({ url: `https://outbound.test:${port}/` }, outbound);
  assert.equal(unknown.code, 'outbound.tls');
  assert.deepEqual(unknown.steps.at(-1)?.step, 'tls');
  setDefaultCACertificates([...getCACertificates('default'), cert ?? '']);
  const answer = await outbound.request({ url: `https://outbound.test:${port}/` });
  assert.equal(answer.body.toString(), 'secret');
  assert.deepEqual(
    answer.steps.map((s) => s.step),
    ['resolved', 'allowed', 'connected', 'tls', 'status'],
  );
  const other = await refusal({ url: `https://other.test:${port}/` }, outbound);
  assert.equal(other.code, 'outbound.tls');
});

test('a redirect from https to http is refused', async () => {
  const [key, cert] = ['key', 'certificate'].map((f) =>
    readFileSync(new URL(`../../test/tls/${f}.pem`, import.meta.url), 'utf8'),
  );
  const server = createSecureServer({ key, cert }, (_request, response) =>
    response.writeHead(302, { location: 'http://outbound.test/' }).end(),
  ).listen(0, '127.0.0.1');
  servers.push(server as unknown as Server);
  await once(server, 'listening');
  setDefaultCACertificates([...getCACertificates('default'), cert ?? '']);
  const { port } = server.address() as AddressInfo;
  const outbound = newOutbound({ outboundAllow: ['127.0.0.1'] }, async () => [
    { address: '127.0.0.1', family: 4 },
  ]);
  assert.equal(
    (await refusal({ url: `https://outbound.test:${port}/` }, outbound)).code,
    'outbound.downgrade',
  );
});
