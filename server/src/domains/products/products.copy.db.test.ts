import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Draft, ErrorBody, Product } from '@souk/contract';
import { irisDocument } from '../../../../test/iris-document.ts';
import { testDatabase } from '../../../test/database.ts';
import { testMember, testPlatform, testServer } from '../../../test/platform.ts';
import type { Member } from '../../platform/authorize.ts';
import { inTx, rows, sql } from '../../platform/db.ts';
import { defaultPolicies } from '../operator/index.ts';
import { newPublishersService } from '../publishers/index.ts';
import { newUploadsService } from '../uploads/index.ts';
import { newProducts, productRoutes } from './index.ts';

const database = await testDatabase();
const { db } = database;
const platform = testPlatform(database);
const publishers = newPublishersService(platform, {
  missingMedia: newUploadsService(platform).missingMedia,
  policies: async () => defaultPolicies,
});
const products = newProducts(platform, {
  documentContext: async () => ({}),
  hasPublisherProfile: async (accountId) => (await publishers.find(db, accountId)) !== undefined,
  listingFindings: async () => [],
});
const { send } = testServer(platform, productRoutes(products));
let names = 0;

async function publisher(): Promise<Member> {
  const member = await testMember(db);
  await publishers.put(member, { slug: `publisher-${++names}`, displayName: 'A publisher' });
  return member;
}
const document = () => {
  const whole = irisDocument('arn:aws:sagemaker:souk-home-1:123456789012:model-package/iris', '0'.repeat(64));
  const [version] = whole.versions ?? [];
  return {
    ...whole,
    listing: { ...whole.listing, visibility: 'private' as const },
    versions: [
      { ...version, number: '0.9.0', state: 'restricted' as const },
      { ...version, number: '1.0.0' },
    ],
    audience: { testAccounts: ['123456789012'] },
  };
};
async function privateProduct(caller: Member, released = true): Promise<Product> {
  const made = await send(caller, {
    method: 'POST',
    url: '/api/products',
    payload: { type: 'model-package', slug: `product-${++names}`, document: document() },
  });
  const product = made.json<Product>();
  if (released)
    await inTx(db, async (tx) => {
      const revision = await products.createRevision(tx, product.id, caller.accountId, caller.email);
      await products.setSlot(tx, product.id, 'live', revision.id);
    });
  return product;
}
const copy = (caller: Member, id: string, payload: object) =>
  send(caller, { method: 'POST', url: `/api/products/${id}/copies`, payload });
const draftOf = async (caller: Member, id: string) =>
  (await send(caller, { method: 'GET', url: `/api/products/${id}/draft` })).json<Draft>();

test('a private product never becomes public, is told why, and the way out is a copy', async () => {
  const caller = await publisher();
  const original = await privateProduct(caller);
  const draft = await draftOf(caller, original.id);
  const refused = await send(caller, {
    method: 'PUT',
    url: `/api/products/${original.id}/draft`,
    payload: {
      version: draft.version,
      document: { ...draft.document, listing: { ...draft.document.listing, visibility: 'public' } },
    },
  });
  const { error } = refused.json<ErrorBody>();
  assert.deepEqual([refused.statusCode, error.code], [409, 'product.frozen']);
  assert.deepEqual(
    [error.findings?.[0]?.code, error.findings?.[0]?.pointer],
    ['frozen.private', '/listing/visibility'],
  );
  assert.match(error.findings?.[0]?.remedy ?? '', /souk products copy/);

  const made = await copy(caller, original.id, { slug: `public-${names}`, visibility: 'public' });
  assert.equal(made.statusCode, 201, made.body);
  const product = made.json<Product>();
  assert.deepEqual([product.visibility, product.state, product.liveRevision], ['public', 'draft', null]);
});

test('a copy has texts, pictures, plans and packages, and nothing of the old product’s life', async () => {
  const caller = await publisher();
  const original = await privateProduct(caller);
  const made = (await copy(caller, original.id, { slug: `copy-${names}` })).json<Product>();
  assert.equal(made.visibility, 'private', 'as the original, where nothing is chosen');
  const { document: copied } = await draftOf(caller, made.id);
  const { audience: _, versions, ...kept } = document();
  assert.deepEqual(copied, { ...kept, versions: versions.slice(1) });
  assert.equal(
    (await draftOf(caller, original.id)).document.versions?.length,
    2,
    'the original is as it was',
  );
  const audited = await rows(
    db,
    sql`select 1 from audit_entries where action = 'product.copied' and target = ${made.id}`,
  );
  assert.equal(audited.length, 1);
});

test('bad copies are refused by name: taken name, another’s product, malformed name', async () => {
  const [caller, other] = [await publisher(), await publisher()];
  const original = await privateProduct(caller, false);
  const code = async (who: Member, payload: object, id = original.id) =>
    (await copy(who, id, payload)).json<ErrorBody>().error.code;
  assert.equal(await code(caller, { slug: original.slug }), 'product.slug_taken');
  assert.equal(await code(other, { slug: 'mine-now' }), 'product.missing');
  assert.equal(await code(caller, { slug: 'Not a name' }), 'request.invalid');
  assert.equal(await code(caller, { slug: 'fine', visibility: 'secret' }), 'request.invalid');
  assert.equal(await code(caller, {}), 'request.invalid');
});
