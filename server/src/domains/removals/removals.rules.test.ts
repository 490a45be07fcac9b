import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cancellableUntil, dueReminder, endOf, leftText, reminderDays } from './removals.rules.ts';
import { type RemovalEvent, type RemovalState, transitions } from './removals.ts';

const start = new Date('2026-03-16T10:00:00Z');
const dayMs = 24 * 3_600_000;
const after = (days: number, ms = 0) => new Date(start.getTime() + days * dayMs + ms);

test('the end is so many days after the request, to the millisecond, whatever the calendar does meanwhile', () => {
  assert.equal(endOf(start, 90).toISOString(), '2026-06-14T10:00:00.000Z');
  assert.equal(cancellableUntil(start).toISOString(), '2026-03-17T10:00:00.000Z');
});

test('a reminder is due from its moment on, and the first mail stands for the one that falls on it', () => {
  const times = { requestedAt: start, endsAt: endOf(start, 90) };
  for (const [at, due] of [
    [after(0), undefined],
    [after(60, -1), undefined],
    [after(60), 30],
    [after(83, -1), 30],
    [after(83), 7],
    [after(89, -1), 7],
    [after(89), 1],
    [after(90, -1), 1],
    [after(90), undefined],
  ] as const)
    assert.equal(dueReminder(times, at), due, at.toISOString());
  assert.equal(dueReminder({ requestedAt: start, endsAt: endOf(start, 91) }, after(1)), 90);
  assert.equal(dueReminder({ requestedAt: start, endsAt: endOf(start, 1) }, after(0, 1)), undefined);
});

test('however long the notice and whenever one looks, the days that are said are no fewer than are left', () => {
  for (let days = 1; days < 400; days += 7)
    for (let step = 0; step <= days; step += 0.25) {
      const [endsAt, now] = [endOf(start, days), after(step)];
      const due = dueReminder({ requestedAt: start, endsAt }, now);
      if (due !== undefined) {
        assert.ok(reminderDays.includes(due as 90));
        assert.ok(endsAt.getTime() - now.getTime() <= due * dayMs);
      }
    }
});

test('what is left is said in days, and in hours on the last', () => {
  const end = after(90);
  for (const [at, text] of [
    [after(0), '90 days'],
    [after(0, 1), '90 days'],
    [after(89), '1 day'],
    [after(89, 1), '1 day'],
    [after(89.5), '12 hours'],
    [after(90, -1), '1 hour'],
    [after(90), 'no time'],
  ] as const)
    assert.equal(leftText(end, at), text);
});

test('every state is reached, and what is over stays over', () => {
  const reached = new Set<RemovalState>(['leaving', 'down']);
  for (const to of Object.values(transitions).flatMap((t) => Object.values(t))) reached.add(to);
  assert.deepEqual([...reached].sort(), Object.keys(transitions).sort());
  const events: RemovalEvent[] = ['cancelled', 'ended', 'republished', 'restored'];
  for (const over of ['cancelled', 'republished', 'restored'] as const)
    for (const event of events) assert.equal(transitions[over][event], undefined);
});
