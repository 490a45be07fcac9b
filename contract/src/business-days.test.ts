import assert from 'node:assert/strict';
import { test } from 'node:test';
import { businessDays, businessDaysText, dueAfterBusinessDays } from './business-days.ts';

const hourMs = 3_600_000;
const at = (text: string) => new Date(`${text}:00Z`);
const due = (from: string, days: number) => dueAfterBusinessDays(at(from), days).toISOString().slice(0, 16);

test('a day that is begun is a business day, and nothing takes none', () => {
  assert.deepEqual(
    [0, 1, 24 * hourMs, 24 * hourMs + 1, 72 * hourMs].map((ms) => businessDays(ms)),
    [1, 1, 1, 2, 3],
  );
});

test('Saturdays and Sundays do not count, from whichever day it begins', () => {
  assert.equal(due('2026-11-18T09:00', 1), '2026-11-19T09:00', 'from a Wednesday');
  assert.equal(due('2026-11-20T09:00', 1), '2026-11-23T09:00', 'from a Friday');
  assert.equal(due('2026-11-20T23:59', 2), '2026-11-24T23:59', 'from the end of a Friday');
  assert.equal(due('2026-11-21T00:00', 1), '2026-11-23T00:00', 'from a Saturday');
  assert.equal(due('2026-11-22T23:59', 1), '2026-11-23T23:59', 'from a Sunday');
  assert.equal(due('2026-11-18T09:00', 10), '2026-12-02T09:00', 'over two weekends and a month');
  assert.equal(due('2027-12-31T12:00', 1), '2028-01-03T12:00', 'over a year');
});

test('it is told with the day on which it is due, the same in every time zone', () => {
  assert.equal(
    businessDaysText(24 * hourMs, at('2026-11-20T23:30')),
    'about 1 business day, until Mon 23 Nov',
  );
  assert.equal(
    businessDaysText(48 * hourMs, at('2026-11-20T00:30')),
    'about 2 business days, until Tue 24 Nov',
  );
});
