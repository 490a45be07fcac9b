import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Policies } from '@souk/contract';
import { Failure } from '../failure.ts';
import { changedPolicies } from './policy-settings.ts';

const now: Policies = {
  scannerMissing: 'hold',
  review: { 'model-package': 'automatic', algorithm: 'automatic', 'web-service': 'one', application: 'one' },
  reviewOfTexts: {
    'model-package': 'automatic',
    algorithm: 'automatic',
    'web-service': 'one',
    application: 'one',
  },
  reviewSample: { 'model-package': 10, algorithm: 10, 'web-service': 10, application: 10 },
  answerWithinHours: { review: 24, held: 4, dispute: 48 },
  programTraining: 'sandboxed',
  programServing: { accounts: [] },
  triesPerDay: { visitor: 5, account: 20 },
  signUp: 'open',
  filesGigabytes: 100,
  imageMegabytes: 10_000,
  accountImageGigabytes: 100,
  notice: { removalDays: 90, priceIncreaseDays: 90, sunsetDays: 90 },
  publishers: { verifyFree: 'off', verifyPaid: 'required', taxAndBank: 'required' },
};

test('settings change what they name and nothing else', () => {
  assert.deepEqual(
    changedPolicies(now, [
      'review.model-package=two',
      'triesPerDay.visitor=0',
      'signUp=invitation',
      'publishers.verifyPaid=off',
      'programServing.accounts=111111111111, 222222222222',
    ]),
    {
      ...now,
      review: { ...now.review, 'model-package': 'two' },
      triesPerDay: { visitor: 0, account: 20 },
      signUp: 'invitation',
      publishers: { ...now.publishers, verifyPaid: 'off' },
      programServing: { accounts: ['111111111111', '222222222222'] },
    },
  );
  assert.equal(now.signUp, 'open');
  const open = { ...now, programServing: { accounts: ['111111111111'] } };
  assert.deepEqual(changedPolicies(open, ['programServing.accounts=none']), now);
});

test('a name or a value that policies do not have is refused with what is possible', () => {
  for (const [setting, remedy] of [
    ['scanner=hold', /scannerMissing, review\.model-package/],
    ['review=off', /Name one: .*review\.algorithm/],
    ['signUp', /Write name=value/],
    ['signUp=closed', /open, invitation/],
    ['triesPerDay.visitor=many', /whole number from 0 to 10000/],
    ['programServing.accounts=me', /none, or a list with commas: 12-digit/],
    ['triesPerDay.visitor=-1', /whole number/],
    ['__proto__.x=1', /names are/],
  ] as const)
    assert.throws(
      () => changedPolicies(now, [setting]),
      (error) => error instanceof Failure && error.kind === 'invalid' && remedy.test(error.remedy),
      setting,
    );
});
