import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultPolicies, withDefaults } from './operator.rules.ts';

test('what the operator has not decided is as safe as it comes', () => {
  for (const nothing of [undefined, null, {}, [], 'x', 7])
    assert.deepEqual(withDefaults(nothing), defaultPolicies);
});

test('what was stored overrides its default and nothing else, also inside a part', () => {
  assert.deepEqual(withDefaults({ signUp: 'invitation', triesPerDay: { visitor: 0 } }), {
    ...defaultPolicies,
    signUp: 'invitation',
    triesPerDay: { visitor: 0, account: defaultPolicies.triesPerDay.account },
  });
});

test('a document of an older release gets the defaults of what came since: never a missing review', () => {
  const { application: _, ...older } = defaultPolicies.review;
  const read = withDefaults({ ...defaultPolicies, review: { ...older, 'model-package': 'two' } });
  assert.equal(read.review.application, defaultPolicies.review.application);
  assert.notEqual(read.review.application, 'automatic');
  assert.equal(read.review['model-package'], 'two');
});

test('what there is no more, or what lost its form, is left out', () => {
  assert.deepEqual(withDefaults({ ...defaultPolicies, oldSwitch: true, review: 'off' }), defaultPolicies);
  assert.deepEqual(
    withDefaults({ triesPerDay: { visitor: { per: 'hour' }, account: null } }),
    defaultPolicies,
  );
});
