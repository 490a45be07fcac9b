import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { after, suite, test } from 'node:test';
import { findSandbox } from '../../../platform/sandbox.ts';
import { callModel } from '../runtime.call.ts';
import type { RunningModel } from '../runtime.ts';
import { programBackend } from './program-serving.ts';
import { programsForTests } from './testing.ts';

const sandbox = await findSandbox();
const skip = sandbox.kind === 'none' && `NOT RUN: ${sandbox.reason}`;
if (skip) console.log(skip);

const say = (running: RunningModel, body: string) =>
  callModel(running.address, {
    path: '/invocations',
    contentType: 'application/json',
    accept: 'application/json',
    body,
    timeoutMs: 30_000,
  }).catch(() => undefined);

async function end(running: RunningModel, body: string) {
  void say(running, body);
  return running.exited;
}

test('without a sandbox no program is served, and the reason is said', async () => {
  const backend = programBackend({
    packagePath: () => Promise.reject(new Error('not asked for')),
    programPath: () => Promise.reject(new Error('not asked for')),
    socketDir: '/nowhere',
    sandbox: async () => ({ kind: 'none', reason: 'bwrap is not installed' }),
  });
  assert.match((await backend.unavailable()) ?? '', /in a sandbox only: bwrap is not installed/);
});

suite('a served program', { skip }, () => {
  const programs = programsForTests({
    diskBytesMax: 20_000_000,
    pingEveryMs: 50,
    stopGraceMs: 300,
  });
  const impatient = programsForTests({ hungAfterMs: 300, pingEveryMs: 50, stopGraceMs: 300 });
  after(() => {
    programs.close();
    impatient.close();
  });

  test('that ends by itself is reported with its own last words, and leaves nothing in the folder of sockets', async () => {
    const running = await programs.start();
    await running.ready;
    const { kind, reason } = await end(running, 'exit');
    assert.equal(kind, 'crashed');
    assert.match(reason, /it has had enough/);
    assert.deepEqual(readdirSync(programs.sockets), []);
  });

  test('that writes more than its disk holds is ended, and says so', async () => {
    const running = await programs.start();
    await running.ready;
    const { kind, reason } = await end(running, 'write');
    assert.deepEqual([kind, reason], ['disk', 'the program wrote more than 20 MB to its disk']);
  });

  test('that no longer answers /ping is ended as hung; one that ignores SIGTERM is killed after its grace', async () => {
    const running = await impatient.start();
    await running.ready;
    assert.equal((await end(running, 'fall silent')).kind, 'hung');

    const deaf = await programs.start('model', { environment: { IGNORES_TERM: 'yes' } });
    await deaf.ready;
    await deaf.stop();
    assert.equal((await deaf.exited).kind, 'stopped');
  });

  test('sees neither the files of this computer nor a network, and cannot write its model', async () => {
    const running = await programs.start();
    await running.ready;
    try {
      const seen = JSON.parse((await say(running, 'look around'))?.body.toString('utf8') ?? '{}');
      assert.deepEqual(seen, { root: false, interfaces: ['lo'], model: 'EROFS', code: 'EROFS' });
    } finally {
      await running.stop();
    }
  });
});
