import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readMetrics } from './metrics.ts';

async function read(definitions: Record<string, string>, lines: readonly string[], limitMs?: number) {
  const reader = readMetrics(
    Object.entries(definitions).map(([name, regex]) => ({ name, regex })),
    limitMs,
  );
  reader.feed(lines);
  return reader.finish();
}

test('numbers are found by group 1, each metric over all lines', async () => {
  const { metrics, missing } = await read(
    { loss: 'loss=([0-9.]+)', 'train:error': 'Train_error=(.*?);', acc: '(?i)ACC: (?P<v>[0-9.e-]+)' },
    ['epoch 1 loss=0.9 Train_error=0.5;', 'epoch 2 loss=0.4 Train_error=0.25; acc: 9e-1', 'done'],
  );
  assert.deepEqual(missing, []);
  assert.deepEqual(metrics, [
    { name: 'loss', count: 2, first: 0.9, last: 0.4, min: 0.4, max: 0.9, series: [0.9, 0.4] },
    { name: 'train:error', count: 2, first: 0.5, last: 0.25, min: 0.25, max: 0.5, series: [0.5, 0.25] },
    { name: 'acc', count: 1, first: 0.9, last: 0.9, min: 0.9, max: 0.9, series: [0.9] },
  ]);
});

test('a metric that never appears is named, and what is no number is shown', async () => {
  const found = await read({ a: 'a=(.*)', b: 'b=(.*)', c: 'c=(.*)' }, ['a=one', 'c=nan', 'c=inf', 'c=3']);
  assert.deepEqual(found.missing, ['b']);
  assert.deepEqual(found.notNumbers, [{ name: 'a', found: 'one' }]);
  assert.deepEqual(
    found.metrics.map((m) => [m.name, m.last]),
    [['c', 3]],
  );
});

test('a long series is thinned evenly, its first and last value kept', async () => {
  const { metrics } = await read(
    { n: 'n=(\\d+)' },
    Array.from({ length: 10_000 }, (_, i) => `n=${i}`),
  );
  assert.equal(metrics[0]?.count, 10_000);
  assert.equal(metrics[0]?.series.length, 100);
  assert.deepEqual([metrics[0]?.series[0], metrics[0]?.series.at(-1)], [0, 9999]);
});

test('a pattern that backtracks without end is ended and named, and nothing else waits for it', async () => {
  let ticks = 0;
  const ticking = setInterval(() => ticks++, 10);
  const began = performance.now();
  const { slow } = await read({ fine: 'x=(1)', evil: '((?:a+)+)$' }, [`${'a'.repeat(40)}!`], 500);
  clearInterval(ticking);
  assert.equal(slow, 'evil');
  assert.ok(performance.now() - began < 3000);
  assert.ok(ticks > 10, `${ticks} ticks`);
});
