import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { until } from '../../test/accounts.ts';
import { testDatabase } from '../../test/database.ts';
import { inTx, row, rows, sql } from './db.ts';
import { type EnqueueOptions, enqueue, type JobDefinition, runJobs } from './jobs.ts';
import { newLog } from './log.ts';

const { db, pool, url } = await testDatabase();
const log = newLog('test', 'silent');
const ran: Record<string, unknown>[] = [];
const start = (processName: string, ...definitions: JobDefinition[]) =>
  runJobs(pool, { log, processName, definitions });
const recorder = (name: string): JobDefinition => ({
  name,
  run: async (payload) => void ran.push(payload),
});
const add = (name: string, payload: object, options?: EnqueueOptions) =>
  inTx(db, (tx) => enqueue(tx, name, { ...payload }, options));
const waiting = (name: string) =>
  rows<{ attempts: number; lockedBy: string | null; runAt: Date; payload: Record<string, unknown> }>(
    db,
    sql`select j.attempts, j.locked_by as "lockedBy", j.run_at as "runAt", j.payload from graphile_worker._private_jobs j
      join graphile_worker._private_tasks t on t.id = j.task_id where t.identifier = ${name} order by j.id`,
  );
const none = (name: string) =>
  until(
    () => waiting(name),
    (jobs) => jobs.length === 0,
  );
const sweepJobs = (name: string) =>
  sql`delete from graphile_worker._private_jobs j using graphile_worker._private_tasks t where t.id = j.task_id and t.identifier = ${name}`.execute(
    db,
  );

test('a job exists if and only if what it belongs to was committed', async () => {
  await assert.rejects(
    inTx(db, async (tx) => {
      await enqueue(tx, 'atomic', { n: 1 });
      throw new Error('no');
    }),
  );
  assert.deepEqual(await waiting('atomic'), []);
  await add('atomic', { n: 2 });
  const runner = await start('atomic', recorder('atomic'));
  await none('atomic');
  await runner.stop();
  assert.deepEqual(ran.splice(0), [{ n: 2 }]);
});

test('a second job of the same key replaces the waiting one, and a later time is kept', async () => {
  const runAt = new Date(Date.now() + 60_000);
  await add('keyed', { n: 1 }, { key: 'k', runAt });
  await add('keyed', { n: 2 }, { key: 'k', runAt });
  const [job, ...more] = await waiting('keyed');
  assert.deepEqual([job?.payload, job?.runAt, more], [{ n: 2 }, runAt, []]);
});

test('jobs of one queue run one after the other, in their order', async () => {
  let atWork = 0;
  const order: unknown[] = [];
  for (const n of [1, 2]) await add('queued', { n }, { queue: 'one' });
  const runner = await start('queued', {
    name: 'queued',
    run: async ({ n }) => {
      assert.equal(++atWork, 1);
      await new Promise((resolve) => setTimeout(resolve, 10));
      order.push(n);
      atWork--;
    },
  });
  await none('queued');
  await runner.stop();
  assert.deepEqual(order, [1, 2]);
});

test('a job that fails is kept for another attempt, is told its number, and is given up after the last', async () => {
  const attempts: [number, number][] = [];
  await add('failing', {}, { attemptsMax: 2 });
  const runner = await start('failing', {
    name: 'failing',
    run: async (_payload, { attempt, attemptsMax }) => {
      attempts.push([attempt, attemptsMax]);
      throw new Error('not today');
    },
  });
  const failed = (n: number) =>
    until(
      () => waiting('failing'),
      ([job]) => job?.attempts === n && job.lockedBy === null,
    );
  const [job] = await failed(1);
  assert.ok(job && job.runAt.getTime() > Date.now(), 'not at once');
  await sql`update graphile_worker._private_jobs set run_at = now()`.execute(db);
  await failed(2);
  await runner.stop();
  assert.deepEqual(attempts, [
    [1, 2],
    [2, 2],
  ]);
});

/** A process that has taken the job and is then killed. Answers the job's worker. */
async function killedAtWork(processName: string): Promise<string> {
  await sweepJobs('hang');
  await add('hang', { of: processName });
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL('./jobs.kill.child.ts', import.meta.url)), url, processName],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await once(child.stdout, 'data');
  const [job] = await until(
    () => waiting('hang'),
    ([j]) => j?.lockedBy !== null,
  );
  await until(
    async () => await row(db, sql`select 1 from job_workers where worker_id = ${job?.lockedBy}`),
    (found) => found !== undefined,
  );
  child.kill('SIGKILL');
  await once(child, 'exit');
  return job?.lockedBy ?? '';
}

test('the job of a killed process is taken over at once by the process that takes its place', async () => {
  await killedAtWork('node-1/control');
  const runner = await start('node-1/control', recorder('hang'));
  await none('hang');
  await runner.stop();
  assert.deepEqual(ran.splice(0), [{ of: 'node-1/control' }]);
});

test('by others it is taken over when its process was not seen for 30 s, and not before', async () => {
  const worker = await killedAtWork('node-1/control');
  const early = await start('node-2/control', recorder('hang'));
  await add('probe', {});
  const probe = await start('node-3/control', recorder('probe'));
  await none('probe');
  await Promise.all([early.stop(), probe.stop()]);
  assert.equal((await waiting('hang'))[0]?.lockedBy, worker);
  ran.splice(0);
  await sql`update job_workers set seen_at = now() - interval '31 seconds' where worker_id = ${worker}`.execute(
    db,
  );
  const late = await start('node-2/control', recorder('hang'));
  await none('hang');
  await late.stop();
  assert.deepEqual(ran.splice(0), [{ of: 'node-1/control' }]);
});

test('a worker killed before it was written down is found too, and one that is just being written down is left alone', async () => {
  const worker = await killedAtWork('node-1/control');
  await sql`delete from job_workers where worker_id = ${worker}`.execute(db);
  const early = await start('node-2/control', recorder('other'));
  await early.stop();
  assert.equal((await waiting('hang'))[0]?.lockedBy, worker);
  await sql`update graphile_worker._private_jobs set locked_at = now() - interval '31 seconds' where locked_by = ${worker}`.execute(
    db,
  );
  const late = await start('node-2/control', recorder('hang'));
  await none('hang');
  await late.stop();
  assert.equal(ran.splice(0).length, 1);
});

test('a process that starts leaves alone what a living one of another name has in hand', async () => {
  let runs = 0;
  let finish = () => {};
  const hanging: JobDefinition = {
    name: 'slow',
    run: () => {
      runs++;
      return new Promise<void>((resolve) => {
        finish = resolve;
      });
    },
  };
  await add('slow', {});
  const one = await start('node-1/control', hanging);
  await until(
    async () => runs,
    (n) => n === 1,
  );
  const two = await start('node-2/control', hanging);
  await add('probe', {});
  const three = await start('node-3/control', recorder('probe'));
  await none('probe');
  assert.equal(runs, 1);
  finish();
  await none('slow');
  await Promise.all([one.stop(), two.stop(), three.stop()]);
  assert.equal(runs, 1);
});
