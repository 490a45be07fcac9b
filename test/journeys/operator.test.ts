import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { operations, type Policies, type Submission } from '@souk/contract';
import { checked, createProduct, goLive, pushIris, settled, submit, writeProfile } from './publish.ts';
import {
  createOperator,
  type Person,
  type RunningSouk,
  refusal,
  removeFolder,
  signUp,
  startSouk,
  until,
} from './souk.ts';

/** What the operator decides: a scanner that is missing holds or is recorded, and a review is passed by a human of another account. */
let souk: RunningSouk;
let operator: Person;
let publisher: Person;

before(async () => {
  // No clamd listens there.
  souk = await startSouk({ env: { SOUK_CLAMD: '/nonexistent/clamd.sock' } });
  operator = await createOperator(souk);
  publisher = await signUp(souk.url, 'publisher');
  await writeProfile(publisher.client, 'flowers');
});
after(async () => {
  await souk.stop();
  removeFolder(souk.dataDir);
});

async function decide(change: Partial<Policies>) {
  const policies = await operator.client.ok(operations.getPolicies);
  await operator.client.ok(operations.putPolicies, { body: { ...policies, ...change } });
}
const at = ({ id }: Submission) => ({ params: { submissionId: id } });
const queued = async (s: Submission) =>
  (await operator.client.ok(operations.listReviewQueue, {})).items.find((i) => i.submissionId === s.id)?.kind;
const review = (s: Submission, decision: 'approve' | 'reject', comment = 'Read it.') => ({
  ...at(s),
  body: { decision, comment },
});

let arn: string;
test('without a scanner a package waits, and says for what', async () => {
  await pushIris(publisher.client, 'waiting');
  const waits = await until(
    'the wait',
    () => publisher.client.ok(operations.getModelPackage, { params: { name: 'waiting' } }),
    (m) => m.imageScanStatuses[0]?.failureReason !== null,
  );
  assert.equal(waits.status, 'InProgress');
  assert.match(waits.imageScanStatuses[0]?.failureReason ?? '', /scanner/);
});

test('where the policy says so it goes on, and the evidence says that nothing was scanned', async () => {
  await decide({ scannerMissing: 'record' });
  await pushIris(publisher.client, 'recorded');
  const model = await checked(publisher.client, 'recorded');
  assert.equal(model.status, 'Completed', model.failureReason ?? '');
  assert.match(model.imageScanStatuses[0]?.failureReason ?? '', /Not scanned/);
  arn = model.arn;
});

let held: Submission;
test('a submission that cannot be scanned is held for the operator, and never shown as the publisher’s mistake', async () => {
  await decide({ scannerMissing: 'hold' });
  const product = await createProduct(publisher.client, arn, 'held');
  held = await settled(publisher.client, await submit(publisher.client, product.id));
  assert.deepEqual([held.state, held.stage, held.waitsFor], ['held', 'certification', 'operator']);
  assert.match(held.message, /not yours/);
  assert.deepEqual(
    held.stages.flatMap((s) => s.findings.filter((f) => f.severity === 'error')),
    [],
  );
  assert.equal(await queued(held), 'held');
});

test('a retry changes nothing while the reason stands; after it the submission goes on', async () => {
  await publisher.client.ok(operations.retrySubmission, at(held));
  assert.equal((await settled(publisher.client, held)).state, 'held');
  await decide({ scannerMissing: 'record' });
  await operator.client.ok(operations.retrySubmission, at(held));
  held = await settled(publisher.client, held);
  assert.deepEqual([held.state, held.stage], ['waiting', 'sign-off'], held.message);
  assert.equal(await queued(held), undefined);
  const evidence = held.stages.find((s) => s.stage === 'certification')?.evidence ?? [];
  assert.match(String(evidence.find((e) => e.name.includes('Malware scan'))?.value), /^not run/);
});

test('a held submission can be cancelled', async () => {
  await decide({ scannerMissing: 'hold' });
  const product = await createProduct(publisher.client, arn, 'given-up');
  const s = await settled(publisher.client, await submit(publisher.client, product.id));
  assert.equal(s.state, 'held');
  assert.equal((await publisher.client.ok(operations.cancelSubmission, at(s))).state, 'cancelled');
  assert.equal(await queued(s), undefined);
  await decide({ scannerMissing: 'record' });
});

async function inReview(person: Person, slug: string, modelArn: string): Promise<Submission> {
  const product = await createProduct(person.client, modelArn, slug);
  const preview = await settled(person.client, await submit(person.client, product.id));
  const s = await goLive(person.client, preview);
  assert.deepEqual([s.state, s.stage, s.waitsFor], ['waiting', 'review', 'operator'], s.message);
  return s;
}

test('a review that the policy asks for is approved by a reviewer, and only then is the product live', async () => {
  const policies = await operator.client.ok(operations.getPolicies);
  await decide({ review: { ...policies.review, 'model-package': 'one' } });
  const s = await inReview(publisher, 'reviewed', arn);
  assert.equal(await queued(s), 'review');
  const where = { params: { publisher: 'flowers', product: 'reviewed' } };
  assert.equal((await publisher.client.ok(operations.getCatalogProduct, where)).slot, 'preview');
  assert.equal(
    (await refusal(publisher.client, operations.reviewSubmission, review(s, 'approve'))).code,
    'request.forbidden',
  );
  const empty = await refusal(operator.client, operations.reviewSubmission, review(s, 'approve', ''));
  assert.deepEqual([empty.code, empty.status], ['request.invalid', 400]);
  await operator.client.ok(operations.reviewSubmission, review(s, 'approve'));
  assert.equal((await settled(publisher.client, s)).state, 'released');
  assert.equal((await publisher.client.ok(operations.getCatalogProduct, where)).slot, 'live');
  assert.equal(
    (await refusal(operator.client, operations.reviewSubmission, review(s, 'reject'))).code,
    'submission.not_in_state',
  );
});

test('a rejection carries its reason to the publisher, and what was in preview is there no more', async () => {
  const s = await inReview(publisher, 'rejected', arn);
  await operator.client.ok(operations.reviewSubmission, review(s, 'reject', 'The licence names nobody.'));
  const rejected = await publisher.client.ok(operations.getSubmission, at(s));
  assert.deepEqual([rejected.state, rejected.waitsFor], ['refused', 'publisher']);
  assert.match(
    rejected.stages.find((x) => x.stage === 'review')?.summary ?? '',
    /The licence names nobody\./,
  );
  const where = { params: { publisher: 'flowers', product: 'rejected' } };
  assert.equal(
    (await refusal(publisher.client, operations.getCatalogProduct, where)).code,
    'catalog.missing',
  );
});

test('a submission in review can be cancelled, and then nobody decides on it', async () => {
  const s = await inReview(publisher, 'withdrawn', arn);
  assert.equal((await publisher.client.ok(operations.cancelSubmission, at(s))).state, 'cancelled');
  assert.equal(
    (await refusal(operator.client, operations.reviewSubmission, review(s, 'approve'))).code,
    'submission.not_in_state',
  );
});

test('nobody reviews what their own account submitted', async () => {
  await writeProfile(operator.client, 'market');
  await pushIris(operator.client, 'own');
  const own = await checked(operator.client, 'own');
  const s = await inReview(operator, 'own', own.arn);
  const refused = await refusal(operator.client, operations.reviewSubmission, review(s, 'approve'));
  assert.deepEqual([refused.status, refused.code], [403, 'submission.own_review']);
});
