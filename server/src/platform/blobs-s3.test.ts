import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, statSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, test } from 'node:test';
import { testS3 } from '../../test/s3.ts';
import { keyOf } from './blobs.ts';
import { checkBucketOf } from './blobs-check.ts';
import { s3Blobs } from './blobs-s3.ts';
import { newS3 } from './s3.ts';

const bucket = 'souk-blobs';
const server = await testS3(bucket);
const s3 = newS3({ region: 'us-east-1', endpoint: server.endpoint, credentials: server.credentials });
const folder = mkdtempSync(join(tmpdir(), 'souk-blob-cache-'));
after(() => {
  s3.close();
  rmSync(folder, { recursive: true, force: true });
});
const store = (given: { cacheFolder?: string; cacheBytesMax?: number; bucket?: string } = {}) =>
  s3Blobs({
    s3,
    bucket,
    prefix: 'own/',
    cacheFolder: join(folder, 'first'),
    cacheBytesMax: 1e9,
    ...given,
  });
const digest = (content: Buffer) => createHash('sha256').update(content).digest('hex');
async function all(stream: Readable) {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

test('what one machine puts, another reads from the bucket', async () => {
  const content = randomBytes(9_000_000);
  const { sha256 } = await store().put(Readable.from([content]));
  assert.equal((await s3.head(bucket, `own/${keyOf(sha256)}`))?.sizeBytes, content.length);
  const other = store({ cacheFolder: join(folder, 'other') });
  assert.equal(digest(await all(other.read(sha256))), sha256);
  const paths = await Promise.all([other.pathOf(sha256), other.pathOf(sha256)]);
  assert.equal(paths[0], paths[1]);
  assert.equal(statSync(paths[0] ?? '').size, content.length);
});

test('an object that is not what its name says is never given out whole, and never kept', async () => {
  const { sha256 } = await store().put(Buffer.from('what was certified'));
  await s3.write(bucket, `own/${keyOf(sha256)}`, Buffer.from('something else'));
  const other = store({ cacheFolder: join(folder, 'damaged') });
  await assert.rejects(all(other.read(sha256)), /is damaged/);
  await assert.rejects(other.pathOf(sha256), /is damaged/);
  assert.equal(existsSync(join(folder, 'damaged', keyOf(sha256))), false);
});

test('copies that nobody asked for lately make room; those of the last hour stay, and all come again', async () => {
  const cacheFolder = join(folder, 'small');
  const blobs = store({ cacheFolder, cacheBytesMax: 1500 });
  const [old, young] = [randomBytes(1000), randomBytes(1000)];
  await blobs.put(old);
  await blobs.put(young);
  const oldPath = join(cacheFolder, keyOf(digest(old)));
  assert.ok(existsSync(oldPath), 'both are in use');
  const before = new Date(Date.now() - 2 * 3600 * 1000);
  utimesSync(oldPath, before, before);
  await blobs.put(randomBytes(10));
  assert.equal(existsSync(oldPath), false);
  assert.ok(existsSync(join(cacheFolder, keyOf(digest(young)))));
  assert.equal(statSync(await blobs.pathOf(digest(old))).size, 1000);
});

test('a bucket that cannot be used is a fault that passes, without the words of its server', async () => {
  const lost = store({ bucket: 'no-such-bucket', cacheFolder: join(folder, 'lost') });
  const nowhere = s3Blobs({
    s3: newS3({ region: 'us-east-1', endpoint: 'http://127.0.0.1:1', credentials: server.credentials }),
    bucket,
    prefix: '',
    cacheFolder: join(folder, 'nowhere'),
    cacheBytesMax: 1,
  });
  const unavailable = { code: 'system.unavailable', params: { part: 'the store of files' } };
  await assert.rejects(lost.put(Buffer.from('x')), unavailable);
  await assert.rejects(nowhere.has('0'.repeat(64)), unavailable);
  await assert.rejects(all(nowhere.read('0'.repeat(64))), unavailable);
  await assert.rejects(nowhere.pathOf('0'.repeat(64)), unavailable);
});

test('the doctor tries a bucket out, leaves nothing in it, and says at what it stopped', async () => {
  const place = {
    bucket,
    prefix: 'checked/',
    region: 'us-east-1',
    endpoint: server.endpoint,
    forcePathStyle: undefined,
    cacheBytesMax: 1,
  };
  assert.deepEqual(await checkBucketOf(place, server.credentials), {
    ok: true,
    detail: 'written, listed, read and removed',
    remedy: '',
  });
  assert.equal((await s3.list(bucket, 'checked/').next()).done, true);
  const absent = await checkBucketOf({ ...place, bucket: 'no-such-bucket' }, server.credentials);
  assert.deepEqual([absent.ok, /finding it.*no-such-bucket/.test(absent.detail)], [false, true]);
  const nowhere = await checkBucketOf({ ...place, endpoint: 'http://127.0.0.1:1' }, server.credentials);
  assert.match(`${nowhere.detail} ${nowhere.remedy}`, /does not answer.*firewall/);
});
