import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { operations, type Product, type ProductDocument, type Submission } from '@souk/contract';
import { irisDocument, irisFile } from '../iris-document.ts';
import { call, goLive, registerIris, settled, submit, subscribe, upload, writeProfile } from './publish.ts';
import {
  type Client,
  type Person,
  type RunningSouk,
  refusal,
  removeFolder,
  signUp,
  startSouk,
  until,
} from './souk.ts';

/**
 * The vendor's four steps of publishing, word by word: submit, test, sign off, live. Each test is one heading or note of the
 * document, and holds what it promises - where it promises an hour or a mail to somebody, Souk does it at once and alone.
 */
let souk: RunningSouk;
let publisher: Person;
let tester: Person;
let later: Person;
let stranger: Person;
let client: Client;
let product: Product;
let preview: Submission;
let arn: string;

before(async () => {
  souk = await startSouk();
  [publisher, tester, later, stranger] = (await Promise.all(
    ['publisher', 'tester', 'later', 'stranger'].map((name) => signUp(souk.url, name)),
  )) as [Person, Person, Person, Person];
  client = publisher.client;
});
after(async () => {
  await souk.stop();
  removeFolder(souk.dataDir);
});

const of = () => ({ params: { productId: product.id } });
const page = (person: Person, slot?: 'preview' | 'live') =>
  person.client.send(operations.getCatalogProduct, {
    params: { publisher: 'flowers', product: 'iris' },
    ...(slot ? { query: { slot } } : {}),
  });

/** Continue: one section is saved and the others stay as they are. */
async function save(section: Partial<ProductDocument>) {
  const draft = await client.ok(operations.getDraft, of());
  return client.ok(operations.putDraft, {
    ...of(),
    body: { version: draft.version, document: { ...draft.document, ...section } },
  });
}
const complete = async (section: string) =>
  (await client.ok(operations.getDraft, of())).completeness.find((c) => c.section === section)?.complete;

test('Before you can publish, an account that is registered as a publisher is required', async () => {
  const body = { type: 'model-package', slug: 'iris' } as const;
  assert.equal((await refusal(client, operations.createProduct, { body })).code, 'publisher.missing');
  await writeProfile(client, 'flowers');
  const model = await registerIris(client, 'flowers-1');
  assert.equal(model.status, 'Completed', model.failureReason ?? '');
  arn = model.arn;
});

test('Step 1: a new listing has a summary with status, privacy, type, creator and id', async () => {
  product = await client.ok(operations.createProduct, { body: { type: 'model-package', slug: 'iris' } });
  assert.deepEqual(
    [product.state, product.visibility, product.type, product.createdBy],
    ['draft', 'public', 'model-package', publisher.email],
  );
  assert.match(product.id, /^prd_/);
});

test('Step 2: general product information is given part by part, and each can be changed later', async () => {
  const { sha256 } = await upload(client, irisFile('logo.png'), 'logo.png', 'media');
  const whole = irisDocument(arn, sha256);
  for (const section of ['listing', 'promotion', 'support', 'regions'] as const) {
    await save({ [section]: whole[section] });
    assert.equal(await complete(section), true, section);
  }
  await save({ listing: { ...whole.listing, title: 'Iris Species, renamed' } });
  await save({ listing: whole.listing ?? {} });
  assert.equal(await complete('versions'), false);
});

test('Step 3: the launch option is an ARN: one that is wrong is refused for what is wrong with it', async () => {
  const version = irisDocument(arn, '').versions?.[0] ?? {};
  for (const [wrong, code] of [
    ['not an arn', 'document.arn_form'],
    [arn.replace('flowers-1', 'absent'), 'document.resource_missing'],
  ] as const) {
    const draft = await save({ versions: [{ ...version, modelPackageArn: wrong }] });
    const found = draft.findings.find((f) => f.pointer === '/versions/0/modelPackageArn');
    assert.equal(found?.code, code);
    assert.ok(found?.remedy);
  }
  await save({ versions: [version] });
  assert.equal(await complete('versions'), true);
});

test('Step 4: pricing and terms; without a licence agreement it cannot be submitted', async () => {
  const whole = irisDocument(arn, '');
  await save({ plans: whole.plans?.filter((p) => p.id === 'free') ?? [] });
  assert.equal(
    (await refusal(client, operations.submitProduct, { ...of(), body: {} })).code,
    'submission.incomplete',
  );
  await save({ terms: whole.terms ?? {} });
  assert.equal(await complete('terms'), true);
});

test('Step 5: submitting makes a preview for the publisher and the additional test accounts', async () => {
  preview = await settled(client, await submit(client, product.id, [tester.accountId]));
  assert.equal(preview.stage, 'sign-off', preview.message);
  assert.equal((await client.ok(operations.getProduct, of())).state, 'preview');
});

test('Testing: publisher and allow-listed accounts see the badge Limited, subscribe and call; nobody else can tell that it exists', async () => {
  for (const person of [publisher, tester]) assert.equal((await page(person)).body.item.limited, true);
  for (const person of [later, stranger]) assert.equal((await page(person)).status, 404);
  await subscribe(tester.client, 'flowers', 'free', 'preview');
  await until(
    'an answer',
    () => call(tester.client, 'flowers'),
    (r) => r.status === 200,
  );
});

test('To add other accounts before publishing, the publisher adds them: at once, without asking anybody', async () => {
  await client.ok(operations.putAudience, {
    ...of(),
    body: { testAccounts: [tester.accountId, later.accountId] },
  });
  assert.equal((await page(later)).body.item.limited, true);
  assert.equal((await page(stranger)).status, 404);
});

test('Once submitted, the regions are fixed', async () => {
  const draft = await client.ok(operations.getDraft, of());
  const changed = await client.send(operations.putDraft, {
    ...of(),
    body: {
      version: draft.version,
      document: { ...draft.document, regions: { mode: 'selected', selected: ['souk-home-1'] } },
    },
  });
  assert.equal(changed.status, 409);
});

test('If changes are necessary, edit and submit again: the tester has the new text, and the old revision cannot be signed off', async () => {
  const { document } = await client.ok(operations.getDraft, of());
  await save({ listing: { ...document.listing, shortDescription: 'Better words.' } });
  const again = await settled(client, await submit(client, product.id));
  assert.equal(again.stage, 'sign-off', again.message);
  assert.equal((await page(tester)).body.item.shortDescription, 'Better words.');
  assert.equal(
    (
      await refusal(client, operations.signOff, {
        params: { submissionId: again.id },
        body: { revision: preview.revision },
      })
    ).code,
    'submission.outdated',
  );
  preview = again;
});

test('Signing off: the product goes live, exactly as it was tested, for everybody; who tested it goes on', async () => {
  const released = await goLive(client, preview);
  assert.equal(released.state, 'released', released.message);
  const live = (await page(stranger)).body;
  assert.equal(live.revisionSha256, preview.revisionSha256);
  assert.equal(live.item.limited, false);
  assert.equal((await call(tester.client, 'flowers')).status, 200);
  await subscribe(stranger.client, 'flowers', 'free');
  await until(
    'an answer',
    () => call(stranger.client, 'flowers'),
    (r) => r.status === 200,
  );
  assert.equal((await client.ok(operations.getProduct, of())).state, 'live');
});
