import assert from 'node:assert/strict';
import { test } from 'node:test';
import { algorithmOf, algorithmTemplate } from './algorithm-form.ts';

const none = { image: '', environment: '' };
const digest = (n: number) => `sha256:${String(n).repeat(64)}`;
const form = { name: ' trees ', uploadId: null, text: algorithmTemplate, training: none, serving: none };

test('a program is registered as its text says, and nothing of an image is added', () => {
  const body = algorithmOf({ ...form, uploadId: 'upl_1' }, ['ml.m5.large']);
  assert.deepEqual([body.name, body.uploadId], ['trees', 'upl_1']);
  assert.equal(body.trainingSpecification.container, undefined);
  assert.equal(body.inferenceSpecification, undefined);
});

test('an image that trains is part of the training, with its environment', () => {
  const training = { image: digest(1), environment: 'WORKERS=2\nno pair\n' };
  const body = algorithmOf({ ...form, training }, []);
  assert.deepEqual(body.trainingSpecification.container, {
    image: digest(1),
    environment: { WORKERS: '2' },
  });
  assert.equal(body.uploadId, undefined);
  assert.equal(body.inferenceSpecification, undefined);
  assert.equal(body.trainingSpecification.trainingChannels[0]?.name, 'train');
});

test('an image that serves takes the content types of the sample, unless the text names others', () => {
  const training = { image: digest(1), environment: '' };
  const serving = { image: digest(2), environment: '' };
  const made = algorithmOf({ ...form, training, serving }, ['ml.m5.large']).inferenceSpecification;
  assert.deepEqual(made?.supportedContentTypes, ['application/json']);
  assert.deepEqual(made?.supportedTransformInstanceTypes, ['ml.m5.large']);
  assert.deepEqual(made?.container, { image: digest(2) });
  const said = {
    ...JSON.parse(algorithmTemplate),
    inferenceSpecification: { ...made, supportedContentTypes: ['text/csv'] },
  };
  const kept = algorithmOf({ ...form, text: JSON.stringify(said), training, serving }, []);
  assert.deepEqual(kept.inferenceSpecification?.supportedContentTypes, ['text/csv']);
});

test('a text that is no object is said to be none before anything is sent', () => {
  assert.throws(() => algorithmOf({ ...form, text: '{' }, []), SyntaxError);
  assert.throws(() => algorithmOf({ ...form, text: '[]' }, []), /object/);
});
