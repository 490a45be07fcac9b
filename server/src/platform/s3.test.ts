import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { after, test } from 'node:test';
import { testS3 } from '../../test/s3.ts';
import { guardedAgents } from './outbound-agents.ts';
import { newS3, type S3Access } from './s3.ts';

const bucket = 'buyers-data';
const server = await testS3(bucket);
const access = { region: 'us-east-1', endpoint: server.endpoint, credentials: server.credentials };
const opened: { close(): void }[] = [];
const open = (given: S3Access) => {
  const s3 = newS3(given);
  opened.push(s3);
  return s3;
};
after(() => {
  for (const s3 of opened) s3.close();
});
const s3 = open(access);
async function all(stream: Readable) {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
const digest = (content: Buffer) => createHash('sha256').update(content).digest('hex');

test('a stream of unknown length is written in parts, and read whole and in ranges', async () => {
  const content = randomBytes(20_000_000);
  await s3.write(
    bucket,
    'in/rows é +.csv',
    Readable.from(
      (function* () {
        for (let at = 0; at < content.length; at += 65_536) yield content.subarray(at, at + 65_536);
      })(),
    ),
    'text/csv',
  );
  assert.equal((await s3.head(bucket, 'in/rows é +.csv'))?.sizeBytes, content.length);
  assert.equal(digest(await all(await s3.open(bucket, 'in/rows é +.csv'))), digest(content));
  const range = await all(await s3.open(bucket, 'in/rows é +.csv', { start: 100, end: 199 }));
  assert.deepEqual(range, content.subarray(100, 200));
});

test('a source that breaks off leaves no object', async () => {
  const breaks = Readable.from(
    (async function* () {
      yield randomBytes(9_000_000);
      throw new Error('the sender is gone');
    })(),
  );
  await assert.rejects(s3.write(bucket, 'broken', breaks));
  assert.equal(await s3.head(bucket, 'broken'), undefined);
});

test('a prefix is listed in the order of keys, over more than one page, from any key on', async () => {
  const paging = open({ ...access, pageSizeMax: 2 });
  const keys = Array.from({ length: 5 }, (_, n) => `many/${n}`);
  for (const key of [...keys, 'more/1']) await s3.write(bucket, key, Buffer.from(key));
  const listed: string[] = [];
  for await (const o of paging.list(bucket, 'many/')) listed.push(o.key);
  assert.deepEqual(listed, keys);
  const rest: string[] = [];
  for await (const o of paging.list(bucket, 'many/', 'many/1')) rest.push(o.key);
  assert.deepEqual(rest, ['many/2', 'many/3', 'many/4']);
});

test('what is removed is gone, and removing it again is no error', async () => {
  await s3.write(bucket, 'gone', Buffer.from('x'));
  await s3.remove(bucket, 'gone');
  await s3.remove(bucket, 'gone');
  assert.equal(await s3.head(bucket, 'gone'), undefined);
  await assert.rejects(s3.open(bucket, 'gone'), { code: 's3.object_missing' });
});

test('each failure has its own code: bucket, key, credentials, server', async () => {
  await s3.checkBucket(bucket);
  await assert.rejects(s3.checkBucket('no-such-bucket'), { code: 's3.bucket_missing' });
  await assert.rejects(s3.open('no-such-bucket', 'x'), { code: 's3.bucket_missing' });
  await assert.rejects(s3.list('no-such-bucket', '').next(), { code: 's3.bucket_missing' });
  const stranger = open({ ...access, credentials: { ...server.credentials, accessKeyId: 'STRANGER' } });
  await assert.rejects(stranger.open(bucket, 'x'), { code: 's3.denied' });
  await assert.rejects(stranger.checkBucket(bucket), { code: 's3.denied' });
  const nobody = open({ ...access, endpoint: 'http://127.0.0.1:1' });
  await assert.rejects(nobody.head(bucket, 'x'), { code: 's3.unreachable' });
});

test('an endpoint that somebody typed is called only where outbound calls may go, also behind a name', async () => {
  const closed = guardedAgents({ outboundAllow: [] });
  assert.throws(() => newS3({ ...access, agents: closed }), { code: 'outbound.address_refused' });
  assert.throws(() => newS3({ ...access, endpoint: 'http://[::1]:9000', agents: closed }), {
    code: 'outbound.address_refused',
  });
  const { port } = new URL(server.endpoint);
  const toHere = async () => [{ address: '127.0.0.1', family: 4 }];
  const named = { ...access, endpoint: `http://files.example:${port}` };
  await assert.rejects(
    open({ ...named, agents: guardedAgents({ outboundAllow: [] }, toHere) }).head(bucket, 'x'),
    { code: 'outbound.address_refused' },
  );
  const allowed = open({ ...named, agents: guardedAgents({ outboundAllow: ['127.0.0.0/8'] }, toHere) });
  await allowed.write(bucket, 'named', Buffer.from('by name'));
  assert.equal((await all(await allowed.open(bucket, 'named'))).toString(), 'by name');
});
