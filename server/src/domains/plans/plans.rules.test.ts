import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Plan } from '@souk/contract';
import { addMonths, cycleAt, direction, firstTerms, hourOf, stepTo } from './plans.rules.ts';
import type { Terms } from './plans.ts';

const at = (text: string) => new Date(`${text}:00Z`);
const plan = (id: string, fee?: string, units?: number, more: Partial<Plan> = {}): Plan => ({
  id,
  currency: 'USD',
  ...(fee ? { parts: [{ kind: 'recurring', amount: fee, per: 'month' }] } : {}),
  ...(units ? { quota: { unitsPerMonth: units, dimension: 'transactions' } } : {}),
  ...more,
});
const [free, larger, small, large] = [
  plan('free', undefined, 100),
  plan('larger', undefined, 200),
  plan('small', '10', 1000),
  plan('large', '31', 5000),
];
const since = at('2026-01-31T09:00');
const terms = (of: Plan, more: Partial<Terms> = {}): Terms => ({
  plan: of,
  validFrom: since,
  cycleFrom: since,
  chargedFrom: since,
  trialUntil: null,
  carried: 0,
  ...more,
});

test('who subscribes on the 31st has months that end on the last day of short ones, and never drift', () => {
  const starts = [0, 1, 2, 3, 12, 13, 25].map((n) => addMonths(since, n).toISOString().slice(0, 13));
  assert.deepEqual(starts, [
    '2026-01-31T09',
    '2026-02-28T09',
    '2026-03-31T09',
    '2026-04-30T09',
    '2027-01-31T09',
    '2027-02-28T09',
    '2028-02-29T09',
  ]);
});

test('every hour of years is in exactly one month, and months follow each other without a gap', () => {
  for (const from of [since, at('2024-02-29T23:00'), at('2026-11-17T00:00')]) {
    let { start, end } = cycleAt(from, from);
    assert.equal(start.getTime(), from.getTime());
    for (let hour = from.getTime(); hour < from.getTime() + 4 * 366 * 86_400_000; hour += 3_600_000 * 5) {
      const now = new Date(hour);
      const cycle = cycleAt(from, now);
      assert.ok(cycle.start <= now && now < cycle.end);
      if (cycle.start.getTime() === start.getTime()) assert.equal(cycle.end.getTime(), end.getTime());
      else {
        assert.equal(cycle.start.getTime(), end.getTime());
        ({ start, end } = cycle);
      }
    }
  }
});

test('more is a higher fee, then something instead of nothing, then more units, then as many calls at once', () => {
  assert.equal(direction(free, small), 'up');
  assert.equal(direction(large, small), 'down');
  assert.equal(direction(free, larger), 'up');
  assert.equal(direction(larger, free), 'down');
  assert.equal(direction(small, plan('other', '10')), 'up');
  const [two, five] = [2, 5].map((callsAtOnce) => plan('n', '10', 1000, { callsAtOnce })) as [Plan, Plan];
  assert.equal(direction(two, five), 'up');
  assert.equal(direction(five, two), 'down');
  assert.equal(direction(two, small), 'up', 'without a limit is more than any');
  assert.equal(direction(small, plan('units', '10', 2000, { callsAtOnce: 1 })), 'up', 'units count first');
  const perUnit = plan('unit', undefined, 50, {
    parts: [{ kind: 'usage', dimension: 'transactions', pricePerUnit: '0.1' }],
  });
  assert.equal(direction(free, perUnit), 'up', 'who has a free plan can always change to a paid one');
  assert.equal(
    direction(small, plan('euro', '99', 1, { currency: 'EUR' })),
    'down',
    'fees that cannot be compared',
  );
});

test('up to a higher fee begins a new month at once, and gives the hours back that were paid and are left', () => {
  const step = stepTo(terms(small), large, at('2026-02-14T09:40'), { hourUnits: 7 });
  assert.deepEqual(
    [step.when, step.newCycle, step.cycleFrom, step.chargedFrom, step.carried],
    ['now', true, at('2026-02-14T09:00'), at('2026-02-14T09:00'), 7],
  );
  assert.deepEqual(step.credit, { fee: '10', currency: 'USD', hours: 14 * 24, of: 28 * 24 });
  assert.equal(stepTo(terms(free), large, at('2026-02-14T09:40'), { hourUnits: 0 }).credit, null);
});

test('what was used of a month without a fee is not given back by changing: quotas never refill for nothing', () => {
  const step = stepTo(terms(free), larger, at('2026-02-14T09:40'), { hourUnits: 7 });
  assert.deepEqual([step.newCycle, step.cycleFrom, step.carried], [false, since, 0]);
  const back = stepTo({ ...terms(larger), ...step }, free, at('2026-02-14T10:00'), { hourUnits: 0 });
  assert.deepEqual([back.when, back.validFrom, back.cycleFrom], ['cycle-end', at('2026-02-28T09:00'), since]);
});

test('two changes within one hour charge the last, and what was used in it counts', () => {
  const now = at('2026-02-14T09:40');
  const first = stepTo(terms(free), small, now, { hourUnits: 5 });
  const second = stepTo(first, large, now, { hourUnits: 90 });
  assert.deepEqual([second.credit, second.carried], [null, 5]);
});

test('a trial goes on under another plan that has one, and ends with one that has none', () => {
  const trial = { months: 1 } as const;
  const tried = terms(
    { ...small, trial },
    { trialUntil: at('2026-02-28T09:00'), chargedFrom: at('2026-02-28T09:00') },
  );
  const now = at('2026-02-14T09:40');
  const other = stepTo(tried, { ...large, trial }, now, { hourUnits: 0 });
  assert.deepEqual(
    [other.trialUntil, other.newCycle, other.chargedFrom],
    [tried.trialUntil, false, tried.chargedFrom],
  );
  const paid = stepTo(tried, large, now, { hourUnits: 0 });
  assert.deepEqual([paid.trialUntil, paid.chargedFrom, paid.credit], [null, hourOf(now), null]);
});

test('who changes to a plan with a free month, and has not had one, begins with it', () => {
  const now = at('2026-02-14T09:40');
  const next = { ...large, trial: { months: 1 } as const };
  const step = stepTo(terms(free), next, now, { mayTry: true });
  assert.deepEqual([step.trialUntil, step.chargedFrom], [at('2026-03-14T09:00'), at('2026-03-14T09:00')]);
  assert.equal(stepTo(terms(free), next, now).trialUntil, null);
});

test('who cancels and comes back within the month goes on with it: nothing refills, nothing is paid twice', () => {
  const now = at('2026-02-14T10:10');
  const before = { ...terms(small), endedAt: at('2026-02-14T09:50') };
  const same = firstTerms(small, now, before, false, 3);
  assert.deepEqual([same.cycleFrom, same.chargedFrom], [since, since]);
  assert.deepEqual(firstTerms(free, now, before, false, 3).cycleFrom, since);
  assert.deepEqual(
    firstTerms(large, now, before, false, 3).cycleFrom,
    hourOf(now),
    'a new fee is a new month',
  );
  const later = firstTerms(small, at('2026-03-01T10:10'), before, false, 0);
  assert.deepEqual(later.cycleFrom, at('2026-03-01T10:00'), 'the month that was paid is over');
});
