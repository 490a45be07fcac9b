import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { clamdClient, identifyScanner, type RunningClamd, startClamd } from '../../platform/clamd.ts';
import { type SampleEntry, tar } from './archive/sample-archives.ts';
import {
  type CertifyOptions,
  certifyModelPackage,
  DigestMismatch,
  verdictKey,
} from './certify-model-package.ts';
import { createModelLoader } from './onnx/load-attempt.ts';
import type { Scanner } from './scan-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'souk-certify-test-'));
const loader = createModelLoader();
const model = readFileSync(join(import.meta.dirname, '../../../../examples/iris-classifier/model.onnx'));
// In parts: whole, the scanners' test file would have this source file itself quarantined.
const eicar = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$', 'EICAR-STANDARD-', 'ANTIVIRUS-TEST-', 'FILE!$H+H*'].join('');
let running: RunningClamd | undefined;
let scanner: Scanner;

before(async () => {
  running = await startClamd({ dataDir: join(folder, 'clamd'), databaseDir: join(folder, 'none') });
  assert.ok(running, 'clamd is not installed: apt-get install clamav-daemon');
  const address = { socket: running.socket };
  const client = clamdClient({ address });
  scanner = { client, identity: await identifyScanner(client, address) };
});
after(async () => {
  loader.close();
  await running?.stop();
  rmSync(folder, { recursive: true, force: true });
});

let count = 0;
async function certify(bytes: Buffer, changes: Partial<CertifyOptions> = {}) {
  const place = join(folder, String(++count));
  writeFileSync(`${place}.package`, bytes);
  const workDir = join(place, 'work');
  const certified = await certifyModelPackage({
    archivePath: `${place}.package`,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    workDir,
    scanner,
    loader,
    ...changes,
  });
  return { ...certified, workDir, codes: certified.findings.map((finding) => finding.code) };
}
const pack = (...entries: SampleEntry[]) => gzipSync(tar(...entries));

test('a sound package passes, bare or packed, with digests, description and evidence', async () => {
  for (const bytes of [
    model,
    pack({ path: 'model.onnx', content: model }, { path: 'NOTICE', content: 'text' }),
  ]) {
    const { codes, files, modelPath, onnx, malware, workDir } = await certify(bytes);
    assert.deepEqual(codes, []);
    assert.equal(modelPath, 'model.onnx');
    assert.equal(files.find((file) => file.path === 'model.onnx')?.sizeBytes, model.length);
    assert.deepEqual(onnx?.inputs, [{ name: 'features', type: 'float32', shape: ['N', 4] }]);
    assert.deepEqual(onnx?.operators, ['ArgMax', 'Gather', 'Gemm', 'Softmax']);
    assert.deepEqual(
      [malware.state, malware.filesScanned, malware.signatureCount],
      ['clean', files.length, 1],
    );
    assert.deepEqual(readFileSync(join(workDir, 'model.onnx')), model);
  }
});

test('malware is named with its file', async () => {
  const { findings, malware } = await certify(
    pack({ path: 'model.onnx', content: model }, { path: 'docs/note.txt', content: eicar }),
  );
  assert.deepEqual(
    findings.map((finding) => [finding.code, finding.file]),
    [['malware.found', 'docs/note.txt']],
  );
  assert.equal(malware.state, 'found');
});

test('without a scanner, or with one that is gone, the evidence says not run, never clean', async () => {
  const none = await certify(model, { scanner: null });
  assert.deepEqual(
    [none.codes, none.malware.state, none.malware.reason],
    [[], 'not run', 'there is no scanner'],
  );
  const gone = {
    client: clamdClient({ address: { socket: join(folder, 'gone') } }),
    identity: scanner.identity,
  };
  const lost = await certify(model, { scanner: gone });
  assert.equal(lost.malware.state, 'not run');
  assert.match(lost.malware.reason ?? '', /clamd/);
});

test('many small files are all scanned', async () => {
  const entries = Array.from({ length: 200 }, (_, i) => ({ path: `data/${i}.txt`, content: `line ${i}\n` }));
  const { codes, malware } = await certify(pack({ path: 'model.onnx', content: model }, ...entries));
  assert.deepEqual([codes, malware.state, malware.filesScanned], [[], 'clean', 201]);
});

test('everything that is wrong is said at once', async () => {
  const { codes } = await certify(
    pack(
      { path: 'model.onnx', content: model },
      { path: 'run.py', content: 'print(1)' },
      { path: 'w.bin', content: Buffer.from([0x80, 2, 0x7d, 0x71, 0, 0x2e]) },
      { path: 'out', type: '2', target: '/etc/passwd' },
      { path: '.DS_Store', content: 'x' },
    ),
    { declared: { inputs: [{ name: 'sepals' }] } },
  );
  const wanted = [
    'archive.link_escapes',
    'onnx.declared_missing',
    'onnx.undeclared',
    'package.hidden_file',
    'unsafe.pickle',
    'unsafe.script',
  ];
  assert.deepEqual([...codes].sort(), wanted);
});

test('which model is served is never guessed', async () => {
  assert.deepEqual((await certify(pack({ path: 'README', content: 'x' }))).codes, ['package.model_missing']);
  const two = await certify(pack({ path: 'a.onnx', content: model }, { path: 'b.onnx', content: model }));
  assert.deepEqual([two.codes, two.modelPath], [['package.model_ambiguous'], null]);
  assert.equal((await certify(pack({ path: 'v1/iris.onnx', content: model }))).modelPath, 'v1/iris.onnx');
});

test('a refused archive leaves nothing behind, whatever was being scanned', async () => {
  const bytes = pack(
    { path: 'model.onnx', content: model },
    { path: 'big', content: Buffer.alloc(50_000, 'xy') },
  );
  const { findings, files, workDir, malware } = await certify(bytes.subarray(0, bytes.length - 30));
  assert.deepEqual(
    findings.map((finding) => finding.code),
    ['archive.damaged'],
  );
  assert.deepEqual(files, []);
  assert.notEqual(malware.state, 'clean');
  assert.ok(!existsSync(workDir));
});

test('an archive that is not what its digest says is a fault of ours', async () => {
  await assert.rejects(certify(model, { sha256: '0'.repeat(64) }), DigestMismatch);
});

test('a verdict’s key changes with whatever could change the verdict', async () => {
  const of = { sha256: 'a'.repeat(64), scannerVersion: 'ClamAV 1/2' };
  const keys = [
    verdictKey(of),
    verdictKey({ ...of, sha256: 'b'.repeat(64) }),
    verdictKey({ ...of, scannerVersion: 'ClamAV 1/3' }),
    verdictKey({ ...of, scannerVersion: null }),
    verdictKey({ ...of, declared: { inputs: [{ name: 'x' }] } }),
  ];
  assert.equal(new Set(keys).size, keys.length);
  assert.equal(verdictKey({ ...of }), keys[0]);
  const certified = await certify(model);
  const again = verdictKey({
    sha256: createHash('sha256').update(model).digest('hex'),
    scannerVersion: scanner.identity.version,
  });
  assert.equal(certified.key, again);
});
