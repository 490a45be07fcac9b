import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testDatabase } from '../../../test/database.ts';
import { iris, modelParts } from '../../../test/models.ts';
import { testPlatform } from '../../../test/platform.ts';
import { servedOnnx } from '../runtime/index.ts';
import { modelFolder, writeModel } from '../runtime/model-server/testing.ts';
import { validate } from './models.validate.ts';

const { start } = await modelParts(testPlatform(await testDatabase()));
const needs = { start, trials: { keep: () => {} }, quiet: Promise.resolve() };
const instance = { name: 'ml.m5.large', cpus: 2, memoryMb: 4096 };
/** y = x / sum of all x: each record is answered by what stands beside it. */
const normalising = writeModel({
  inputs: [{ name: 'x', dims: ['N', 1] }],
  outputs: [{ name: 'y', dims: ['N', 1] }],
  nodes: [
    { op: 'ReduceSum', inputs: ['x'], outputs: ['total'] },
    { op: 'Div', inputs: ['x', 'total'], outputs: ['y'] },
  ],
});
const codesOf = async (
  model: Uint8Array,
  body: string,
  batching?: { windowMs: number; recordsMax: number },
) => {
  const folder = modelFolder({ m: model });
  const csv = { contentType: 'text/csv' };
  const findings = await validate(
    needs,
    {
      name: 'm',
      servable: servedOnnx('a'.repeat(64), 'm', batching),
      profile: { profileName: 'sample', input: { ...csv, body }, expected: csv },
    },
    `${folder}/m`,
    instance,
  );
  return findings.map((f) => f.code);
};
const batching = { windowMs: 2, recordsMax: 64 };

test('batching is granted to a model whose records do not depend on each other, and refused to one whose do', async () => {
  assert.deepEqual(await codesOf(iris.model, iris.csv.input.body, batching), []);
  assert.deepEqual(await codesOf(normalising, '1\n3\n'), []);
  assert.deepEqual(await codesOf(normalising, '1\n3\n', batching), ['validation.batching_differs']);
});
