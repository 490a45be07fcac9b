import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serveContract } from '../testing/contract-server.ts';
import { runSouk } from '../testing/run-souk.ts';
import { product } from '../testing/samples.ts';

test('a copy is asked for by name, with its own name and visibility, and shown', async () => {
  const asked: unknown[] = [];
  await using server = await serveContract({
    getProduct: () => product(),
    copyProduct: ({ body }) => {
      asked.push(body);
      return { ...product(), slug: 'for-all', visibility: 'public' as const };
    },
  });
  const argv = ['products', 'copy', product().id, 'for-all', '--visibility', 'public'];
  const ran = await runSouk(argv, { url: server.url });
  assert.equal(ran.code, 0, ran.stderr);
  assert.match(ran.stdout, /for-all/);
  assert.match(ran.stdout, /public/);
  assert.deepEqual(asked, [{ slug: 'for-all', visibility: 'public' }]);
  const plain = await runSouk(['products', 'copy', product().id, 'x', '--visibility', 'secret'], {
    url: server.url,
  });
  assert.notEqual(plain.code, 0);
  assert.equal(asked.length, 1, 'an unknown visibility asks for nothing');
});
