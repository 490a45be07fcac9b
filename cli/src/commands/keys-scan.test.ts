import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type BodyOf, keyChecksum, type operations } from '@souk/contract';
import { Refusal, serveContract } from '../testing/contract-server.ts';
import { runSouk, temporaryFolder } from '../testing/run-souk.ts';

const keyOf = (seed: string) => {
  const body = `souk_${seed.padEnd(32, 'x')}`;
  return body + keyChecksum(body);
};
const [one, two] = [keyOf('One'), keyOf('Two')];

/** A folder with files in it; a path and what it holds. */
function folderOf(files: Readonly<Record<string, string | Buffer>>) {
  const folder = temporaryFolder();
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder.path, name);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, content);
  }
  return folder;
}
const scan = (cwd: string, ...argv: string[]) => runSouk(['keys', 'scan', ...argv, '--json'], { cwd });

test('keys are found with file, line and column, ignored and hidden files too, and never shown whole', async () => {
  using folder = folderOf({
    '.gitignore': '.env\n',
    '.env': `A=1\nSOUK_API_KEY=${one}\n`,
    'src/ärger.ts': `// é\nconst ключ = '${one}${two}';\n`,
    '.git/config': `token = ${two}`,
    '.git/objects/pack': one,
    'node_modules/other/index.js': one,
    'clean.txt': `souk_ ${one.slice(0, -1)} ${one.slice(0, -1)}~`,
    // One character off: looks like a key and is none.
    'typo.txt': `${one.slice(0, 20)}${one[20] === 'x' ? 'y' : 'x'}${one.slice(21)}`,
  });
  symlinkSync('.', join(folder.path, 'circle'));
  const { code, json, stdout, stderr } = await scan(folder.path, '.');
  assert.equal(code, 1);
  assert.deepEqual(json, [
    { file: '.env', line: 2, column: 14, hint: `souk_…${one.slice(-4)}` },
    { file: '.git/config', line: 1, column: 9, hint: `souk_…${two.slice(-4)}` },
    { file: 'src/ärger.ts', line: 2, column: 15, hint: `souk_…${one.slice(-4)}` },
    { file: 'src/ärger.ts', line: 2, column: 58, hint: `souk_…${two.slice(-4)}` },
  ]);
  assert.ok(![one, two].some((key) => (stdout + stderr).includes(key.slice(5, 40))));
  const packages = await scan(folder.path, 'node_modules');
  assert.deepEqual([packages.code, packages.json.length], [1, 1], 'a folder that is named is looked into');
  assert.equal((await scan(folder.path, '.', '--node-modules')).json.length, 5);
});

test('where there is none the scan ends with 0, and a path that is missing is said', async () => {
  using folder = folderOf({ 'a.txt': 'nothing' });
  const none = await runSouk(['keys', 'scan', 'a.txt'], { cwd: folder.path });
  assert.deepEqual([none.code, none.stdout], [0, '']);
  assert.match(none.stderr, /No key was found/);
  assert.equal((await scan(folder.path, 'gone')).code, 5);
});

test('a key is found in binary and large files, across pieces that are read, and in UTF-16', async () => {
  // Files are read in pieces of 64 KiB: the key lies across the edge of one.
  const noise = Buffer.alloc(65_536 - 20, 0x80);
  using folder = folderOf({
    'binary.bin': Buffer.concat([noise, Buffer.from(one), Buffer.alloc(200_000, 0xff), Buffer.from(two)]),
    'windows.txt': Buffer.from(`\ufeffset KEY=1\r\nset KEY=${one}\r\n`, 'utf16le'),
  });
  const { json } = await scan(folder.path, '.');
  assert.deepEqual(
    json.map((l) => Object.values(l as object).toSpliced(2, 1)),
    [
      ['binary.bin', 1, `souk_…${one.slice(-4)}`],
      ['binary.bin', 1, `souk_…${two.slice(-4)}`],
      ['windows.txt', 2, `souk_…${one.slice(-4)}`],
    ],
  );
});

test('with --report each key is reported once, without a credential, with its places', async () => {
  const reports: BodyOf<typeof operations.reportLeakedKey>[] = [];
  await using server = await serveContract({
    reportLeakedKey: ({ body, key }) => {
      assert.equal(key, undefined);
      reports.push(body);
      return { message: 'Thank you.' };
    },
  });
  using folder = folderOf({ a: `${one}\n\n${one}`, b: two });
  const options = { cwd: folder.path, url: server.url, env: { SOUK_API_KEY: two } };
  const { code, stderr } = await runSouk(['keys', 'scan', '.', '--report'], options);
  assert.equal(code, 1);
  assert.deepEqual(reports, [
    { key: one, where: 'a:1, a:3' },
    { key: two, where: 'b:1' },
  ]);
  assert.match(stderr, /Reported souk_…/);
  await runSouk(['keys', 'scan', 'b', '--report', '--where', 'our mirror'], options);
  assert.deepEqual(reports.at(-1), { key: two, where: 'our mirror' });
});

test('what was found is shown also where it cannot be reported', async () => {
  await using server = await serveContract({
    reportLeakedKey: () => {
      throw new Refusal('request.limited');
    },
  });
  using folder = folderOf({ a: one });
  const { code, json } = await runSouk(['keys', 'scan', 'a', '--report', '--json'], {
    cwd: folder.path,
    url: server.url,
  });
  assert.deepEqual([code, json.length], [8, 1]);
});
