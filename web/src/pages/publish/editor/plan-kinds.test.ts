import assert from 'node:assert/strict';
import { test } from 'node:test';
import { usageParts } from '@souk/contract/plan-parts';
import {
  hourPrice,
  kindOf,
  type PlanKind,
  perCall,
  perHour,
  perMonth,
  withFee,
  withKind,
} from './plan-kinds.ts';

const supported = [
  { use: 'realtime', type: 'ml.c5.large' },
  { use: 'transform', type: 'ml.c5.large' },
] as const;

test('a plan turned into a kind is of that kind, and loses no price that the kind has', () => {
  const mine = { ...perCall([]), parts: [...(perCall([]).parts ?? []), hourPrice(supported[0], '7')] };
  assert.equal(kindOf(mine), 'both');
  for (const kind of ['free', 'monthly', 'calls', 'hours', 'both'] satisfies PlanKind[])
    for (const from of [mine, { id: 'free' }, perCall([]), perHour([], supported)])
      assert.equal(kindOf(withKind(from, kind, supported)), kind);
  assert.deepEqual(withKind(mine, 'hours', supported).parts, [hourPrice(supported[0], '7')]);
  assert.deepEqual(withKind(mine, 'both', supported), mine);
});

test('an hourly plan prices everything that is supported, by the hour', () => {
  assert.deepEqual(
    usageParts(perHour([], supported).parts).map((p) => [p.dimension, p.unit]),
    [
      ['realtime.seconds.ml.c5.large', 'hour'],
      ['transform.seconds.ml.c5.large', 'hour'],
    ],
  );
  assert.equal(perHour([{ id: 'per-hour' }], supported).id, 'per-hour-2');
});

test('a fee stays beside other prices, and goes when its field is emptied', () => {
  const monthly = perMonth([], 'web-service');
  assert.equal(kindOf(monthly), 'monthly');
  assert.equal(monthly.quota?.dimension, 'transactions');
  const both = withKind(monthly, 'calls', [], 'web-service');
  assert.deepEqual(
    both.parts?.map((p) => (p.kind === 'usage' ? p.dimension : p.kind)),
    ['recurring', 'transactions'],
  );
  assert.deepEqual(withFee(both, '').parts, usageParts(both.parts));
});
