import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SubmissionState } from '@souk/contract';
import { stateOf, waitsFor, withAudience, withoutAudience } from './products.rules.ts';

const facts = (submissionState: SubmissionState | null, submissionStage: string | null, live: boolean) => ({
  submissionState,
  submissionStage,
  previewRevisionId: null,
  liveRevisionId: live ? 'rev_1' : null,
  removalState: null,
});

test('a product that leaves or has left says so, unless a new revision is on its way; a take-down says it always', () => {
  for (const [removal, submission, stage, state, who] of [
    ['leaving', 'released', null, 'leaving', null],
    ['leaving', 'cancelled', null, 'leaving', null],
    ['removed', 'refused', 'certification', 'removed', null],
    ['removed', 'waiting', 'sign-off', 'preview', 'publisher'],
    ['removed', 'running', 'release', 'in-pipeline', 'system'],
    ['down', 'released', null, 'taken-down', null],
    ['down', 'running', 'certification', 'taken-down', 'system'],
  ] as const) {
    const f = { ...facts(submission, stage, removal !== 'removed'), removalState: removal };
    assert.deepEqual([stateOf(f), waitsFor(f)], [state, who], `${removal}, ${submission}`);
  }
});

test('a product’s state and who acts next follow from its newest submission, then from what buyers see', () => {
  for (const [submission, stage, live, state, who] of [
    [null, null, false, 'draft', 'publisher'],
    ['running', 'certification', false, 'in-pipeline', 'system'],
    ['running', 'certification', true, 'in-pipeline', 'system'],
    ['held', 'certification', false, 'in-pipeline', 'operator'],
    ['waiting', 'sign-off', false, 'preview', 'publisher'],
    ['waiting', 'review', false, 'in-pipeline', 'operator'],
    ['refused', 'trial-run', true, 'attention', 'publisher'],
    ['cancelled', null, false, 'draft', 'publisher'],
    ['cancelled', null, true, 'live', null],
    ['superseded', null, true, 'live', null],
    ['released', null, true, 'live', null],
  ] as const) {
    const f = facts(submission, stage, live);
    assert.deepEqual([stateOf(f), waitsFor(f)], [state, who], `${submission} at ${stage}, live: ${live}`);
  }
});

test('the audience is taken out of the document and put back as it is now', () => {
  const document = { listing: { title: 'Iris' }, audience: { testAccounts: ['1', '2', '1'] } };
  assert.deepEqual(withoutAudience(document), {
    draft: { listing: { title: 'Iris' } },
    testAccounts: ['1', '2'],
  });
  assert.equal(withoutAudience({}).testAccounts, undefined);
  assert.deepEqual(withoutAudience({ audience: { testAccounts: [] } }).testAccounts, []);
  assert.deepEqual(withAudience({}, ['2']), { audience: { testAccounts: ['2'] } });
  assert.deepEqual(withAudience({}, []), {});
});
