import assert from 'node:assert/strict';
import { test } from 'node:test';
import { atOnceText, estimate, isFree } from './pricing.ts';

const usage = (pricePerUnit: string, includedQuantity?: number) => ({
  kind: 'usage' as const,
  dimension: 'inference.count',
  pricePerUnit,
  ...(includedQuantity === undefined ? {} : { includedQuantity }),
});
const plan = { id: 'per-call', currency: 'USD', parts: [usage('0.0025', 1000)] };

test('what is included costs nothing, the rest costs its price', () => {
  assert.deepEqual(estimate(plan, 1000), {
    billable: 0,
    included: 1000,
    amount: '0.00',
    currency: 'USD',
    withinQuota: true,
  });
  assert.equal(estimate(plan, 5000).amount, '10.00');
});

test('a line is rounded once, half to even', () => {
  assert.equal(estimate(plan, 1001).amount, '0.00');
  assert.equal(estimate(plan, 1006).amount, '0.02');
  assert.equal(estimate({ ...plan, currency: 'JPY', parts: [usage('0.5')] }, 3).amount, '2');
});

test('a quota is said to be exceeded', () => {
  const limited = { ...plan, quota: { unitsPerMonth: 2000, dimension: 'inference.count' } };
  assert.equal(estimate(limited, 2000).withinQuota, true);
  assert.equal(estimate(limited, 2001).withinQuota, false);
});

test('a plan without parts, or with prices of nothing, is free', () => {
  assert.equal(isFree({ id: 'free' }), true);
  assert.equal(isFree({ id: 'zero', parts: [usage('0.00')] }), true);
  assert.equal(isFree(plan), false);
});

test('calls at the same time are told where a plan limits them', () => {
  assert.equal(atOnceText(plan), null);
  assert.equal(atOnceText({ ...plan, callsAtOnce: 1 }), 'At most 1 call at the same time');
  assert.equal(atOnceText({ ...plan, callsAtOnce: 1000 }), 'At most 1,000 calls at the same time');
});
