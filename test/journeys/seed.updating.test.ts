import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { operations, type Product, type ProductDocument, type Version } from '@souk/contract';
import { call, createIris, goLive, registerIris, sample, settled, submit, subscribe } from './publish.ts';
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

/** The vendor's "Updating your product", word by word: add versions, restrict versions, remove the product. */
let souk: RunningSouk;
let publisher: Person;
let early: Person;
let late: Person;
let client: Client;
let product: Product;
let earlySubscription: string;

before(async () => {
  souk = await startSouk();
  [publisher, early, late] = (await Promise.all(
    ['publisher', 'early', 'late'].map((name) => signUp(souk.url, name)),
  )) as [Person, Person, Person];
  client = publisher.client;
  product = await createIris(publisher, 'flowers');
  await live();
  earlySubscription = (await subscribe(early.client, 'flowers', 'free')).id;
  await answers(early);
});
after(async () => {
  await souk.stop();
  removeFolder(souk.dataDir);
});

const of = () => ({ params: { productId: product.id } });
const answers = (person: Person, path?: string) =>
  until(
    'an answer',
    () => call(person.client, 'flowers', sample(), path),
    (r) => r.status === 200,
  );
const at = (version: string) => fetchCall(early, `/call/flowers/iris@${version}/invocations`);
const fetchCall = (person: Person, path: string) =>
  fetch(`${souk.url}${path}`, {
    method: 'POST',
    body: sample(),
    headers: { 'content-type': 'application/json', authorization: `Bearer ${person.client.key}` },
  });

async function edit(change: (d: ProductDocument) => ProductDocument) {
  const draft = await client.ok(operations.getDraft, of());
  return client.send(operations.putDraft, {
    ...of(),
    body: { version: draft.version, document: change(draft.document) },
  });
}
async function live() {
  const submission = await settled(client, await submit(client, product.id));
  assert.equal(submission.stage, 'sign-off', submission.message);
  const released = await goLive(client, submission);
  assert.equal(released.state, 'released', released.message);
}
const page = (person: Person) =>
  person.client.ok(operations.getCatalogProduct, { params: { publisher: 'flowers', product: 'iris' } });
const offered = async (person: Person) => (await page(person)).versions.map((v) => v.number).sort();

test('Adding new versions: Edit product, Launch option, Add new version, with its own usage information', async () => {
  const model = await registerIris(client, 'flowers-2');
  const { document } = await client.ok(operations.getDraft, of());
  const [first] = document.versions ?? [];
  const second: Version = {
    ...first,
    number: '2.0.0',
    modelPackageArn: model.arn,
    releaseNotes: 'The second.',
    usageInstructions: 'Usage of the second.',
  };
  assert.equal((await edit((d) => ({ ...d, versions: [...(d.versions ?? []), second] }))).status, 200);
  await live();
  assert.deepEqual(await offered(late), ['1.0.0', '2.0.0']);
  const shown = await page(late);
  assert.equal(
    shown.versions.find((v) => v.number === '2.0.0')?.details.usageInstructions,
    'Usage of the second.',
  );
  assert.notEqual(
    shown.versions.find((v) => v.number === '1.0.0')?.details.usageInstructions,
    'Usage of the second.',
  );
});

test('Buyers can choose different versions; what they chose stays until they choose again', async () => {
  assert.equal((await answers(early)).headers.get('x-souk-version'), '1.0.0');
  const second = await until(
    'the second version',
    () => at('2.0.0'),
    (r) => r.status === 200,
  );
  assert.equal(second.headers.get('x-souk-version'), '2.0.0');
  await early.client.ok(operations.chooseVersion, {
    params: { subscriptionId: earlySubscription },
    body: { version: '2.0.0' },
  });
  await until(
    'the chosen version',
    () => call(early.client, 'flowers'),
    (r) => r.headers.get('x-souk-version') === '2.0.0',
  );
});

test('A number is used once, and a released version keeps its number and its package', async () => {
  const twice = await edit((d) => ({
    ...d,
    versions: (d.versions ?? []).map((v) => ({ ...v, number: '2.0.0' })),
  }));
  assert.equal(twice.status, 409);
  const { document } = await client.ok(operations.getDraft, of());
  const other = await edit((d) => ({
    ...d,
    versions: (d.versions ?? []).map((v) => ({
      ...v,
      modelPackageArn: document.versions?.[1]?.modelPackageArn ?? '',
    })),
  }));
  assert.equal(other.status, 409);
});

test('Restricting versions: who has it keeps it, new buyers do not see it', async () => {
  await client.ok(operations.restrictVersion, { params: { productId: product.id, version: '1.0.0' } });
  await until(
    'the restriction',
    () => offered(late),
    (numbers) => numbers.length === 1,
  );
  assert.deepEqual(await offered(late), ['2.0.0']);
  assert.equal((await at('1.0.0')).status, 200);
  await subscribe(late.client, 'flowers', 'free');
  await answers(late);
  assert.notEqual((await fetchCall(late, '/call/flowers/iris@1.0.0/invocations')).status, 200);
});

test('The last listed version cannot be restricted', async () => {
  const last = await refusal(client, operations.restrictVersion, {
    params: { productId: product.id, version: '2.0.0' },
  });
  assert.equal(last.code, 'version.last_listed');
});

test('Removing a product needs an address and a reason; a replacement must exist', async () => {
  for (const [body, code] of [
    [{ reason: 'Superseded.' }, 'request.invalid'],
    [{ email: 'ada@example.org' }, 'request.invalid'],
    [
      { email: 'ada@example.org', reason: 'Superseded.', replacement: 'flowers/absent' },
      'removal.replacement_missing',
    ],
    [
      { email: 'ada@example.org', reason: 'Superseded.', replacement: 'flowers/iris' },
      'removal.replacement_itself',
    ],
  ] as const)
    assert.equal(
      (await refusal(client, operations.unpublishProduct, { ...of(), body: body as never })).code,
      code,
    );
});

test('Removed, it is hidden and takes no new subscribers; those it has go on for 90 days', async () => {
  const removal = await client.ok(operations.unpublishProduct, {
    ...of(),
    body: { email: 'ada@example.org', reason: 'Superseded.' },
  });
  assert.equal(removal.state, 'leaving');
  const days = (Date.parse(removal.endsAt ?? '') - Date.parse(removal.requestedAt)) / 86_400_000;
  assert.ok(days >= 89.9, `${days} days`);
  const stranger = await signUp(souk.url, 'stranger');
  await until(
    'nothing in the search',
    () => stranger.client.ok(operations.searchCatalog, { query: { q: 'iris' } }),
    (found) => found.items.length === 0,
  );
  const hidden = await stranger.client.send(operations.getCatalogProduct, {
    params: { publisher: 'flowers', product: 'iris' },
  });
  assert.equal(hidden.status, 404);
  assert.equal((await answers(early)).status, 200);
  assert.equal((await client.ok(operations.getProduct, of())).state, 'leaving');
});

test('Within a day the publisher may keep it after all', async () => {
  await client.ok(operations.cancelRemoval, of());
  await until(
    'the catalogue',
    () => late.client.ok(operations.searchCatalog, { query: { q: 'iris' } }),
    (found) => found.items.length === 1,
  );
  assert.equal((await client.ok(operations.getProduct, of())).state, 'live');
});
