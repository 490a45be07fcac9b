import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import type { Policies, ProductDocument } from '@souk/contract';
import { testPublishing } from '../../../test/publishing.ts';
import type { Member } from '../../platform/authorize.ts';
import { rows, sql } from '../../platform/db.ts';
import type { Stage, StageOutcome } from './stages/stage.ts';

const market = await testPublishing();
const { db, publishing, products, publisher, product, runner, slotsOf, stage } = market;
const safe = market.policy.current;
afterEach(() => {
  market.policy.current = safe;
});
const policy = (change: Partial<Policies>) => {
  market.policy.current = { ...market.policy.current, ...change };
};
const forModels = <T>(
  of: Record<'model-package' | 'algorithm' | 'web-service' | 'application', T>,
  to: T,
) => ({
  ...of,
  'model-package': to,
});
const read = (word: Policies['review']['algorithm'], texts = word) =>
  policy({ review: forModels(safe.review, word), reviewOfTexts: forModels(safe.reviewOfTexts, texts) });

const reviewer = await market.member(['operator-reviewer'], true);
async function colleague(): Promise<Member> {
  const one = await market.member(['operator-reviewer']);
  await sql`update members set account_id = ${reviewer.accountId} where person_id = ${one.personId}`.execute(
    db,
  );
  return { ...one, accountId: reviewer.accountId };
}

const passing: Stage = {
  reads: async (s) => s.revisionId,
  run: async (): Promise<StageOutcome> => ({ kind: 'passed', summary: 'Good.' }),
};
const slot = (name: 'preview' | 'live'): Stage => ({
  ...passing,
  run: async ({ submission: s }): Promise<StageOutcome> => ({
    kind: 'passed',
    summary: 'Good.',
    commit: async (tx) => {
      await products.setSlot(tx, s.productId, name, s.revisionId);
      if (name === 'live') await products.setSlot(tx, s.productId, 'preview', null);
    },
  }),
});
const { drive } = runner({
  prerequisites: passing,
  certification: passing,
  'trial-run': passing,
  packaging: slot('preview'),
  release: slot('live'),
});
const retitle = (title: string) => (d: ProductDocument) => ({ ...d, listing: { ...d.listing, title } });
const retry = (number: string) => (d: ProductDocument) => ({
  ...d,
  versions: (d.versions ?? []).map((v) => ({
    ...v,
    input: { ...v.input, samples: { contentType: 'application/json', realtime: number } },
  })),
});

async function signedOff(caller: Member, productId: string) {
  const s = await publishing.submit(caller, productId, {});
  await drive(s.id);
  return publishing.signOff(caller, s.id, s.revision);
}
async function live() {
  const caller = await publisher();
  const p = await product(caller);
  read('automatic');
  const s = await signedOff(caller, p.id);
  assert.equal((await drive(s.id)).state, 'released');
  return { caller, p };
}

test('where two must read, one is not enough, the same person is not two, and two different people are', async () => {
  read('two');
  const caller = await publisher();
  const s = await signedOff(caller, (await product(caller)).id);
  assert.deepEqual([s.stage, s.review?.reviewers, s.review?.approvals], ['review', 2, []]);
  assert.match(s.answerBy ?? '', /^\d{4}-/);
  const once = await publishing.review(reviewer, s.id, 'approve', 'Read it.');
  assert.deepEqual([once.state, once.review?.approvals.length], ['waiting', 1]);
  assert.match((await stage(s, 'review')).summary, /Approved by 1 of 2/);
  await assert.rejects(publishing.review(reviewer, s.id, 'approve', 'Again.'), {
    code: 'submission.reviewed_already',
  });
  assert.equal((await publishing.review(await colleague(), s.id, 'approve', 'Me too.')).state, 'running');
  assert.equal((await drive(s.id)).state, 'released');
  assert.equal((await stage(s, 'review')).evidence.length, 2);
});

test('of two approvals at once both count, and the submission goes on once', async () => {
  read('two');
  const caller = await publisher();
  const s = await signedOff(caller, (await product(caller)).id);
  await Promise.all(
    [reviewer, await colleague()].map((who) => publishing.review(who, s.id, 'approve', 'Good.')),
  );
  assert.equal((await publishing.view(s.id)).state, 'running');
  assert.equal((await market.historyOf(s.id)).filter((e) => e === 'approved').length, 1);
});

test('one rejection is enough, also after an approval', async () => {
  read('two');
  const caller = await publisher();
  const s = await signedOff(caller, (await product(caller)).id);
  await publishing.review(reviewer, s.id, 'approve', 'Good.');
  const rejected = await publishing.review(await colleague(), s.id, 'reject', 'Too bold.');
  assert.equal(rejected.state, 'refused');
  assert.equal(rejected.answerBy, null);
});

test('nobody reviews what they submitted, or what an account submitted to which they belong', async () => {
  read('one');
  const caller = await publisher();
  const s = await signedOff(caller, (await product(caller)).id);
  const sameMail = { ...reviewer, email: caller.email };
  await assert.rejects(publishing.review(sameMail, s.id, 'approve', 'Good.'), {
    code: 'submission.own_submission',
  });
  const both = await colleague();
  await sql`insert into members (account_id, person_id, roles) values (${caller.accountId}, ${both.personId}, '{viewer}')`.execute(
    db,
  );
  await assert.rejects(publishing.review(both, s.id, 'approve', 'Good.'), { code: 'submission.own_review' });
  assert.equal((await publishing.review(reviewer, s.id, 'approve', 'Good.')).state, 'running');
});

test('changes of texts have a lighter word of their own; what runs otherwise has not', async () => {
  const { caller, p } = await live();
  read('two', 'automatic');
  await market.edit(caller, p, retitle('Next'));
  const text = await signedOff(caller, p.id);
  assert.deepEqual([text.stage, text.review], ['release', null]);
  assert.match((await stage(text, 'review')).summary, /no reviewer of changes of texts/);
  await drive(text.id);
  await market.edit(caller, p, retry('[1]'));
  const runs = await signedOff(caller, p.id);
  assert.deepEqual([runs.stage, runs.review?.reviewers], ['review', 2]);
});

test('a first release is never a change of texts', async () => {
  read('one', 'automatic');
  const caller = await publisher();
  assert.equal((await signedOff(caller, (await product(caller)).id)).stage, 'review');
});

test('the sample reads all at 100 and none at 0, and who was drawn stays drawn until approved', async () => {
  read('sample');
  policy({ reviewSample: forModels(safe.reviewSample, 100) });
  const caller = await publisher();
  const p = await product(caller);
  const drawn = await signedOff(caller, p.id);
  assert.equal(drawn.stage, 'review');
  assert.match(drawn.review?.why ?? '', /Drawn at random/);
  // Cancelling and submitting something else is no way round, even where nobody would be drawn.
  await publishing.cancel(caller, drawn.id);
  policy({ reviewSample: forModels(safe.reviewSample, 0) });
  await market.edit(caller, p, retitle('Slightly other'));
  const again = await signedOff(caller, p.id);
  assert.deepEqual([again.stage, again.review?.reviewers], ['review', 1]);
  await publishing.review(reviewer, again.id, 'approve', 'Good.');
  await drive(again.id);
  await market.edit(caller, p, retitle('Once more'));
  assert.equal((await signedOff(caller, p.id)).stage, 'release');
});

test('a policy that changes meanwhile holds for what arrives later', async () => {
  read('one');
  const caller = await publisher();
  const s = await signedOff(caller, (await product(caller)).id);
  read('two');
  assert.equal((await publishing.review(reviewer, s.id, 'approve', 'Good.')).state, 'running');
});

test('a reviewer reads what changed against what was read last, against live, or whole', async () => {
  const { caller, p } = await live();
  read('one');
  await market.edit(caller, p, retitle('Second'));
  const second = await signedOff(caller, p.id);
  await publishing.review(reviewer, second.id, 'reject', 'Too bold.');
  await market.edit(caller, p, (d) => ({ ...d, listing: { ...d.listing, sku: 'S-3' } }));
  const third = await signedOff(caller, p.id);
  const places = async (against: 'live' | 'reviewed' | 'nothing') => {
    const diff = await publishing.diff(reviewer, third.id, against);
    return { against: diff.against, places: diff.changes.map((c) => c.place) };
  };
  assert.deepEqual(await places('reviewed'), { against: 2, places: ['Listing › SKU'] });
  assert.deepEqual(await places('live'), { against: 1, places: ['Listing › Title', 'Listing › SKU'] });
  const whole = await places('nothing');
  assert.equal(whole.against, null);
  assert.ok(whole.places.length > 3);
});

test('a change of texts and prices goes live in one step, exactly as it was submitted', async () => {
  const { caller, p } = await live();
  await market.edit(caller, p, retitle('At once'));
  const { version } = await products.draft(caller.accountId, p.id);
  const s = await publishing.submit(caller, p.id, { draftVersion: version, signOff: true });
  // What is written meanwhile is the next revision's.
  await market.edit(caller, p, retitle('Later'));
  const done = await drive(s.id);
  assert.equal(done.state, 'released');
  assert.deepEqual(await slotsOf(p.id), [null, 2]);
  assert.equal((await products.slots(p.id))?.liveDocument?.listing?.title, 'At once');
  const signed = await stage(s, 'sign-off');
  assert.equal(signed.state, 'passed');
  assert.match(signed.summary, new RegExp(`Signed off by ${caller.email} together with submitting it`));
  assert.deepEqual(signed.evidence, [
    { name: 'Revision', value: 2 },
    { name: 'Digest of the revision', value: s.revisionSha256 },
  ]);
});

test('what must be tried is not published at once, nor what is not live, nor what somebody may not release', async () => {
  const { caller, p } = await live();
  await market.edit(caller, p, retry('[2]'));
  await assert.rejects(publishing.submit(caller, p.id, { signOff: true }), {
    code: 'submission.needs_preview',
    params: { changes: 'Versions › 1.0.0 › Input › Samples › Real time' },
  });
  assert.equal((await rows(db, sql`select 1 from revisions where product_id = ${p.id}`)).length, 1);
  const fresh = await product(caller);
  await assert.rejects(publishing.submit(caller, fresh.id, { signOff: true }), {
    code: 'submission.needs_preview',
  });
  const lister = { ...caller, roles: ['lister' as const] };
  await assert.rejects(publishing.submit(lister, p.id, { signOff: true }), { code: 'request.forbidden' });
});

test('publishing at once keeps to a review that the policy asks for', async () => {
  const { caller, p } = await live();
  read('one', 'one');
  await market.edit(caller, p, retitle('At once'));
  const s = await publishing.submit(caller, p.id, { signOff: true });
  assert.deepEqual([(await drive(s.id)).stage, await slotsOf(p.id)], ['review', [2, 1]]);
});

test('a preview with a new version is not slipped past its sign-off by publishing texts at once', async () => {
  const { caller, p } = await live();
  await market.edit(caller, p, retry('[3]'));
  const preview = await publishing.submit(caller, p.id, {});
  await drive(preview.id);
  await market.edit(caller, p, retitle('At once'));
  await assert.rejects(publishing.submit(caller, p.id, { signOff: true }), {
    code: 'submission.needs_preview',
  });
  assert.equal((await publishing.view(preview.id)).stage, 'sign-off');
});
