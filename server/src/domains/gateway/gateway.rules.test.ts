import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  credentialOf,
  hasNoBody,
  hourOf,
  meansMetrics,
  parseCallPath,
  quotaHeaders,
  targetOf,
  unitsOf,
  usedOf,
} from './gateway.rules.ts';

test('a path names publisher, product, version where given, and what follows', () => {
  assert.deepEqual(parseCallPath('/call/flowers/iris/invocations'), {
    publisher: 'flowers',
    product: 'iris',
    name: 'flowers/iris',
    version: null,
    rest: '/invocations',
  });
  assert.equal(parseCallPath('/call/flowers/iris@1.0.0-rc.1+7/v2/models/m/infer')?.version, '1.0.0-rc.1+7');
});

test('a path that names no product is none', () => {
  for (const path of [
    '/call/flowers/iris',
    '/call/flowers//invocations',
    '/call//iris/invocations',
    '/call/Flowers/iris/invocations',
    '/call/flowers/../iris/invocations',
    '/call/flowers/iris@/invocations',
    '/call/%66lowers/iris/invocations',
    `/call/${'f'.repeat(64)}/iris/invocations`,
  ])
    assert.equal(parseCallPath(path), undefined, path);
});

test('inferences count; looking at a model does not', () => {
  assert.deepEqual(targetOf('/invocations', 'iris'), {
    path: '/invocations',
    counts: true,
    methods: ['POST'],
    protocol: 'sagemaker',
  });
  assert.equal(targetOf('/v2/models/iris/infer', 'iris')?.counts, true);
  for (const path of ['/ping', '/execution-parameters', '/v2', '/v2/health/ready', '/v2/models/iris'])
    assert.equal(targetOf(path, 'iris')?.counts, false, path);
});

test('a version in a v2 path is left out, since the subscription has chosen one', () => {
  assert.equal(targetOf('/v2/models/iris/versions/1/infer', 'iris')?.path, '/v2/models/iris/infer');
});

test('a path that models do not have goes nowhere', () => {
  for (const path of [
    '/',
    '/invocations/',
    '/invocations/../ping',
    '/v2/models/another/infer',
    '/v2/models/iris/infer/x',
    '/v2/repository/index',
    '/metrics',
  ])
    assert.equal(targetOf(path, 'iris'), undefined, path);
});

test('a key comes as Bearer, or as the password of Basic', () => {
  assert.equal(credentialOf('Bearer souk_x'), 'souk_x');
  assert.equal(credentialOf('bearer  souk_x '), 'souk_x');
  assert.equal(credentialOf(`Basic ${Buffer.from('anyone:souk_x').toString('base64')}`), 'souk_x');
  assert.equal(credentialOf(`Basic ${Buffer.from(':souk_x').toString('base64')}`), 'souk_x');
  assert.equal(credentialOf('Digest souk_x'), null);
  assert.equal(credentialOf('souk_x'), null);
});

test('units are those of the metering header, in the dimension of the subscription', () => {
  const header = (units: unknown, dimension = 'inference.count') =>
    JSON.stringify({ Dimension: dimension, ConsumedUnits: units });
  assert.equal(unitsOf(undefined, 'inference.count'), 1);
  assert.equal(unitsOf(header(3), 'inference.count'), 3);
  assert.equal(unitsOf(header(0), 'inference.count'), 0);
  assert.equal(unitsOf(header(3, 'tokens'), 'tokens'), 3);
});

test('a metering header that cannot be meant counts one unit: buyers do not pay for mistakes of a container', () => {
  for (const header of [
    'nonsense',
    'null',
    '[]',
    '{"Dimension":"inference.count"}',
    '{"Dimension":"inference.count","ConsumedUnits":-1}',
    '{"Dimension":"inference.count","ConsumedUnits":1.5}',
    '{"Dimension":"inference.count","ConsumedUnits":"7"}',
    '{"Dimension":"other","ConsumedUnits":7}',
  ])
    assert.equal(unitsOf(header, 'inference.count'), 1, header);
});

test('one call counts at most a million units', () => {
  assert.equal(unitsOf('{"Dimension":"d","ConsumedUnits":1e300}', 'd'), 1_000_000);
  assert.equal(unitsOf('{"Dimension":"d","ConsumedUnits":900000000}', 'd'), 1_000_000);
});

test('a quota starts again with its next period, whenever it was read', () => {
  const quota = { units: 10, used: 8, since: 0, resetsAt: 5000, hard: true };
  assert.equal(usedOf(quota, 1, 4999), 9);
  assert.equal(usedOf(quota, 1, 5000), 1);
});

test('what is left of a quota is told in RateLimit headers, and never less than nothing', () => {
  const quota = { units: 10, used: 8, since: 0, resetsAt: 5000, hard: false };
  assert.deepEqual(quotaHeaders(quota, 8, 3500), {
    'ratelimit-policy': '"month";q=10',
    ratelimit: '"month";r=2;t=2',
  });
  assert.equal(quotaHeaders(quota, 12, 9000).ratelimit, '"month";r=0;t=0');
});

test('answers that HTTP gives no body get none', () => {
  assert.deepEqual(
    [hasNoBody('HEAD', 200), hasNoBody('GET', 204), hasNoBody('GET', 304), hasNoBody('POST', 200)],
    [true, true, true, false],
  );
});

test('hours are counted in UTC', () => {
  assert.equal(
    new Date(hourOf(Date.parse('2026-11-21T08:59:59.999Z')) * 3_600_000).toISOString(),
    '2026-11-21T08:00:00.000Z',
  );
});

test('no spelling of /metrics gets past the guard, and no other path is taken for it', () => {
  for (const path of [
    '/metrics',
    '/gateway/metrics',
    '/%6detrics',
    '/metric%73',
    '//metrics',
    '/metrics/',
    '/x/../metrics',
    '/x/%2e%2e/metrics',
    '/./metrics',
    '/%2Fmetrics',
    '/gateway//metrics',
    '/METRICS',
    '/%E0%A4%A',
  ])
    assert.equal(meansMetrics(path), true, path);
  for (const path of ['/', '/products/metrics', '/api/metrics', '/assets/metrics.js', '/a.css', '/%C3%A9'])
    assert.equal(meansMetrics(path), false, path);
});
