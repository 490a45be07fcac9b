import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from './testing/run-souk.ts';

const souk = fileURLToPath(new URL('../bin/souk.mjs', import.meta.url));
const example = fileURLToPath(new URL('../../examples/iris-classifier/', import.meta.url));
const run = (cwd: string, ...args: string[]) =>
  spawnSync(process.execPath, [souk, ...args], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  });

test('check in a product’s folder reads souk.yaml here and its models with the server’s rules', () => {
  const ran = run(example, 'check', '.', '--json');
  assert.equal(ran.status, 0, ran.stderr);
  const lines = ran.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { path: string; ruleSet: string; findings: unknown[] });
  assert.deepEqual(
    lines.map((l) => [l.path, l.findings.length]),
    [['.', 0]],
  );
  assert.match(lines[0]?.ruleSet ?? '', /^\d{4}-\d{2}-\d{2}/);
});

test('each path is one line, with everything that a submission would be told, on the lines of souk.yaml', () => {
  using folder = temporaryFolder();
  cpSync(example, folder.path, { recursive: true, filter: (from) => !from.endsWith('.ts') });
  const yaml = readFileSync(join(folder.path, 'souk.yaml'), 'utf8');
  writeFileSync(join(folder.path, 'souk.yaml'), yaml.replace('title: Iris Classifier', 'title: Lorem ipsum'));
  writeFileSync(join(folder.path, 'notes.txt'), 'x');
  const ran = run(folder.path, 'check', '.', 'notes.txt', 'model.onnx', '--json');
  assert.equal(ran.status, 1, ran.stderr);
  const lines = ran.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    lines.map((l) => [l.path, l.findings.map((f: { code: string; file: string }) => [f.code, f.file])]),
    [
      ['.', [['text.placeholder', 'souk.yaml']]],
      ['notes.txt', [['archive.kind_unknown', null]]],
      ['model.onnx', []],
    ],
  );
  const line = yaml.split('\n').findIndex((l) => l.includes('title: Iris Classifier')) + 1;
  assert.equal(lines[0].findings[0].line, line);
});

test('a mistake in the document, or in the model, ends the check with 1', () => {
  using folder = temporaryFolder();
  cpSync(example, folder.path, { recursive: true, filter: (from) => !from.endsWith('.ts') });
  writeFileSync(join(folder.path, 'sample-input.json'), 'x'.repeat(10_001));
  const document = run(folder.path, 'check', '.');
  assert.equal(document.status, 1);
  assert.match(document.stderr, /souk\.yaml:\d+ \/versions\/0\/input\/samples\/realtime/);
  writeFileSync(join(folder.path, 'model.onnx'), 'no model');
  assert.equal(run(folder.path, 'check', 'model.onnx').status, 1);
});

test('the program starts from any folder, and its exit code is the command’s', () => {
  using folder = temporaryFolder();
  assert.match(run(folder.path, '--version').stdout, /souk +\d/);
  assert.equal(run(folder.path, 'products', 'check', '.').status, 2);
  assert.equal(run(folder.path, 'verify', '--help').status, 0);
});
