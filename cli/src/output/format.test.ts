import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bar, bytes, count, duration, time } from './format.ts';

test('durations, sizes and counts are short and have their unit', () => {
  assert.deepEqual([0, 999, 1500, 42_400, 60_000, 90_500, 86_400_000, 5_400_000].map(duration), [
    '0 ms',
    '999 ms',
    '1.5 s',
    '42 s',
    '1 min',
    '1 min 30 s',
    '24 h',
    '1 h 30 min',
  ]);
  assert.deepEqual([0, 999, 1000, 12_345_678, 5e12].map(bytes), [
    '0 B',
    '999 B',
    '1.0 kB',
    '12 MB',
    '5.0 TB',
  ]);
  assert.deepEqual([1234567, 0.12345].map(count), ['1,234,567', '0.123']);
});

test('a time that cannot be read is shown as it is, and an absent one as a dash', () => {
  assert.equal(time(null), '-');
  assert.equal(time('soon'), 'soon');
  assert.match(time('2026-11-20T10:00:00Z'), /^2026-11-\d\d \d\d:\d\d$/);
});

test('a bar is as long as its share, and never nothing for something', () => {
  assert.equal(bar(8, 8, 4), '████');
  assert.equal(bar(4, 8, 4), '██');
  assert.equal(bar(1, 1000, 4), '▏');
  assert.equal(bar(0, 8, 4), '');
});
