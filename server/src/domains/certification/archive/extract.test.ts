import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { deflateRawSync, gzipSync } from 'node:zlib';
import { type ExtractedPackage, extractPackage } from './extract.ts';
import { type ArchiveLimits, defaultLimits } from './limits.ts';
import { pax, tar, tarEntry, tarHeader, zip } from './sample-archives.ts';

const folder = mkdtempSync(join(tmpdir(), 'souk-extract-test-'));
after(() => rmSync(folder, { recursive: true, force: true }));
let count = 0;

type Unpacked = ExtractedPackage & { readonly dir: string; readonly codes: string[] };

async function unpack(bytes: Buffer, limits: Partial<ArchiveLimits> = {}): Promise<Unpacked> {
  const place = join(folder, String(++count));
  const archivePath = `${place}.package`;
  writeFileSync(archivePath, bytes);
  const dir = join(place, 'into');
  const result = await extractPackage({ archivePath, intoDir: dir, limits: { ...defaultLimits, ...limits } });
  return { ...result, dir, codes: result.findings.map((finding) => finding.code) };
}

/** Everything below the test's folder that is not an archive or inside a package's own folder. */
function strays(): string[] {
  return readdirSync(folder).filter((name) => !/^\d+(?:\.package)?$/.test(name));
}

const digest = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest('hex');
const model = Buffer.concat([Buffer.from([8, 8]), randomBytes(5000)]);

test('tar, tar.gz, zip and a bare model unpack to the same files with the same digests', async () => {
  const entries = [
    { path: 'model.onnx', content: model },
    { path: 'data/labels.txt', content: 'a\nb\n' },
  ];
  const wanted = [
    { path: 'data/labels.txt', sizeBytes: 4, sha256: digest('a\nb\n') },
    { path: 'model.onnx', sizeBytes: model.length, sha256: digest(model) },
  ];
  const kinds = { tar: tar(...entries), 'tar.gz': gzipSync(tar(...entries)), zip: zip(...entries) };
  for (const [kind, bytes] of Object.entries(kinds)) {
    const { codes, complete, files, dir, ...rest } = await unpack(bytes);
    assert.deepEqual({ codes, complete, kind: rest.kind }, { codes: [], complete: true, kind });
    assert.deepEqual(
      [...files].sort((a, b) => (a.path < b.path ? -1 : 1)),
      wanted,
    );
    assert.deepEqual(readFileSync(join(dir, 'model.onnx')), model);
  }
  const bare = await unpack(model);
  assert.deepEqual([bare.kind, bare.files], ['onnx', wanted.slice(1)]);
});

test('names that leave the package are refused and write nothing anywhere', async () => {
  for (const path of ['../evil', 'a/../../evil', '/etc/evil', './../evil', 'C:/evil', 'a/..']) {
    for (const bytes of [tar({ path, content: 'x' }), zip({ path, content: 'x' })]) {
      const { codes, files } = await unpack(bytes);
      assert.deepEqual([codes, files], [['archive.path_escapes'], []], path);
    }
  }
  const long = await unpack(tar(pax({ path: '../../evil' }), { path: 'harmless', content: 'x' }));
  assert.deepEqual(long.codes, ['archive.path_escapes']);
  const gnu = await unpack(tar({ path: '././@LongLink', type: 'L', content: '../evil\0' }, { path: 'x' }));
  assert.deepEqual(gnu.codes, ['archive.path_escapes']);
  assert.deepEqual(strays(), []);
  assert.ok(!existsSync('/etc/evil'));
});

test('names that nobody can write unmistakably are refused', async () => {
  const odd = ['a\\b', 'a\nb', 'a\u202eb', 'x'.repeat(256), Array(40).fill('d').join('/')];
  for (const path of odd) {
    const { codes } = await unpack(tar(pax({ path }), { path: 'short' }));
    assert.deepEqual(codes, ['archive.path_invalid'], JSON.stringify(path.slice(0, 20)));
  }
  const latin1 = tar({ path: 'caf?' });
  latin1[3] = 0xe9;
  latin1.write(tarHeader({ path: 'caf\0' }).toString('latin1', 148, 156), 148, 'latin1');
  assert.equal((await unpack(latin1)).complete, false);
});

test('two entries of one name, or of one name on a forgiving disk, are refused', async () => {
  const codes = async (...paths: string[]) =>
    (await unpack(tar(...paths.map((path) => ({ path, content: 'x' }))))).codes;
  assert.deepEqual(await codes('a', 'a'), ['archive.path_duplicate']);
  assert.deepEqual(await codes('a', './a'), ['archive.path_duplicate']);
  assert.deepEqual(await codes('Model.onnx', 'model.onnx'), ['archive.path_collides']);
  assert.deepEqual(await codes('caf\u00e9', 'cafe\u0301'), ['archive.path_collides']);
  assert.deepEqual(await codes('a', 'a/b'), ['archive.path_collides']);
  assert.deepEqual(await codes('a/b', 'A/c'), ['archive.path_collides']);
  assert.deepEqual(await codes('d/a', 'd/b'), []);
});

test('links inside the package become files; links that leave, dangle or turn in circles are refused', async () => {
  const good = await unpack(
    tar(
      { path: 'v1/model.onnx', content: model },
      { path: 'model.onnx', type: '2', target: 'v1/model.onnx' },
      { path: 'again.onnx', type: '1', target: 'v1/model.onnx' },
      { path: 'v2/latest.onnx', type: '2', target: '../model.onnx' },
    ),
  );
  assert.deepEqual(good.codes, []);
  assert.equal(good.files.length, 4);
  assert.ok(good.files.every((file) => file.sha256 === digest(model)));
  assert.ok(lstatSync(join(good.dir, 'model.onnx')).isFile());

  const bad: [string, string, string][] = [
    ['2', '/etc/passwd', 'archive.link_escapes'],
    ['2', '../../etc/passwd', 'archive.link_escapes'],
    ['1', '../outside', 'archive.link_escapes'],
    ['1', '/etc/passwd', 'archive.link_escapes'],
    ['2', 'nothing', 'archive.link_dangling'],
    ['2', 'link', 'archive.link_dangling'],
    ['2', '.', 'archive.link_dangling'],
  ];
  for (const [type, target, code] of bad)
    assert.deepEqual((await unpack(tar({ path: 'link', type, target }))).codes, [code], target);
  const zipped = await unpack(zip({ path: 'link', content: '/etc/passwd', mode: 0o120777 }));
  assert.deepEqual(zipped.codes, ['archive.link_escapes']);
});

test('a link cannot be used as a folder to write through', async () => {
  const { codes, dir } = await unpack(
    tar({ path: 'out', type: '2', target: '/tmp' }, { path: 'out/evil', content: 'x' }),
  );
  assert.ok(codes.includes('archive.path_collides'));
  assert.ok(codes.includes('archive.link_escapes'));
  assert.ok(!existsSync('/tmp/evil'));
  assert.ok(!existsSync(join(dir, 'out')));
});

test('devices, pipes and unknown kinds of entries are refused', async () => {
  for (const type of ['3', '4', '6', 'S', 'M', 'Z'])
    assert.deepEqual((await unpack(tar({ path: 'dev', type }))).codes, ['archive.special_file'], type);
  assert.deepEqual((await unpack(zip({ path: 'dev', mode: 0o020666 }))).codes, ['archive.special_file']);
});

test('sizes and counts beyond the limits are refused, and what was unpacked so far is gone', async () => {
  const limits = { fileBytesMax: 10_000, totalBytesMax: 15_000, filesMax: 3 };
  const file = (name: string, size: number) => ({ path: name, content: randomBytes(size) });
  const cases: [string, Unpacked][] = [
    ['archive.file_too_large', await unpack(tar(file('a', 10_001)), limits)],
    ['archive.too_large', await unpack(tar(file('a', 9000), file('b', 9000)), limits)],
    [
      'archive.too_many_files',
      await unpack(tar(file('a', 1), file('b', 1), file('c', 1), file('d', 1)), limits),
    ],
    ['archive.too_large', await unpack(tar(file('a', 100)), { archiveBytesMax: 100 })],
    ['archive.too_large', await unpack(zip(file('a', 9000), file('b', 9000)), limits)],
  ];
  for (const [code, result] of cases) {
    assert.deepEqual([result.codes, result.complete, result.files], [[code], false, []]);
    assert.ok(!existsSync(result.dir));
  }
  assert.deepEqual((await unpack(tar(file('a', 10_000)), limits)).codes, []);
});

test('bombs are stopped by their ratio, long before the size limit, in little memory', async () => {
  const bomb = gzipSync(tar({ path: 'zeros', content: Buffer.alloc(80 * 2 ** 20) }));
  const before = process.memoryUsage().rss;
  const { codes, dir } = await unpack(bomb);
  assert.deepEqual(codes, ['archive.ratio_exceeded']);
  assert.ok(!existsSync(dir));
  assert.ok(process.memoryUsage().rss - before < 200e6);
  const inner = zip({ path: 'zeros.bin', content: Buffer.alloc(80 * 2 ** 20) });
  assert.deepEqual((await unpack(zip({ path: 'inner.npz', content: inner }))).codes, [
    'archive.ratio_exceeded',
  ]);
});

test('entries of a zip file that share their bytes are refused', async () => {
  const bytes = zip({ path: 'a', content: randomBytes(4000) }, { path: 'b', content: randomBytes(4000) });
  const second = bytes.lastIndexOf('PK\x01\x02', undefined, 'latin1');
  bytes.writeUInt32LE(0, second + 42); // the second entry's content is the first's
  assert.deepEqual((await unpack(bytes)).codes, ['archive.damaged']);
});

test('archives inside archives are looked into, to a depth', async () => {
  const evil = zip({ path: 'data.pkl', content: Buffer.from([0x80, 2, 0x5d, 0x71, 0, 0x2e]) });
  const once = await unpack(tar({ path: 'weights.pt', content: evil }));
  assert.deepEqual(once.codes, ['unsafe.pickle']);
  assert.match(once.findings[0]?.message ?? '', /weights\.pt!\/data\.pkl/);
  const twice = zip({ path: 'weights.pt', content: evil });
  assert.deepEqual((await unpack(tar({ path: 'x.zip', content: twice }))).codes, ['unsafe.pickle']);
  const thrice = zip({ path: 'y.zip', content: twice });
  assert.deepEqual((await unpack(tar({ path: 'x.zip', content: thrice }))).codes, [
    'archive.nested_too_deep',
  ]);
  const gz = gzipSync(tar({ path: 'run.sh', content: '#!/bin/sh\n' }));
  assert.deepEqual((await unpack(tar({ path: 'x.tgz', content: gz }))).codes, ['unsafe.script']);
  const broken = await unpack(tar({ path: 'x.zip', content: Buffer.from('PK\x03\x04 nothing') }));
  assert.deepEqual(broken.codes, ['archive.nested_unreadable']);
});

test('headers that lie are refused', async () => {
  const content = randomBytes(2000);
  const damaged: [string, Buffer][] = [
    ['size larger than the archive', tar({ path: 'a', content, statedBytes: 5000 })],
    ['size smaller than the content', tar({ path: 'a', content, statedBytes: 1000 })],
    ['a folder with content', tar({ path: 'a', type: '5', content })],
    ['a link with content', tar({ path: 'a', type: '2', target: 'b', content })],
    ['no end mark', tarEntry({ path: 'a', content })],
    ['something behind the end mark', Buffer.concat([tar({ path: 'a' }), tarEntry({ path: 'b' })])],
    ['a global header with a name', tar(pax({ path: 'b' }, 'g'), { path: 'a' })],
    [
      'an endless extended header',
      tar({ path: 'x', type: 'x', content: Buffer.alloc(70_000) }, { path: 'a' }),
    ],
    [
      'an extended header of nonsense',
      tar({ path: 'x', type: 'x', content: '9999 path=a\n' }, { path: 'a' }),
    ],
    ['a sparse file', tar(pax({ 'GNU.sparse.major': '1' }), { path: 'a' })],
    ['a zip entry larger than stated', zip({ path: 'a', content, statedBytes: 100 })],
    ['a zip entry smaller than stated', zip({ path: 'a', content, statedBytes: 3000 })],
    ['a zip entry with two names', zip({ path: 'model.onnx', localPath: 'evil.onnx', content })],
    ['an unknown packing method', zip({ path: 'a', content, method: 12 })],
  ];
  for (const [what, bytes] of damaged) {
    const { codes, complete } = await unpack(bytes);
    assert.deepEqual([codes, complete], [['archive.damaged'], false], what);
  }
  assert.deepEqual((await unpack(zip({ path: 'a', content, encrypted: true }))).codes, ['archive.encrypted']);
});

test('archives cut anywhere are refused', async () => {
  const content = randomBytes(3000);
  const whole = {
    gz: gzipSync(tar({ path: 'a', content })),
    tar: tar({ path: 'a', content }),
    zip: zip({ path: 'a', content }),
  };
  for (const [kind, bytes] of Object.entries(whole)) {
    const last = kind === 'tar' ? bytes.length - 1025 : bytes.length - 1;
    for (let length = 513; length < last; length += 97) {
      const { complete, codes } = await unpack(bytes.subarray(0, length));
      assert.equal(complete, false, `${kind} cut at ${length}: ${codes}`);
      assert.equal(codes.length, 1);
    }
  }
});

test('what is no package at all is called so', async () => {
  for (const bytes of [
    Buffer.alloc(0),
    Buffer.from('hello'),
    gzipSync('only text, not a tar'.repeat(100)),
    randomBytes(600),
  ])
    if (bytes[0] !== 8) assert.deepEqual((await unpack(bytes)).codes, ['archive.kind_unknown']);
});

test('real tools’ archives pass: long names, folders, old formats', async () => {
  const { execFileSync } = await import('node:child_process');
  const source = join(folder, 'source');
  const deep = join(source, 'a'.repeat(90), 'b'.repeat(90));
  const { mkdirSync } = await import('node:fs');
  mkdirSync(deep, { recursive: true });
  writeFileSync(join(deep, `${'c'.repeat(120)}.bin`), content1);
  writeFileSync(join(source, 'naïve-名前.txt'), 'text');
  for (const format of ['gnu', 'posix', 'oldgnu']) {
    const bytes = execFileSync('tar', ['-c', `--format=${format}`, '-C', source, '.'], {
      maxBuffer: 2 ** 24,
    });
    const { codes, files } = await unpack(bytes);
    assert.deepEqual([codes, files.length], [[], 2], format);
  }
  rmSync(source, { recursive: true });
});
const content1 = randomBytes(100);

test('a thousand damaged archives: never a crash, never a file outside, always an answer', async () => {
  const content = randomBytes(300);
  const good = [
    tar({ path: 'model.onnx', content }, { path: 'd/x', content }, { path: 'l', type: '2', target: 'd/x' }),
    zip({ path: 'model.onnx', content }, { path: 'd/x', content }),
    gzipSync(tar(pax({ path: 'long/name' }), { path: 'x', content })),
    Buffer.concat([Buffer.from([8, 8]), deflateRawSync(content)]),
  ];
  let seed = 7;
  const next = (below: number) => {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
    return seed % below;
  };
  for (let i = 0; i < 1000; i++) {
    const bytes = Buffer.from(good[i % good.length] ?? Buffer.alloc(0));
    for (let hits = 1 + next(8); hits > 0; hits--) bytes[next(bytes.length)] = next(256);
    const cut = next(4) === 0 ? bytes.subarray(0, next(bytes.length)) : bytes;
    const { complete, findings } = await unpack(cut);
    if (!complete) assert.ok(findings.some((finding) => finding.severity === 'error'));
  }
  assert.deepEqual(strays(), []);
});
