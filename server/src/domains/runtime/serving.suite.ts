import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { suite, test } from 'node:test';
import { processTree } from './memory-limit.ts';
import { callModel, type ModelAnswer } from './runtime.call.ts';
import type { RunningModel } from './runtime.ts';

/**
 * What every serving backend keeps, whatever it starts: one suite for all of them, each with its own real thing. `echo` takes rows of
 * two numbers as JSON or CSV and answers them.
 */
export interface ServingUnderTest {
  readonly kind: string;
  /** Why it cannot run here, with the command that changes it; null where it can. */
  readonly missing: string | null;
  start(model: 'echo' | 'broken' | 'hungry'): Promise<RunningModel>;
  /** Makes `hungry` take more memory than its instance has; null where the memory is not ours. */
  readonly eat: { readonly contentType: string; readonly body: string } | null;
  /** A call of `echo` that takes long enough to be overtaken by a stop; its answer's text holds `slowAnswer`. */
  readonly slow: { readonly contentType: string; readonly body: string; readonly holds: RegExp } | null;
  /** Backends that start each one slowly run several at once. */
  readonly concurrency?: number;
  /** Ends what runs as a crash would. */
  crash?(running: RunningModel): void;
}

const timeoutMs = 60_000;
const json = 'application/json';

export function servingSuite(subject: ServingUnderTest): void {
  const skip = subject.missing === null ? false : `NOT RUN: ${subject.kind}: ${subject.missing}`;
  if (skip !== false) console.log(skip);
  const invoke = (
    running: RunningModel,
    contentType: string,
    body: string | Uint8Array,
    accept = contentType,
  ) => callModel(running.address, { path: '/invocations', contentType, accept, body, timeoutMs });
  const text = (answer: ModelAnswer) => answer.body.toString('utf8');

  suite(`a model served by the backend ${subject.kind}`, {
    skip,
    concurrency: subject.concurrency ?? 1,
  }, () => {
    test('is ready when /ping is answered, and answers JSON, CSV, wrong calls and large ones', async () => {
      const running = await subject.start('echo');
      try {
        await running.ready;
        const pinged = await callModel(running.address, { path: '/ping', method: 'GET', timeoutMs });
        assert.equal(pinged.status, 200);

        const rows = await invoke(running, json, '{"instances":[[1,2],[3,4.5]]}');
        assert.deepEqual(
          [rows.status, JSON.parse(text(rows))],
          [
            200,
            {
              predictions: [
                [1, 2],
                [3, 4.5],
              ],
            },
          ],
        );
        assert.match(rows.contentType, /^application\/json/);
        const csv = await invoke(running, 'text/csv', '1,2\n3,4.5\n');
        assert.deepEqual([csv.status, text(csv)], [200, '1,2\n3,4.5\n']);
        assert.match(csv.contentType, /^text\/csv/);

        for (const [contentType, body, status] of [
          ['image/png', 'x', 415],
          [json, '{"instances":', 400],
          ['text/csv', '1,2\n3\n', 400],
        ] as const) {
          const refused = await invoke(running, contentType, body, json);
          assert.equal(refused.status, status, `${contentType} ${body}: ${text(refused)}`);
          assert.ok(JSON.parse(text(refused)).error, 'a refusal says why');
        }

        const long = `${'0.5,0.25\n'.repeat(200_000)}`;
        const large = await invoke(running, 'text/csv', long);
        assert.equal(large.status, 200);
        assert.ok(text(large) === long, 'every row comes back, in order');
      } finally {
        await running.stop();
      }
    });

    test('ends in time when it is stopped, answers what was begun, and leaves no process and no socket', async () => {
      const running = await subject.start('echo');
      await running.ready;
      const tree = processTree(running.pid);
      const begun = subject.slow && invoke(running, subject.slow.contentType, subject.slow.body, json);
      // A second call tells that the first one has arrived: connections are taken in their order.
      await invoke(running, 'text/csv', '1,2\n');
      await running.stop();
      if (begun) {
        const answered = await begun;
        assert.equal(answered.status, 200, text(answered));
        assert.match(text(answered), subject.slow?.holds ?? /./);
      }
      assert.equal((await running.exited).kind, 'stopped');
      for (const pid of tree) assert.equal(existsSync(`/proc/${pid}/exe`), false, `${pid} is still there`);
      if ('unix' in running.address) assert.equal(existsSync(running.address.unix), false);
      await assert.rejects(invoke(running, 'text/csv', '1,2\n'));
    });

    test('that cannot start says so by ready, with a reason for people', async () => {
      const running = await subject.start('broken');
      await assert.rejects(running.ready, (error: Error) => error.message.length > 5);
      const { kind, reason } = await running.exited;
      assert.equal(kind, 'not-ready');
      assert.ok(reason.length > 5, reason);
      await running.stop();
    });

    test('that dies is reported as crashed, and what is left of it is removed', async () => {
      const running = await subject.start('echo');
      await running.ready;
      if (subject.crash) subject.crash(running);
      else killAll(running.pid);
      assert.equal((await running.exited).kind, 'crashed');
      if ('unix' in running.address) assert.equal(existsSync(running.address.unix), false);
    });

    // The memory of a server elsewhere is not ours to limit.
    const { eat } = subject;
    if (eat === null) return;
    test('that takes more memory than its instance has is ended, and says that it was memory', async () => {
      const running = await subject.start('hungry');
      await running.ready;
      const { contentType = json, body = '' } = eat;
      await invoke(running, contentType, body).catch(() => undefined);
      const { kind, reason } = await running.exited;
      assert.equal(kind, 'memory', reason);
      await running.stop();
    });
  });
}

/** A process with all below it. A parent may end by itself, once its child is gone, before it is its turn. */
export function killAll(pid: number): void {
  for (const one of processTree(pid).reverse())
    try {
      process.kill(one, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
}
