import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import type { OutboundError } from '../../platform/outbound.ts';
import { serviceOutbound } from './services.outbound.ts';

const server = createServer((_request, response) => response.end('here')).listen(0, '127.0.0.1');
await new Promise((done) => server.once('listening', done));
after(() => server.close());
const { port } = server.address() as AddressInfo;
const publicUrl = 'https://souk.test';

/** A name that says another address each time it is asked. */
function fickle(...addresses: string[]) {
  let turn = 0;
  return async () => [{ address: addresses[Math.min(turn++, addresses.length - 1)] ?? '', family: 4 }];
}
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'answered',
    (error: OutboundError) => error.code,
  );

test('a name that changes between check and call is called where it was checked', async () => {
  const outbound = serviceOutbound(
    { outboundAllow: ['127.0.0.1'], publicUrl },
    fickle('127.0.0.1', '10.0.0.1'),
  );
  const answer = await outbound.request({ url: `http://fickle.test:${port}/` });
  assert.equal(answer.body.toString(), 'here');
});

test('without TLS only what the operator allows is called, and nothing private by any name', async () => {
  for (const [address, allow] of [
    ['127.0.0.1', []],
    ['8.8.8.8', ['127.0.0.1']],
    ['10.0.0.1', ['127.0.0.1']],
  ] as const) {
    const outbound = serviceOutbound({ outboundAllow: allow, publicUrl }, fickle(address));
    assert.equal(
      await codeOf(outbound.request({ url: `http://name.test:${port}/` })),
      'outbound.url_invalid',
      address,
    );
  }
  const strict = serviceOutbound({ outboundAllow: [], publicUrl }, fickle('10.0.0.1'));
  assert.equal(await codeOf(strict.request({ url: 'https://name.test/' })), 'outbound.address_refused');
});

test('the marketplace itself may be called wherever it is', async () => {
  const outbound = serviceOutbound({ outboundAllow: [], publicUrl: `http://127.0.0.1:${port}` });
  assert.equal((await outbound.request({ url: `http://127.0.0.1:${port}/odata` })).body.toString(), 'here');
  assert.equal(
    await codeOf(outbound.request({ url: `http://127.0.0.1:${port + 1}/` })),
    'outbound.url_invalid',
  );
});
