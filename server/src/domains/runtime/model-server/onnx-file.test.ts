import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadModel } from './model.ts';
import { findModelFile, modelNameOf } from './model-path.ts';
import { readOnnxFile } from './onnx-file.ts';
import {
  floatTensor,
  identityModel,
  modelFolder,
  optionalInputModel,
  writeModel,
  zipMapModel,
} from './testing.ts';

function fileOf(bytes: Uint8Array): string {
  return join(modelFolder({ m: bytes }), 'm', 'model.onnx');
}

test('inputs, outputs, defaults and ZipMaps are read without loading the weights', () => {
  const optional = readOnnxFile(fileOf(optionalInputModel()));
  assert.deepEqual(
    optional.inputs.map(({ name, dims, hasDefault }) => [name, dims, hasDefault]),
    [
      ['x', [null], false],
      ['bias', [1], true],
    ],
  );
  assert.deepEqual(readOnnxFile(fileOf(zipMapModel())).zipMaps, [
    { source: 'x', output: 'output_probability', labels: ['no', 'yes'] },
  ]);
  assert.equal(readOnnxFile(fileOf(identityModel(1, null))).outputs[0]?.dims, null);
  assert.deepEqual(readOnnxFile(fileOf(identityModel(1, []))).outputs[0]?.dims, []);
});

test('before IR version 4 a weight listed as an input is no input', () => {
  const old = writeModel({
    irVersion: 3,
    inputs: [{ name: 'x' }, { name: 'w', dims: [1] }],
    outputs: [{ name: 'y' }],
    nodes: [{ op: 'Add', inputs: ['x', 'w'], outputs: ['y'] }],
    initializers: [floatTensor('w', [1], [1])],
  });
  assert.deepEqual(
    readOnnxFile(fileOf(old)).inputs.map(({ name }) => name),
    ['x'],
  );
});

test('files that are no models are refused in words, wherever they are cut', async () => {
  const whole = identityModel(1);
  const texts = ['', 'hello, this is a text file', ...[1, 10, 20, 40, 60].map((n) => whole.slice(0, n))];
  for (const bytes of texts) {
    const path = fileOf(typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes);
    await assert.rejects(loadModel({ name: 'm', path }, 1), (error: Error) => error.message.length > 10);
  }
});

test('a path is a file or a folder of one model, and gives it its name', () => {
  const folder = modelFolder({ fraud: identityModel(1), empty: identityModel(1) });
  assert.equal(findModelFile(join(folder, 'fraud')), join(folder, 'fraud', 'model.onnx'));
  writeFileSync(join(folder, 'a.onnx'), '');
  assert.equal(findModelFile(folder), join(folder, 'a.onnx'));
  writeFileSync(join(folder, 'b.onnx'), '');
  assert.throws(
    () => findModelFile(folder),
    /several models \(a\.onnx, b\.onnx\): name one, or call it model\.onnx/,
  );
  assert.throws(() => findModelFile(join(folder, 'nope')), /does not exist/);
  assert.equal(modelNameOf('/x/case/model.onnx'), 'case');
  assert.equal(modelNameOf('/x/case/'), 'case');
  assert.equal(modelNameOf('/x/fraud.v2.onnx'), 'fraud.v2');
});
