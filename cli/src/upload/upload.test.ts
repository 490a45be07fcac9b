import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Upload } from '@souk/contract';
import { Client } from '../client.ts';
import { Failure } from '../failure.ts';
import { type ContractServer, Cut, Refusal, serveContract } from '../testing/contract-server.ts';
import { temporaryFolder } from '../testing/run-souk.ts';
import { at, id } from '../testing/samples.ts';
import { type Source, sha256Of, sourceOf } from './source.ts';
import { UploadMemory, upload } from './upload.ts';

/** A store of uploads as the contract describes it; `disturb` runs before each part is taken. */
async function uploadStore(
  disturb: (part: number, uploads: Map<string, Buffer>) => 'lose-answer' | undefined,
) {
  const received = new Map<string, Buffer>();
  const wanted = new Map<string, { sizeBytes: number; sha256: string | null }>();
  let parts = 0;
  const show = (uploadId: string): Upload => {
    const about = wanted.get(uploadId);
    const offset = received.get(uploadId)?.length;
    if (!about || offset === undefined) throw new Refusal('upload.missing');
    const state = offset === about.sizeBytes ? 'complete' : 'receiving';
    return { id: uploadId, fileName: 'm', purpose: 'model', offset, state, expiresAt: at, ...about };
  };
  const server = await serveContract({
    createUpload: ({ body }) => {
      const uploadId = id('upl', wanted.size);
      wanted.set(uploadId, { sizeBytes: body.sizeBytes, sha256: body.sha256 ?? null });
      received.set(uploadId, Buffer.alloc(0));
      return show(uploadId);
    },
    getUpload: ({ params }) => show(params.uploadId),
    appendUpload: ({ params, query, body }) => {
      const event = disturb(++parts, received);
      const known = received.get(params.uploadId) ?? Buffer.alloc(0);
      if (query.offset !== known.length) throw new Refusal('upload.wrong_offset');
      const now = Buffer.concat([known, body]);
      received.set(params.uploadId, now);
      if (event === 'lose-answer') throw new Cut();
      const about = wanted.get(params.uploadId);
      if (now.length === about?.sizeBytes && createHash('sha256').update(now).digest('hex') !== about.sha256)
        throw new Refusal('upload.digest_mismatch');
      return show(params.uploadId);
    },
  });
  return { server, received, wanted };
}

function setUp(t: TestContext, sizeBytes: number) {
  const folder = temporaryFolder();
  t.after(() => folder[Symbol.dispose]());
  const path = join(folder.path, 'model.onnx');
  const content = randomBytes(sizeBytes);
  writeFileSync(path, content);
  const troubles: string[] = [];
  const offsets: number[] = [];
  return {
    content,
    path,
    troubles,
    offsets,
    async send(server: ContractServer, source?: Source, signal = new AbortController().signal) {
      const from = source ?? (await sourceOf(path));
      return upload(
        new Client({ url: server.url, signal }),
        from,
        { purpose: 'model', sha256: await sha256Of(await sourceOf(path)) },
        new UploadMemory(folder.path),
        { progress: (n) => offsets.push(n), trouble: (what) => troubles.push(what) },
      );
    },
  };
}

test('a connection that breaks after the server took the bytes goes on behind them', async (t) => {
  const { content, send, troubles, offsets } = setUp(t, 5_000_000);
  const store = await uploadStore((part) => (part === 2 ? 'lose-answer' : undefined));
  await using server = store.server;
  const done = await send(server);
  assert.equal(done.state, 'complete');
  assert.ok(store.received.get(done.id)?.equals(content));
  assert.equal(troubles.length, 1);
  assert.equal(offsets.at(-1), content.length);
  assert.deepEqual(
    offsets,
    offsets.toSorted((a, b) => a - b),
  );
});

test('a server that lost the last bytes gets them again', async (t) => {
  const { content, send } = setUp(t, 4_000_000);
  const store = await uploadStore((part, received) => {
    if (part !== 2) return undefined;
    for (const [uploadId, bytes] of received) received.set(uploadId, bytes.subarray(0, 300_000));
    return undefined;
  });
  await using server = store.server;
  const done = await send(server);
  assert.ok(store.received.get(done.id)?.equals(content));
});

test('the same command, run again after it was ended, sends only the rest', async (t) => {
  const { content, path, send, offsets } = setUp(t, 12_000_000);
  const interrupt = new AbortController();
  const store = await uploadStore((part) => {
    if (part === 2) interrupt.abort(new Error('ended'));
    return undefined;
  });
  await using server = store.server;
  await assert.rejects(send(server, undefined, interrupt.signal));
  const before = [...store.received.values()][0]?.length ?? 0;
  assert.ok(before > 0 && before < content.length);
  offsets.length = 0;
  const reads: number[] = [];
  const source = await sourceOf(path);
  const done = await send(server, {
    ...source,
    read: (offset, length) => {
      reads.push(offset);
      return source.read(offset, length);
    },
  });
  assert.equal(store.wanted.size, 1);
  assert.ok((reads[0] ?? 0) >= before && (offsets[0] ?? 0) >= before);
  assert.ok(store.received.get(done.id)?.equals(content));
});

test('an upload that the server has forgotten is begun anew', async (t) => {
  const { content, send } = setUp(t, 10_000);
  const store = await uploadStore(() => undefined);
  await using server = store.server;
  const first = await send(server);
  store.received.delete(first.id);
  store.wanted.set(id('upl', 9), { sizeBytes: 1, sha256: null });
  const second = await send(server);
  assert.notEqual(second.id, first.id);
  assert.ok(store.received.get(second.id)?.equals(content));
});

test('bytes that were damaged on their way end it, and are not tried again', async (t) => {
  const { path, send } = setUp(t, 10_000);
  const store = await uploadStore(() => undefined);
  await using server = store.server;
  const source = await sourceOf(path);
  const damaged: Source = {
    ...source,
    read: async (offset, length) => (await source.read(offset, length)).map((b) => b ^ 1),
  };
  await assert.rejects(
    send(server, damaged),
    (error) =>
      error instanceof Failure && error.code === 'upload.digest_mismatch' && error.kind === 'conflict',
  );
  assert.equal(server.log.filter((line) => line.startsWith('PATCH')).length, 1);
});
