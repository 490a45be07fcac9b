import assert from 'node:assert/strict';
import { test } from 'node:test';
import { histogram, quantile } from './runtime.trial.ts';

test('a quantile is a duration that was measured, whatever their number', () => {
  assert.equal(quantile([], 0.99), 0);
  assert.equal(quantile([7], 0.5), 7);
  assert.equal(quantile([7], 0.99), 7);
  const hundred = Array.from({ length: 100 }, (_, i) => i + 1);
  assert.equal(quantile(hundred, 0.5), 51);
  assert.equal(quantile(hundred, 0.99), 100);
  assert.equal(quantile(hundred, 1), 100);
  for (let n = 1; n < 200; n++) {
    const sorted = Array.from({ length: n }, (_, i) => Math.sqrt(i * n));
    for (const q of [0, 0.01, 0.5, 0.9, 0.99, 1]) {
      const found = quantile(sorted, q);
      assert.ok(sorted.includes(found));
      // At least that share is not slower.
      assert.ok(sorted.filter((d) => d <= found).length / n >= q, `${q} of ${n}`);
    }
  }
});

test('every duration is in one bucket of the histogram, also one that is slower than all bounds', () => {
  const durations = [0, 0.1, 0.25, 0.26, 1, 1.0001, 99, 60_000, 1e9];
  const buckets = histogram(durations);
  assert.equal(
    buckets.reduce((n, b) => n + b.count, 0),
    durations.length,
  );
  const count = (upToMs: number) => buckets.find((b) => b.upToMs === upToMs)?.count;
  assert.deepEqual(
    [count(0.25), count(0.5), count(1), count(2), count(100), count(60_000)],
    [3, 1, 1, 1, 1, 2],
  );
});

test('a histogram ends with its last bucket that has anything, and of nothing it is empty', () => {
  assert.deepEqual(histogram([]), []);
  assert.deepEqual(histogram([0.3, 0.4]), [
    { upToMs: 0.25, count: 0 },
    { upToMs: 0.5, count: 2 },
  ]);
});
