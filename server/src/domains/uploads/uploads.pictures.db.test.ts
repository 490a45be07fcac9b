import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { crc32, deflateSync } from 'node:zlib';
import type { ErrorBody, Upload } from '@souk/contract';
import { testDatabase } from '../../../test/database.ts';
import { testMember, testPlatform, testServer } from '../../../test/platform.ts';
import { type Member, visitor } from '../../platform/authorize.ts';
import { row, sql } from '../../platform/db.ts';
import { newUploadsService, uploadRoutes } from './index.ts';

const database = await testDatabase();
const { db } = database;
const platform = testPlatform(database);
const uploads = newUploadsService(platform);
const { send } = testServer(platform, uploadRoutes(uploads, platform.blobs));
const publisher = await testMember(db);
const other = await testMember(db);

/** Makes the pictures that are sent; the same library reads them, in another process. */
interface Maker {
  withMetadata(options: object): Maker;
  toColourspace(space: string): Maker;
  jpeg(): Maker;
  png(): Maker;
  gif(): Maker;
  toBuffer(): Promise<Buffer>;
}
const sharp = createRequire(import.meta.url)('sharp') as (input: unknown, options?: object) => Maker;
const plain = (width: number, height: number, colour = 'white') =>
  sharp({ create: { width, height, channels: 3, background: colour } });

const sha256 = (content: Uint8Array) => createHash('sha256').update(content).digest('hex');
async function sent(content: Buffer, fileName = 'a.png', caller: Member = publisher) {
  const created = await send(caller, {
    method: 'POST',
    url: '/api/uploads',
    payload: { fileName, purpose: 'media', sizeBytes: content.length },
  });
  return send(caller, {
    method: 'PATCH',
    url: `/api/uploads/${created.json<Upload>().id}?offset=0`,
    headers: { 'content-type': 'application/octet-stream' },
    payload: content,
  });
}
const media = (digest: string, headers = {}) =>
  send(visitor, { method: 'GET', url: `/media/${digest}`, headers });
async function refused(content: Buffer, fileName?: string): Promise<string[]> {
  const answer = await sent(content, fileName);
  assert.equal(answer.statusCode, 400, answer.body);
  const { error } = answer.json<ErrorBody>();
  assert.equal(error.code, 'upload.picture_refused');
  assert.equal((await media(sha256(content))).statusCode, 404, 'nothing of it is served');
  return (error.findings ?? []).map((f) => f.code);
}

test('a picture is written anew: what hides in it, behind it and in its profile is gone', async () => {
  const script = '<script>alert(document.domain)</script>';
  const camera = { exif: { IFD0: { ImageDescription: script, Copyright: 'GPS 48.1 N' } } };
  for (const [made, type] of [
    [await plain(200, 200).withMetadata(camera).png().toBuffer(), 'image/png'],
    [await plain(200, 200).withMetadata(camera).jpeg().toBuffer(), 'image/jpeg'],
  ] as const) {
    const polyglot = Buffer.concat([made, Buffer.from(script)]);
    const file = type === 'image/png' ? withEnd(polyglot) : polyglot;
    const answer = await sent(file);
    assert.equal(answer.statusCode, 200, answer.body);
    const upload = answer.json<Upload>();
    assert.equal(upload.sha256, sha256(file), 'the upload is told by what was sent');
    assert.deepEqual([upload.media?.contentType, upload.media?.width], [type, 200]);
    const served = await media(upload.media?.sha256 ?? '');
    assert.equal(served.headers['content-type'], type);
    assert.equal(sha256(served.rawPayload), upload.media?.sha256, 'served by its content’s digest');
    for (const hidden of ['script', 'GPS', 'Exif']) assert.ok(!served.rawPayload.includes(hidden), hidden);
    assert.deepEqual((await media(sha256(file))).rawPayload, served.rawPayload, 'the same by what was sent');
  }
});

/** A file that ends as a PNG does, so that only its decoder can tell what stands in between. */
const withEnd = (file: Buffer) =>
  Buffer.concat([file, Buffer.from('\0\0\0\0IEND\xae\x42\x60\x82', 'latin1')]);

test('pictures are cached for good, and never run', async () => {
  const { media: kept } = (await sent(await plain(150, 150).png().toBuffer())).json<Upload>();
  const image = await media(kept?.sha256 ?? '');
  assert.equal(image.headers['cache-control'], 'public, max-age=31536000, immutable');
  assert.equal(image.headers['x-content-type-options'], 'nosniff');
  assert.match(String(image.headers['content-security-policy']), /sandbox/);
  const again = await media(kept?.sha256 ?? '', { 'if-none-match': String(image.headers.etag) });
  assert.deepEqual([again.statusCode, again.body], [304, '']);
  assert.equal((await media('0'.repeat(64))).statusCode, 404);
});

test('a still GIF becomes a PNG', async () => {
  const answer = await sent(await plain(120, 120).gif().toBuffer(), 'a.gif');
  assert.equal(answer.json<Upload>().media?.contentType, 'image/png');
});

test('an animated GIF is refused by name', async () => {
  const frame = [0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0];
  const gif = Buffer.from([...Buffer.from('GIF89a'), 1, 0, 1, 0, 0, 0, 0, ...frame, ...frame, 0x3b]);
  assert.deepEqual(await refused(gif, 'a.gif'), ['image.animated']);
});

test('a CMYK JPEG is refused by name', async () => {
  assert.deepEqual(await refused(await plain(100, 100).toColourspace('cmyk').jpeg().toBuffer(), 'a.jpg'), [
    'image.cmyk',
  ]);
});

test('an SVG, a web page and a renamed archive are refused by name, whatever they are called', async () => {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>';
  assert.deepEqual(await refused(Buffer.from(svg), 'logo.png'), ['image.svg']);
  const page = Buffer.from('<!doctype html><script>alert(1)</script>');
  assert.deepEqual(await refused(page, 'logo.png'), ['image.type_unsupported']);
  assert.deepEqual(await refused(Buffer.from('PK\x03\x04 etc.'), 'logo.png'), ['image.type_unsupported']);
});

test('a bomb that states a huge size is refused before it is unpacked', async () => {
  assert.deepEqual(await refused(pngOf(60_000, 60_000, deflateSync(Buffer.alloc(1000)))), [
    'image.too_many_pixels',
  ]);
});

test('a bomb whose data unpack to far more than stated is refused', async () => {
  const answer = await sent(pngOf(10, 10, deflateSync(Buffer.alloc(200_000_000))));
  if (answer.statusCode === 200) {
    // What stands behind the last line is no picture: it must be gone.
    const clean = await media(answer.json<Upload>().media?.sha256 ?? '');
    assert.ok(clean.rawPayload.length < 2000, `${clean.rawPayload.length} bytes`);
  } else assert.deepEqual(answer.json<ErrorBody>().error.findings?.[0]?.code, 'image.damaged');
});

test('a truncated picture is refused, wherever it is cut, also when its end was put back', async () => {
  const png = await sharp(noise(64 * 64 * 3), { raw: { width: 64, height: 64, channels: 3 } })
    .png()
    .toBuffer();
  assert.deepEqual(await refused(png.subarray(0, 40)), ['image.damaged']);
  assert.deepEqual(await refused(png.subarray(0, -1)), ['image.damaged']);
  assert.deepEqual(await refused(withEnd(png.subarray(0, png.length >> 1))), ['image.damaged']);
  const jpeg = await sharp(noise(64 * 64 * 3), { raw: { width: 64, height: 64, channels: 3 } })
    .jpeg()
    .toBuffer();
  assert.deepEqual(await refused(jpeg.subarray(0, jpeg.length >> 1), 'a.jpg'), ['image.damaged']);
});

test('files with changed bytes are refused or clean, and never break the marketplace', async () => {
  const png = await sharp(noise(32 * 32 * 3), { raw: { width: 32, height: 32, channels: 3 } })
    .png()
    .toBuffer();
  for (let i = 0; i < 8; i++) {
    const changed = Buffer.from(png);
    const at = 8 + ((i * 397) % (png.length - 20));
    changed[at] = (changed[at] ?? 0) ^ 0x55;
    assert.ok([200, 400].includes((await sent(changed)).statusCode), `byte ${at}`);
  }
});

test('whether the ground is clear is decided for every kind of picture', async () => {
  const groundOf = async (made: Maker) => {
    const upload = (await sent(await made.toBuffer())).json<Upload>();
    return (await uploads.picture(db, upload.media?.sha256 ?? ''))?.ground;
  };
  assert.equal(await groundOf(plain(130, 130, 'white').jpeg()), 'clear');
  assert.equal(await groundOf(plain(130, 130, 'navy').jpeg()), 'coloured');
  assert.equal(await groundOf(plain(130, 130, 'navy').gif()), 'coloured');
  assert.equal(await groundOf(plain(700, 700, 'navy').png()), 'undecided');
});

test('media of others are told from one’s own, by either digest', async () => {
  const file = await plain(140, 141).png().toBuffer();
  const upload = (await sent(file)).json<Upload>();
  const digests = [sha256(file), upload.media?.sha256 ?? ''];
  assert.deepEqual(await uploads.missingMedia(db, publisher.accountId, digests), []);
  assert.deepEqual(await uploads.missingMedia(db, other.accountId, digests), digests);
});

test('what was sent as a picture before pictures were written anew is served clean', async () => {
  const old = Buffer.concat([await plain(160, 160).jpeg().toBuffer(), Buffer.from('<script>')]);
  const blob = await platform.blobs.put(old);
  await sql`insert into blob_owners (sha256, account_id, kind, file_name, content_type, size_bytes)
    values (${blob.sha256}, ${publisher.accountId}, 'media', 'a.jpg', 'image/jpeg', ${blob.sizeBytes})`.execute(
    db,
  );
  const served = await media(blob.sha256);
  assert.equal(served.statusCode, 200);
  assert.ok(!served.rawPayload.includes('script'));
  const kept = await row<{ n: number }>(
    db,
    sql`select count(*)::int as n from media_images where sha256 = ${blob.sha256}`,
  );
  assert.equal(kept?.n, 1);
});

test('a sample file is for its own account, as a download', async () => {
  const content = Buffer.from('<script>alert(1)</script>');
  const created = await send(publisher, {
    method: 'POST',
    url: '/api/uploads',
    payload: { fileName: 'größe.html', purpose: 'sample', sizeBytes: content.length },
  });
  await send(publisher, {
    method: 'PATCH',
    url: `/api/uploads/${created.json<Upload>().id}?offset=0`,
    headers: { 'content-type': 'application/octet-stream' },
    payload: content,
  });
  const url = `/api/samples/${sha256(content)}`;
  const own = await send(publisher, { method: 'GET', url });
  assert.deepEqual(own.rawPayload, content);
  assert.equal(own.headers['content-type'], 'application/octet-stream');
  assert.match(
    String(own.headers['content-disposition']),
    /^attachment; filename="gr__e\.html"; filename\*=UTF-8''gr%C3%B6%C3%9Fe\.html$/,
  );
  assert.equal((await send(other, { method: 'GET', url })).statusCode, 404);
  assert.equal((await media(sha256(content))).statusCode, 404, 'and never as a picture');
});

/** A PNG of one grey sample per pixel with the picture data given. */
function pngOf(width: number, height: number, data: Buffer): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 0], 8);
  const chunk = (type: string, body: Buffer) => {
    const named = Buffer.concat([Buffer.from(type, 'latin1'), body]);
    const whole = Buffer.alloc(named.length + 8);
    whole.writeUInt32BE(body.length);
    named.copy(whole, 4);
    whole.writeUInt32BE(crc32(named), named.length + 4);
    return whole;
  };
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', data),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** Bytes that do not compress, the same each time. */
function noise(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let i = 0, state = 1; i < length; i++, state = (state * 48271) % 2147483647) bytes[i] = state & 255;
  return bytes;
}
