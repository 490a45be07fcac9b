import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WebService } from '@souk/contract';
import { type Handlers, serveContract } from '../testing/contract-server.ts';
import { runSouk } from '../testing/run-souk.ts';
import { at, id } from '../testing/samples.ts';

const hex = 'ab'.repeat(16);
const url = 'http://souk.test/x';
const service: WebService = {
  id: hex,
  workspace: hex,
  name: 'Iris',
  description: '',
  state: 'Succeeded',
  reason: null,
  runs: 'fisher-lab/iris 1.0.0',
  servedBy: 'iris-abababab',
  endpointCount: 1,
  createdBy: 'a@example.com',
  createdAt: at,
  updatedAt: at,
  schema: {
    input: { name: 'input1', columns: [{ name: 'petal length', type: 'Double' }] },
    output: { name: 'output1', columns: [{ name: 'label', type: 'String' }] },
    parameters: [],
    sampleRows: [],
    sampleAnswer: [],
    rowsMax: 1000,
  },
  wire: { format: 'csv', inputKey: null },
  endpoints: [
    {
      id: hex,
      name: 'default',
      isDefault: true,
      description: '',
      maxConcurrentCalls: 20,
      logging: 'None',
      loggingUntil: null,
      sampleData: true,
      readOnly: false,
      primaryKey: 'souk_…aaaa',
      secondaryKey: 'souk_…bbbb',
      urls: { execute: url, jobs: url, odata: url, swagger: url, help: url, batchHelp: url },
      folder: `web-services/${hex}/${hex}/`,
      createdBy: 'a@example.com',
      createdAt: at,
      updatedAt: at,
    },
  ],
};
const souk = async (handlers: Handlers, ...argv: string[]) => {
  await using server = await serveContract(handlers);
  return await runSouk(['webservices', ...argv], { url: server.url, env: { SOUK_API_KEY: 'souk_k' } });
};

test('deploying hands over what was given and no more, and shows the keys once', async () => {
  const asked: unknown[] = [];
  const made = await souk(
    {
      createWebService: ({ body }) => {
        asked.push(body);
        return { service, keys: { primaryKey: 'souk_first', secondaryKey: 'souk_second' } };
      },
    },
    ...['create', 'Iris', '--subscription', id('sub'), '--instance-type', 'ml.m5.large'],
  );
  assert.equal(made.code, 0, made.stderr);
  assert.deepEqual(asked, [{ name: 'Iris', subscriptionId: id('sub'), instanceType: 'ml.m5.large' }]);
  assert.match(made.stdout, /primary key: souk_first\nsecondary key: souk_second/);
  assert.match(made.stdout, /petal length/);
});

test('endpoints are listed, added and removed', async () => {
  const asked: unknown[] = [];
  const handlers: Handlers = {
    getWebService: () => service,
    createWebServiceEndpoint: ({ body }) => {
      asked.push(body);
      const [endpoint] = service.endpoints;
      assert.ok(endpoint);
      return {
        endpoint: { ...endpoint, name: 'customer1' },
        keys: { primaryKey: 'souk_p', secondaryKey: 'souk_s' },
      };
    },
    deleteWebServiceEndpoint: () => undefined,
  };
  assert.match((await souk(handlers, 'endpoints', hex)).stdout, /default \(default\)/);
  const added = await souk(handlers, 'endpoints', hex, '--add', 'customer1', '--max-concurrent-calls', '50');
  assert.match(added.stdout, /souk_p/);
  assert.deepEqual(asked, [{ name: 'customer1', maxConcurrentCalls: 50 }]);
  assert.equal((await souk(handlers, 'endpoints', hex, '--remove', 'customer1')).code, 0);
  assert.equal((await souk(handlers, 'endpoints', hex, '--add', 'a', '--remove', 'b')).code, 2);
});

test('batch jobs of an endpoint are listed, with why one failed', async () => {
  const job = {
    id: hex,
    state: 'Failed' as const,
    input: 'souk://123456789012/in.csv',
    output: 'souk://123456789012/out.csv',
    rows: 7,
    failure: 'line 8 has 2 values',
    createdBy: 'web service Iris, endpoint default',
    createdAt: at,
    startedAt: at,
    endedAt: at,
  };
  const asked: unknown[] = [];
  const answering = (items: (typeof job)[]): Handlers => ({
    listWebServiceJobs: ({ params }) => {
      asked.push(params);
      return { items };
    },
  });
  const listed = await souk(answering([job]), 'jobs', hex, 'default');
  assert.equal(listed.code, 0, listed.stderr);
  assert.match(listed.stdout, /Failed[\s\S]*line 8 has 2 values/);
  assert.deepEqual(asked, [{ service: hex, endpoint: 'default' }]);
  assert.match((await souk(answering([]), 'jobs', hex, 'default')).stderr, /no batch jobs of default/);
});

test('a key is replaced by name, and a schema file that is none is refused before anything is asked', async () => {
  const keys = await souk(
    {
      regenerateWebServiceKey: ({ body }) => ({
        primaryKey: null,
        secondaryKey: `souk_${JSON.stringify(body)}`,
      }),
    },
    ...['keys', hex, 'default', '--regenerate', 'secondary'],
  );
  assert.match(keys.stdout, /^secondary key: souk_\{"key":"secondary"\}/);
  const bad = await souk({}, 'create', 'Iris', '--instance-type', 'x', '--schema', '/nowhere.json');
  assert.equal(bad.code, 2);
  assert.match(bad.stderr, /cannot be read/);
});
