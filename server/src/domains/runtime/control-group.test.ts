import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openControlGroup } from './control-group.ts';

const root = mkdtempSync(join(tmpdir(), 'souk-groups-'));
after(() => rmSync(root, { recursive: true, force: true }));
const bounds = { memoryBytesMax: 1_000_000, processesMax: 10 };

test('where no group may be made there is none, and looking is all there is', () => {
  assert.equal(openControlGroup(bounds, join(root, 'nothing')), undefined);
  writeFileSync(join(root, 'cgroup.subtree_control'), 'cpu memory\n');
  assert.equal(openControlGroup(bounds, root), undefined, 'without pids it would not be held');
});

test('a group of version 2 holds memory and threads, and hears what the kernel refused', () => {
  writeFileSync(join(root, 'cgroup.subtree_control'), 'cpu memory pids\n');
  const group = openControlGroup(bounds, root);
  assert.ok(group);
  const [name = ''] = readdirSync(root).filter((n) => n.startsWith('souk-run-'));
  const at = (file: string) => join(root, name, file);
  assert.deepEqual(
    ['memory.max', 'pids.max', 'memory.oom.group'].map((file) => readFileSync(at(file), 'utf8')),
    ['1000000', '40', '1'],
  );
  const { file, args } = group.joining({ file: 'echo', args: ['two words', '$HOME'] });
  assert.equal(execFileSync(file, args, { encoding: 'utf8' }), 'two words $HOME\n');
  assert.match(readFileSync(at('cgroup.procs'), 'utf8'), /^\d+\n$/);
  assert.equal(group.excess(), undefined);
  writeFileSync(at('pids.events'), 'max 3\n');
  assert.equal(group.excess(), 'processes');
  writeFileSync(at('memory.events'), 'oom 1\noom_kill 1\n');
  assert.equal(group.excess(), 'memory');
});

test('a program whose group is gone runs all the same', () => {
  const group = openControlGroup(bounds, root);
  for (const name of readdirSync(root).filter((n) => n.startsWith('souk-run-')))
    rmSync(join(root, name), { recursive: true });
  const { file, args } = group?.joining({ file: 'echo', args: ['ran'] }) ?? { file: '', args: [] };
  assert.equal(execFileSync(file, args, { encoding: 'utf8' }), 'ran\n');
});

test('what a killed Souk left is removed with the next group', () => {
  const left = join(root, 'souk-run-2147483000-1');
  mkdirSync(left);
  openControlGroup(bounds, root);
  assert.equal(existsSync(left), false);
});
