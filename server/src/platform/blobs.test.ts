import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { testS3 } from '../../test/s3.ts';
import { type Blobs, localBlobs, sha256OfFile } from './blobs.ts';
import { s3Blobs } from './blobs-s3.ts';
import { newS3 } from './s3.ts';

const top = mkdtempSync(join(tmpdir(), 'souk-blobs-'));
const server = await testS3('blobs');
const s3 = newS3({ region: 'us-east-1', endpoint: server.endpoint, credentials: server.credentials });
after(() => {
  s3.close();
  rmSync(top, { recursive: true, force: true });
});

/** Every store keeps to the same. */
const stores: readonly { name: string; folder: string; blobs: Blobs }[] = [
  { name: 'folder', folder: join(top, 'local'), blobs: localBlobs(join(top, 'local')) },
  {
    name: 'S3',
    folder: join(top, 'cache'),
    blobs: s3Blobs({ s3, bucket: 'blobs', prefix: '', cacheFolder: join(top, 'cache'), cacheBytesMax: 1e9 }),
  },
];
const digest = (content: Buffer) => createHash('sha256').update(content).digest('hex');
async function text(stream: Readable) {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

for (const { name, folder, blobs } of stores) {
  const files = () =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((f) => f.isFile())
      .map((f) => join(f.parentPath, f.name));

  test(`${name}: a blob is found by the digest of its content, whole and in ranges`, async () => {
    const content = randomBytes(300_000);
    const put = await blobs.put(Readable.from([content.subarray(0, 100_000), content.subarray(100_000)]));
    assert.deepEqual(put, { sha256: digest(content), sizeBytes: content.length });
    assert.equal(await blobs.has(put.sha256), true);
    assert.equal(await blobs.sizeOf(put.sha256), content.length);
    assert.deepEqual(await text(blobs.read(put.sha256)), content);
    assert.deepEqual(await text(blobs.read(put.sha256, { start: 10, end: 19 })), content.subarray(10, 20));
    assert.deepEqual(readFileSync(await blobs.pathOf(put.sha256)), content);
    assert.equal(await sha256OfFile(await blobs.pathOf(put.sha256)), put.sha256);
    assert.deepEqual(await blobs.put(Buffer.alloc(0)), { sha256: digest(Buffer.alloc(0)), sizeBytes: 0 });
  });

  test(`${name}: the same content put many times at once is one file`, async () => {
    const content = randomBytes(200_000);
    const before = files().length;
    const puts = await Promise.all(Array.from({ length: 8 }, () => blobs.put(Readable.from([content]))));
    assert.equal(new Set(puts.map((p) => p.sha256)).size, 1);
    assert.equal(files().length, before + 1);
    assert.deepEqual(await text(blobs.read(digest(content))), content);
  });

  test(`${name}: a reader keeps what it reads while the same content is put again`, async () => {
    const content = randomBytes(2_000_000);
    const { sha256 } = await blobs.put(content);
    const stream = blobs.read(sha256);
    const [, read] = await Promise.all([blobs.put(content), text(stream)]);
    assert.deepEqual(read, content);
  });

  test(`${name}: a put that breaks off leaves nothing`, async () => {
    const before = files();
    const breaks = Readable.from(
      (async function* () {
        yield randomBytes(70_000);
        throw new Error('the sender is gone');
      })(),
    );
    await assert.rejects(blobs.put(breaks), /the sender is gone/);
    const destroyed = new Readable({ read() {} });
    destroyed.push(randomBytes(1000));
    const putting = blobs.put(destroyed);
    destroyed.destroy();
    await assert.rejects(putting);
    assert.deepEqual(files(), before);
  });

  test(`${name}: a finished file is taken over, and again under the same digest`, async () => {
    const content = randomBytes(1000);
    for (let n = 0; n < 2; n++) {
      const path = join(folder, `upload-${n}`);
      writeFileSync(path, content);
      await blobs.adopt(path, digest(content));
      assert.throws(() => readFileSync(path), { code: 'ENOENT' });
      assert.deepEqual(await text(blobs.read(digest(content))), content);
    }
  });

  test(`${name}: what is forgotten is removed, unless it was written again since`, async () => {
    const content = randomBytes(1000);
    const { sha256 } = await blobs.put(content);
    const now = Date.now();
    assert.equal(await blobs.removeUnlessNewer(sha256, new Date(now - 60_000)), false);
    assert.deepEqual(await text(blobs.read(sha256)), content);
    // Times of objects are in whole seconds.
    await sleep(2100);
    const between = new Date();
    await sleep(1100);
    await blobs.put(content);
    assert.equal(await blobs.removeUnlessNewer(sha256, between), false);
    assert.equal(await blobs.removeUnlessNewer(sha256, new Date(Date.now() + 60_000)), true);
    assert.equal(await blobs.has(sha256), false);
    await assert.rejects(text(blobs.read(sha256)), { code: 'ENOENT' });
    assert.equal(await blobs.removeUnlessNewer(sha256, new Date()), true);
  });

  test(`${name}: what is no digest leads nowhere`, async () => {
    for (const name of [
      '',
      '..',
      '../../etc/passwd',
      'A'.repeat(64),
      `${'a'.repeat(64)}/..`,
      'a'.repeat(63),
    ]) {
      await assert.rejects(blobs.pathOf(name), /not a SHA-256/);
      assert.throws(() => blobs.read(name), /not a SHA-256/);
      await assert.rejects(blobs.has(name), /not a SHA-256/);
      await assert.rejects(blobs.sizeOf(name), /not a SHA-256/);
    }
    assert.equal(await blobs.has('0'.repeat(64)), false);
    await assert.rejects(blobs.sizeOf('0'.repeat(64)), { code: 'ENOENT' });
  });
}
