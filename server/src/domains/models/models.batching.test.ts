import assert from 'node:assert/strict';
import { test } from 'node:test';
import { batchingFindings } from './models.batching.ts';

const csv = { contentType: 'text/csv', body: '1,2\n3,4\n5,6\n' };
const json = { contentType: 'application/json', body: '{"instances":[[1,2],[3,4]]}' };
const tensors = { contentType: 'application/json', body: '{"x":[[1],[2],[3]]}' };
const rowsOf = (body: string) =>
  body
    .trim()
    .split('\n')
    .map((line) => line.split(',').map(Number));
const sum = (row: number[]) => row.reduce((a, b) => a + b, 0);
const codes = async (...args: Parameters<typeof batchingFindings>) =>
  (await batchingFindings(...args)).map((f) => f.code);

test('records that are answered alike alone and together pass, as CSV, instances and named tensors', async () => {
  const ofCsv = async (body: string) =>
    `${rowsOf(body)
      .map((row) => sum(row) / 3)
      .join('\n')}\n`;
  assert.deepEqual(await codes({ input: csv, expected: csv }, ofCsv), []);
  const ofJson = async (body: string) => {
    const { instances } = JSON.parse(body) as { instances: number[][] };
    return JSON.stringify({
      predictions: instances.map((r) => ({ label: 'a', score: sum(r) * (1 + instances.length * 1e-9) })),
    });
  };
  assert.deepEqual(await codes({ input: json, expected: json }, ofJson), []);
  const ofTensors = async (body: string) => {
    const { x } = JSON.parse(body) as { x: number[][] };
    return JSON.stringify({ y: x.map(sum), z: x.map(() => 'k') });
  };
  assert.deepEqual(await codes({ input: tensors, expected: tensors }, ofTensors), []);
});

test('a model that looks at its whole batch is found out, with the record and both answers', async () => {
  const normalised = async (body: string) => {
    const rows = rowsOf(body);
    const total = sum(rows.map(sum));
    return rows.map((row) => sum(row) / total).join('\n');
  };
  const [finding] = await batchingFindings({ input: csv, expected: csv }, normalised);
  assert.equal(finding?.code, 'validation.batching_differs');
  assert.match(finding?.message ?? '', /Record 1 .* \[1\] alone/);
  const first = async (body: string) => {
    const { instances } = JSON.parse(body) as { instances: number[][] };
    return JSON.stringify({ predictions: instances.map(() => (instances.length > 1 ? 'many' : 'one')) });
  };
  assert.deepEqual(await codes({ input: json, expected: json }, first), ['validation.batching_differs']);
});

test('a sample of one record, or one whose answer is not one row for each, cannot show it', async () => {
  const one = { ...csv, body: '1,2\n' };
  const echo = async (body: string) => body;
  assert.deepEqual(await codes({ input: one, expected: one }, echo), ['validation.batching_sample']);
  assert.deepEqual(await codes({ input: { ...json, body: 'no json' }, expected: json }, echo), [
    'validation.batching_sample',
  ]);
  assert.deepEqual(await codes({ input: csv, expected: csv }, async () => '7\n'), [
    'validation.batching_answer',
  ]);
  assert.deepEqual(await codes({ input: csv, expected: csv }, async () => null), [
    'validation.batching_answer',
  ]);
});
