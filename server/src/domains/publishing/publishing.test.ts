import assert from 'node:assert/strict';
import { test } from 'node:test';
import { productTypes, stageNames, submissionStates } from '@souk/contract';
import { pipeline, stageDefinition, stagesFor } from './pipeline.ts';
import { withinLimit } from './publishing.limit.ts';
import { firstStage, message, nextStage, pauseMs, waitsFor } from './publishing.rules.ts';
import { isOver, type SubmissionEvent, statesFor, transitions } from './publishing.ts';

const events: readonly SubmissionEvent[] = [
  'stage-passed',
  'wait',
  'refused',
  'hold',
  'retried',
  'signed-off',
  'approved',
  'rejected',
  'cancelled',
  'superseded',
  'released',
];

test('the map knows every state, and leads to no other', () => {
  assert.deepEqual(Object.keys(transitions).sort(), [...submissionStates].sort());
  for (const to of Object.values(transitions).flatMap((t) => Object.values(t)))
    assert.ok(submissionStates.includes(to), to);
});

test('every state is reached from the first one, and every event happens somewhere', () => {
  const reached = new Set(['running']);
  for (const state of reached)
    for (const to of Object.values(transitions[state as 'running'])) reached.add(to);
  assert.deepEqual([...reached].sort(), [...submissionStates].sort());
  for (const event of events) assert.ok(statesFor(event).length > 0, event);
  const used = new Set(Object.values(transitions).flatMap((t) => Object.keys(t)));
  assert.deepEqual([...used].sort(), [...events].sort());
});

test('every submission that is not over can be cancelled, and what is over stays over', () => {
  for (const state of submissionStates) {
    const over = ['refused', 'cancelled', 'released', 'superseded'].includes(state);
    assert.equal(isOver(state), over, state);
    assert.equal(transitions[state].cancelled, over ? undefined : 'cancelled', state);
  }
});

test('somebody acts on every submission that is not over, and a sentence says what', () => {
  for (const state of submissionStates)
    for (const stage of stageNames) {
      const says = message({ state, stage, revision: 3 }, []);
      assert.match(says, /^[A-Z].*\.$/, `${state} at ${stage}`);
      assert.equal(
        waitsFor(state, stage) === null,
        isOver(state) && state !== 'refused',
        `${state} at ${stage}`,
      );
    }
  assert.equal(waitsFor('waiting', 'sign-off'), 'publisher');
  assert.equal(waitsFor('waiting', 'review'), 'operator');
});

test('a row of the table for every stage, in the contract’s order, and none besides', () => {
  assert.deepEqual(
    pipeline.map((s) => s.stage),
    stageNames,
  );
  for (const name of stageNames) assert.equal(stageDefinition(name).stage, name);
  for (const s of pipeline) {
    assert.ok(s.attemptsMax >= 1 && s.estimateMs > 0 && s.types.length > 0, s.stage);
    // A stage of the system that may run for ever would keep a worker for ever.
    assert.equal(s.timeLimitMs === null, s.acts !== 'system', s.stage);
    assert.ok(!(s.carriesOver && s.acts !== 'system'), s.stage);
  }
});

test('every product type begins with prerequisites, is signed off by its publisher, and ends with its release', () => {
  for (const type of productTypes) {
    const walked = [firstStage(type)];
    for (let next = nextStage(type, firstStage(type)); next; next = nextStage(type, next)) walked.push(next);
    assert.deepEqual(
      walked,
      stagesFor(type).map((s) => s.stage),
    );
    assert.equal(walked[0], 'prerequisites');
    assert.deepEqual(walked.slice(-3), ['sign-off', 'review', 'release']);
  }
});

test('pauses grow fourfold up to five minutes', () => {
  assert.deepEqual(
    [1, 2, 3, 4, 5, 6, 20].map(pauseMs),
    [1000, 4000, 16_000, 64_000, 256_000, 300_000, 300_000],
  );
});

test('work that takes longer than its limit is asked to end and counts as an error, whether it listens or not', async () => {
  const deaf = new Promise<string>((resolve) => setTimeout(() => resolve('late'), 200));
  let asked: AbortSignal | undefined;
  await assert.rejects(
    withinLimit(20, (signal) => {
      asked = signal;
      return deaf;
    }),
    /took more than 20 ms/,
  );
  assert.equal(asked?.aborted, true);
  // Its own failure comes too late for anybody: it must not end the process.
  await assert.rejects(
    withinLimit(5, async () => {
      await new Promise((resolve) => setTimeout(resolve, 30));
      throw new Error('late too');
    }),
    /took more than 5 ms/,
  );
  await deaf;
  assert.equal(await withinLimit(1000, async () => 'in time'), 'in time');
  assert.equal(await withinLimit(null, async () => 'no limit'), 'no limit');
});
