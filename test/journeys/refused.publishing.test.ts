import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  type ErrorBody,
  operations,
  type Product,
  type ProductDocument,
  type Submission,
} from '@souk/contract';
import {
  createIris,
  createProduct,
  goLive,
  irisModel,
  registerIris,
  settled,
  submit,
  subscribe,
  upload,
} from './publish.ts';
import {
  type Client,
  type Person,
  type RunningSouk,
  refusal,
  removeFolder,
  signUp,
  startSouk,
} from './souk.ts';

/** What people get wrong between a draft and a subscription: each has its own code, and nothing half-done is left. */
let souk: RunningSouk;
let publisher: Person;
let other: Person;
let client: Client;
let product: Product;
let document: ProductDocument;

before(async () => {
  souk = await startSouk();
  publisher = await signUp(souk.url, 'publisher');
  other = await signUp(souk.url, 'other');
  client = publisher.client;
  product = await createIris(publisher, 'flowers');
  ({ document } = await client.ok(operations.getDraft, of(product)));
});
after(async () => {
  await souk.stop();
  removeFolder(souk.dataDir);
});

const of = ({ id }: Product) => ({ params: { productId: id } });
const at = ({ id }: Submission) => ({ params: { submissionId: id } });
/** A further product with its draft changed. */
async function drafted(slug: string, change: (d: ProductDocument) => ProductDocument): Promise<Product> {
  return client.ok(operations.createProduct, {
    body: { type: 'model-package', slug, document: change(document) },
  });
}
const withVersions =
  (...changes: object[]) =>
  (d: ProductDocument): ProductDocument => ({
    ...d,
    versions: changes.map((change) => ({ ...d.versions?.[0], ...change })),
  });
async function saved(change: (d: ProductDocument) => ProductDocument, p = product) {
  const draft = await client.ok(operations.getDraft, of(p));
  return { ...of(p), body: { version: draft.version, document: change(draft.document) } };
}
const submitting = async (p: Product) => refusal(client, operations.submitProduct, { ...of(p), body: {} });

test('an ARN that does not exist, of another account, or of a failed package is refused, each with its reason', async () => {
  const arn = document.versions?.[0]?.modelPackageArn ?? '';
  const theirs = (await registerIris(other.client, 'theirs')).arn;
  const { uploadId } = await upload(client, Buffer.from('no model'), 'x.tar', 'model');
  await client.ok(operations.createModelPackage, { body: irisModel('broken', uploadId) });
  const cases = [
    ['document.resource_missing', `${arn}-nothing`],
    ['document.resource_foreign', theirs],
    ['document.resource_not_completed', arn.replace('flowers-1', 'broken')],
    ['document.arn_form', 'arn:aws:s3:::bucket'],
  ] as const;
  for (const [i, [code, wrong]] of cases.entries()) {
    const refused = await submitting(await drafted(`wrong-${i}`, withVersions({ modelPackageArn: wrong })));
    assert.deepEqual([refused.status, refused.code], [412, 'submission.incomplete']);
    assert.deepEqual(refused.findings, [`${code} /versions/0/modelPackageArn`]);
  }
});

test('a version number used twice, and one that cannot stand in an address, are refused', async () => {
  const twice = await submitting(
    await drafted('twice', withVersions({ number: '1.0.0' }, { number: '1.0.0' })),
  );
  assert.deepEqual(twice.findings, ['document.duplicate_version /versions/1/number']);
  const odd = await submitting(await drafted('odd', withVersions({ number: '1/0' })));
  assert.deepEqual(odd.findings, ['document.version_number /versions/0/number']);
});

test('of two who save the same draft one wins, and the other is told', async () => {
  const p = await drafted('raced', (d) => d);
  const bodies = await Promise.all(
    ['A', 'B', 'C'].map((title) => saved((d) => ({ ...d, listing: { ...d.listing, title } }), p)),
  );
  const answers = await Promise.all(bodies.map((input) => client.send(operations.putDraft, input)));
  assert.deepEqual(answers.map((a) => a.status).sort(), [200, 409, 409]);
  const winner = answers.findIndex((a) => a.status === 200);
  const { document: kept } = await client.ok(operations.getDraft, of(p));
  assert.equal(kept.listing?.title, ['A', 'B', 'C'][winner]);
  assert.equal(
    (await refusal(client, operations.putDraft, bodies[(winner + 1) % 3])).code,
    'product.draft_changed',
  );
});

let submission: Submission;
test('of those who submit at once one begins; while it is under way nothing else does', async () => {
  const answers = await Promise.all(
    Array.from({ length: 4 }, () => client.send(operations.submitProduct, { ...of(product), body: {} })),
  );
  assert.deepEqual(answers.map((a) => a.status).sort(), [201, 409, 409, 409]);
  const refused = await submitting(product);
  assert.equal(refused.code, 'product.under_way');
  const { items } = await client.ok(operations.listSubmissions, of(product));
  assert.equal(items.length, 1);
  submission = await settled(client, items[0] ?? assert.fail());
  assert.equal(submission.stage, 'sign-off', submission.message);
});

test('what is frozen since the submission cannot be saved, and the findings say what can be done', async () => {
  const regions = await refusal(
    client,
    operations.putDraft,
    await saved((d) => ({ ...d, regions: { mode: 'selected', selected: ['souk-home-1'] } })),
  );
  assert.deepEqual([regions.status, regions.code, regions.findings.length], [409, 'product.frozen', 1]);
  assert.match(regions.findings[0] ?? '', / \/regions/);
  const secret = await drafted('secret', (d) => ({ ...d, listing: { ...d.listing, visibility: 'private' } }));
  const cancelled = await submit(client, secret.id);
  await client.ok(operations.cancelSubmission, at(cancelled));
  const opened = await refusal(
    client,
    operations.putDraft,
    await saved((d) => ({ ...d, listing: { ...d.listing, visibility: 'public' } }), secret),
  );
  assert.deepEqual([opened.status, opened.code], [409, 'product.frozen']);
  assert.match(opened.findings[0] ?? '', / \/listing\/visibility$/);
  assert.equal((await refusal(client, operations.deleteProduct, of(secret))).code, 'product.submitted');
});

test('submitting again during the preview takes the place of the first; the outdated one cannot be signed off', async () => {
  await client.ok(
    operations.putDraft,
    await saved((d) => ({ ...d, listing: { ...d.listing, title: 'Iris Names' } })),
  );
  const newer = await settled(client, await submit(client, product.id));
  assert.deepEqual([newer.revision, newer.stage], [submission.revision + 1, 'sign-off']);
  assert.equal((await client.ok(operations.getSubmission, at(submission))).state, 'superseded');
  const late = await refusal(client, operations.signOff, {
    ...at(submission),
    body: { revision: submission.revision },
  });
  assert.deepEqual([late.status, late.code], [409, 'submission.not_in_state']);
  const untested = await refusal(client, operations.signOff, {
    ...at(newer),
    body: { revision: submission.revision },
  });
  assert.deepEqual([untested.status, untested.code], [409, 'submission.outdated']);
  assert.equal(
    (await refusal(other.client, operations.signOff, { ...at(newer), body: { revision: newer.revision } }))
      .code,
    'submission.missing',
  );
  submission = await goLive(client, newer);
  assert.equal(submission.state, 'released');
});

test('a submission is cancelled while it runs and while it waits, and not when it is over', async () => {
  const p = await createProduct(client, document.versions?.[0]?.modelPackageArn ?? '', 'cancelled');
  const running = await submit(client, p.id);
  assert.equal((await client.ok(operations.cancelSubmission, at(running))).state, 'cancelled');
  const waiting = await settled(client, await submit(client, p.id));
  assert.equal(waiting.state, 'waiting', waiting.message);
  const ended = await client.ok(operations.cancelSubmission, at(waiting));
  assert.equal(ended.state, 'cancelled');
  assert.ok(ended.stages.every((s) => s.state !== 'waiting' && s.state !== 'running'));
  const where = { params: { publisher: 'flowers', product: 'cancelled' } };
  assert.equal((await refusal(client, operations.getCatalogProduct, where)).code, 'catalog.missing');
  for (const over of [ended, submission]) {
    const refused = await refusal(client, operations.cancelSubmission, at(over));
    assert.deepEqual([refused.status, refused.code], [409, 'submission.not_in_state']);
    assert.equal(
      (await refusal(client, operations.retrySubmission, at(over))).code,
      'submission.not_in_state',
    );
  }
});

const again = async (change: (d: ProductDocument) => ProductDocument) => {
  await client.ok(operations.putDraft, await saved(change));
  const s = await settled(client, await submit(client, product.id));
  assert.equal(s.stage, 'sign-off', s.message);
  const released = await goLive(client, s);
  assert.equal(released.state, 'released');
  return Object.fromEntries(released.stages.map((x) => [x.stage, x]));
};

test('a new price scans and tries nothing again', async () => {
  const stages = await again((d) => ({ ...d, plans: [...(d.plans ?? []), { id: 'more', name: 'More' }] }));
  assert.deepEqual(
    [stages.certification?.state, stages['trial-run']?.state],
    ['carried-over', 'carried-over'],
  );
  assert.match(stages.certification?.summary ?? '', /revision 2/);
});

test('a new text is read, but the package is neither examined nor tried again', async () => {
  const stages = await again((d) => ({
    ...d,
    listing: { ...d.listing, shortDescription: 'Tells irises apart.' },
  }));
  assert.deepEqual([stages.certification?.state, stages['trial-run']?.state], ['passed', 'carried-over']);
  assert.match(stages.certification?.summary ?? '', /carried over, since their bytes were examined before/);
});

test('a subscription needs an offered plan, the current licence and its acceptance, and there is one at a time', async () => {
  const buyer = await signUp(souk.url, 'buyer');
  const page = await buyer.client.ok(operations.getCatalogProduct, {
    params: { publisher: 'flowers', product: 'iris' },
  });
  const right = {
    publisher: 'flowers',
    product: 'iris',
    planId: 'free',
    eulaSha256: page.eula.sha256,
    acceptEula: true,
  };
  const wrong = async (change: object) =>
    (await refusal(buyer.client, operations.subscribe, { body: { ...right, ...change } })).code;
  assert.equal(await wrong({ planId: 'gold' }), 'subscription.plan_missing');
  assert.equal(await wrong({ acceptEula: false }), 'subscription.eula_not_accepted');
  assert.equal(await wrong({ eulaSha256: '0'.repeat(64) }), 'subscription.eula_changed');
  assert.equal(await wrong({ version: '9.9.9' }), 'subscription.version_missing');
  assert.equal(await wrong({ slot: 'preview' }), 'catalog.missing');
  await again((d) => ({ ...d, terms: { ...d.terms, eula: 'Another licence.' } }));
  assert.equal(await wrong({}), 'subscription.eula_changed');
  const answers = await Promise.allSettled(
    Array.from({ length: 3 }, () => subscribe(buyer.client, 'flowers', 'free')),
  );
  const made = answers.flatMap((a) => (a.status === 'fulfilled' ? [a.value] : []));
  assert.equal(made.length, 1);
  const [{ id, eulaSha256 } = assert.fail()] = made;
  const twice = await refusal(buyer.client, operations.subscribe, { body: { ...right, eulaSha256 } });
  assert.equal(twice.code, 'subscription.exists');
  assert.ok(twice.remedy.includes(id), twice.remedy);
});

test('a picture that is none is no logo: it is refused when it is sent, and nothing of it is kept', async () => {
  const bytes = Buffer.from('GIF89a, but not really');
  const { id } = await client.ok(operations.createUpload, {
    body: { fileName: 'logo.gif', purpose: 'media', sizeBytes: bytes.length },
  });
  const sent = await client.send(operations.appendUpload, {
    params: { uploadId: id },
    query: { offset: 0 },
    raw: bytes,
  });
  const { error } = sent.body as unknown as ErrorBody;
  assert.deepEqual([sent.status, error.code], [400, 'upload.picture_refused']);
  assert.ok(error.findings?.some((f) => f.code.startsWith('image.') && f.remedy));
  const p = await drafted('faceless', (d) => ({
    ...d,
    promotion: { ...d.promotion, logo: { sha256: '0'.repeat(64), contentType: 'image/gif' } },
  }));
  const draft = await client.ok(operations.getDraft, of(p));
  assert.ok(draft.findings.some((f) => f.code === 'logo.missing' && f.pointer === '/promotion/logo'));
});
