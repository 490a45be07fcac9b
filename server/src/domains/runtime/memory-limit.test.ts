import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openMemoryGroup, residentBytes, watchMemory } from './memory-limit.ts';

test('memory is counted over a process and its children, and the watch tells once when it is too much', async () => {
  const hog = `const held = Buffer.alloc(150e6, 1); setInterval(() => held[0], 1000)`;
  const parent = `require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(hog)}]); setInterval(() => 0, 1000)`;
  const child = spawn(process.execPath, ['-e', parent], { stdio: 'ignore', detached: true });
  const pid = child.pid ?? 0;
  const bytes = await new Promise<number>((resolve) => watchMemory(pid, 230e6, resolve));
  assert.ok(bytes > 230e6 && bytes < 1e9, `${bytes}`);
  process.kill(-pid, 'SIGKILL');
  await new Promise((resolve) => child.once('exit', resolve));
  assert.equal(residentBytes(pid), 0);
});

test('where control groups of version 2 delegate memory, the command joins one with the limit before it runs', () => {
  const root = mkdtempSync(join(tmpdir(), 'souk-cgroup-'));
  assert.equal(openMemoryGroup(1000, root), undefined);
  writeFileSync(join(root, 'cgroup.subtree_control'), 'cpu memory pids\n');
  const group = openMemoryGroup(1000, root);
  assert.ok(group !== undefined);
  const folder = join(root, readdirSync(root).find((name) => name.startsWith('souk-')) ?? '');
  assert.equal(readFileSync(join(folder, 'memory.max'), 'utf8'), '1000');
  const { file, args } = group.joining('/bin/sh', ['-c', 'echo "$$ $1"', 'sh', 'an argument']);
  const { stdout } = spawnSync(file, args, { encoding: 'utf8' });
  const joined = readFileSync(join(folder, 'cgroup.procs'), 'utf8').trim();
  assert.equal(stdout, `${joined} an argument\n`);
  assert.equal(group.wasExceeded(), false);
  writeFileSync(join(folder, 'memory.events'), 'low 0\noom 3\noom_kill 1\n');
  assert.equal(group.wasExceeded(), true);
});
