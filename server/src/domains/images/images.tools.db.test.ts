import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { testDatabase } from '../../../test/database.ts';
import { buildImage, layerOf, ociArchive, servingLayer } from '../../../test/images.ts';
import { testImages } from '../../../test/images-service.ts';
import { testMember, testPlatform } from '../../../test/platform.ts';
import { startClamd } from '../../platform/clamd.ts';
import { writeArchive } from './index.ts';

// With the tools that people use: the scanner, and podman.
const folder = mkdtempSync(join(tmpdir(), 'souk-images-tools-'));
const clamd = await startClamd({ dataDir: join(folder, 'clamd'), databaseDir: join(folder, 'none') });
assert.ok(clamd, 'clamd is not installed: apt-get install clamav-daemon');
after(async () => {
  await clamd.stop();
  rmSync(folder, { recursive: true, force: true });
});
// In parts: whole, the scanners' test file would have this source file itself quarantined.
const eicar = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$', 'EICAR-STANDARD-', 'ANTIVIRUS-TEST-', 'FILE!$H+H*'].join('');

const database = await testDatabase();
const { db } = database;
const own = testPlatform(database);
const platform = { ...own, config: { ...own.config, clamd: { socket: clamd.socket } } };
const { checked } = await testImages(platform);
const publisher = await testMember(db);
const base = await servingLayer();

test('malware in any layer refuses the image, small or large, and the file is named', async () => {
  const small = await layerOf(
    ...Array.from({ length: 450 }, (_, i) => ({ name: `opt/data/${i}.txt`, content: `row ${i}` })),
    { name: 'opt/data/x.com', content: eicar },
  );
  const image = await checked(publisher, await ociArchive(buildImage({ layers: [base, small] })));
  assert.deepEqual([image.status, image.findings[0]?.code], ['Failed', 'malware.found']);
  assert.equal(image.findings[0]?.file, 'opt/data/x.com');
  assert.match(image.malwareScan ?? '', /^found/);
});

test('an image that was scanned to its end says so', async () => {
  const image = await checked(publisher, await ociArchive(buildImage({ layers: [base] })));
  assert.deepEqual([image.status, image.malwareScan], ['Completed', 'clean']);
});

const podman = (() => {
  try {
    return execFileSync('podman', ['--version']).toString().trim();
  } catch {
    return null;
  }
})();
const skip = podman === null ? 'NOT RUN: podman is not installed: apt-get install podman runc' : false;

test('what podman saves in both formats is taken, and what is given back podman loads', {
  skip,
}, async () => {
  const run = promisify(execFile);
  const tool = (...args: string[]) =>
    run(
      'podman',
      ['--root', join(folder, 'root'), '--runroot', join(folder, 'run'), '--storage-driver', 'vfs', ...args],
      {
        env: { ...process.env, TMPDIR: folder },
      },
    );
  const name = 'souk-images-test:1';
  writeFileSync(join(folder, 'in.tar'), await ociArchive(buildImage({ layers: [base], name })));
  const load = async (path: string) =>
    /(?:sha256:)?([0-9a-f]{64})\s*$/.exec((await tool('pull', '-q', `oci-archive:${path}`)).stdout)?.[1] ??
    '';
  const id = await load(join(folder, 'in.tar'));
  assert.ok(id);
  for (const format of ['oci-archive', 'docker-archive']) {
    const path = join(folder, `${format}.tar`);
    await tool('save', '-q', '--format', format, '-o', path, id);
    const image = await checked(publisher, readFileSync(path), format);
    assert.deepEqual([format, image.status, image.failureReason], [format, 'Completed', null]);
    const back = join(folder, `${format}-back.tar`);
    await writeArchive({ db, imageParts: platform.imageParts }, image.digest ?? '', back);
    assert.match(await load(back), /^[0-9a-f]{64}$/);
  }
  await tool('rmi', '-a', '-f');
});
