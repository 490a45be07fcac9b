import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import type { FilePage, StoredFile, Upload } from '@souk/contract';
import { testDatabase } from '../../../test/database.ts';
import { testMember, testPlatform, testServer } from '../../../test/platform.ts';
import { testS3 } from '../../../test/s3.ts';
import type { Member } from '../../platform/authorize.ts';
import { inTx, row, sql } from '../../platform/db.ts';
import { SoukError } from '../../platform/errors.ts';
import { newUploadsService, uploadRoutes } from '../uploads/index.ts';
import { fileRoutes, newBuckets, newFiles, newLocations } from './index.ts';

const database = await testDatabase();
const { db } = database;
let now = new Date();
const platform = {
  ...testPlatform(database, { SOUK_OUTBOUND_ALLOW: '127.0.0.0/8' }),
  clock: { now: () => now },
};
const uploads = newUploadsService(platform);
let quotaBytes = 1_000_000;
const files = newFiles(platform, {
  quotaBytes: async () => quotaBytes,
  finishedUpload: (reader, accountId, uploadId) => uploads.finished(reader, accountId, uploadId, 'data'),
  unusedUploads: uploads.unusedData,
});
const buckets = newBuckets(platform);
const locations = newLocations(platform, files, buckets.storeOf);
const { send } = testServer(platform, [
  ...fileRoutes(files, platform.accountFiles, buckets),
  ...uploadRoutes(uploads, platform.blobs),
]);
const buyer = await testMember(db, ['buyer']);
const sha256 = (content: Uint8Array | string) => createHash('sha256').update(content).digest('hex');
const bytes = { 'content-type': 'application/octet-stream' };
const at = (path: string) => `path=${encodeURIComponent(path)}`;

const write = (path: string, payload: Buffer | string, who: Member = buyer, more = '') =>
  send(who, { method: 'PUT', url: `/api/files/content?${at(path)}${more}`, headers: bytes, payload });
const list = async (query = '', who: Member = buyer) =>
  (await send(who, { method: 'GET', url: `/api/files?${query}` })).json<FilePage>();
const read = (path: string, who: Member = buyer) =>
  send(who, { method: 'GET', url: `/api/files/content?${at(path)}` });
const remove = (path: string, who: Member = buyer) =>
  send(who, { method: 'DELETE', url: `/api/files?${at(path)}` });
const codeOf = (answer: { json(): { error: { code: string } } }) => answer.json().error.code;
const refusal = async (work: Promise<unknown>) =>
  work.then(
    () => 'taken',
    (error: unknown) => (error instanceof SoukError ? error.code : String(error)),
  );

test('a file comes back byte for byte, by its path, and is replaced whole', async () => {
  const content = randomBytes(300_000);
  const kept = (await write('a/b.csv', content)).json<StoredFile>();
  assert.deepEqual(
    [kept.uri, kept.sizeBytes, kept.sha256, kept.contentType, kept.createdBy],
    [`souk://${buyer.accountId}/a/b.csv`, 300_000, sha256(content), 'text/csv', buyer.email],
  );
  const answer = await read('a/b.csv');
  assert.deepEqual(answer.rawPayload, content);
  assert.match(String(answer.headers['content-disposition']), /attachment; filename="b\.csv"/);
  await write('a/b.csv', 'new');
  assert.equal((await read('a/b.csv')).body, 'new');
  assert.deepEqual((await list()).used, { files: 1, sizeBytes: 3, limitBytes: 1_000_000 });
  await remove('a/b.csv');
});

test('a finished upload becomes a file, without replacing one unless that is said', async () => {
  const content = Buffer.from('1,2\n3,4\n');
  const sent = await send(buyer, {
    method: 'POST',
    url: '/api/uploads',
    payload: { fileName: 'in.csv', purpose: 'data', sizeBytes: content.length, sha256: sha256(content) },
  });
  const { id } = sent.json<Upload>();
  const create = (more = {}) =>
    send(buyer, {
      method: 'POST',
      url: '/api/files',
      payload: { path: 'up/in.csv', uploadId: id, ...more },
    });
  assert.equal(codeOf(await create()), 'upload.incomplete');
  await send(buyer, {
    method: 'PATCH',
    url: `/api/uploads/${id}?offset=0`,
    headers: bytes,
    payload: content,
  });
  assert.equal((await create()).statusCode, 201);
  assert.equal(codeOf(await create()), 'file.exists');
  assert.equal((await create({ replace: true })).statusCode, 201);
  assert.equal((await read('up/in.csv')).body, '1,2\n3,4\n');
  assert.equal((await list('prefix=up/')).used.files, 1);
  await remove('up/in.csv');
});

test('lists go by path, with prefixes taken literally, page by page', async () => {
  const paths = ['p/10', 'p/2', 'p/B', 'p/a', 'p_/x', 'pÿ'];
  for (const path of paths.toReversed()) await write(path, path);
  assert.deepEqual(
    (await list()).items.map((f) => f.path),
    paths,
  );
  assert.deepEqual(
    (await list('prefix=p_')).items.map((f) => f.path),
    ['p_/x'],
  );
  const first = await list('prefix=p/&limit=3');
  assert.deepEqual([first.items.map((f) => f.path), first.nextCursor], [['p/10', 'p/2', 'p/B'], 'p/B']);
  assert.deepEqual(
    (await list('prefix=p/&limit=3&cursor=p/B')).items.map((f) => f.path),
    ['p/a'],
  );
  for (const path of paths) assert.equal((await remove(path)).statusCode, 204);
  assert.equal(codeOf(await remove('p/a')), 'file.missing');
  assert.deepEqual((await list()).used, { files: 0, sizeBytes: 0, limitBytes: 1_000_000 });
});

test('another account sees nothing, and its locations are refused', async () => {
  await write('mine.csv', '1');
  const other = await testMember(db, ['buyer']);
  assert.deepEqual((await list('', other)).items, []);
  assert.equal(codeOf(await read('mine.csv', other)), 'file.missing');
  assert.equal(codeOf(await remove('mine.csv', other)), 'file.missing');
  const uri = `souk://${buyer.accountId}/mine.csv`;
  assert.equal(await refusal(locations.open(other.accountId, uri)), 'location.foreign');
  assert.equal(await refusal(locations.check(other.accountId, uri)), 'location.foreign');
  assert.equal(await refusal(locations.check(other.accountId, 's3://bucket/a')), 'location.no_credentials');
  const viewer = await testMember(db, ['viewer']);
  assert.equal((await send(viewer, { method: 'GET', url: '/api/files' })).statusCode, 403);
  await remove('mine.csv');
});

test('what does not fit is refused while it comes, and writers side by side do not pass the limit together', async () => {
  quotaBytes = 1000;
  assert.equal(codeOf(await write('big', Buffer.alloc(1001))), 'file.over_quota');
  const answers = await Promise.all([1, 2, 3].map((n) => write(`part-${n}`, Buffer.alloc(400, n))));
  assert.equal(answers.filter((a) => a.statusCode === 200).length, 2);
  assert.ok((await list()).used.sizeBytes <= 1000);
  // What replaces counts by the difference.
  const [name] = (await list()).items.map((f) => f.path);
  assert.equal((await write(name ?? '', Buffer.alloc(600))).statusCode, 200);
  for (const { path } of (await list()).items) await remove(path);
  quotaBytes = 1_000_000;
});

test('a file whose digest is not the announced one is not kept', async () => {
  assert.equal(codeOf(await write('x', 'abc', buyer, `&sha256=${sha256('abd')}`)), 'file.digest_mismatch');
  assert.equal(codeOf(await read('x')), 'file.missing');
});

test('paths have one spelling', async () => {
  for (const path of ['', '/a', 'a/', 'a//b', '.', 'a/../b', './a', 'a\u0000', 'a'.repeat(1025)])
    assert.equal(codeOf(await write(path, '1')), 'request.invalid', path);
  for (const path of ['..a', 'a/...', 'a b/ü.csv']) {
    assert.equal((await write(path, '1')).statusCode, 200, path);
    await remove(path);
  }
});

test('what is staged is to be seen once its transaction is committed, and not before', async () => {
  const uri = `souk://${buyer.accountId}/out/a.csv.out`;
  const staged = await locations.stage(buyer.accountId, uri, Readable.from([Buffer.from('5\n')]));
  assert.equal(await refusal(locations.open(buyer.accountId, uri)), 'location.missing');
  await assert.rejects(
    inTx(db, async (tx) => {
      await staged.commit(tx, 'job');
      throw new Error('rolled back');
    }),
  );
  assert.equal(await refusal(locations.open(buyer.accountId, uri)), 'location.missing');
  await inTx(db, (tx) => staged.commit(tx, 'job'));
  const found = [];
  for await (const file of locations.list(buyer.accountId, `souk://${buyer.accountId}/out/`))
    found.push(file);
  assert.deepEqual(found, [{ uri, sizeBytes: 2 }]);
  const content = await (await locations.open(buyer.accountId, uri)).toArray();
  assert.equal(Buffer.concat(content as Buffer[]).toString(), '5\n');
  await remove('out/a.csv.out');
});

test('a source that breaks off leaves nothing', async () => {
  const uri = `souk://${buyer.accountId}/broken`;
  const source = Readable.from(
    (async function* () {
      yield Buffer.from('half');
      throw new Error('gone');
    })(),
  );
  assert.match(await refusal(locations.stage(buyer.accountId, uri, source)), /gone/);
});

test('the disk is freed a day after the last file of a content went, and not while another has it', async () => {
  await write('one', 'the same');
  await write('two', 'the same');
  const digest = sha256('the same');
  await remove('one');
  now = new Date(Date.now() + 2 * 24 * 3600 * 1000);
  await files.sweep();
  assert.ok(await platform.accountFiles.has(digest), 'two still has it');
  await remove('two');
  now = new Date();
  await files.sweep();
  assert.ok(await platform.accountFiles.has(digest), 'not yet a day');
  now = new Date(Date.now() + 2 * 24 * 3600 * 1000);
  await files.sweep();
  assert.equal(await platform.accountFiles.has(digest), false);
  now = new Date();
});

test('a bucket of the account is read and written with credentials that are tried first and kept sealed', async () => {
  const { endpoint, credentials } = await testS3('flowers');
  const keep = (bucket: string, more: object = {}) =>
    send(buyer, {
      method: 'PUT',
      url: `/api/buckets/${bucket}`,
      payload: { region: 'us-east-1', endpoint, ...credentials, ...more },
    });
  assert.equal(codeOf(await keep('absent')), 'bucket.unusable');
  assert.equal(codeOf(await keep('flowers', { endpoint: 'http://169.254.169.254' })), 'bucket.unusable');
  const kept = await keep('flowers');
  assert.equal(kept.statusCode, 200, kept.body);
  assert.equal('secretAccessKey' in kept.json<object>(), false);
  const stored = await row<{ sealed: string }>(
    db,
    sql`select secret_sealed as sealed from bucket_credentials`,
  );
  assert.match(stored?.sealed ?? '', /^v1\./);
  const staged = await locations.stage(
    buyer.accountId,
    's3://flowers/in/a.csv',
    Readable.from([Buffer.from('1,2\n')]),
  );
  assert.deepEqual([staged.sizeBytes, staged.sha256], [4, sha256('1,2\n')]);
  const found = [];
  for await (const file of locations.list(buyer.accountId, 's3://flowers/in/')) found.push(file);
  assert.deepEqual(found, [{ uri: 's3://flowers/in/a.csv', sizeBytes: 4 }]);
  const content = await (await locations.open(buyer.accountId, 's3://flowers/in/a.csv')).toArray();
  assert.equal(Buffer.concat(content as Buffer[]).toString(), '1,2\n');
  assert.equal(await refusal(locations.open(buyer.accountId, 's3://flowers/absent')), 'location.missing');
  const other = await testMember(db, ['buyer']);
  assert.equal(
    await refusal(locations.check(other.accountId, 's3://flowers/in/')),
    'location.no_credentials',
  );
  assert.equal((await send(buyer, { method: 'DELETE', url: '/api/buckets/flowers' })).statusCode, 204);
  assert.equal(
    codeOf(await send(buyer, { method: 'DELETE', url: '/api/buckets/flowers' })),
    'bucket.missing',
  );
});
