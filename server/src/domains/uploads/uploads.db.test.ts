import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { appendFile, readFile, rename, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Upload } from '@souk/contract';
import { testDatabase } from '../../../test/database.ts';
import { testMember, testPlatform, testServer } from '../../../test/platform.ts';
import { type Member, visitor } from '../../platform/authorize.ts';
import { folders } from '../../platform/config.ts';
import { row, sql } from '../../platform/db.ts';
import { newUploadsService, uploadJobs, uploadRoutes } from './index.ts';

const database = await testDatabase();
const { db } = database;
const platform = testPlatform(database, { SOUK_UPLOAD_BYTES_MAX: '50000000' });
const uploads = newUploadsService(platform);
const { send, listen } = testServer(platform, uploadRoutes(uploads, platform.blobs));
const publisher = await testMember(db);
const other = await testMember(db);
const address = new URL(await listen());

const sha256 = (content: Uint8Array) => createHash('sha256').update(content).digest('hex');
const fileOf = (id: string) => join(folders(platform.config.dataDir).uploads, id);

async function create(
  body: { sizeBytes: number; purpose?: Upload['purpose']; sha256?: string; fileName?: string },
  caller: Member = publisher,
) {
  const answer = await send(caller, {
    method: 'POST',
    url: '/api/uploads',
    payload: { fileName: 'model.tar.gz', purpose: 'model', ...body },
  });
  assert.equal(answer.statusCode, 201, answer.body);
  return answer.json<Upload>();
}
const append = (id: string, offset: number, payload: Buffer, caller: Member = publisher) =>
  send(caller, {
    method: 'PATCH',
    url: `/api/uploads/${id}?offset=${offset}`,
    headers: { 'content-type': 'application/octet-stream' },
    payload,
  });
const get = async (id: string, caller: Member = publisher) =>
  (await send(caller, { method: 'GET', url: `/api/uploads/${id}` })).json<Upload>();
const codeOf = (answer: { json(): { error: { code: string } } }) => answer.json().error.code;

/** A client whose connection breaks off in the middle of a part, or stands still. */
async function sendAndStop(id: string, offset: number, announced: number, content: Buffer) {
  const socket = connect(Number(address.port), address.hostname);
  socket.on('error', () => undefined);
  socket.write(
    `PATCH /api/uploads/${id}?offset=${offset} HTTP/1.1\r\nhost: souk\r\nx-test-caller: ${publisher.accountId}/${publisher.personId}\r\n` +
      `content-type: application/octet-stream\r\ncontent-length: ${announced}\r\n\r\n`,
  );
  socket.write(content);
  return socket;
}
async function until(condition: () => Promise<boolean>) {
  for (let i = 0; i < 400; i++) {
    if (await condition()) return;
    await sleep(25);
  }
  assert.fail('it did not come about within 10 s');
}

test('parts in order make the file, byte for byte, and its sender owns it', async () => {
  const content = randomBytes(3_000_001);
  const upload = await create({ sizeBytes: content.length, sha256: sha256(content) });
  assert.deepEqual([upload.offset, upload.state, upload.sha256], [0, 'receiving', null]);
  const first = (await append(upload.id, 0, content.subarray(0, 1_700_000))).json<Upload>();
  assert.deepEqual([first.offset, first.state], [1_700_000, 'receiving']);
  const last = (await append(upload.id, 1_700_000, content.subarray(1_700_000))).json<Upload>();
  assert.deepEqual([last.offset, last.state, last.sha256], [content.length, 'complete', sha256(content)]);
  assert.deepEqual(await readFile(await platform.blobs.pathOf(sha256(content))), content);
  assert.deepEqual(await uploads.finished(db, publisher.accountId, upload.id, 'model'), {
    sha256: sha256(content),
    sizeBytes: content.length,
    fileName: 'model.tar.gz',
  });
  assert.equal((await append(upload.id, content.length, Buffer.alloc(0))).json<Upload>().state, 'complete');
});

test('a process that did not see the first parts hashes them from the file', async () => {
  const content = randomBytes(2_500_000);
  const upload = await create({ sizeBytes: content.length, sha256: sha256(content) });
  await append(upload.id, 0, content.subarray(0, 1_500_000));
  const restarted = testServer(platform, uploadRoutes(newUploadsService(platform), platform.blobs));
  const answer = await restarted.send(publisher, {
    method: 'PATCH',
    url: `/api/uploads/${upload.id}?offset=1500000`,
    headers: { 'content-type': 'application/octet-stream' },
    payload: content.subarray(1_500_000),
  });
  assert.equal(answer.json<Upload>().sha256, sha256(content));
});

test('a connection that breaks off keeps what arrived, and the client continues from there', async () => {
  const content = randomBytes(1_000_000);
  const upload = await create({ sizeBytes: content.length, sha256: sha256(content) });
  const socket = await sendAndStop(upload.id, 0, content.length, content.subarray(0, 400_000));
  await until(async () => socket.bytesWritten > 400_000);
  await sleep(50);
  socket.destroy();
  await until(async () => (await get(upload.id)).offset > 0);
  const { offset } = await get(upload.id);
  assert.ok(offset > 0 && offset <= 400_000);
  assert.equal(
    (await append(upload.id, offset, content.subarray(offset))).json<Upload>().sha256,
    sha256(content),
  );
});

test('after a kill the offset is what the file has, whatever the row says', async () => {
  const content = randomBytes(200_000);
  const upload = await create({ sizeBytes: content.length, sha256: sha256(content) });
  await append(upload.id, 0, content.subarray(0, 50_000));
  // Written, and the process killed before the row followed.
  await appendFile(fileOf(upload.id), content.subarray(50_000, 80_000));
  assert.equal((await get(upload.id)).offset, 80_000);
  const kept = await row<{ offset: number }>(
    db,
    sql`select offset_bytes as offset from uploads where id = ${upload.id}`,
  );
  assert.equal(kept?.offset, 80_000);
  // A power cut that took unsynced bytes along.
  await truncate(fileOf(upload.id), 60_000);
  assert.equal(codeOf(await append(upload.id, 80_000, content.subarray(80_000))), 'upload.wrong_offset');
  assert.equal((await get(upload.id)).offset, 60_000);
  assert.equal(
    (await append(upload.id, 60_000, content.subarray(60_000))).json<Upload>().sha256,
    sha256(content),
  );
});

test('killed before the move into the blobs or after it, an empty part completes the upload', async () => {
  for (const moved of [false, true]) {
    const content = randomBytes(10_000);
    const upload = await create({ sizeBytes: content.length });
    await append(upload.id, 0, content.subarray(0, 9_000));
    await appendFile(fileOf(upload.id), content.subarray(9_000));
    if (moved) {
      await sql`update uploads set sha256 = ${sha256(content)} where id = ${upload.id}`.execute(db);
      await platform.blobs.adopt(fileOf(upload.id), sha256(content));
    }
    const found = await get(upload.id);
    assert.deepEqual([found.offset, found.state, found.sha256], [content.length, 'receiving', null]);
    const answer = (await append(upload.id, content.length, Buffer.alloc(0))).json<Upload>();
    assert.deepEqual([answer.state, answer.sha256], ['complete', sha256(content)]);
    assert.equal(
      (await uploads.finished(db, publisher.accountId, upload.id, 'model')).sha256,
      sha256(content),
    );
  }
});

test('of two clients that append at once one is refused, and the file is whole', async () => {
  const content = randomBytes(4_000_000);
  const upload = await create({ sizeBytes: content.length, sha256: sha256(content) });
  const socket = await sendAndStop(upload.id, 0, content.length, content.subarray(0, 2_000_000));
  await until(async () => (await get(upload.id)).offset > 0);
  assert.equal(codeOf(await append(upload.id, 0, randomBytes(content.length))), 'upload.wrong_offset');
  assert.equal(
    codeOf(await append(upload.id, (await get(upload.id)).offset, Buffer.from('x'))),
    'upload.wrong_offset',
  );
  socket.write(content.subarray(2_000_000));
  await until(async () => (await get(upload.id)).state === 'complete');
  assert.deepEqual(await readFile(await platform.blobs.pathOf(sha256(content))), content);
  socket.destroy();
});

test('ten clients that begin at once leave one whole file', async () => {
  const content = randomBytes(2_000_000);
  const upload = await create({ sizeBytes: content.length, sha256: sha256(content) });
  const answers = await Promise.all(Array.from({ length: 10 }, () => append(upload.id, 0, content)));
  assert.equal(answers.filter((a) => a.statusCode === 200).length, 1);
  assert.ok(answers.every((a) => a.statusCode === 200 || codeOf(a) === 'upload.wrong_offset'));
  assert.deepEqual(await readFile(await platform.blobs.pathOf(sha256(content))), content);
});

test('a client that comes back goes on although its lost connection was not noticed', async () => {
  const content = randomBytes(1_500_000);
  const upload = await create({ sizeBytes: content.length, sha256: sha256(content) });
  const lost = await sendAndStop(upload.id, 0, content.length, content.subarray(0, 1_200_000));
  await until(async () => (await get(upload.id)).offset >= 1_000_000);
  await sleep(2100);
  const { offset } = await get(upload.id);
  const first = await append(upload.id, offset, content.subarray(offset));
  // What was still in the first connection's batch is kept, so the place may have moved; then the client asks once more.
  const from = (await get(upload.id)).offset;
  const last = first.statusCode === 200 ? first : await append(upload.id, from, content.subarray(from));
  assert.equal(last.json<Upload>().sha256, sha256(content));
  lost.destroy();
});

test('another process that writes the upload is not disturbed until it stops renewing', async () => {
  const content = randomBytes(1000);
  const upload = await create({ sizeBytes: content.length });
  await sql`update uploads set writer = 'node-2/x', writer_until = now() + interval '20 seconds' where id = ${upload.id}`.execute(
    db,
  );
  assert.equal(codeOf(await append(upload.id, 0, content)), 'upload.wrong_offset');
  await sql`update uploads set writer_until = now() - interval '1 second' where id = ${upload.id}`.execute(
    db,
  );
  assert.equal((await append(upload.id, 0, content.subarray(0, 10))).statusCode, 200);
  // An earlier process of this node is gone for certain.
  await sql`update uploads set writer = 'node-1/before', writer_until = now() + interval '20 seconds' where id = ${upload.id}`.execute(
    db,
  );
  assert.equal((await append(upload.id, 10, content.subarray(10))).json<Upload>().state, 'complete');
});

test('a digest that does not match ends the upload', async () => {
  const upload = await create({ sizeBytes: 5, sha256: sha256(Buffer.from('hello')) });
  const answer = await append(upload.id, 0, Buffer.from('hallo'));
  assert.deepEqual([answer.statusCode, codeOf(answer)], [409, 'upload.digest_mismatch']);
  assert.equal(codeOf(await append(upload.id, 0, Buffer.from('hello'))), 'upload.missing');
  await assert.rejects(stat(fileOf(upload.id)), { code: 'ENOENT' });
  assert.equal(await platform.blobs.has(sha256(Buffer.from('hallo'))), false);
});

test('more than was announced is refused and not kept; the upload stays usable', async () => {
  const upload = await create({ sizeBytes: 2_000_000 });
  await append(upload.id, 0, Buffer.alloc(1_500_000));
  assert.equal(codeOf(await append(upload.id, 1_500_000, Buffer.alloc(2_500_000))), 'upload.overrun');
  assert.equal((await get(upload.id)).offset, 1_500_000);
  assert.equal(
    (await append(upload.id, 1_500_000, Buffer.alloc(500_000))).json<Upload>().sha256,
    sha256(Buffer.alloc(2_000_000)),
  );
});

test('limits hold for each purpose', async () => {
  for (const [purpose, limit] of [
    ['model', 50_000_000],
    ['media', 5 * 1024 * 1024],
    ['sample', 10 * 1024 * 1024],
  ] as const) {
    await create({ purpose, sizeBytes: limit });
    const answer = await send(publisher, {
      method: 'POST',
      url: '/api/uploads',
      payload: { fileName: 'x', purpose, sizeBytes: limit + 1 },
    });
    assert.deepEqual([answer.statusCode, codeOf(answer)], [413, 'upload.too_large']);
    assert.equal(answer.json().error.params.limitBytes, limit);
  }
});

test('nobody else sees an upload, and a digest alone gives nobody the file', async () => {
  const content = randomBytes(1000);
  const upload = await create({ sizeBytes: content.length });
  assert.equal(codeOf(await append(upload.id, 0, content, other)), 'upload.missing');
  await append(upload.id, 0, content);
  await assert.rejects(uploads.finished(db, other.accountId, upload.id, 'model'), {
    code: 'upload.missing',
  });
  await assert.rejects(uploads.finished(db, publisher.accountId, upload.id, 'media'), {
    code: 'upload.missing',
  });
  const mine = await create({ sizeBytes: content.length, sha256: sha256(content) });
  assert.deepEqual([mine.state, mine.offset], ['complete', content.length]);
  const theirs = await create({ sizeBytes: content.length, sha256: sha256(content) }, other);
  assert.deepEqual([theirs.state, theirs.offset], ['receiving', 0]);
  assert.equal((await send(visitor, { method: 'GET', url: `/media/${sha256(content)}` })).statusCode, 404);
});

test('an unfinished upload cannot be used', async () => {
  const upload = await create({ sizeBytes: 10 });
  await append(upload.id, 0, Buffer.from('123'));
  await assert.rejects(uploads.finished(db, publisher.accountId, upload.id, 'model'), {
    code: 'upload.incomplete',
    params: { offset: 3, sizeBytes: 10 },
  });
});

test('given-up uploads are removed with their files after seven days, and files without a row after one', async () => {
  const [job] = uploadJobs(uploads);
  assert.ok(job?.cron);
  const old = await create({ sizeBytes: 10 });
  const young = await create({ sizeBytes: 10 });
  const lost = fileOf('upl_00000000000000000000');
  const fresh = fileOf('upl_11111111111111111111');
  for (const u of [old, young]) await append(u.id, 0, Buffer.from('123'));
  await writeFile(lost, 'x');
  await writeFile(fresh, 'x');
  const yesterday = new Date(Date.now() - 25 * 3600 * 1000);
  for (const path of [lost, fileOf(young.id)]) await utimes(path, yesterday, yesterday);
  await sql`update uploads set expires_at = now() - interval '1 second' where id = ${old.id}`.execute(db);
  await job.run({}, { attempt: 1, attemptsMax: 1, signal: new AbortController().signal });
  assert.equal((await send(publisher, { method: 'GET', url: `/api/uploads/${old.id}` })).statusCode, 404);
  assert.equal((await get(young.id)).offset, 3);
  for (const path of [fileOf(old.id), lost]) await assert.rejects(stat(path), { code: 'ENOENT' });
  await stat(fresh);
  await rm(fresh);
});

test('a disk error is not the client’s: nothing is lost that was there before', async () => {
  const upload = await create({ sizeBytes: 10 });
  await append(upload.id, 0, Buffer.from('123'));
  await rename(fileOf(upload.id), `${fileOf(upload.id)}.away`);
  // A folder in the file's place lets every write fail, as a broken disk would.
  const { mkdir, rmdir } = await import('node:fs/promises');
  await mkdir(fileOf(upload.id));
  const { size } = await stat(fileOf(upload.id));
  const answer = await append(upload.id, size, Buffer.from('4567890'));
  assert.ok(answer.statusCode >= 400);
  await rmdir(fileOf(upload.id));
  await rename(`${fileOf(upload.id)}.away`, fileOf(upload.id));
  assert.equal((await append(upload.id, 3, Buffer.from('4567890'))).json<Upload>().state, 'complete');
});
