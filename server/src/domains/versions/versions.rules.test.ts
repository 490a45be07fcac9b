import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dayMs, dueNotices, refuseEnd, stateOf } from './versions.rules.ts';

const now = new Date('2026-11-21T12:00:00Z');
const days = (n: number, more = 0) => new Date(now.getTime() + n * dayMs + more);

test('an end date is refused in the past, before the notice is over and in a far future, each by name', () => {
  assert.equal(refuseEnd(now, null, now, 90), 'version.end_in_past');
  assert.equal(refuseEnd(now, null, days(90, -1), 90), 'version.end_too_early');
  assert.equal(refuseEnd(now, null, days(90), 90), undefined);
  assert.equal(refuseEnd(now, null, days(4000), 90), 'version.end_too_late');
  assert.equal(refuseEnd(now, null, days(0, 1), 0), undefined);
});

test('an announced date may be moved later at any time, and earlier only with the whole notice', () => {
  assert.equal(refuseEnd(now, days(3), days(4), 90), undefined);
  assert.equal(refuseEnd(now, days(3), days(3), 90), undefined);
  assert.equal(refuseEnd(now, days(200), days(89), 90), 'version.end_too_early');
  assert.equal(refuseEnd(now, days(200), days(91), 90), undefined);
  assert.equal(refuseEnd(now, days(-1), days(-1), 90), 'version.end_in_past');
});

test('each notice falls due once, those that were over at the announcement never, and of several missed ones only the nearest is told', () => {
  const sunset = { announcedAt: now, endsAt: days(120), told: [] as number[] };
  const due = (at: Date, told: number[] = [], from = now) =>
    dueNotices({ ...sunset, announcedAt: from, told }, at);
  assert.deepEqual(due(days(29)), { due: [], tell: undefined });
  assert.deepEqual(due(days(30)), { due: [90], tell: 90 });
  assert.deepEqual(due(days(31), [90]), { due: [], tell: undefined });
  assert.deepEqual(due(days(114), [90]), { due: [30, 7], tell: 7 });
  assert.deepEqual(due(days(119), [90, 30, 7]), { due: [1], tell: 1 });
  assert.deepEqual(due(days(120), [90, 30, 7, 1]), { due: [0], tell: 0 });
  assert.deepEqual(due(days(130), [90]), { due: [30, 7, 1, 0], tell: 0 });
  // Announced 90 days before: the announcement says it.
  assert.deepEqual(due(days(31), [], days(30)), { due: [], tell: undefined });
});

test('what stops calls comes before what stops sales', () => {
  const none = { restrictedAt: null, withdrawn: null, sunset: null };
  const withdrawn = { at: '', by: 'operator', reason: '', replacement: null } as const;
  const sunset = { announcedAt: '', endsAt: '', reason: '', replacement: null, ended: true };
  assert.equal(stateOf(none, false, null), 'listed');
  assert.equal(stateOf(none, true, null), 'restricted');
  assert.equal(stateOf({ ...none, restrictedAt: 'x' }, false, null), 'restricted');
  assert.equal(stateOf({ ...none, sunset: { ...sunset, ended: false } }, false, null), 'listed');
  assert.equal(stateOf({ ...none, sunset }, true, null), 'ended');
  assert.equal(stateOf(none, false, sunset), 'ended');
  assert.equal(stateOf({ ...none, sunset, withdrawn }, true, sunset), 'withdrawn');
});
