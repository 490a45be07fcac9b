import assert from 'node:assert/strict';
import { test } from 'node:test';
import { joinCurves, newCurves } from './training.curves.ts';
import { placeOf } from './training.input.ts';
import { isWorseThanMost } from './training.median.ts';

test('a curve stays bounded and even however long it grows, and ends with its last value', () => {
  const curves = newCurves();
  for (let i = 0; i < 100_000; i++) curves.add('loss', i / 10, 1 / (i + 1));
  const [curve] = curves.grown();
  assert.equal(curve?.count, 100_000);
  assert.ok((curve?.points.length ?? 0) <= 501 && (curve?.points.length ?? 0) > 200);
  assert.deepEqual(curve?.points.at(-1), [9999.9, 1 / 100_000]);
  const gaps = curve?.points
    .slice(0, -1)
    .map(([t = 0], i, all) => t - (all[i - 1]?.[0] ?? 0))
    .slice(1);
  assert.equal(new Set(gaps?.map((g) => g.toFixed(3))).size, 1);
  assert.deepEqual(curves.grown(), [], 'only what grew since');
});

test('the curves of several attempts are one', () => {
  const of = (count: number, value: number) => ({
    name: 'a',
    count,
    last: value,
    min: value,
    max: value,
    points: [[0, value]],
  });
  assert.deepEqual(joinCurves([of(2, 5), of(3, 1)]), [
    {
      name: 'a',
      count: 5,
      last: 1,
      min: 1,
      max: 5,
      points: [
        [0, 5],
        [0, 1],
      ],
    },
  ]);
});

const curve = (values: readonly number[]) => ({
  name: 'm',
  count: values.length,
  last: values.at(-1) ?? 0,
  min: Math.min(...values),
  max: Math.max(...values),
  points: values.map((v, i) => [i, v]),
});

test('a trial is worse than most only against enough others, at the same place', () => {
  const good = [0.5, 0.7, 0.8, 0.9, 0.95];
  const others = [good, good, good, good].map(curve);
  assert.equal(isWorseThanMost(curve([0.1, 0.1, 0.2]), others, 'Maximize'), true);
  assert.equal(isWorseThanMost(curve([0.6, 0.7, 0.8]), others, 'Maximize'), false);
  assert.equal(isWorseThanMost(curve([0.1, 0.1]), others, 'Maximize'), false, 'too early');
  assert.equal(isWorseThanMost(curve([0.1, 0.1, 0.2]), others.slice(1), 'Maximize'), false, 'too few');
  assert.equal(isWorseThanMost(curve([0.9, 0.9, 0.9]), others, 'Minimize'), true);
});

test('files keep their place below the prefix, and no name leads out of it', () => {
  assert.equal(placeOf('souk://1/data/', 'souk://1/data/a/b.csv'), 'a/b.csv');
  assert.equal(placeOf('souk://1/data/train', 'souk://1/data/train-1.csv'), 'train-1.csv');
  assert.equal(placeOf('souk://1/data/train.csv', 'souk://1/data/train.csv'), 'train.csv');
  for (const bad of ['s3://b/data/../x', 's3://b/data//x', 's3://b/data/', 's3://b/data/./x'])
    assert.equal(placeOf('s3://b/data/', bad), undefined, bad);
});
