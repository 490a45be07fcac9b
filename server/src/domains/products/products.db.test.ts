import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Draft, Product, ProductDocument } from '@souk/contract';
import { testDatabase } from '../../../test/database.ts';
import { testMember, testPlatform, testServer } from '../../../test/platform.ts';
import type { Member } from '../../platform/authorize.ts';
import { canonicalSha256 } from '../../platform/canonical-json.ts';
import { inTx, rows, sql } from '../../platform/db.ts';
import { newId } from '../../platform/ids.ts';
import { listingTextFindings } from '../certification/index.ts';
import { newModelsService } from '../models/index.ts';
import { defaultPolicies } from '../operator/index.ts';
import { newPublishersService } from '../publishers/index.ts';
import { newUploadsService } from '../uploads/index.ts';
import { findProductNaming, newProducts, productRoutes } from './index.ts';

const database = await testDatabase();
const { db } = database;
const platform = testPlatform(database);
const uploads = newUploadsService(platform);
const publishers = newPublishersService(platform, {
  missingMedia: uploads.missingMedia,
  policies: async () => defaultPolicies,
});
const models = newModelsService(platform, {
  finishedUpload: (reader, accountId, uploadId) => uploads.finished(reader, accountId, uploadId, 'model'),
  productNaming: findProductNaming,
  image: async () => undefined,
  server: async () => undefined,
});
const products = newProducts(platform, {
  documentContext: models.documentContext,
  hasPublisherProfile: async (accountId) => (await publishers.find(db, accountId)) !== undefined,
  listingFindings: async (_accountId, document) => listingTextFindings(document),
});
const { send } = testServer(platform, productRoutes(products));

const codeOf = (answer: { json(): { error: { code: string } } }) => answer.json().error.code;
let names = 0;

async function publisher(): Promise<Member> {
  const member = await testMember(db);
  await publishers.put(member, { slug: `publisher-${++names}`, displayName: 'A publisher' });
  return member;
}
async function create(
  caller: Member,
  document?: ProductDocument,
  slug = `product-${++names}`,
): Promise<Product> {
  const answer = await send(caller, {
    method: 'POST',
    url: '/api/products',
    payload: { type: 'model-package', slug, ...(document ? { document } : {}) },
  });
  assert.equal(answer.statusCode, 201, answer.body);
  return answer.json<Product>();
}
const get = async (caller: Member, id: string) =>
  (await send(caller, { method: 'GET', url: `/api/products/${id}` })).json<Product>();
const getDraft = async (caller: Member, id: string) =>
  (await send(caller, { method: 'GET', url: `/api/products/${id}/draft` })).json<Draft>();
const putDraft = (caller: Member, id: string, version: number, document: ProductDocument) =>
  send(caller, { method: 'PUT', url: `/api/products/${id}/draft`, payload: { version, document } });
const putAudience = (caller: Member, id: string, testAccounts: string[]) =>
  send(caller, { method: 'PUT', url: `/api/products/${id}/audience`, payload: { testAccounts } });
const submit = (caller: Member, id: string) =>
  inTx(db, (tx) => products.createRevision(tx, id, caller.accountId, caller.email));
const release = async (caller: Member, id: string) => {
  const revision = await submit(caller, id);
  await inTx(db, (tx) => products.setSlot(tx, id, 'live', revision.id));
  return revision;
};

test('a product begins as a draft, whole or empty, and only a publisher has any', async () => {
  const stranger = await testMember(db);
  const refused = await send(stranger, {
    method: 'POST',
    url: '/api/products',
    payload: { type: 'model-package', slug: 'iris' },
  });
  assert.deepEqual([refused.statusCode, codeOf(refused)], [412, 'publisher.missing']);
  const caller = await publisher();
  const empty = await create(caller);
  assert.deepEqual(
    [empty.state, empty.waitsFor, empty.title, empty.draftVersion, empty.draftDiffers, empty.liveRevision],
    ['draft', 'publisher', empty.slug, 0, true, null],
  );
  const given = await create(caller, { listing: { title: 'Iris', visibility: 'private' } });
  assert.deepEqual([given.title, given.visibility], ['Iris', 'private']);
  assert.equal((await getDraft(caller, given.id)).document.listing?.title, 'Iris');
  const events = await rows(
    db,
    sql`select 1 from outbox where type = 'product.created' and subject = ${given.id}`,
  );
  assert.equal(events.length, 1);
});

test('a name belongs to one product of a publisher', async () => {
  const [one, two] = [await publisher(), await publisher()];
  await create(one, undefined, 'same');
  await create(two, undefined, 'same');
  const again = await send(one, {
    method: 'POST',
    url: '/api/products',
    payload: { type: 'model-package', slug: 'same' },
  });
  assert.deepEqual([again.statusCode, codeOf(again)], [409, 'product.slug_taken']);
});

test('nobody else can see, edit or delete a product', async () => {
  const [owner, other] = [await publisher(), await publisher()];
  const { id } = await create(owner);
  for (const answer of [
    await send(other, { method: 'GET', url: `/api/products/${id}` }),
    await send(other, { method: 'GET', url: `/api/products/${id}/draft` }),
    await send(other, { method: 'GET', url: `/api/products/${id}/diff` }),
    await send(other, { method: 'DELETE', url: `/api/products/${id}` }),
    await putDraft(other, id, 0, {}),
    await putAudience(other, id, []),
  ])
    assert.deepEqual([answer.statusCode, codeOf(answer)], [404, 'product.missing']);
  assert.equal(await products.owns(other.accountId, id), false);
});

test('of two publishers who save the same draft one is told that the other was faster', async () => {
  const caller = await publisher();
  const { id } = await create(caller);
  const answers = await Promise.all(
    ['one', 'two', 'three', 'four'].map((title) => putDraft(caller, id, 0, { listing: { title } })),
  );
  const saved = answers.filter((a) => a.statusCode === 200);
  assert.equal(saved.length, 1);
  for (const a of answers.filter((x) => x.statusCode !== 200)) {
    assert.equal(codeOf(a), 'product.draft_changed');
    assert.deepEqual(a.json().error.params, { current: 1, given: 0 });
  }
  const kept = await getDraft(caller, id);
  assert.equal(kept.document.listing?.title, saved[0]?.json<Draft>().document.listing?.title);
  assert.equal(codeOf(await putDraft(caller, id, 7, {})), 'product.draft_changed');
});

test('an incomplete draft is kept, with what it lacks and how far each section is', async () => {
  const caller = await publisher();
  const { id } = await create(caller);
  const draft = (
    await putDraft(caller, id, 0, {
      listing: { title: 'x'.repeat(73) },
      support: { offered: false },
      regions: { mode: 'selected', selected: ['nowhere-1'] },
      versions: [
        {
          number: '1',
          modelPackageArn: `arn:aws:sagemaker:souk-home-1:${caller.accountId}:model-package/none`,
        },
      ],
    })
  ).json<Draft>();
  const codes = (pointer: string) => draft.findings.filter((f) => f.pointer === pointer).map((f) => f.code);
  assert.deepEqual(codes('/listing/title'), ['document.too_long']);
  assert.deepEqual(codes('/regions/selected/0'), ['document.unknown_region']);
  assert.deepEqual(codes('/versions/0/modelPackageArn'), ['document.resource_missing']);
  const complete = draft.completeness.filter((c) => c.complete).map((c) => c.section);
  assert.deepEqual(complete, ['support', 'audience']);
  assert.deepEqual((await getDraft(caller, id)).findings, draft.findings);
});

test('unknown fields and oversized lists are refused, large documents are not', async () => {
  const caller = await publisher();
  const { id } = await create(caller);
  const refused = async (document: unknown) =>
    codeOf(await putDraft(caller, id, 0, document as ProductDocument));
  assert.equal(await refused({ listing: { colour: 'red' } }), 'request.invalid');
  assert.equal(
    await refused({ plans: Array.from({ length: 101 }, (_, i) => ({ id: `p${i}` })) }),
    'request.invalid',
  );
  const versions = Array.from({ length: 200 }, (_, i) => ({
    number: `1.${i}`,
    releaseNotes: 'x'.repeat(30_000),
  }));
  assert.equal((await putDraft(caller, id, 0, { versions })).statusCode, 200);
});

test('texts that no database holds are refused or mended, and never break anything', async () => {
  const caller = await publisher();
  const { id } = await create(caller);
  assert.equal(codeOf(await putDraft(caller, id, 0, { listing: { title: 'a\0b' } })), 'request.invalid');
  const cursor = await send(caller, { method: 'GET', url: '/api/products?cursor=%00' });
  assert.equal(codeOf(cursor), 'request.invalid');
  assert.equal((await putDraft(caller, id, 0, { listing: { title: 'a\ud800b' } })).statusCode, 200);
  assert.equal((await getDraft(caller, id)).document.listing?.title, 'a\ufffdb');
});

test('frozen fields are refused with their reasons, and the draft stays as it was', async () => {
  const caller = await publisher();
  const document: ProductDocument = {
    listing: { visibility: 'public' },
    regions: { mode: 'all' },
    versions: [{ number: '1.0.0', modelPackageArn: 'arn-1' }],
  };
  const { id } = await create(caller, document);
  assert.equal(
    (await putDraft(caller, id, 0, { ...document, regions: { mode: 'selected' } })).statusCode,
    200,
  );
  assert.equal((await putDraft(caller, id, 1, document)).statusCode, 200);
  await release(caller, id);
  const answer = await putDraft(caller, id, 2, {
    ...document,
    regions: { mode: 'selected', selected: ['souk-home-1'] },
    versions: [{ number: '1.0.0', modelPackageArn: 'arn-2' }],
  });
  assert.deepEqual([answer.statusCode, codeOf(answer)], [409, 'product.frozen']);
  assert.deepEqual(
    answer.json().error.findings.map((f: { code: string }) => f.code),
    ['frozen.regions', 'frozen.version_package'],
  );
  assert.deepEqual(await getDraft(caller, id).then((d) => [d.version, d.document]), [2, document]);
});

test('a revision is a copy with the next number and the digest of its canonical JSON', async () => {
  const caller = await publisher();
  const document = { listing: { title: 'Iris', sku: 'a' } };
  const { id } = await create(caller, document);
  const first = await submit(caller, id);
  assert.equal((await get(caller, id)).draftDiffers, false);
  await putDraft(caller, id, 0, { listing: { title: 'Changed' } });
  assert.equal((await get(caller, id)).draftDiffers, true);
  const numbers = await Promise.all(Array.from({ length: 5 }, () => submit(caller, id)));
  assert.deepEqual([first, ...numbers].map((r) => r.number).sort(), [1, 2, 3, 4, 5, 6]);
  const [kept] = await rows<{ document: unknown; sha256: string }>(
    db,
    sql`select document, sha256 from revisions where id = ${first.id}`,
  );
  assert.deepEqual(kept, { document, sha256: canonicalSha256({ listing: { sku: 'a', title: 'Iris' } }) });
});

test('slots show their revisions, and the diff holds the draft against either', async () => {
  const caller = await publisher();
  const { id } = await create(caller, { listing: { title: 'One' } });
  type Diff = { against: number | null; changes: { kind: string; pointer: string }[] };
  const diff = async (against: string) =>
    (await send(caller, { method: 'GET', url: `/api/products/${id}/diff${against}` })).json<Diff>();
  assert.deepEqual(await diff(''), {
    against: null,
    changes: [{ pointer: '/listing', place: 'Listing', kind: 'added', after: { title: 'One' } }],
    // A first release is never only a change of texts.
    needsPreview: ['Listing'],
  });
  await release(caller, id);
  await putDraft(caller, id, 0, { listing: { title: 'Two' } });
  const staged = await submit(caller, id);
  await inTx(db, (tx) => products.setSlot(tx, id, 'preview', staged.id));
  assert.deepEqual(
    (({ previewRevision, liveRevision, state }) => [previewRevision, liveRevision, state])(
      await get(caller, id),
    ),
    [2, 1, 'live'],
  );
  assert.deepEqual(
    (await diff('?against=live')).changes.map((c) => c.pointer),
    ['/listing/title'],
  );
  assert.deepEqual(await diff('?against=preview'), { against: 2, changes: [], needsPreview: [] });
  assert.deepEqual((await products.slots(id))?.liveDocument, { listing: { title: 'One' } });
});

test('the audience works at once, is one list whichever way it is written, and is no part of a revision', async () => {
  const caller = await publisher();
  const [a, b, c] = ['111111111111', '222222222222', '333333333333'];
  const { id } = await create(caller, { audience: { testAccounts: [a, b] } });
  const audience = async () => (await getDraft(caller, id)).document.audience?.testAccounts;
  assert.deepEqual(await audience(), [a, b]);
  assert.deepEqual((await putAudience(caller, id, [b])).json(), { testAccounts: [b] });
  assert.deepEqual(await audience(), [b]);
  // An editor that still shows the list of before cannot put `a` back without noticing.
  assert.equal(
    codeOf(await putDraft(caller, id, 0, { audience: { testAccounts: [a, b] } })),
    'product.draft_changed',
  );
  assert.equal((await putDraft(caller, id, 1, { listing: { title: 'Iris' } })).statusCode, 200);
  assert.deepEqual(await audience(), [b]);
  const revision = await submit(caller, id);
  const [kept] = await rows<{ document: unknown }>(
    db,
    sql`select document from revisions where id = ${revision.id}`,
  );
  assert.deepEqual(kept?.document, { listing: { title: 'Iris' } });
  await inTx(db, (tx) => products.addTestAccounts(tx, id, caller.accountId, [b, c]));
  assert.deepEqual(await audience(), [b, c]);
  await putAudience(caller, id, []);
  assert.equal(await audience(), undefined);
  assert.equal((await get(caller, id)).draftDiffers, false);
  const audited = await rows<{ details: unknown }>(
    db,
    sql`select details from audit_entries where target = ${id} and action = 'product.audience-changed' order by id`,
  );
  assert.deepEqual(audited[0]?.details, { added: [], removed: [a] });
});

test('the audience has its limits', async () => {
  const caller = await publisher();
  const { id } = await create(caller);
  const accounts = (n: number) => Array.from({ length: n }, (_, i) => String(100_000_000_000 + i));
  assert.equal((await putAudience(caller, id, accounts(5000))).statusCode, 200);
  assert.equal(codeOf(await putAudience(caller, id, accounts(5001))), 'request.invalid');
  assert.equal(codeOf(await putAudience(caller, id, ['12345'])), 'request.invalid');
  await assert.rejects(
    inTx(db, (tx) => products.addTestAccounts(tx, id, caller.accountId, ['999999999999'])),
    { code: 'request.invalid' },
  );
});

test('a product that was never submitted can be deleted, any other is kept', async () => {
  const caller = await publisher();
  const [draft, submitted] = [await create(caller), await create(caller)];
  await submit(caller, submitted.id);
  const remove = (id: string) => send(caller, { method: 'DELETE', url: `/api/products/${id}` });
  assert.equal((await remove(draft.id)).statusCode, 204);
  assert.equal(codeOf(await remove(draft.id)), 'product.missing');
  assert.deepEqual(
    [(await remove(submitted.id)).statusCode, codeOf(await remove(submitted.id))],
    [409, 'product.submitted'],
  );
});

test('lists are the account’s own, newest first, whole pages of a state', async () => {
  const caller = await publisher();
  const made: Product[] = [];
  for (let i = 0; i < 7; i++) {
    made.push(await create(caller));
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  const live = made.filter((_, i) => i % 3 === 0).map((p) => p.id);
  for (const id of live) await release(caller, id);
  const pages = async (state: string) => {
    const found: string[][] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const url = `/api/products?limit=2${state}${cursor ? `&cursor=${cursor}` : ''}`;
      const page: { items: Product[]; nextCursor: string | null } = (
        await send(caller, { method: 'GET', url })
      ).json();
      found.push(page.items.map((p) => p.id));
      cursor = page.nextCursor;
    }
    return found;
  };
  const newest = made.map((p) => p.id).reverse();
  assert.deepEqual((await pages('')).flat(), newest);
  const ofState = await pages('&state=live');
  assert.deepEqual(
    ofState.map((p) => p.length),
    [2, 1],
  );
  assert.deepEqual(
    ofState.flat(),
    newest.filter((id) => live.includes(id)),
  );
  assert.deepEqual((await pages('&state=attention')).flat(), []);
});

test('a model package is in use in a draft, in a slot and in a submission under way, and free afterwards', async () => {
  const caller = await publisher();
  const arn = 'arn:aws:sagemaker:souk-home-1:1:model-package/m';
  const { id, slug } = await create(caller, { versions: [{ number: '1', modelPackageArn: arn }] });
  const used = async () => (await findProductNaming(db, caller.accountId, arn))?.slug;
  assert.equal(await used(), slug);
  const revision = await submit(caller, id);
  await putDraft(caller, id, 0, {});
  assert.equal(await used(), undefined);
  const submissionId = newId('sbm');
  await sql`insert into submissions (id, product_id, revision_id, account_id, state, submitted_by) values (${submissionId}, ${id}, ${revision.id}, ${caller.accountId}, 'running', 'x')`.execute(
    db,
  );
  assert.equal(await used(), slug);
  assert.deepEqual(
    [(await get(caller, id)).state, (await get(caller, id)).submissionId],
    ['in-pipeline', submissionId],
  );
  await sql`update submissions set state = 'refused', ended_at = now() where id = ${submissionId}`.execute(
    db,
  );
  assert.equal(await used(), undefined);
  assert.equal((await get(caller, id)).state, 'attention');
  await inTx(db, (tx) => products.setSlot(tx, id, 'live', revision.id));
  assert.equal(await used(), slug);
});
