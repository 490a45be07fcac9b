import assert from 'node:assert/strict';
import { test } from 'node:test';
import { usageParts } from '@souk/contract';
import {
  bestOf,
  hourOf,
  increaseFrom,
  isNoMore,
  kindOf,
  type Parts,
  priceText,
  type Step,
  samePrice,
  stepAt,
  stepsTo,
} from './prices.rules.ts';

const price = (pricePerUnit: string, includedQuantity = 0, dimension = 'inference.count'): Parts => [
  { kind: 'usage', dimension, pricePerUnit, ...(includedQuantity ? { includedQuantity } : {}) },
];
const march = new Date('2026-03-16T10:37:00Z');
const july = '2026-07-01T00:00:00.000Z';
const steps = (next: Parts, current: Parts, announced: readonly Step[] = [], at = march) =>
  stepsTo(next, current, announced, at, 90).map((s) => [
    s.from.toISOString(),
    s.kind,
    priceText(s.parts, 'USD'),
  ]);

test('an increase comes on the first of the month that follows the notice: from 16 March with 90 days, on 1 July', () => {
  const from = (at: string, days: number) => increaseFrom(new Date(at), days).toISOString();
  assert.equal(from('2026-03-16T10:00:00Z', 90), july);
  // The notice ends on 1 July at midnight, a moment earlier, a moment later.
  assert.equal(from('2026-04-02T00:00:00.000Z', 90), july);
  assert.equal(from('2026-04-01T23:59:59.999Z', 90), july);
  assert.equal(from('2026-04-02T00:00:00.001Z', 90), '2026-08-01T00:00:00.000Z');
  assert.equal(from('2026-12-31T23:59:59.999Z', 0), '2027-01-01T00:00:00.000Z');
  assert.equal(from('2027-12-02T00:00:00Z', 90), '2028-03-01T00:00:00.000Z');
});

test('a decrease holds for the hour that has begun; an increase waits; half of each is split', () => {
  assert.deepEqual(steps(price('0.001'), price('0.002')), [
    ['2026-03-16T10:00:00.000Z', 'decrease', '0.001 USD per inference'],
  ]);
  assert.deepEqual(steps(price('0.003'), price('0.002')), [[july, 'increase', '0.003 USD per inference']]);
  assert.deepEqual(steps(price('0.001', 100), price('0.002', 1000)), [
    ['2026-03-16T10:00:00.000Z', 'decrease', '0.001 USD per inference, 1,000 a month included'],
    [july, 'increase', '0.001 USD per inference, 100 a month included'],
  ]);
  assert.deepEqual(steps(price('0.2'), price('0.20')), []);
});

test('a part that is taken away costs nothing at once, and one that is added waits', () => {
  assert.deepEqual(steps([], price('0.002')), [['2026-03-16T10:00:00.000Z', 'decrease', 'free']]);
  assert.deepEqual(steps(price('0.002'), []), [[july, 'increase', '0.002 USD per inference']]);
  const both = [...price('0.002'), ...price('1', 0, 'training.hours')];
  assert.deepEqual(steps(both, price('0.004')), [
    ['2026-03-16T10:00:00.000Z', 'decrease', '0.002 USD per inference'],
    [july, 'increase', '0.002 USD per inference; 1 USD per training.hours'],
  ]);
  assert.deepEqual(steps(price('0'), price('0.002', 50)), [['2026-03-16T10:00:00.000Z', 'decrease', 'free']]);
});

test('more or less included quantity is a price too', () => {
  assert.equal(kindOf(price('0.002', 10), price('0.002', 11)), 'decrease');
  assert.equal(kindOf(price('0.002', 11), price('0.002', 10)), 'increase');
  assert.equal(kindOf(price('0.002', 11), price('0.001', 10)), 'mixed');
  assert.equal(kindOf(price('0', 11), []), 'same');
});

test('a smaller increase in place of an announced one keeps its date; a larger one keeps what was announced and waits for the rest', () => {
  const announced = [{ from: new Date(july), parts: price('0.003') }];
  const may = new Date('2026-05-10T08:00:00Z');
  assert.deepEqual(steps(price('0.0025'), price('0.002'), announced, may), [
    [july, 'increase', '0.0025 USD per inference'],
  ]);
  assert.deepEqual(steps(price('0.004'), price('0.002'), announced, may), [
    [july, 'increase', '0.003 USD per inference'],
    ['2026-09-01T00:00:00.000Z', 'increase', '0.004 USD per inference'],
  ]);
  assert.deepEqual(steps(price('0.002'), price('0.002'), announced, may), []);
  assert.deepEqual(steps(price('0.001'), price('0.002'), announced, may), [
    ['2026-05-10T08:00:00.000Z', 'decrease', '0.001 USD per inference'],
  ]);
});

/** Numbers that are the same on every machine. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
}
const randomParts = (r: (n: number) => number): Parts =>
  ['inference.count', 'training.seconds.ml.m5.large'].flatMap((dimension) =>
    r(4) === 0 ? [] : price(String(r(6)), r(4) * 100, dimension),
  );
const cost = (parts: Parts, units: number): number =>
  usageParts(parts).reduce(
    (sum, p) => sum + Number(p.pricePerUnit) * Math.max(0, units - (p.includedQuantity ?? 0)),
    0,
  );
const dayMs = 24 * 3_600_000;

test('best of two is never dearer than either, and a price is the same as itself', () => {
  const r = random(7);
  for (let i = 0; i < 500; i++) {
    const [a, b] = [randomParts(r), randomParts(r)];
    const best = bestOf(a, b);
    assert.ok(isNoMore(best, a) && isNoMore(best, b) && samePrice(best, bestOf(b, a)));
    assert.ok(samePrice(a, a));
    for (const units of [0, 50, 100, 250, 1000]) {
      assert.ok(cost(best, units) <= Math.min(cost(a, units), cost(b, units)));
      assert.equal(isNoMore(a, b) && cost(a, units) > cost(b, units), false);
    }
  }
});

test('whatever is released in whatever order, nobody pays more than they were told a notice before, and in the end everybody pays the last price', () => {
  for (let seed = 1; seed <= 120; seed++) {
    const r = random(seed);
    const accepted = randomParts(r);
    let held: Step[] = [];
    let at = march;
    const payable = (list: readonly Step[], when: Date) => stepAt(list, when)?.parts ?? accepted;
    for (let release = 0; release < 8; release++) {
      const next = randomParts(r);
      const before = held;
      const coming = before.filter((s) => s.from > at);
      const made = stepsTo(next, payable(before, at), coming, at, 90);
      held = [...before.filter((s) => s.from <= at), ...made];
      assert.deepEqual(
        held,
        held.toSorted((a, b) => a.from.getTime() - b.from.getTime()),
        `seed ${seed}`,
      );
      const full = increaseFrom(at, 90);
      assert.ok(full.getTime() - at.getTime() >= 90 * dayMs);
      for (let ms = hourOf(at).getTime(); ms < full.getTime(); ms += 5 * dayMs)
        for (const units of [0, 99, 101, 5000])
          assert.ok(
            cost(payable(held, new Date(ms)), units) <= cost(payable(before, new Date(ms)), units),
            `seed ${seed}, release ${release}`,
          );
      assert.ok(samePrice(payable(held, full), next), `seed ${seed}, release ${release}`);
      at = new Date(at.getTime() + r(120) * dayMs + r(86_400) * 1000);
    }
  }
});

test('a price by the hour says so, in every step and in words', () => {
  const hour = (pricePerUnit: string, includedQuantity = 0): Parts => [
    {
      kind: 'usage',
      dimension: 'training.seconds.ml.m5.large',
      unit: 'hour',
      pricePerUnit,
      ...(includedQuantity ? { includedQuantity } : {}),
    },
  ];
  assert.equal(
    priceText(hour('0.50', 10), 'USD'),
    '0.50 USD per hour of training on ml.m5.large, 10 a month included',
  );
  assert.deepEqual(bestOf(hour('0.5'), hour('0.4')), hour('0.4'));
  const steps = stepsTo(hour('0.7', 5), hour('0.5'), [], new Date('2026-11-10T10:30:00Z'), 90);
  assert.deepEqual(
    steps.map((s) => [s.from.toISOString(), s.kind, s.parts]),
    [
      ['2026-11-10T10:00:00.000Z', 'decrease', hour('0.5', 5)],
      ['2027-03-01T00:00:00.000Z', 'increase', hour('0.7', 5)],
    ],
  );
});
