import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Applied,
  type AppliedPlan,
  arnToCome,
  type Draft,
  type Product,
  type ProductDocument,
} from '@souk/contract';
import { testDatabase } from '../../../test/database.ts';
import { testMember, testPlatform, testServer } from '../../../test/platform.ts';
import type { Member } from '../../platform/authorize.ts';
import { rows, sql } from '../../platform/db.ts';
import { newProducts, productRoutes } from './index.ts';

const database = await testDatabase();
const { db } = database;
const platform = testPlatform(database);
const products = newProducts(platform, {
  documentContext: async () => ({ resources: new Map(), regions: ['souk-home-1'] }),
  hasPublisherProfile: async () => true,
  listingFindings: async () => [],
});
const { send } = testServer(platform, productRoutes(products));
const ada = await testMember(db, ['publisher']);
await sql`insert into publishers (account_id, slug, display_name) values (${ada.accountId}, 'ada', 'Ada')`.execute(
  db,
);

let count = 0;
async function product(document: ProductDocument = {}): Promise<string> {
  const answer = await send(ada, {
    method: 'POST',
    url: '/api/products',
    payload: { type: 'model-package', slug: `p${++count}`, document },
  });
  assert.equal(answer.statusCode, 201, answer.body);
  return answer.json<Product>().id;
}
const applied = async (id: string) =>
  (await send(ada, { method: 'GET', url: `/api/products/${id}/applied` })).json<Applied>();
const draft = async (id: string) =>
  (await send(ada, { method: 'GET', url: `/api/products/${id}/draft` })).json<Draft>();
const apply = (id: string, payload: object, by: Member = ada) =>
  send(by, { method: 'PUT', url: `/api/products/${id}/applied`, payload });
const titled = (title: string, more: ProductDocument = {}): ProductDocument => ({
  listing: { title },
  ...more,
});

test('what is applied becomes the draft, with who, when and from where', async () => {
  const id = await product();
  assert.equal((await applied(id)).applied, null);
  const { draftVersion } = await applied(id);
  const answer = await apply(id, {
    draftVersion,
    document: titled('One'),
    source: 'git.example/iris@3f2c1d',
  });
  assert.equal(answer.statusCode, 200, answer.body);
  const now = answer.json<Applied>();
  assert.deepEqual((await draft(id)).document, titled('One'));
  assert.deepEqual(
    [now.applied?.source, now.applied?.appliedBy, now.applied?.draftVersion, now.drift],
    ['git.example/iris@3f2c1d', ada.email, now.draftVersion, []],
  );
  const entries = await rows<{ details: { source: string } }>(
    db,
    sql`select details from audit_entries where action = 'product.applied' and target = ${id}`,
  );
  assert.equal(entries[0]?.details.source, 'git.example/iris@3f2c1d');
});

test('the same files applied again leave the draft and its version as they are', async () => {
  const id = await product(titled('One'));
  const { draftVersion } = await applied(id);
  for (const source of ['a@1', 'a@2']) {
    const answer = await apply(id, { draftVersion, document: titled('One'), source });
    assert.equal(answer.json<Applied>().draftVersion, draftVersion);
    assert.equal(answer.json<Applied>().applied?.source, source);
  }
});

test('a draft that changed after the plan is not overwritten: the apply has its own refusal, and nothing is marked', async () => {
  const id = await product(titled('One'));
  const { draftVersion: version } = await applied(id);
  const saved = await send(ada, {
    method: 'PUT',
    url: `/api/products/${id}/draft`,
    payload: { version, document: titled('Typed by hand') },
  });
  assert.equal(saved.statusCode, 200, saved.body);
  const answer = await apply(id, { draftVersion: version, document: titled('From files') });
  assert.deepEqual(
    [answer.statusCode, answer.json().error.code, answer.json().error.params],
    [409, 'product.apply_conflict', { current: version + 1, given: version }],
  );
  assert.deepEqual((await draft(id)).document, titled('Typed by hand'));
  assert.equal((await applied(id)).applied, null);
});

test('of two that apply at the same time one wins, and the other is told', async () => {
  const id = await product(titled('One'));
  const { draftVersion } = await applied(id);
  const answers = await Promise.all(
    ['A', 'B', 'C', 'D'].map((t) => apply(id, { draftVersion, document: titled(t) })),
  );
  assert.deepEqual(answers.map((a) => a.statusCode).sort(), [200, 409, 409, 409]);
  const won = answers.findIndex((a) => a.statusCode === 200);
  assert.equal((await draft(id)).document.listing?.title, ['A', 'B', 'C', 'D'][won]);
});

test('what people change in the web after an apply is drift, with who changed it; applied again it is gone', async () => {
  const id = await product();
  const first = await applied(id);
  await apply(id, { draftVersion: first.draftVersion, document: titled('One', { terms: { eula: 'E' } }) });
  const { version } = await draft(id);
  await send(ada, {
    method: 'PUT',
    url: `/api/products/${id}/draft`,
    payload: { version, document: titled('Two', { terms: { eula: 'E' } }) },
  });
  const drifted = await applied(id);
  assert.deepEqual(drifted.drift, [
    { pointer: '/listing/title', place: 'Listing › Title', kind: 'edited', before: 'One', after: 'Two' },
  ]);
  assert.equal(drifted.changedBy, ada.email);
  await apply(id, { draftVersion: drifted.draftVersion, document: titled('Two', { terms: { eula: 'E' } }) });
  assert.deepEqual((await applied(id)).drift, []);
});

test('a change of the audience is no drift, and files that do not speak of it leave it alone', async () => {
  const id = await product(titled('One'));
  await apply(id, { draftVersion: (await applied(id)).draftVersion, document: titled('One') });
  await send(ada, {
    method: 'PUT',
    url: `/api/products/${id}/audience`,
    payload: { testAccounts: ['123456789012'] },
  });
  const now = await applied(id);
  assert.deepEqual(now.drift, []);
  await apply(id, { draftVersion: now.draftVersion, document: titled('Two') });
  assert.deepEqual((await draft(id)).document.audience, { testAccounts: ['123456789012'] });
});

test('another account’s product, an unknown field and a bad source are refused', async () => {
  const id = await product();
  const eve = await testMember(db, ['publisher']);
  assert.equal((await apply(id, { draftVersion: 0, document: {} }, eve)).statusCode, 404);
  assert.equal((await apply(id, { draftVersion: 0, document: { titel: 'x' } })).statusCode, 400);
  assert.equal((await apply(id, { draftVersion: 0, document: {}, source: 'a\nb' })).statusCode, 400);
});

test('a plan says what would change and which drift it would undo, and changes nothing', async () => {
  const id = await product();
  await apply(id, {
    draftVersion: (await applied(id)).draftVersion,
    document: titled('One', { terms: { eula: 'E' } }),
  });
  const { version } = await draft(id);
  await send(ada, {
    method: 'PUT',
    url: `/api/products/${id}/draft`,
    payload: { version, document: titled('By hand', { terms: { eula: 'F' } }) },
  });
  const document = titled('One', { terms: { eula: 'F' }, versions: [{ number: '1' }] });
  const answer = await send(ada, {
    method: 'POST',
    url: `/api/products/${id}/applied/plan`,
    payload: { document, newModels: [0] },
  });
  assert.equal(answer.statusCode, 200, answer.body);
  const plan = answer.json<AppliedPlan>();
  assert.deepEqual(plan.changes.map((c) => c.pointer).sort(), ['/listing/title', '/versions']);
  assert.deepEqual(plan.undone, ['/listing/title']);
  assert.deepEqual(plan.applied.drift.map((c) => c.pointer).sort(), ['/listing/title', '/terms/eula']);
  assert.deepEqual(plan.changes.find((c) => c.pointer === '/versions')?.after, [
    { number: '1', modelPackageArn: arnToCome },
  ]);
  assert.ok(!plan.findings.some((f) => f.pointer === '/versions/0/modelPackageArn'));
  assert.ok(plan.findings.some((f) => f.pointer?.startsWith('/versions/0/')));
  assert.equal((await draft(id)).version, version + 1);
});
