import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { listening, until } from '../../../../test/gateway.ts';
import type { Lookup } from '../../../platform/outbound-resolve.ts';
import { newDeadlines } from '../calls.deadlines.ts';
import { newServiceClient } from './service-client.ts';

const paths: string[] = [];
const vias: unknown[] = [];
const connections = new Set<Socket>();
const { port } = await listening((incoming, outgoing) => {
  paths.push(`${incoming.headers.host} ${incoming.url} ${incoming.headers['x-secret'] ?? ''}`);
  vias.push(incoming.headers.via);
  connections.add(incoming.socket);
  if (incoming.url === '/close') outgoing.setHeader('connection', 'close');
  if (incoming.url?.startsWith('/to=')) {
    outgoing.writeHead(302, { location: decodeURIComponent(incoming.url.slice(4)) }).end();
    return;
  }
  outgoing.end('ok');
});
const newDeadline = newDeadlines();

async function ask(client: ReturnType<typeof newServiceClient>, url: string, secret = {}) {
  const deadline = newDeadline(5000, new Request('http://x/'));
  try {
    const answer = await client(
      {
        method: 'GET',
        url: new URL(url),
        headers: { via: 'souk' },
        secretHeaders: { 'x-secret': 's', ...secret },
        body: null,
        lengthBytes: undefined,
      },
      deadline,
    );
    return answer.status;
  } finally {
    deadline.remove();
  }
}
const clientWith = (
  lookup: Lookup,
  outboundAllow = [`127.0.0.1:${port}`],
  publicUrl = 'https://souk.example',
) => newServiceClient({ outboundAllow, publicUrl, lookup });

test('a name that changes its answer is refused at the next connection, and what is kept goes to the address that was checked', async () => {
  let asked = 0;
  const client = clientWith(async () => [{ address: asked++ === 0 ? '127.0.0.1' : '10.0.0.1', family: 4 }]);
  const url = `http://service.example:${port}`;
  assert.equal(await ask(client, `${url}/a`), 200);
  assert.equal(await ask(client, `${url}/b`), 200);
  assert.deepEqual([asked, connections.size], [1, 1]);
  assert.equal(await ask(client, `${url}/close`), 200);
  await assert.rejects(ask(client, `${url}/c`), { code: 'outbound.address_refused' });
  assert.ok(!paths.some((path) => path.includes('/c ')));
});

test('of several addresses each must be allowed', async () => {
  const both = clientWith(async () => [
    { address: '127.0.0.1', family: 4 },
    { address: '169.254.169.254', family: 4 },
  ]);
  await assert.rejects(ask(both, `http://service.example:${port}/`), { code: 'outbound.address_refused' });
});

test('without TLS only where the operator allows the network', async () => {
  const client = clientWith(async () => [{ address: '93.184.216.34', family: 4 }]);
  await assert.rejects(ask(client, 'http://service.example/'), /not encrypted/);
});

test('a redirect goes through the same gate, and the credential stays with its origin', async () => {
  const client = clientWith(async () => [{ address: '127.0.0.1', family: 4 }]);
  const origin = `http://service.example:${port}`;
  assert.equal(await ask(client, `${origin}/to=${encodeURIComponent('/same')}`), 200);
  assert.equal(paths.at(-1), `service.example:${port} /same s`);
  assert.equal(
    await ask(client, `${origin}/to=${encodeURIComponent(`http://other.example:${port}/x`)}`),
    200,
  );
  assert.equal(paths.at(-1), `other.example:${port} /x `);
  await assert.rejects(ask(client, `${origin}/to=${encodeURIComponent('http://[::1]:1/')}`), {
    code: 'outbound.address_refused',
  });
  await assert.rejects(ask(client, `${origin}/to=${encodeURIComponent('file:///etc/passwd')}`), {
    code: 'outbound.url_invalid',
  });
  await assert.rejects(ask(client, `${origin}/to=${encodeURIComponent('/to=%2Fto%3D%252Fto%253D%25252F')}`), {
    code: 'outbound.redirects',
  });
});

test('a publisher’s header does not stand in for those that Souk sets', async () => {
  const client = clientWith(async () => [{ address: '127.0.0.1', family: 4 }]);
  assert.equal(await ask(client, `http://service.example:${port}/via`, { via: 'nobody' }), 200);
  assert.equal(vias.at(-1), 'souk');
});

test('a connection that nobody uses is closed, though nobody asks that server again', async () => {
  const lookup: Lookup = async () => [{ address: '127.0.0.1', family: 4 }];
  const options = { outboundAllow: [`127.0.0.1:${port}`], publicUrl: 'https://souk.example', lookup };
  const client = newServiceClient({ ...options, idleMs: 20 });
  assert.equal(await ask(client, `http://once.example:${port}/once`), 200);
  const socket = [...connections].at(-1);
  await until('it is closed', async () => socket?.destroyed);
});

test('Souk’s own address is reached wherever it stands, under the paths of web services only', async () => {
  const own = `http://souk.example:${port}`;
  const client = clientWith(async () => [{ address: '127.0.0.1', family: 4 }], [], own);
  assert.equal(await ask(client, `${own}/odata/workspaces/w/services/e`), 200);
  await assert.rejects(ask(client, `${own}/api/me`), { code: 'outbound.address_refused' });
});
