import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isAtLeast, isPositiveAmount, percentOf } from '../../platform/money.ts';
import {
  covers,
  decide,
  sentenceOf,
  stateOf,
  stoppedBy,
  stops,
  thresholdReached,
} from './governance.rules.ts';
import { type Effect, noRules, type Rule, type RuleKind } from './governance.ts';

const facts = {
  productId: 'prd_1',
  publisherAccountId: '100000000001',
  type: 'model-package',
  categories: ['Text', 'Audio'],
  price: 'paid',
} as const;
const rule = (kind: RuleKind, subject: string, effect: Effect): Rule => ({
  kind,
  subject,
  value: subject,
  effect,
  note: '',
});
const of = (...rules: Rule[]) => decide({ ...noRules, rules }, facts, '200000000002').effect;

test('without rules everything is allowed, and the default says so where no rule applies', () => {
  assert.equal(of(), 'allow');
  assert.equal(of(rule('category', 'Vision', 'deny'), rule('price', 'free', 'deny')), 'allow');
  assert.equal(decide({ ...noRules, default: 'deny' }, facts, '2').effect, 'deny');
});

test('the more specific kind decides, in the order product, publisher, category, type, price', () => {
  const kinds = [
    rule('price', 'paid', 'deny'),
    rule('type', 'model-package', 'request'),
    rule('category', 'Text', 'deny'),
    rule('publisher', '100000000001', 'request'),
    rule('product', 'prd_1', 'allow'),
  ];
  const expected: Effect[] = ['deny', 'request', 'deny', 'request', 'allow'];
  for (const [i, effect] of expected.entries()) assert.equal(of(...kinds.slice(0, i + 1)), effect);
});

test('of several categories the strictest decides, in whatever order they stand', () => {
  const [allow, ask, deny] = [
    rule('category', 'Text', 'allow'),
    rule('category', 'Audio', 'request'),
    rule('category', 'Text', 'deny'),
  ];
  assert.equal(of(allow, ask), 'request');
  assert.equal(of(ask, allow), 'request');
  assert.equal(of(ask, deny), 'deny');
});

test('what an account publishes itself it may subscribe to, whatever the rules say', () => {
  const book = { ...noRules, default: 'deny' as const, rules: [rule('product', 'prd_1', 'deny')] };
  assert.equal(decide(book, facts, facts.publisherAccountId).effect, 'allow');
});

test('a refusal names the rule, its note, or the default', () => {
  const note = { ...rule('category', 'Text', 'deny'), note: 'legal has not looked yet' };
  assert.equal(
    sentenceOf({ effect: 'deny', rule: note }),
    'the rule for category Text denies it (legal has not looked yet)',
  );
  assert.equal(
    sentenceOf({ effect: 'request', rule: null }),
    'no rule speaks of it, and the default wants an approval',
  );
});

const budget = { amount: '100.00', warnAt: [50, 80, 100], hardStop: true };

test('a threshold is reached at its cent and not a cent before', () => {
  for (const [spent, expected] of [
    ['0.00', undefined],
    ['49.99', undefined],
    ['50.00', 50],
    ['79.99', 50],
    ['80.00', 80],
    ['99.99', 80],
    ['100.00', 100],
    ['250.00', 100],
  ] as const)
    assert.equal(thresholdReached(budget, spent), expected, spent);
});

test('a hard stop is at the whole budget, never a cent before; without one nothing stops', () => {
  assert.equal(stops(budget, '99.99'), false);
  assert.equal(stops(budget, '100.00'), true);
  assert.equal(stops({ ...budget, hardStop: false }, '500.00'), false);
  assert.deepEqual(
    ['0.00', '50.00', '99.99', '100.00'].map((spent) => stateOf(budget, spent)),
    ['within', 'warned', 'warned', 'stopped'],
  );
  assert.equal(stateOf({ ...budget, hardStop: false }, '100.00'), 'spent');
  assert.equal(thresholdReached({ ...budget, warnAt: [] }, '100.00'), 100);
});

test('amounts are compared exactly, also where floating point would not', () => {
  assert.equal(isAtLeast('0.30', 100, '0.30'), true);
  assert.equal(isAtLeast('999999999999.99', 100, '1000000000000.00'), false);
  assert.equal(percentOf('99.99', '100.00'), 99.9);
  assert.equal(percentOf('33.33', '100.00'), 33.3);
});

test('a budget’s amount is more than zero and in whole minor units', () => {
  for (const [amount, currency, good] of [
    ['0', 'USD', false],
    ['0.01', 'USD', true],
    ['0.001', 'USD', false],
    ['10.00', 'JPY', true],
    ['10.5', 'JPY', false],
  ] as const)
    assert.equal(isPositiveAmount(amount, currency), good, `${amount} ${currency}`);
});

test('a spent budget stops what costs in its currency and is covered, and nothing else', () => {
  const plan = {
    id: 'pay',
    currency: 'USD',
    parts: [{ kind: 'usage', dimension: 'inference.count', pricePerUnit: '0.01' }],
  } as const;
  const s = { productId: 'prd_1', member: 'ada@example.com', plan, state: 'active' } as const;
  const all = { scope: 'account', subject: '', currency: 'USD' } as const;
  assert.equal(stoppedBy(all, s as never), true);
  assert.equal(stoppedBy({ ...all, currency: 'EUR' }, s as never), false);
  assert.equal(stoppedBy(all, { ...s, plan: { id: 'free', parts: [] } } as never), false);
  assert.equal(stoppedBy(all, { ...s, state: 'ended' } as never), false);
  assert.equal(covers({ scope: 'member', subject: 'ada@example.com' }, s), true);
  assert.equal(covers({ scope: 'member', subject: 'bob@example.com' }, s), false);
  assert.equal(covers({ scope: 'product', subject: 'prd_2' }, s), false);
});
