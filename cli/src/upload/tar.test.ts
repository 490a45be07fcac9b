import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { extract } from 'tar-stream';
import { Failure } from '../failure.ts';
import { temporaryFolder } from '../testing/run-souk.ts';
import { sha256Of, sourceOf } from './source.ts';
import { planTar } from './tar.ts';

const longName = `${'folder-with-a-name/'.repeat(7)}${'x'.repeat(90)}.bin`;
const longest = `${'y'.repeat(180)}/${'z'.repeat(120)}.bin`;
const files: Readonly<Record<string, string>> = {
  'model.onnx': 'm'.repeat(1000),
  'weights/part-0.bin': 'w'.repeat(512),
  'empty.txt': '',
  'B.txt': 'capitals come first in byte order',
  'größe/模型.json': '{}',
  [longName]: 'long',
  [longest]: 'longer than ustar can say',
};

function fill(folder: string, names: readonly string[]) {
  for (const name of names) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), files[name] ?? '');
  }
}

test('an ordinary tar reader finds every file with its content, in byte order, without owners and times', async () => {
  using folder = temporaryFolder();
  fill(folder.path, Object.keys(files));
  const plan = await planTar(folder.path);
  const found: Record<string, string> = {};
  const reader = extract();
  Readable.from([Buffer.from(await plan.read(0, plan.sizeBytes))]).pipe(reader);
  for await (const entry of reader) {
    assert.deepEqual(
      [entry.header.type, entry.header.mode, entry.header.uid, entry.header.mtime?.getTime()],
      ['file', 0o644, 0, 0],
    );
    found[entry.header.name] = (await buffer(entry)).toString('utf8');
  }
  assert.deepEqual(found, files);
  const inOrder = Object.keys(files).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  assert.deepEqual(Object.keys(found), inOrder);
});

test('the same files give the same digest, whatever their order of writing, times and folder', async () => {
  using one = temporaryFolder();
  using two = temporaryFolder();
  fill(one.path, Object.keys(files));
  fill(two.path, Object.keys(files).reverse());
  utimesSync(join(two.path, 'model.onnx'), 1, 1);
  writeFileSync(join(two.path, '.DS_Store'), 'hidden files do not count');
  const digests = await Promise.all([one, two].map(async ({ path }) => sha256Of(await sourceOf(path))));
  assert.equal(digests[0], digests[1]);
  writeFileSync(join(two.path, 'empty.txt'), ' ');
  assert.notEqual(await sha256Of(await sourceOf(two.path)), digests[0]);
});

test('reading in parts of any size gives the same bytes as reading it whole', async () => {
  using folder = temporaryFolder();
  fill(folder.path, Object.keys(files));
  const plan = await planTar(folder.path);
  const whole = Buffer.from(await plan.read(0, plan.sizeBytes));
  assert.equal(whole.length % 512, 0);
  for (const size of [1, 100, 511, 513, 4096]) {
    const parts: Uint8Array[] = [];
    const end = size === 1 ? 3000 : plan.sizeBytes;
    for (let at = 0; at < end; at += size) parts.push(await plan.read(at, size));
    assert.ok(
      Buffer.concat(parts).equals(whole.subarray(0, Buffer.concat(parts).length)),
      `parts of ${size}`,
    );
  }
});

test('links are refused, and so is a folder with nothing to pack', async () => {
  using folder = temporaryFolder();
  const refused = (code: string) => (error: unknown) => error instanceof Failure && error.code === code;
  await assert.rejects(planTar(folder.path), refused('cli.empty_folder'));
  symlinkSync('/etc/hostname', join(folder.path, 'link'));
  await assert.rejects(planTar(folder.path), refused('cli.not_a_file'));
});

test('a file that becomes shorter while it is sent is noticed', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'model.onnx');
  writeFileSync(path, 'x'.repeat(100));
  const source = await sourceOf(path);
  writeFileSync(path, 'x');
  await assert.rejects(source.read(0, 100), (e) => e instanceof Failure && e.code === 'cli.file_changed');
});
