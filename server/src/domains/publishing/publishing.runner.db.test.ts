import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StageName, Submission } from '@souk/contract';
import { gate, testPublishing } from '../../../test/publishing.ts';
import { row, sql } from '../../platform/db.ts';
import { stageDefinition } from './pipeline.ts';
import { Hold, type Stage, type StageContext, type StageOutcome } from './stages/stage.ts';

const market = await testPublishing();
const { publishing, products, publisher, product, runner, stage, jobsOf, eventsOf, historyOf, slotsOf } =
  market;

const passed: StageOutcome = { kind: 'passed', summary: 'Good.' };
const finding = {
  rule: 'test',
  code: 'test.bad',
  severity: 'error' as const,
  file: null,
  pointer: '/listing/title',
  line: null,
  message: 'It is bad.',
  remedy: 'Mend it.',
};
const refused: StageOutcome = { kind: 'refused', summary: 'No.', findings: [finding] };
const stageOf = (
  run: (context: StageContext) => Promise<StageOutcome> | StageOutcome,
  reads: Stage['reads'] = async (s) => s.revisionId,
): Stage => ({ reads, run: async (context) => run(context) });

/** Stages that pass, with slots moved as the real ones move them; some of them replaced. */
const stages = (own: Partial<Record<StageName, Stage>> = {}) => ({
  prerequisites: stageOf(() => passed),
  certification: stageOf(() => passed),
  'trial-run': stageOf(() => passed),
  packaging: stageOf(({ submission: s }) => ({
    ...passed,
    commit: (tx) => products.setSlot(tx, s.productId, 'preview', s.revisionId),
  })),
  release: stageOf(({ submission: s }) => ({
    ...passed,
    commit: async (tx) => {
      await products.setSlot(tx, s.productId, 'live', s.revisionId);
      await products.setSlot(tx, s.productId, 'preview', null);
    },
  })),
  ...own,
});

async function submitted() {
  const caller = await publisher();
  const made = await product(caller);
  return { caller, product: made, s: await publishing.submit(caller, made.id, {}) };
}
const statesOf = (s: Submission) => s.stages.map((x) => `${x.stage} ${x.state}`);

test('a submission passes its stages in the order of the table, waits for its publisher, and is live after Go Live', async () => {
  const { caller, product: p, s } = await submitted();
  const order: string[] = [];
  const told = Object.fromEntries(
    Object.entries(stages()).map(([name, of]) => [
      name,
      stageOf(async (context) => {
        order.push(name);
        await context.log(`${name} is at work`);
        return of.run(context);
      }),
    ]),
  );
  const { drive } = runner(told);
  const preview = await drive(s.id);
  assert.deepEqual([preview.state, preview.stage, preview.waitsFor], ['waiting', 'sign-off', 'publisher']);
  assert.deepEqual(await slotsOf(p.id), [1, null]);
  await publishing.signOff(caller, s.id, 1);
  const released = await drive(s.id);
  assert.deepEqual(order, ['prerequisites', 'certification', 'trial-run', 'packaging', 'release']);
  assert.deepEqual([released.state, released.stage, released.waitsFor], ['released', null, null]);
  assert.deepEqual(await slotsOf(p.id), [null, 1]);
  assert.deepEqual(
    released.stages.map((x) => x.state),
    ['passed', 'passed', 'passed', 'passed', 'passed', 'not-run', 'passed'],
  );
  assert.equal(released.stages[1]?.log[0]?.line, 'certification is at work');
  assert.deepEqual(await eventsOf(s.id), ['submission.submitted', 'submission.in-preview']);
  assert.ok((await eventsOf(p.id)).includes('submission.released'));
  assert.deepEqual(await historyOf(s.id), [
    'submitted',
    'stage-passed',
    'stage-passed',
    'stage-passed',
    'stage-passed',
    'wait',
    'signed-off',
    'released',
  ]);
});

test('the job of the next stage exists if and only if the stage before has passed', async () => {
  const { s } = await submitted();
  const { run } = runner(stages());
  assert.deepEqual(
    (await jobsOf(s.id)).map((j) => j.stage),
    ['prerequisites'],
  );
  await run(s.id, 'prerequisites');
  assert.deepEqual(
    (await jobsOf(s.id)).map((j) => j.stage),
    ['prerequisites', 'certification'],
  );
  // The same job taken twice: the submission is further by then.
  await run(s.id, 'prerequisites');
  assert.equal((await jobsOf(s.id)).length, 2);
  assert.equal((await stage(s, 'prerequisites')).attempt, 1);
});

test('the outcome and the words of an attempt that was given up change nothing', async () => {
  const { s, product: p } = await submitted();
  const slow = gate();
  const begun = gate();
  let attempts = 0;
  let committed = 0;
  const { run } = runner(
    stages({
      prerequisites: stageOf(async ({ attempt, log }) => {
        attempts++;
        if (attempt > 1) return passed;
        await log('the first attempt');
        begun.open();
        await slow.opened;
        await log('the first attempt, late');
        return {
          ...passed,
          summary: 'Late.',
          commit: async (tx) => {
            committed++;
            await products.setSlot(tx, p.id, 'live', s.id);
          },
        };
      }),
    }),
  );
  const first = run(s.id, 'prerequisites');
  await begun.opened;
  await run(s.id, 'prerequisites');
  const before = await publishing.view(s.id);
  slow.open();
  await first;
  assert.equal(attempts, 2);
  assert.equal(committed, 0);
  assert.deepEqual(await publishing.view(s.id), before);
  const own = await stage(s, 'prerequisites');
  assert.deepEqual([own.state, own.attempt, own.summary, own.log.length], ['passed', 2, 'Good.', 1]);
});

test('a refusal that comes after its submission was cancelled changes nothing', async () => {
  for (const outcome of [passed, refused, new Error('broken')]) {
    const { caller, s } = await submitted();
    const slow = gate();
    const begun = gate();
    const { run } = runner(
      stages({
        prerequisites: stageOf(async () => {
          begun.open();
          await slow.opened;
          if (outcome instanceof Error) throw outcome;
          return outcome;
        }),
      }),
    );
    const running = run(s.id, 'prerequisites');
    await begun.opened;
    const cancelled = await publishing.cancel(caller, s.id);
    assert.equal(cancelled.state, 'cancelled');
    assert.ok(cancelled.stages.every((x) => x.state === 'cancelled'));
    slow.open();
    await running;
    assert.deepEqual(await publishing.view(s.id), cancelled);
    assert.deepEqual(
      (await jobsOf(s.id)).map((j) => j.stage),
      ['prerequisites'],
    );
    assert.deepEqual(await eventsOf(s.id), ['submission.submitted', 'submission.cancelled']);
  }
});

test('a fault is tried again after growing pauses, then held for the operator, and never told to the publisher as theirs', async () => {
  const { caller, s } = await submitted();
  const { run } = runner(
    stages({
      prerequisites: stageOf(() => {
        throw new Error('secret 10.0.0.7 refused');
      }),
    }),
  );
  for (let attempt = 1; attempt < 5; attempt++) {
    await run(s.id, 'prerequisites');
    const now = await stage(s, 'prerequisites');
    assert.deepEqual(
      [now.state, now.attempt, now.summary],
      ['pending', attempt, 'Something broke on our side. Trying again.'],
    );
  }
  const pauses = (await jobsOf(s.id)).slice(1).map((j) => Math.round(j.pauseMs / 1000));
  assert.deepEqual(pauses, [1, 4, 16, 64]);
  await run(s.id, 'prerequisites');
  const held = await publishing.view(s.id);
  assert.deepEqual([held.state, held.stage, held.waitsFor], ['held', 'prerequisites', 'operator']);
  assert.match(held.message, /not yours/);
  assert.doesNotMatch(JSON.stringify(held), /10\.0\.0\.7/);
  assert.deepEqual(await eventsOf(s.id), ['submission.submitted', 'submission.held']);
  const kept = await row<{ comment: string }>(
    market.db,
    sql`select comment from submission_history where submission_id = ${s.id} and event = 'hold'`,
  );
  assert.equal(kept?.comment, 'secret 10.0.0.7 refused');
  const queued = await market.review.queue.list(caller, { kind: 'held' });
  assert.ok(queued.some((q) => q.submissionId === s.id));
  // Held: the job that is left does nothing.
  await run(s.id, 'prerequisites');
  assert.equal((await stage(s, 'prerequisites')).attempt, 5);

  const again = await publishing.retry(caller, s.id);
  assert.equal(again.state, 'running');
  assert.equal((await stage(s, 'prerequisites')).attempt, 0);
  await run(s.id, 'prerequisites');
  assert.deepEqual(
    [(await stage(s, 'prerequisites')).state, (await publishing.view(s.id)).state],
    ['pending', 'running'],
  );
  assert.equal((await runner(stages()).drive(s.id)).state, 'waiting');
});

test('a stage that cannot go on before a human acts is held at once, with its reason', async () => {
  const { s } = await submitted();
  const { drive } = runner(
    stages({
      certification: stageOf(() => {
        throw new Hold('The virus scanner does not answer.');
      }),
    }),
  );
  const held = await drive(s.id);
  assert.deepEqual([held.state, held.stage], ['held', 'certification']);
  const own = await stage(s, 'certification');
  assert.deepEqual([own.state, own.attempt, own.summary], ['held', 1, 'The virus scanner does not answer.']);
  assert.equal(own.log.at(-1)?.line, 'held: The virus scanner does not answer.');
  assert.equal((await stage(s, 'trial-run')).state, 'pending');
});

test('what breaks while a stage reads its inputs, or while its outcome is recorded, is a fault too', async () => {
  for (const broken of [
    stageOf(
      () => passed,
      async () => {
        throw new Error('the model package is gone');
      },
    ),
    stageOf(() => ({
      ...passed,
      commit: (tx) =>
        products
          .setSlot(tx, 'prd_x', 'live', 'rev_x')
          .then(() => sql`select 1 / 0`.execute(tx))
          .then(() => {}),
    })),
  ]) {
    const { s } = await submitted();
    await runner(stages({ prerequisites: broken })).run(s.id, 'prerequisites');
    const own = await stage(s, 'prerequisites');
    assert.deepEqual([own.state, own.attempt, (await jobsOf(s.id)).length], ['pending', 1, 2]);
  }
  const { s } = await submitted();
  await runner({}).run(s.id, 'prerequisites');
  assert.equal((await stage(s, 'prerequisites')).state, 'pending', 'a stage that nothing runs');
});

test('a stage that exceeds its time limit is told to end, and counts as a fault though it does not', async () => {
  const { s } = await submitted();
  let signal: AbortSignal | undefined;
  const { run } = runner(
    stages({
      prerequisites: stageOf((context) => {
        signal = context.signal;
        return new Promise(() => {});
      }),
    }),
    (name) => ({ ...stageDefinition(name), timeLimitMs: 40 }),
  );
  await run(s.id, 'prerequisites');
  assert.equal(signal?.aborted, true);
  assert.equal((await stage(s, 'prerequisites')).state, 'pending');
});

test('a package that kills whatever examines it is held, not examined for ever', async () => {
  const { s } = await submitted();
  let runs = 0;
  const { run } = runner(
    stages({
      prerequisites: stageOf(() => {
        runs++;
        return new Promise(() => {});
      }),
    }),
    (name) => ({ ...stageDefinition(name), attemptsMax: 2, timeLimitMs: null }),
  );
  for (let i = 0; i < 2; i++) {
    void run(s.id, 'prerequisites');
    while (runs <= i) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await run(s.id, 'prerequisites');
  assert.equal(runs, 2);
  assert.equal((await publishing.view(s.id)).state, 'held');
});

test('a refusal goes back with its findings, cancels the stages after it, and the publisher may submit again', async () => {
  const { caller, product: p, s } = await submitted();
  const over = await runner(stages({ certification: stageOf(() => refused) })).drive(s.id);
  assert.deepEqual([over.state, over.waitsFor], ['refused', 'publisher']);
  assert.match(over.message, /one thing to mend/);
  assert.deepEqual(statesOf(over).slice(0, 4), [
    'prerequisites passed',
    'certification refused',
    'trial-run cancelled',
    'packaging cancelled',
  ]);
  assert.deepEqual((await stage(s, 'certification')).findings, [finding]);
  assert.deepEqual(await eventsOf(s.id), ['submission.submitted', 'submission.refused']);
  const next = await publishing.submit(caller, p.id, {});
  assert.equal(next.revision, 2);
});

test('a stage that reads the same as before is carried over with its evidence and output, and says from where', async () => {
  const caller = await publisher();
  const p = await product(caller);
  let runs = 0;
  let rules = 'rules 1';
  const own = stages({
    certification: stageOf(
      () => ({
        ...passed,
        findings: [{ ...finding, severity: 'warning' }],
        evidence: [{ name: 'Run', value: ++runs }],
        output: { runs },
      }),
      async (s) => [s.document.versions, rules],
    ),
  });
  const { drive } = runner(own);
  const certified = async () => {
    const s = await publishing.submit(caller, p.id, {});
    await drive(s.id);
    return stage(s, 'certification');
  };
  assert.equal((await certified()).state, 'passed');
  await market.edit(caller, p, (d) => ({ ...d, plans: [{ id: 'free', name: 'Free of charge' }] }));
  const carried = await certified();
  assert.deepEqual([carried.state, runs], ['carried-over', 1]);
  assert.equal(carried.summary, 'Carried over from revision 1: what this stage reads has not changed.');
  assert.deepEqual(carried.evidence, [{ name: 'Run', value: 1 }]);
  assert.equal(carried.findings.length, 1);
  // Named by where it was found, not by the submission in between.
  assert.match((await certified()).summary, /from revision 1/);
  rules = 'rules 2';
  assert.deepEqual([(await certified()).state, runs], ['passed', 2]);
  await market.edit(caller, p, (d) => ({
    ...d,
    versions: (d.versions ?? []).map((v) => ({ ...v, releaseNotes: 'Another text.' })),
  }));
  assert.deepEqual([(await certified()).state, runs], ['passed', 3]);
});

test('nothing is carried over from another product, from a refusal, or by a stage that must see each revision', async () => {
  const caller = await publisher();
  let runs = 0;
  const same = async () => 'the same';
  const { drive } = runner(
    stages({
      prerequisites: stageOf(() => passed, same),
      certification: stageOf(() => (++runs === 1 ? refused : passed), same),
    }),
  );
  const p = await product(caller);
  await drive((await publishing.submit(caller, p.id, {})).id);
  const second = await publishing.submit(caller, p.id, {});
  await drive(second.id);
  assert.deepEqual(
    [(await stage(second, 'prerequisites')).state, (await stage(second, 'certification')).state],
    ['passed', 'passed'],
  );
  const other = await publishing.submit(caller, (await product(caller)).id, {});
  await drive(other.id);
  assert.deepEqual([(await stage(other, 'certification')).state, runs], ['passed', 3]);
});

test('what a stage usually takes is measured on the attempt that passed, and people keep the table’s estimate', async () => {
  await sql`delete from submission_stages`.execute(market.db);
  const { caller, s } = await submitted();
  let attempts = 0;
  const { run, drive } = runner(
    stages({
      prerequisites: stageOf(async () => {
        if (++attempts === 1) throw new Error('once');
        await new Promise((resolve) => setTimeout(resolve, 120));
        return passed;
      }),
    }),
  );
  await run(s.id, 'prerequisites');
  await sql`update submission_stages set started_at = started_at - interval '1 day' where submission_id = ${s.id} and stage = 'prerequisites'`.execute(
    market.db,
  );
  await drive(s.id);
  const measured = await market.newService().view(s.id);
  const estimateOf = (name: StageName) => measured.stages.find((x) => x.stage === name)?.estimateMs ?? 0;
  const ms = estimateOf('prerequisites');
  assert.ok(ms >= 110 && ms < 5000, `${ms} ms`);
  assert.equal(estimateOf('sign-off'), stageDefinition('sign-off').estimateMs);
  assert.equal(estimateOf('release'), stageDefinition('release').estimateMs);
  await publishing.cancel(caller, s.id);
});
