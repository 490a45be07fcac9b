import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { at, predict, range } from './logistic-regression.ts';
import { drawLogo } from './logo.ts';
import { readIris, samples, species, split, train } from './train.ts';

const here = import.meta.dirname;
const read = (name: string) => readFileSync(join(here, name));
const csv = read('iris.csv').toString('utf8');
const trained = train(csv);

test('the data are all 150 of Fisher’s flowers', () => {
  const examples = readIris(csv);
  assert.deepEqual(
    species.map((_, c) => examples.filter((e) => e.label === c).length),
    [50, 50, 50],
  );
  const sums = range(4).map((j) => examples.reduce((sum, e) => sum + Math.round(at(e.features, j) * 10), 0));
  // Fisher's own table; the widely copied one with two wrong rows has 4581 and 1798 in columns 2 and 4.
  assert.deepEqual(sums, [8765, 4586, 5637, 1799]);
});

test('training again gives the same files, byte for byte', () => {
  assert.deepEqual(Buffer.from(trained.onnx), read('model.onnx'));
  assert.deepEqual(trained.metrics, JSON.parse(read('metrics.json').toString('utf8')));
  for (const [name, text] of Object.entries(samples(trained)))
    assert.equal(text, read(name).toString('utf8'), name);
});

test('the reported accuracy is that of the file, on flowers it has not seen', async () => {
  const { training, heldOut } = split(readIris(csv));
  assert.deepEqual([training.length, heldOut.length], [120, 30]);
  assert.equal(new Set([...training, ...heldOut]).size, 150);
  const session = await InferenceSession.create(join(here, 'model.onnx'));
  const features = new Tensor(
    'float32',
    heldOut.flatMap((e) => e.features),
    [30, 4],
  );
  const answer = await session.run({ features });
  const labels = at([answer.label?.data], 0) as string[];
  const right = heldOut.filter((e, i) => labels[i] === species[e.label]).length;
  assert.equal(Number((right / 30).toFixed(4)), trained.metrics.heldOutAccuracy);
  assert.ok(trained.metrics.heldOutAccuracy >= 0.9);
});

test('onnxruntime and our own arithmetic agree on every flower', async () => {
  const examples = readIris(csv);
  const session = await InferenceSession.create(join(here, 'model.onnx'));
  const features = new Tensor(
    'float32',
    examples.flatMap((e) => e.features),
    [150, 4],
  );
  const { label, probabilities } = await session.run({ features });
  assert.deepEqual(probabilities?.dims, [150, 3]);
  assert.deepEqual(label?.dims, [150]);
  for (const [i, example] of examples.entries()) {
    const ours = predict(trained.classifier, example.features);
    assert.equal(label.data[i], species[ours.indexOf(Math.max(...ours))]);
    for (const [c, p] of ours.entries())
      assert.ok(Math.abs(p - Number(probabilities.data[i * 3 + c])) < 1e-5);
  }
});

test('the logo is what its program draws', () => {
  // The pixels are compared by size only: another zlib may pack the same picture differently.
  const drawn = drawLogo();
  assert.deepEqual(drawn.subarray(0, 33), read('logo.png').subarray(0, 33));
});
