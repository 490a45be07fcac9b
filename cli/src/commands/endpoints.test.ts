import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Endpoint } from '@souk/contract';
import { type Handlers, serveContract } from '../testing/contract-server.ts';
import { runSouk } from '../testing/run-souk.ts';
import { at, id } from '../testing/samples.ts';

const variant = {
  number: 1,
  name: 'fisher-lab/iris 1.0.0',
  subscriptionId: id('sub'),
  version: '1.0.0',
  modelPackage: null,
  kind: 'onnx',
  instanceType: 'ml.m5.large',
  environment: {},
  createdBy: 'a@example.com',
  createdAt: at,
} as const;
const endpoint = (more: Partial<Endpoint> = {}): Endpoint => ({
  id: id('ept'),
  name: 'iris',
  state: 'InService',
  reason: null,
  asleep: false,
  serving: variant,
  coming: null,
  settings: {
    instancesMin: 1,
    instancesMax: 4,
    concurrency: 8,
    idleMinutes: 30,
    scaleInSeconds: 120,
    startSeconds: 480,
    payloadBytesMax: 26_214_400,
    timeoutSeconds: 60,
  },
  instancesReady: 1,
  instancesWanted: 1,
  callsUnderWay: 0,
  createdBy: 'a@example.com',
  createdAt: at,
  updatedAt: at,
  url: 'http://souk.test/endpoints/iris/invocations',
  instances: [],
  coldStarts: [{ at, durationMs: 1200 }],
  ...more,
});
const souk = async (handlers: Handlers, ...argv: string[]) => {
  await using server = await serveContract(handlers);
  return await runSouk(['endpoints', ...argv], { url: server.url, env: { SOUK_API_KEY: 'souk_k' } });
};

test('creating hands over what was given and no more, and waits until it is in service', async () => {
  const asked: unknown[] = [];
  let looks = 0;
  const made = await souk(
    {
      createEndpoint: ({ body }) => {
        asked.push(body);
        return endpoint({ state: 'Creating', serving: null, coming: variant });
      },
      getEndpoint: () =>
        ++looks < 2 ? endpoint({ state: 'Creating', serving: null, coming: variant }) : endpoint(),
    },
    ...['create', 'iris', '--subscription', id('sub'), '--instance-type', 'ml.m5.large'],
    ...['--min', '1', '--max', '4', '--idle-minutes', '30', '--env', 'MODE=fast', '--env', 'B=c=d'],
  );
  assert.equal(made.code, 0, made.stderr);
  assert.deepEqual(asked, [
    {
      name: 'iris',
      subscriptionId: id('sub'),
      instanceType: 'ml.m5.large',
      instancesMin: 1,
      instancesMax: 4,
      idleMinutes: 30,
      environment: { MODE: 'fast', B: 'c=d' },
    },
  ]);
  assert.match(made.stdout, /InService[\s\S]*1 to 4 wanted[\s\S]*after 30 minutes/);
});

test('a trained model is created and updated by its name, without a subscription', async () => {
  const asked: unknown[] = [];
  const own = { ...variant, name: 'flowers-1', modelPackage: 'flowers-1' };
  const handlers: Handlers = {
    createEndpoint: ({ body }) => {
      asked.push(body);
      return endpoint({ serving: own });
    },
    updateEndpoint: ({ body }) => {
      asked.push(body);
      return endpoint({ serving: own });
    },
  };
  const type = ['--instance-type', 'ml.m5.large'];
  const made = await souk(handlers, 'create', 'iris', '--model-package', 'flowers-1', ...type);
  assert.equal(made.code, 0, made.stderr);
  const changed = await souk(handlers, 'update', 'iris', '--model-package', 'flowers-2');
  assert.equal(changed.code, 0, changed.stderr);
  assert.deepEqual(asked, [
    { name: 'iris', modelPackage: 'flowers-1', instanceType: 'ml.m5.large' },
    { modelPackage: 'flowers-2' },
  ]);
});

test('an update that is rolled back ends with 1 and the reason', async () => {
  const coming = { ...variant, number: 2, version: '1.1.0' };
  const rolledBack = await souk(
    {
      updateEndpoint: () => endpoint({ state: 'Updating', coming }),
      getEndpoint: () => endpoint({ reason: 'no such file' }),
    },
    ...['update', 'iris', '--version', '1.1.0', '--idle-minutes', 'never'],
  );
  assert.equal(rolledBack.code, 1);
  assert.match(rolledBack.stderr, /rolled back: no such file/);
  const bad = await souk({}, 'update', 'iris', '--env', 'MODE');
  assert.match(bad.stderr, /MODE/);
  assert.notEqual(bad.code, 0);
});

test('logs are lines, and as JSON what the API says', async () => {
  const line = { id: 7, at, instanceId: id('epi'), level: 'info', text: 'ready \u001b[31mred' } as const;
  const handlers: Handlers = { listEndpointLogs: () => ({ items: [line] }) };
  const shown = await souk(handlers, 'logs', 'iris');
  assert.match(shown.stdout, /info {2}ready \[31mred/, 'without what would steer the terminal');
  const json = await souk(handlers, 'logs', 'iris', '--json');
  assert.deepEqual(JSON.parse(json.stdout), line);
  const none = await souk({ listEndpoints: () => ({ items: [] }) }, 'list');
  assert.match(none.stdout + none.stderr, /souk endpoints create/);
});
