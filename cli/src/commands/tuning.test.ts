import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rangeOf } from './tuning.ts';

test('a range is read from one word', () => {
  assert.deepEqual(rangeOf('rate=0.001..1,log'), {
    name: 'rate',
    min: '0.001',
    max: '1',
    scaling: 'Logarithmic',
  });
  assert.deepEqual(rangeOf('depth=-3..8'), { name: 'depth', min: '-3', max: '8' });
  assert.deepEqual(rangeOf('mode=a|b.c'), { name: 'mode', values: ['a', 'b.c'] });
  assert.deepEqual(rangeOf('mode'), { name: 'mode' });
});
