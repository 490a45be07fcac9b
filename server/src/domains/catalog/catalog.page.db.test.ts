import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CatalogProduct } from '@souk/contract';
import { documentOf, insertProduct, version } from '../../../test/catalog.ts';
import { testDatabase } from '../../../test/database.ts';
import { testMember, testPlatform, testServer } from '../../../test/platform.ts';
import { type Caller, visitor } from '../../platform/authorize.ts';
import { canonicalSha256 } from '../../platform/canonical-json.ts';
import { json, sql } from '../../platform/db.ts';
import { publicationPredicate, signStatement, verifyEnvelope } from '../certification/index.ts';
import { catalogRoutes, newCatalog } from './index.ts';

const database = await testDatabase();
const { db } = database;
const platform = testPlatform(database);
const { signing } = platform.keys;
const catalog = newCatalog(platform, {
  verifyStatement: (envelope) => verifyEnvelope(envelope, signing.publicKeyPem).ok,
  callDeployment: async () => null,
  policies: () => Promise.reject(new Error('nobody tries here')),
});
const { send } = testServer(platform, catalogRoutes(catalog));
const get = (caller: Caller, path: string) => send(caller, { url: `/api/catalog${path}` });

async function sign(p: Awaited<ReturnType<typeof insertProduct>>, sha256 = p.sha256): Promise<void> {
  const subjects = [
    { name: 'document', sha256 },
    { name: 'versions/1.0.0/package', sha256: p.packageSha256 },
  ];
  const envelope = signStatement({ subjects, predicateType: publicationPredicate, predicate: {} }, signing);
  await sql`update revisions set statement = ${json(envelope)}, statement_key_id = ${signing.keyId}, signed_at = now() where id = ${p.revisionId}`.execute(
    db,
  );
}

const seller = await testMember(db);
const given = { accountId: seller.accountId, publisher: 'botany', title: 'Iris' };

test('a page has everything of the live revision, its versions, their measurements and state', async () => {
  const p = await insertProduct(db, { ...given, slug: 'iris', p99Ms: 3 });
  await sign(p);
  const answer = await get(visitor, '/products/botany/iris');
  assert.equal(answer.statusCode, 200, answer.body);
  const page = answer.json<CatalogProduct>();
  assert.deepEqual(
    [page.slot, page.revision, page.item.title, page.item.limited, page.item.p99Ms, page.callPath],
    ['live', 1, 'Iris', false, 3, '/call/botany/iris'],
  );
  assert.deepEqual([page.subscriptionId, page.ownedByMe, page.statement.verified], [null, false, true]);
  const [only] = page.versions;
  assert.deepEqual(
    [only?.number, only?.latest, only?.state, only?.measured.length, only?.packageSha256],
    ['1.0.0', true, 'ready', 1, p.packageSha256],
  );
  const bom = await get(visitor, '/products/botany/iris/versions/1.0.0/bom');
  assert.deepEqual(bom.json(), { bomFormat: 'CycloneDX', version: '1.0.0' });
  const statement = await get(visitor, '/products/botany/iris/statement');
  const verified = verifyEnvelope(statement.json(), signing.publicKeyPem);
  assert.ok(verified.ok && verified.statement.subjects.some((s) => s.sha256 === p.sha256));
  const key = await send(visitor, { url: '/api/signing-key' });
  assert.deepEqual(key.json(), { keyId: signing.keyId, publicKeyPem: signing.publicKeyPem });
  assert.equal((await get(seller, '/products/botany/iris')).json<CatalogProduct>().ownedByMe, true);
});

test('a right signature over something else than what is shown does not count as verified', async () => {
  const p = await insertProduct(db, { ...given, slug: 'changed' });
  const verified = async () =>
    (await get(visitor, '/products/botany/changed')).json<CatalogProduct>().statement.verified;
  assert.equal(await verified(), false);
  await sign(p, canonicalSha256(documentOf({ ...given, slug: 'changed', title: 'Another' })));
  assert.equal(await verified(), false);
  await sign(p);
  assert.equal(await verified(), true);
  await sql`update revisions set document = jsonb_set(document, '{listing,title}', '"Better"') where id = ${p.revisionId}`.execute(
    db,
  );
  assert.equal(await verified(), false);
});

test('nobody but owner and test accounts can tell a preview from nothing', async () => {
  const [tester, stranger] = [await testMember(db), await testMember(db)];
  await insertProduct(db, { ...given, slug: 'staged', slot: 'preview', testAccounts: [tester.accountId] });
  await insertProduct(db, { ...given, publisher: 'botany', slug: 'iris' });
  const paths = (product: string) => [
    `/products/botany/${product}`,
    `/products/botany/${product}?slot=preview`,
    `/products/botany/${product}?slot=live`,
    `/products/botany/${product}/statement`,
    `/products/botany/${product}/statement?slot=preview`,
    `/products/botany/${product}/versions/1.0.0/bom`,
  ];
  const headers = { 'x-request-id': 'always-the-same' };
  for (const caller of [visitor, stranger])
    for (const [i, path] of paths('staged').entries()) {
      const there = await send(caller, { url: `/api/catalog${path}`, headers });
      const nothing = await send(caller, { url: `/api/catalog${paths('nought')[i]}`, headers });
      assert.equal(there.statusCode, 404);
      assert.equal(there.body.replaceAll('staged', 'nought'), nothing.body);
      assert.deepEqual(Object.keys(there.headers), Object.keys(nothing.headers));
    }
  for (const caller of [tester, seller]) {
    const page = (await get(caller, '/products/botany/staged')).json<CatalogProduct>();
    assert.deepEqual([page.slot, page.item.limited, page.item.publishedAt], ['preview', true, null]);
    assert.equal((await get(caller, '/products/botany/staged?slot=live')).statusCode, 404);
  }
});

test('a product in both slots shows the live one unless the preview is asked for by those who may', async () => {
  const [tester, stranger] = [await testMember(db), await testMember(db)];
  await insertProduct(db, { ...given, slug: 'both', title: 'Old', testAccounts: [tester.accountId] });
  await insertProduct(db, { ...given, slug: 'both', title: 'New', slot: 'preview' });
  const title = async (caller: Caller, query = '') =>
    (await get(caller, `/products/botany/both${query}`)).json<CatalogProduct>().item?.title;
  assert.deepEqual(
    [await title(visitor), await title(tester), await title(tester, '?slot=preview')],
    ['Old', 'Old', 'New'],
  );
  assert.equal((await get(stranger, '/products/botany/both?slot=preview')).statusCode, 404);
});

test('a private product is there for owner and audience only; who tests previews is not its audience', async () => {
  const [friend, stranger, tester] = [await testMember(db), await testMember(db), await testMember(db)];
  await insertProduct(db, {
    ...given,
    slug: 'private',
    visibility: 'private',
    testAccounts: [tester.accountId],
    audience: [friend.accountId],
  });
  for (const caller of [visitor, stranger, tester])
    assert.equal((await get(caller, '/products/botany/private')).statusCode, 404);
  for (const caller of [friend, seller])
    assert.equal((await get(caller, '/products/botany/private')).statusCode, 200);
});

test('a restricted version stays visible to those who had chosen it, and to nobody new', async () => {
  const [had, fresh] = [await testMember(db), await testMember(db)];
  const p = await insertProduct(db, {
    ...given,
    slug: 'restricted',
    versions: [version('1.0.0', { state: 'restricted' }), version('2.0.0')],
  });
  await sql`insert into subscriptions (id, account_id, product_id, revision_id, plan, plan_id, slot, version, state, eula_sha256, accepted_by)
    values ('sub_00000000000000000001', ${had.accountId}, ${p.productId}, ${p.revisionId}, '{}', 'free', 'live', '1.0.0', 'active', '', 'test')`.execute(
    db,
  );
  await sql`insert into subscription_history (subscription_id, event, to_state, actor, details) values ('sub_00000000000000000001', 'subscribed', 'active', 'test', '{"version": "1.0.0"}')`.execute(
    db,
  );
  const seen = async (caller: Caller) => {
    const page = (await get(caller, '/products/botany/restricted')).json<CatalogProduct>();
    return [page.subscriptionId, ...page.versions.map((v) => `${v.number}${v.latest ? ' latest' : ''}`)];
  };
  assert.deepEqual(await seen(had), ['sub_00000000000000000001', '1.0.0', '2.0.0 latest']);
  assert.deepEqual(await seen(fresh), [null, '2.0.0 latest']);
  assert.deepEqual(await seen(visitor), [null, '2.0.0 latest']);
  assert.equal((await get(fresh, '/products/botany/restricted/versions/1.0.0/bom')).statusCode, 404);
  assert.equal((await get(had, '/products/botany/restricted/versions/1.0.0/bom')).statusCode, 200);
});

test('a publisher has a page as soon as somebody may see a product of theirs', async () => {
  const [maker, tester] = [await testMember(db), await testMember(db)];
  const product = { accountId: maker.accountId, publisher: 'newcomer', slug: 'first', title: 'First' };
  await insertProduct(db, { ...product, slot: 'preview', testAccounts: [tester.accountId] });
  const status = async (caller: Caller) => (await get(caller, '/publishers/newcomer')).statusCode;
  assert.deepEqual([await status(visitor), await status(tester), await status(maker)], [404, 200, 200]);
  await insertProduct(db, product);
  await catalog.rebuild();
  assert.equal(await status(visitor), 200);
});
