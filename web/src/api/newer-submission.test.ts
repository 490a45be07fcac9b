import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newerSubmission } from './newer-submission.ts';
import type { Submission } from './types.ts';

const at = (updatedAt: string, state: Submission['state']) => ({ updatedAt, state }) as Submission;

test('an answer that was overtaken by the news does not bring the old state back', () => {
  const released = at('2026-11-21T12:00:01.000Z', 'released');
  const running = at('2026-11-21T12:00:00.900Z', 'running');
  assert.equal(newerSubmission(released, running), released);
  assert.equal(newerSubmission(running, released), released);
  assert.equal(newerSubmission(undefined, running), running);
});
