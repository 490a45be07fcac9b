import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { tar } from './archive/sample-archives.ts';
import { type CheckPathsOptions, checkPaths } from './check-paths.ts';
import { RULE_SET } from './rules.ts';

const folder = mkdtempSync(join(tmpdir(), 'souk-check-test-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const example = join(import.meta.dirname, '../../../../examples/iris-classifier');
const model = readFileSync(join(example, 'model.onnx'));

let count = 0;
function place(files: Readonly<Record<string, string | Buffer>>): string {
  const dir = join(folder, String(++count));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(dir, path, '..'), { recursive: true });
    writeFileSync(join(dir, path), content);
  }
  return dir;
}

async function codes(path: string, options: CheckPathsOptions = {}): Promise<string[]> {
  for await (const checked of checkPaths([path], options))
    return checked.findings.map((finding) => finding.code);
  return ['nothing was said'];
}

test('a model, an archive, a folder of a package: each by its content', async () => {
  assert.deepEqual(await codes(join(example, 'model.onnx')), []);
  const dir = place({
    'model.onnx': model,
    'p.tar.gz': gzipSync(tar({ path: 'model.onnx', content: model })),
    'notes.txt': 'x',
  });
  assert.deepEqual(await codes(join(dir, 'p.tar.gz')), []);
  assert.deepEqual(await codes(dir), []);
  assert.deepEqual(await codes(join(dir, 'notes.txt')), ['archive.kind_unknown']);
});

test('paths that cannot be read are findings, not crashes', async () => {
  assert.deepEqual(await codes(join(folder, 'nowhere')), ['package.path_unreadable']);
  assert.deepEqual(await codes('a\0b'), ['package.path_unreadable']);
  assert.deepEqual(await codes('/dev/null'), ['package.path_unreadable']);
});

test('a folder is looked at as it would be packed', async () => {
  const dir = place({
    'model.onnx': model,
    'train.py': 'x',
    '.env': 'A=1\n',
    'w/data.bin': Buffer.from([0x80, 2, 0x7d, 0x71, 0, 0x2e]),
  });
  symlinkSync('/etc/passwd', join(dir, 'link'));
  assert.deepEqual((await codes(dir)).sort(), [
    'archive.link_escapes',
    'package.hidden_file',
    'unsafe.pickle',
    'unsafe.script',
  ]);
});

test('a folder with souk.yaml is a publisher’s desk: only what the document names is part of the package', async () => {
  const dir = place({ 'souk.yaml': 'product: {}', 'm/iris.onnx': model, 'train.py': 'x' });
  assert.deepEqual(await codes(dir), ['package.model_missing']);
  const checkDocument = async () => ({ findings: [], modelPaths: ['m/iris.onnx'] });
  assert.deepEqual(await codes(dir, { checkDocument }), []);
});

test('a program, pickle or text under the name of a model is called what it is', async () => {
  const dir = place({
    'a.onnx': readFileSync('/bin/sh'),
    'b.onnx': Buffer.from([0x80, 2, 0x7d, 0x71, 0, 0x2e]),
    'c.onnx': 'hello world',
    'd.onnx': '',
  });
  assert.deepEqual(await codes(join(dir, 'a.onnx')), ['unsafe.executable']);
  assert.deepEqual(await codes(join(dir, 'b.onnx')), ['unsafe.pickle']);
  assert.deepEqual(await codes(join(dir, 'c.onnx')), ['onnx.unreadable']);
  assert.deepEqual(await codes(join(dir, 'd.onnx')), ['onnx.unreadable']);
});

test('hundreds of mistakes of one kind are a short answer', async () => {
  const scripts = Array.from({ length: 300 }, (_, i) => [`s/${i}.sh`, 'x'] as const);
  const dir = place({ 'model.onnx': model, ...Object.fromEntries(scripts) });
  for await (const { findings } of checkPaths([dir])) {
    assert.equal(findings.length, 25);
    assert.match(findings.at(-1)?.message ?? '', /And 275 more/);
  }
});

const run = (...args: string[]) =>
  spawnSync(process.execPath, [join(import.meta.dirname, 'check.main.ts'), ...args], { encoding: 'utf8' });

test('the command prints one JSON line for each path, in order, and its exit code says whether there are errors', () => {
  const good = join(example, 'model.onnx');
  const bad = join(folder, 'nowhere');
  const { stdout, status, stderr } = run(good, bad, good, '--json');
  assert.equal(stderr, '');
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.deepEqual(
    lines.map((line) => line.path),
    [good, bad, good],
  );
  for (const line of lines) {
    assert.deepEqual(Object.keys(line), ['path', 'ruleSet', 'findings']);
    assert.equal(line.ruleSet, RULE_SET);
  }
  const [finding] = (lines[1]?.findings ?? []) as object[];
  assert.deepEqual(Object.keys(finding ?? {}), [
    'rule',
    'code',
    'severity',
    'file',
    'pointer',
    'line',
    'message',
    'remedy',
  ]);
  assert.equal(status, 1);
  assert.equal(run(good, '--json').status, 0);
  assert.equal(run().status, 2);
});

test('for people it says the place, the message and the remedy', () => {
  const dir = place({ 'model.onnx': model, 'run.sh': 'x' });
  const { stdout, status } = run(dir);
  assert.match(
    stdout,
    /1 finding\n\s+error unsafe\.script run\.sh\n\s+“run\.sh” is a shell script\.\n\s+Leave it out/,
  );
  assert.equal(status, 1);
});
