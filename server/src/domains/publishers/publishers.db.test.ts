import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import type { OperatorPublisher, PublisherProfile } from '@souk/contract';
import { testDatabase } from '../../../test/database.ts';
import { testMember, testPlatform, testServer } from '../../../test/platform.ts';
import type { Member } from '../../platform/authorize.ts';
import { inTx, rows, sql } from '../../platform/db.ts';
import { defaultPolicies } from '../operator/index.ts';
import { newUploadsService } from '../uploads/index.ts';
import { newPublishersService, publisherRoutes } from './index.ts';

const database = await testDatabase();
const { db } = database;
const platform = testPlatform(database);
const uploads = newUploadsService(platform);
const publishers = newPublishersService(platform, {
  missingMedia: uploads.missingMedia,
  policies: async () => defaultPolicies,
});
const { send } = testServer(platform, publisherRoutes(publishers));

const put = (caller: Member, payload: Record<string, unknown>) =>
  send(caller, { method: 'PUT', url: '/api/publisher', payload });
const codeOf = (answer: { json(): { error: { code: string } } }) => answer.json().error.code;
const profile = { slug: 'botany', displayName: 'Botany Lab' };
const addProduct = (accountId: string) =>
  sql`insert into products (id, account_id, slug, type, draft, draft_sha256, created_by)
    values (${`prd_${accountId}00000000`}, ${accountId}, 'iris', 'model-package', '{}', '', 'test')`.execute(
    db,
  );

test('the first write makes an account a publisher; later ones keep what they leave out', async () => {
  const caller = await testMember(db);
  assert.equal(codeOf(await send(caller, { method: 'GET', url: '/api/publisher' })), 'publisher.missing');
  await put(caller, { ...profile, description: 'We name flowers.', contactEmail: 'lab@example.com' });
  await put(caller, { ...profile, displayName: ' Botany ', contactEmail: null });
  const found = (await send(caller, { method: 'GET', url: '/api/publisher' })).json<PublisherProfile>();
  assert.deepEqual(
    [found.accountId, found.displayName, found.description, found.contactEmail],
    [caller.accountId, 'Botany', 'We name flowers.', null],
  );
  const audited = await rows<{ action: string }>(
    db,
    sql`select action from audit_entries where account_id = ${caller.accountId} order by id`,
  );
  assert.deepEqual(
    audited.map((a) => a.action),
    ['publisher.created', 'publisher.updated'],
  );
});

test('a name belongs to one publisher', async () => {
  const [one, two] = [await testMember(db), await testMember(db)];
  await put(one, { ...profile, slug: 'taken' });
  assert.equal(codeOf(await put(two, { ...profile, slug: 'taken' })), 'publisher.slug_taken');
  assert.equal((await put(two, { ...profile, slug: 'free' })).statusCode, 200);
  assert.equal(codeOf(await put(two, { ...profile, slug: 'taken' })), 'publisher.slug_taken');
});

test('a name is frozen from the first product on, the rest is not', async () => {
  const caller = await testMember(db);
  await put(caller, { ...profile, slug: 'before' });
  assert.equal((await put(caller, { ...profile, slug: 'after' })).statusCode, 200);
  await addProduct(caller.accountId);
  assert.equal(codeOf(await put(caller, { ...profile, slug: 'later' })), 'publisher.slug_frozen');
  assert.equal((await put(caller, { slug: 'after', displayName: 'New name' })).statusCode, 200);
});

test('a product created while the name changes waits, and then holds the new name', async () => {
  const caller = await testMember(db);
  await put(caller, { ...profile, slug: 'racing' });
  let adding: Promise<unknown> | undefined;
  await inTx(db, async (tx) => {
    await sql`select 1 from publishers where account_id = ${caller.accountId} for update`.execute(tx);
    adding = addProduct(caller.accountId);
    await sql`update publishers set slug = 'raced' where account_id = ${caller.accountId}`.execute(tx);
  });
  await adding;
  assert.equal(codeOf(await put(caller, { ...profile, slug: 'racing' })), 'publisher.slug_frozen');
});

test('a logo is media of the account itself', async () => {
  const [owner, stranger] = [await testMember(db), await testMember(db)];
  const content = Buffer.from('GIF89a....');
  const logoSha256 = createHash('sha256').update(content).digest('hex');
  await inTx(db, (tx) =>
    sql`insert into blob_owners (sha256, account_id, kind, file_name, size_bytes) values (${logoSha256}, ${owner.accountId}, 'media', 'a.gif', 10)`.execute(
      tx,
    ),
  );
  assert.equal(
    (await put(owner, { ...profile, slug: 'logo-owner', logoSha256 })).json<PublisherProfile>().logoSha256,
    logoSha256,
  );
  assert.equal(codeOf(await put(stranger, { ...profile, slug: 'logo-thief', logoSha256 })), 'blob.missing');
});

test('limits of the profile hold, and a viewer may read only', async () => {
  const caller = await testMember(db);
  for (const wrong of [
    { slug: 'Upper' },
    { slug: '-x' },
    { slug: 'x'.repeat(64) },
    { displayName: '  ' },
    { displayName: 'x'.repeat(101) },
    { description: 'x'.repeat(2001) },
    { websiteUrl: 'ftp://x' },
    { contactEmail: 'nobody' },
    { logoSha256: 'abc' },
    { unknown: 1 },
  ])
    assert.equal(
      codeOf(await put(caller, { ...profile, ...wrong })),
      'request.invalid',
      JSON.stringify(wrong),
    );
  const viewer = { ...caller, roles: ['viewer'] as const };
  assert.equal(codeOf(await put(viewer, profile)), 'request.forbidden');
});

test('the operator pages through all publishers by name', async () => {
  const operator = { ...(await testMember(db)), roles: ['operator-admin'] as const };
  const names: string[] = [];
  let cursor: string | null = '';
  do {
    const answer = await send(operator, {
      method: 'GET',
      url: `/api/operator/publishers?limit=2&cursor=${cursor}`,
    });
    const page: { items: OperatorPublisher[]; nextCursor: string | null } = answer.json();
    names.push(...page.items.map((p) => p.profile.slug));
    cursor = page.nextCursor;
  } while (cursor !== null);
  assert.deepEqual(names, [...names].sort());
  assert.equal(names.length, (await rows(db, sql`select 1 from publishers`)).length);
});
