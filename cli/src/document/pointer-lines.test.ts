import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LineCounter, parseDocument } from 'yaml';
import { PointerLines, pointerTo, stepsOf } from './pointer-lines.ts';

const text = `# a comment
listing:
  title: Iris
  highlights:
    - one
    - |
      two
      more of two
versions:
  - number: 1.0
    model:
      path: model.onnx
  - { number: 1.1, modelPackageArn: "arn:x" }
"a/b": 1
`;
const counter = new LineCounter();
const lines = new PointerLines(parseDocument(text, { lineCounter: counter }), counter);

test('a pointer leads to the line of its key or item', () => {
  assert.equal(lines.lineOf('/listing/title'), 3);
  assert.equal(lines.lineOf('/listing/highlights/1'), 6);
  assert.equal(lines.lineOf('/versions/0/number'), 10);
  assert.equal(lines.lineOf('/versions/1/modelPackageArn'), 13);
  assert.equal(lines.lineOf('/a~1b'), 14);
});

test('what is missing is shown where it would belong', () => {
  assert.equal(lines.lineOf('/listing/sku'), 2);
  assert.equal(lines.lineOf('/versions/0/input/description'), 10);
  assert.equal(lines.lineOf('/terms/eula'), 1);
});

test('the ARN that souk push fills in is shown at the model', () => {
  assert.equal(lines.lineOf('/versions/0/modelPackageArn'), 11);
});

test('a scalar is given as it was typed', () => {
  assert.equal(lines.sourceOf('/versions/0/number'), '1.0');
  assert.equal(lines.sourceOf('/listing'), undefined);
});

test('steps and pointers are each other’s inverse, with escapes', () => {
  const steps = ['a/b', 'm~n', '0', ''];
  assert.deepEqual(stepsOf(pointerTo(...steps)), steps);
});

test('an empty file has its one line', () => {
  const none = new LineCounter();
  assert.equal(new PointerLines(parseDocument('', { lineCounter: none }), none).lineOf('/listing/title'), 1);
});
