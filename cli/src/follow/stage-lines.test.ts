import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StageReport } from '@souk/contract';
import { stage, submission } from '../testing/samples.ts';
import { stageLines } from './stage-lines.ts';

const plain = (_: unknown, text: string) => text;
const friday = Date.parse('2026-11-20T10:00:00Z');
const review = stage({ stage: 'review', state: 'pending', acts: 'operator', startedAt: null });
const linesOf = (...stages: StageReport[]) => stageLines(submission({ stages }), plain, friday);

test('what a person of the operator will do is estimated in business days, with the day on which it is due', () => {
  assert.deepEqual(linesOf({ ...review, estimateMs: 48 * 3_600_000 }), [
    '  · review  operator acts, about 2 business days, until Tue 24 Nov',
  ]);
});

test('what the publisher does, and what ran by itself, is told as before', () => {
  assert.deepEqual(
    linesOf(
      { ...review, stage: 'sign-off', title: 'sign-off', acts: 'publisher' },
      stage({ stage: 'release', state: 'pending', startedAt: null }),
    ),
    ['  · sign-off  publisher acts', '  · release   about 1.0 s'],
  );
});
