import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Running } from '@souk/contract';
import { type Handlers, Refusal, serveContract } from '../testing/contract-server.ts';
import { runSouk } from '../testing/run-souk.ts';
import { at, id } from '../testing/samples.ts';

const running: Running = {
  items: [
    {
      kind: 'endpoint',
      id: id('end'),
      name: 'flowers',
      state: 'InService',
      version: '1.0.0',
      page: null,
      subscriptionId: id('sub'),
      productTitle: 'Iris',
      instances: [
        {
          use: 'realtime',
          instanceType: 'ml.c5.large',
          instances: 2,
          since: at,
          software: { pricePerHour: '0.4', currency: 'USD' },
          infrastructure: null,
        },
      ],
      perHour: [{ currency: 'USD', amount: '0.8' }],
    },
  ],
  perHour: [{ currency: 'USD', amount: '0.8' }],
};
const souk = async (handlers: Handlers, ...argv: string[]) => {
  await using server = await serveContract(handlers);
  return await runSouk(argv, { url: server.url, env: { SOUK_API_KEY: 'souk_k' } });
};

test('what runs is listed with its instances and what it costs an hour, as lines and as JSON', async () => {
  const listed = await souk({ listRunning: () => running }, 'running');
  assert.equal(listed.code, 0, listed.stderr);
  assert.match(listed.stdout, /endpoint +flowers +InService .*2 x ml\.c5\.large.* 0\.8 USD/);
  const json = await souk({ listRunning: () => running }, 'running', 'list', '--json');
  assert.deepEqual(JSON.parse(json.stdout.split('\n')[0] ?? ''), running.items[0]);
  const none = await souk({ listRunning: () => ({ items: [], perHour: [] }) }, 'running', 'list');
  assert.match(none.stdout + none.stderr, /Nothing runs\./);
});

test('stopping names kind and id; what has ended by itself is a missing one', async () => {
  const asked: unknown[] = [];
  const stopped = await souk(
    {
      stopRunning: ({ params }) => {
        asked.push(params);
        return undefined;
      },
    },
    ...['running', 'stop', 'endpoint', 'end_1'],
  );
  assert.equal(stopped.code, 0, stopped.stderr);
  assert.deepEqual(asked, [{ kind: 'endpoint', id: 'end_1' }]);
  const gone = await souk(
    {
      stopRunning: () => {
        throw new Refusal('instance.running_missing');
      },
    },
    ...['running', 'stop', 'endpoint', 'end_1'],
  );
  assert.equal(gone.code, 5);
});
