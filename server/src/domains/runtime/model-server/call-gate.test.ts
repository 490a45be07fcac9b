import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CallError } from './call-error.ts';
import { CallGate } from './call-gate.ts';
import { openPool } from './engine-pool.ts';
import { metricsText } from './model-metrics.ts';
import { gatherModel, identityModel, serving } from './testing.ts';

const sample = (text: string, name: string) =>
  Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${name} `))
      ?.split(' ')
      .at(-1) ?? Number.NaN,
  );

test('calls above the limit are refused at once with 503 and when to come again, and those under way are answered', async () => {
  const gate = new CallGate('slow', 2);
  const [first, second] = [Promise.withResolvers<string>(), Promise.withResolvers<string>()];
  const underWay = [gate.pass(() => first.promise), gate.pass(() => second.promise)];
  await assert.rejects(
    gate.pass(() => assert.fail('it was begun')),
    (error: CallError) =>
      error.status === 503 && error.headers['retry-after'] === '1' && /2 calls/.test(error.message),
  );
  first.resolve('a');
  assert.equal(await underWay[0], 'a');
  assert.equal(await gate.pass(async () => 'c'), 'c');
  second.resolve('b');
  assert.equal(await underWay[1], 'b');
  const text = metricsText([{ name: 'slow', metrics: gate.metrics }]);
  assert.equal(sample(text, 'souk_model_calls_total{model="slow",outcome="answered"}'), 3);
  assert.equal(sample(text, 'souk_model_calls_total{model="slow",outcome="overloaded"}'), 1);
  assert.equal(sample(text, 'souk_model_calls_under_way{model="slow"}'), 0);
});

test('a model tells its calls by how they ended, its records, and what its runs took', async () => {
  const { infer, get } = await serving({ gather: gatherModel(), 'a "quoted" name': identityModel(1) });
  const call = (data: string, count: number) =>
    infer('gather', `{"name":"index","shape":[${count}],"datatype":"INT64","data":[${data}]}`);
  assert.equal((await call('0,1,2', 3)).status, 200);
  assert.equal((await call('1', 1)).status, 200);
  assert.equal((await call('9', 1)).status, 400);
  const answer = await get('/metrics');
  assert.match(answer.headers.get('content-type') ?? '', /^text\/plain/);
  const text = await answer.text();
  const of = (name: string, rest = '') => sample(text, `souk_model_${name}{model="gather"${rest}}`);
  assert.equal(of('calls_total', ',outcome="answered"'), 2);
  assert.equal(of('calls_total', ',outcome="refused"'), 1);
  assert.equal(of('records_total'), 4);
  assert.equal(of('batch_records_count'), 2);
  assert.equal(of('batch_records_bucket', ',le="1"'), 1);
  assert.equal(of('run_seconds_count'), 2);
  assert.ok(of('run_seconds_sum') > 0);
  assert.match(text, /model="a \\"quoted\\" name"/);
  assert.equal(text.match(/# TYPE souk_model_run_seconds histogram/g)?.length, 1);
});

test('sessions side by side answer every call with its own numbers', async () => {
  const pool = await openPool(identityModel(1), 100, 2);
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, i) =>
      pool.run({ x: { type: 'float32', dims: [1], data: Float32Array.of(i) } }, ['y']),
    ),
  );
  assert.deepEqual(
    answers.map((a) => a.y?.data[0]),
    Array.from({ length: 50 }, (_, i) => i),
  );
  await pool.close();
});
