import assert from 'node:assert/strict';
import { test } from 'node:test';
import { submissionStates } from '@souk/contract';
import { testServer } from '../../../test/platform.ts';
import { testPublishing } from '../../../test/publishing.ts';
import { rows, sql } from '../../platform/db.ts';
import { newId } from '../../platform/ids.ts';
import { publishingRoutes } from './index.ts';
import * as store from './publishing.sql.ts';
import { isOver, type SubmissionEvent, transitions } from './publishing.ts';
import type { Stage, StageOutcome } from './stages/stage.ts';

const market = await testPublishing();
const { db, platform, publishing, products, publisher, product, runner, stage, slotsOf, eventsOf } = market;
// There is one account of the operator.
const reviewer = await market.member(['operator-reviewer'], true);
const { send } = testServer(platform, publishingRoutes(publishing, products.owns, platform.notifications));

const passing: Stage = {
  reads: async (s) => s.revisionId,
  run: async (): Promise<StageOutcome> => ({ kind: 'passed', summary: 'Good.' }),
};
const refusing: Stage = { ...passing, run: async () => ({ kind: 'refused', summary: 'No.', findings: [] }) };
/** Slots move as the real stages move them. */
const stages = {
  prerequisites: passing,
  certification: passing,
  'trial-run': passing,
  packaging: {
    ...passing,
    run: async ({ submission: s }): Promise<StageOutcome> => ({
      kind: 'passed',
      summary: 'In preview.',
      commit: (tx) => products.setSlot(tx, s.productId, 'preview', s.revisionId),
    }),
  } satisfies Stage,
  release: {
    ...passing,
    run: async ({ submission: s }): Promise<StageOutcome> => ({
      kind: 'passed',
      summary: 'Live.',
      commit: async (tx) => {
        await products.setSlot(tx, s.productId, 'live', s.revisionId);
        await products.setSlot(tx, s.productId, 'preview', null);
      },
    }),
  } satisfies Stage,
};
const { drive } = runner(stages);

async function inPreview() {
  const caller = await publisher();
  const p = await product(caller);
  const s = await publishing.submit(caller, p.id, {});
  assert.equal((await drive(s.id)).stage, 'sign-off');
  return { caller, product: p, s };
}

test('no event moves a submission where the map has no way for it, and each way in the map is taken', async () => {
  const caller = await publisher();
  const { id: productId } = await product(caller);
  const revision = await market.inTx((tx) => products.createRevision(tx, productId, caller.accountId, 'x'));
  const events = [...new Set(Object.values(transitions).flatMap((t) => Object.keys(t)))] as SubmissionEvent[];
  for (const state of submissionStates)
    for (const event of events) {
      const id = newId('sbm');
      await sql`insert into submissions (id, product_id, revision_id, account_id, state, stage, submitted_by)
        values (${id}, ${productId}, ${revision.id}, ${caller.accountId}, ${state}, 'review', 'x')`.execute(
        db,
      );
      const moved = market.inTx((tx) => store.move(tx, { id, state }, event, 'review', 'x'));
      const to = transitions[state][event];
      if (to) assert.equal(await moved, true);
      else await assert.rejects(moved, new RegExp(`${state} cannot be ${event}`));
      assert.equal((await store.find(db, id))?.state, to ?? state, `${event} in ${state}`);
      assert.equal((await market.historyOf(id)).length, to ? 1 : 0);
      assert.equal((await store.find(db, id))?.endedAt !== null, to !== undefined && isOver(to));
      await sql`delete from submission_history where submission_id = ${id}`.execute(db);
      await sql`delete from submissions where id = ${id}`.execute(db);
    }
});

test('of two that move the same submission one succeeds', async () => {
  const { caller, s } = await inPreview();
  const answers = await Promise.allSettled([
    publishing.cancel(caller, s.id),
    publishing.signOff(caller, s.id, 1),
    publishing.cancel(caller, s.id),
  ]);
  const refusals = answers
    .filter((a) => a.status === 'rejected')
    .map((a) => (a.reason as { code: string }).code);
  // Cancelling is possible after a sign-off, so two of three may have succeeded, but never both cancellations.
  assert.ok(
    refusals.length >= 1 && refusals.every((code) => code === 'submission.not_in_state'),
    `${refusals}`,
  );
  assert.equal((await publishing.view(s.id)).state, 'cancelled');
});

test('of racing submits one begins, and the others are told that a submission is under way', async () => {
  const caller = await publisher();
  const p = await product(caller);
  const answers = await Promise.all(
    [1, 2, 3, 4].map(() =>
      send(caller, { method: 'POST', url: `/api/products/${p.id}/submissions`, payload: {} }),
    ),
  );
  const [winner, ...others] = answers.toSorted((a, b) => a.statusCode - b.statusCode);
  assert.equal(winner?.statusCode, 201, winner?.body);
  for (const other of others) {
    assert.equal(other.statusCode, 409, other.body);
    const { error } = other.json<{ error: { code: string; params: { submissionId: string } } }>();
    assert.deepEqual(
      [error.code, error.params.submissionId],
      ['product.under_way', winner?.json<{ id: string }>().id],
    );
  }
  const revisions = await rows(db, sql`select 1 from revisions where product_id = ${p.id}`);
  assert.equal(revisions.length, 1);
  assert.equal((await market.jobsOf(winner?.json<{ id: string }>().id ?? '')).length, 1);
});

test('a draft that changed since it was read, or that has errors, is not submitted', async () => {
  const caller = await publisher();
  const p = await product(caller);
  const current = (await products.draft(caller.accountId, p.id)).version;
  await assert.rejects(publishing.submit(caller, p.id, { draftVersion: current + 1 }), {
    code: 'product.draft_changed',
  });
  await market.edit(caller, p, (d) => ({ ...d, plans: [] }));
  const answer = await send(caller, {
    method: 'POST',
    url: `/api/products/${p.id}/submissions`,
    payload: {},
  });
  assert.equal(answer.statusCode, 412);
  const { error } = answer.json<{ error: { code: string; findings: { pointer: string }[] } }>();
  assert.equal(error.code, 'submission.incomplete');
  assert.ok(error.findings.some((f) => f.pointer?.startsWith('/plans')));
  assert.equal((await rows(db, sql`select 1 from revisions where product_id = ${p.id}`)).length, 0);
});

test('accounts named at submission are added to the audience', async () => {
  const caller = await publisher();
  const p = await product(caller);
  await publishing.submit(caller, p.id, { testAccounts: ['111111111111'] });
  const { document } = await products.draft(caller.accountId, p.id);
  assert.deepEqual(document.audience?.testAccounts, ['111111111111']);
});

test('what goes live is the revision that was tested, named by its number', async () => {
  const { caller, product: p, s } = await inPreview();
  await market.edit(caller, p, (d) => ({ ...d, listing: { ...d.listing, title: 'Another title' } }));
  await assert.rejects(publishing.signOff(caller, s.id, 2), {
    code: 'submission.outdated',
    params: { preview: 1, given: 2 },
  });
  assert.equal((await publishing.signOff(caller, s.id, 1)).state, 'running');
  assert.equal((await drive(s.id)).state, 'released');
  assert.equal((await products.slots(p.id))?.liveDocument?.listing?.title, 'Iris Species');
  await assert.rejects(publishing.signOff(caller, s.id, 1), { code: 'submission.not_in_state' });
});

test('only what is waiting at sign-off can be signed off', async () => {
  const caller = await publisher();
  const s = await publishing.submit(caller, (await product(caller)).id, {});
  await assert.rejects(publishing.signOff(caller, s.id, 1), {
    code: 'submission.not_in_state',
    params: { state: 'running at prerequisites', action: 'signing off', expected: 'waiting at sign-off' },
  });
});

test('a newer submission takes the place of one in preview, and of no other', async () => {
  const { caller, product: p, s } = await inPreview();
  const next = await publishing.submit(caller, p.id, {});
  const old = await publishing.view(s.id);
  assert.deepEqual([old.state, old.waitsFor, next.revision], ['superseded', null, 2]);
  // The audience goes on with the old revision until the new one is in preview.
  assert.deepEqual(await slotsOf(p.id), [1, null]);
  await assert.rejects(publishing.signOff(caller, s.id, 1), { code: 'submission.not_in_state' });
  await assert.rejects(publishing.submit(caller, p.id, {}), { code: 'product.under_way' });
  await drive(next.id);
  assert.deepEqual(await slotsOf(p.id), [2, null]);
});

test('nothing stays in preview that nobody can sign off', async () => {
  for (const end of ['refused', 'cancelled'] as const) {
    const { caller, product: p } = await inPreview();
    const next = await publishing.submit(caller, p.id, {});
    if (end === 'refused') await runner({ ...stages, prerequisites: refusing }).drive(next.id);
    else await publishing.cancel(caller, next.id);
    assert.equal((await publishing.view(next.id)).state, end);
    assert.deepEqual(await slotsOf(p.id), [null, null], end);
  }
});

test('cancelling leaves what is live and the draft as they are', async () => {
  const { caller, product: p, s } = await inPreview();
  await publishing.signOff(caller, s.id, 1);
  await drive(s.id);
  await market.edit(caller, p, (d) => ({ ...d, listing: { ...d.listing, title: 'Next' } }));
  const next = await publishing.submit(caller, p.id, {});
  await drive(next.id);
  assert.deepEqual(await slotsOf(p.id), [2, 1]);
  await publishing.cancel(caller, next.id);
  assert.deepEqual(await slotsOf(p.id), [null, 1]);
  assert.equal((await products.draft(caller.accountId, p.id)).document.listing?.title, 'Next');
  await assert.rejects(publishing.cancel(caller, next.id), { code: 'submission.not_in_state' });
  await assert.rejects(publishing.cancel(caller, s.id), { code: 'submission.not_in_state' });
});

test('where the operator’s policy asks for a review nothing goes live before an approval', async () => {
  market.policy.current = {
    ...market.policy.current,
    review: { ...market.policy.current.review, 'model-package': 'one' },
  };
  try {
    const { caller, product: p, s } = await inPreview();
    const waiting = await publishing.signOff(caller, s.id, 1);
    assert.deepEqual([waiting.state, waiting.stage, waiting.waitsFor], ['waiting', 'review', 'operator']);
    assert.deepEqual(await slotsOf(p.id), [1, null]);
    assert.ok((await eventsOf(s.id)).includes('submission.in-review'));
    const queued = (await market.review.queue.list(reviewer, {})).find((q) => q.submissionId === s.id);
    assert.equal(queued?.kind, 'review');
    const decide = (who: typeof caller, decision: 'approve' | 'reject') =>
      send(who, {
        method: 'POST',
        url: `/api/submissions/${s.id}/review`,
        payload: { decision, comment: 'Read whole.' },
      });
    assert.equal((await decide(caller, 'approve')).statusCode, 403);
    const own = { ...caller, roles: ['operator-reviewer' as const] };
    assert.equal((await decide(own, 'approve')).json().error.code, 'submission.own_review');
    const approved = await decide(reviewer, 'approve');
    assert.equal(approved.json().state, 'running', approved.body);
    assert.equal((await drive(s.id)).state, 'released');
    assert.match((await stage(s, 'review')).summary, /Approved by .*: Read whole\./);
    assert.equal((await decide(reviewer, 'reject')).json().error.code, 'submission.not_in_state');
  } finally {
    market.policy.current = {
      ...market.policy.current,
      review: { ...market.policy.current.review, 'model-package': 'automatic' },
    };
  }
});

test('a rejection goes to the publisher with its reason and ends the preview', async () => {
  const review = { ...market.policy.current.review, 'model-package': 'one' as const };
  const before = market.policy.current;
  market.policy.current = { ...before, review };
  try {
    const { caller, product: p, s } = await inPreview();
    await publishing.signOff(caller, s.id, 1);
    const rejected = await publishing.review(reviewer, s.id, 'reject', 'The title promises too much.');
    assert.deepEqual([rejected.state, rejected.waitsFor], ['refused', 'publisher']);
    assert.match(rejected.message, /The title promises too much\./);
    assert.deepEqual(await slotsOf(p.id), [null, null]);
    assert.ok((await eventsOf(s.id)).includes('submission.refused'));
    assert.equal((await stage(s, 'release')).state, 'cancelled');
  } finally {
    market.policy.current = before;
  }
});

test('a submission exists for its own account and for reviewers only; what others may do they cannot', async () => {
  const { caller, product: p, s } = await inPreview();
  const stranger = await publisher();
  for (const [method, url, payload] of [
    ['GET', `/api/submissions/${s.id}`, undefined],
    ['GET', `/api/submissions/${s.id}/diff`, undefined],
    ['GET', `/api/submissions/${s.id}/events`, undefined],
    ['POST', `/api/submissions/${s.id}/cancel`, undefined],
    ['POST', `/api/submissions/${s.id}/retry`, undefined],
    ['POST', `/api/submissions/${s.id}/sign-off`, { revision: 1 }],
  ] as const) {
    const answer = await send(stranger, { method, url, ...(payload ? { payload } : {}) });
    assert.deepEqual([answer.statusCode, answer.json().error.code], [404, 'submission.missing'], url);
  }
  const hidden = await send(stranger, { method: 'GET', url: `/api/products/${p.id}/submissions` });
  assert.equal(hidden.json().error.code, 'product.missing');
  assert.equal((await send(reviewer, { method: 'GET', url: `/api/submissions/${s.id}` })).statusCode, 200);
  await assert.rejects(publishing.signOff(reviewer, s.id, 1), { code: 'submission.missing' });
  await assert.rejects(publishing.cancel(reviewer, s.id), { code: 'submission.missing' });
  await publishing.cancel(caller, s.id);
});

test('the operator’s people may try a held stage again without being publishers', async () => {
  const caller = await publisher();
  const s = await publishing.submit(caller, (await product(caller)).id, {});
  const broken: Stage = {
    ...passing,
    run: async () => {
      throw new Error('broken');
    },
  };
  const { run } = runner({ prerequisites: broken });
  for (let i = 0; i < 5; i++) await run(s.id, 'prerequisites');
  const viewer = { ...caller, roles: ['viewer' as const] };
  const retry = (who: typeof caller) => send(who, { method: 'POST', url: `/api/submissions/${s.id}/retry` });
  assert.equal((await retry(viewer)).statusCode, 403);
  assert.equal((await retry(reviewer)).json().state, 'running');
});

test('lists are read on without a gap or a repetition, also among submissions of one millisecond', async () => {
  const caller = await publisher();
  const p = await product(caller);
  const made: string[] = [];
  for (let i = 0; i < 5; i++) {
    const s = await publishing.submit(caller, p.id, {});
    await publishing.cancel(caller, s.id);
    made.push(s.id);
  }
  await sql`update submissions set submitted_at = now() where product_id = ${p.id}`.execute(db);
  const seen: string[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const url = `/api/products/${p.id}/submissions?limit=2${cursor ? `&cursor=${cursor}` : ''}`;
    const page: { items: { id: string }[]; nextCursor: string | null } = (
      await send(caller, { method: 'GET', url })
    ).json();
    seen.push(...page.items.map((x) => x.id));
    cursor = page.nextCursor;
  }
  assert.deepEqual(seen, made.toSorted().reverse());
  const odd = await send(caller, { method: 'GET', url: `/api/products/${p.id}/submissions?cursor=nonsense` });
  assert.equal(odd.statusCode, 200);
});

test('the difference is what buyers would see change', async () => {
  const { caller, product: p, s } = await inPreview();
  await publishing.signOff(caller, s.id, 1);
  await drive(s.id);
  await market.edit(caller, p, (d) => ({ ...d, listing: { ...d.listing, title: 'Next' } }));
  const next = await publishing.submit(caller, p.id, {});
  assert.deepEqual(await publishing.diff(caller, next.id), {
    against: 1,
    changes: [
      {
        pointer: '/listing/title',
        place: 'Listing › Title',
        kind: 'edited',
        before: 'Iris Species',
        after: 'Next',
      },
    ],
  });
});

test('the pipeline is shown as its table, with what was measured here', async () => {
  const answer = await send(await publisher(), { method: 'GET', url: '/api/pipeline' });
  assert.equal(answer.statusCode, 200, answer.body);
  assert.equal(answer.json().stages.length, 10);
});
