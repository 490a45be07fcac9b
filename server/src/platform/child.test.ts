import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { keepChild } from './child.ts';
import { newLog } from './log.ts';

const folder = mkdtempSync(join(tmpdir(), 'souk-child-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const log = newLog('test', 'silent');
let files = 0;

/** A child that writes down each of its starts, then does as told. */
function keep(script: string, stopTimeoutMs = 5000) {
  const file = join(folder, `${++files}`);
  appendFileSync(file, '');
  const child = keepChild({
    name: 'test',
    command: process.execPath,
    args: [
      '-e',
      `require('fs').appendFileSync(${JSON.stringify(file)}, Date.now() + ' ' + process.pid + '\\n'); ${script}`,
    ],
    env: { PATH: process.env.PATH },
    log,
    stopTimeoutMs,
  });
  const starts = () =>
    readFileSync(file, 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => line.split(' ').map(Number) as [number, number]);
  const started = async (n: number) => {
    for (let i = 0; starts().length < n; i++) {
      assert.ok(i < 1000, `${starts().length} starts`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return starts();
  };
  return { ...child, starts, started };
}
const isAlive = (pid: number) => existsSync(`/proc/${pid}/exe`);
const stays = 'process.stdin.resume(); process.stdin.on("end", () => process.exit())';

test('a child that ends is started again, after pauses that grow while it keeps failing', async () => {
  const child = keep('process.exit(1)');
  const [one, two, three] = await child.started(3);
  await child.stop();
  const gaps = [(two?.[0] ?? 0) - (one?.[0] ?? 0), (three?.[0] ?? 0) - (two?.[0] ?? 0)];
  assert.ok((gaps[0] ?? 0) >= 190 && (gaps[1] ?? 0) >= 390, `${gaps}`);
  const count = child.starts().length;
  await new Promise((resolve) => setTimeout(resolve, 900));
  assert.equal(child.starts().length, count, 'stopped, it is started no more');
});

test('a child that is killed is started again', async () => {
  const child = keep(stays);
  const [[, first] = [0, 0]] = await child.started(1);
  process.kill(first, 'SIGKILL');
  const [, [, second] = [0, 0]] = await child.started(2);
  assert.ok(isAlive(second));
  assert.equal(child.pid(), second);
  await child.stop();
  assert.equal(isAlive(second), false);
});

test('a child is asked to end and given its time; one that does not listen is killed', async () => {
  const orderly = keep(
    `process.on('SIGTERM', () => setTimeout(() => { ${'require("fs").writeFileSync'}(${JSON.stringify(join(folder, 'said'))}, 'bye'); process.exit() }, 50)); ${stays}`,
  );
  await orderly.started(1);
  await new Promise((resolve) => setTimeout(resolve, 100));
  await orderly.stop();
  assert.equal(readFileSync(join(folder, 'said'), 'utf8'), 'bye');
  const deaf = keep(`process.on('SIGTERM', () => {}); ${stays}`, 200);
  const [[, pid] = [0, 0]] = await deaf.started(1);
  await new Promise((resolve) => setTimeout(resolve, 100));
  await deaf.stop();
  assert.equal(isAlive(pid), false);
});

test('a command that does not exist is tried again, and can be stopped', async () => {
  const child = keepChild({
    name: 'x',
    command: join(folder, 'none'),
    args: [],
    env: {},
    log,
    stopTimeoutMs: 100,
  });
  await new Promise((resolve) => setTimeout(resolve, 300));
  await child.stop();
});

test('a child ends when the process that keeps it is killed', async () => {
  await killKeeperOf('endWithParent(() => process.exit())');
});

test('a child whose orderly end hangs ends too when its keeper is killed', async () => {
  await killKeeperOf('endWithParent(() => {}, 200)');
});

async function killKeeperOf(ending: string) {
  const pidFile = join(folder, `grandchild-${ending.length}`);
  const kept = `
    import { endWithParent } from ${JSON.stringify(new URL('./child.ts', import.meta.url).href)};
    import { writeFileSync } from 'node:fs';
    ${ending};
    writeFileSync(${JSON.stringify(pidFile)}, String(process.pid));
    setInterval(() => {}, 1000);`;
  const keeper = `
    import { keepChild } from ${JSON.stringify(new URL('./child.ts', import.meta.url).href)};
    import { newLog } from ${JSON.stringify(new URL('./log.ts', import.meta.url).href)};
    keepChild({ name: 'kept', command: process.execPath, args: ['--input-type=module', '-e', ${JSON.stringify(kept)}],
      env: { PATH: process.env.PATH }, log: newLog('test', 'silent'), stopTimeoutMs: 1000 });`;
  const process1 = spawn(process.execPath, ['--input-type=module', '-e', keeper], { stdio: 'ignore' });
  for (let i = 0; !existsSync(pidFile) || readFileSync(pidFile, 'utf8') === ''; i++) {
    assert.ok(i < 1000, 'the child did not start');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const pid = Number(readFileSync(pidFile, 'utf8'));
  assert.ok(isAlive(pid));
  process1.kill('SIGKILL');
  await once(process1, 'exit');
  for (let i = 0; isAlive(pid); i++) {
    assert.ok(i < 500, 'the child lives on');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
