import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bucketsMax, monthOf, usageRows, windowOf } from './metering.rules.ts';

const hour = (n: number) => new Date(Date.UTC(2026, 10, 21, n));
const record = (n: number, quantity: number) => ({
  hour: hour(n),
  dimension: 'inference.count',
  quantity,
  clientErrors: 1,
  serverErrors: 0,
});

test('hours without calls are rows of zeros, and the sum is what was recorded', () => {
  const rows = usageRows([record(3, 5), record(6, 7)], hour(2).getTime(), hour(8).getTime(), 'hour');
  assert.deepEqual(
    rows.map((r) => r.quantity),
    [0, 5, 0, 0, 7, 0],
  );
  assert.equal(
    rows.reduce((n, r) => n + r.clientErrors, 0),
    2,
  );
});

test('days add up their hours', () => {
  const rows = usageRows([record(3, 5), record(23, 7)], hour(0).getTime(), hour(24).getTime(), 'day');
  assert.deepEqual(
    rows.map((r) => [r.hour, r.quantity]),
    [['2026-11-21T00:00:00.000Z', 12]],
  );
});

test('a record outside the window is in no row', () => {
  assert.equal(
    usageRows([record(1, 5)], hour(2).getTime(), hour(4).getTime(), 'hour').reduce(
      (n, r) => n + r.quantity,
      0,
    ),
    0,
  );
});

test('a month begins and ends at midnight UTC, also in December', () => {
  assert.deepEqual(monthOf(new Date('2026-12-31T23:59:59.999Z')), {
    start: new Date('2026-12-01T00:00:00Z'),
    end: new Date('2027-01-01T00:00:00Z'),
  });
});

test('a window of a thousand years is cut to what a chart can show', () => {
  const w = windowOf({ from: '1026-01-01T00:00:00Z', to: '2026-01-01T00:00:00Z' }, new Date());
  assert.equal((w.to - w.from) / 3_600_000, bucketsMax);
});

test('a window holds whole buckets, by default 24 hours or 30 days with the one that is not over', () => {
  const now = new Date('2026-11-21T10:30:00Z');
  for (const [bucket, count, first] of [
    ['hour', 24, '2026-11-20T11:00:00.000Z'],
    ['day', 30, '2026-10-23T00:00:00.000Z'],
  ] as const) {
    const w = windowOf({ bucket }, now);
    assert.equal(new Date(w.from).toISOString(), first);
    assert.equal(usageRows([], w.from, w.to, bucket).length, count);
  }
  const from = windowOf({ from: '2026-11-21T08:59:59Z', to: '2026-11-21T10:00:00Z' }, now).from;
  assert.equal(new Date(from).toISOString(), '2026-11-21T08:00:00.000Z');
});

test('whatever the window, its rows add up to the records in it and are no more than a chart shows', () => {
  const random = (n: number) => Math.floor(Math.random() * n);
  for (let i = 0; i < 300; i++) {
    const start = Date.UTC(2026, random(12), 1 + random(28), random(24), random(60));
    const to = start + random(3000) * 60_000 + 1;
    const bucket = random(2) ? 'hour' : 'day';
    const w = windowOf(
      { from: new Date(start).toISOString(), to: new Date(to).toISOString(), bucket },
      new Date(to),
    );
    const records = Array.from({ length: random(50) }, () => ({
      ...record(0, random(100)),
      hour: new Date(Math.floor((w.from + random(to - w.from)) / 3_600_000) * 3_600_000),
    }));
    const rows = usageRows(records, w.from, w.to, w.bucket);
    assert.ok(w.from <= start && rows.length <= bucketsMax);
    assert.equal(
      rows.reduce((n, r) => n + r.quantity, 0),
      records.reduce((n, r) => n + r.quantity, 0),
    );
  }
});
