import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ticks } from './scale.ts';

test('an axis begins at zero, covers the largest value and has round steps', () => {
  assert.deepEqual(ticks(97, 4), [0, 50, 100]);
  assert.deepEqual(ticks(8, 4), [0, 2, 4, 6, 8]);
  assert.deepEqual(ticks(0.37, 4, false), [0, 0.1, 0.2, 0.3, 0.4]);
});

test('counts have no half steps, and nothing at all still has an axis', () => {
  assert.deepEqual(ticks(2, 4), [0, 1, 2]);
  assert.deepEqual(ticks(0, 4), [0, 1]);
});
