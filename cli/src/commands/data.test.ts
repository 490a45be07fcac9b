import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MyData } from '@souk/contract';
import { type Handlers, serveContract } from '../testing/contract-server.ts';
import { runSouk } from '../testing/run-souk.ts';
import { at, id } from '../testing/samples.ts';

const item: MyData = {
  subscriptionId: id('sub'),
  publisher: 'weather',
  product: 'forecast',
  title: 'Forecast',
  plan: 'Small',
  state: 'active',
  reason: null,
  serviceRoot: 'https://souk.example/data/weather/forecast/v1/',
  balance: { limit: 1000, used: 400, remaining: 600, resetsAt: at },
  health: {
    state: 'up',
    since: at,
    checkedAt: at,
    everyMinutes: 15,
    uptime24h: 1,
    uptime30d: 0.995,
    latencyMs: 40,
  },
};
const souk = async (handlers: Handlers, ...argv: string[]) => {
  await using server = await serveContract(handlers);
  return await runSouk(argv, { url: server.url, env: { SOUK_API_KEY: 'souk_k' } });
};

test('data services are listed with their root and what is left, as lines and as JSON', async () => {
  const unlimited: MyData = { ...item, product: 'history', balance: null, health: null };
  const handlers: Handlers = { listMyData: () => ({ items: [item, unlimited] }) };
  const listed = await souk(handlers, 'data', 'list');
  assert.equal(listed.code, 0, listed.stderr);
  assert.match(
    listed.stdout,
    /weather\/forecast.*600 of 1,?000.*https:\/\/souk\.example\/data\/weather\/forecast\/v1\//,
  );
  assert.match(listed.stdout, /weather\/history.*unlimited/);
  const json = await souk(handlers, 'data', 'list', '--json');
  assert.match(json.stdout, /"remaining":600/);
  const none = await souk({ listMyData: () => ({ items: [] }) }, 'data', 'list');
  assert.match(none.stdout + none.stderr, /no data service/);
});
