import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WebServiceSchema } from '@souk/contract';
import { AzureError } from './azureml.errors.ts';
import { readRrs } from './rrs.wire.ts';

const schema: WebServiceSchema = {
  input: {
    name: 'input1',
    columns: [
      { name: 'a', type: 'Double' },
      { name: 'b', type: 'Double' },
      { name: 'c', type: 'Double', default: '0', hidden: true },
    ],
  },
  output: { name: 'output1', columns: [{ name: 'y', type: 'Double' }] },
  parameters: [],
  sampleRows: [],
  sampleAnswer: [],
  rowsMax: 10,
};
const refused = (input1: unknown) => {
  try {
    readRrs(schema, JSON.stringify({ Inputs: { input1 } }));
    return 'taken';
  } catch (error) {
    assert.ok(error instanceof AzureError);
    return `${error.details[0]?.code} ${error.message}`;
  }
};
const named = (names: readonly string[]) => Object.fromEntries(names.map((n) => [n, 1]));

test('more columns than the service has are refused in both forms, with the first that is wrong', () => {
  const why = 'InputMismatchError input1: 3 columns are named, and the service takes 2; "x" is none of them.';
  assert.equal(refused([named(['a', 'x', 'b'])]), why);
  assert.equal(refused({ ColumnNames: ['a', 'x', 'b'], Values: [] }), why);
  assert.match(refused({ ColumnNames: ['a', 'b', 'a'], Values: [] }), /"a" is named twice/);
  assert.equal(refused([named(['a', 'b'])]), 'taken');
  assert.match(refused([named(['a', 'b']), named(['a', 'c'])]), /row 2 and row 1 differ in column "c"/);
  assert.match(refused([named(['a', 'b']), named(['a'])]), /row 2 and row 1 differ in column "b"/);
});

test('a row of very many columns is refused without comparing each with each', () => {
  const many = Array.from({ length: 50_000 }, (_, i) => `k${i}`);
  const wide = named(many);
  const text = JSON.stringify({ Inputs: { input1: [wide, wide] } });
  const before = process.cpuUsage();
  assert.throws(() => readRrs(schema, text), /50000 columns are named/);
  // Quadratic, this takes many seconds; linear, hardly longer than reading the JSON. Processor time: other programs do not count.
  assert.ok(process.cpuUsage(before).user < 5_000_000);
});
