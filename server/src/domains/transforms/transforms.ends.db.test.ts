import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { TransformJob } from '@souk/contract';
import { doubled, type ModelCall } from '../../../test/batch-model.ts';
import { testTransforming, until } from '../../../test/transforming.ts';
import { inTx, row, rows, sql } from '../../platform/db.ts';
import { suspend } from '../subscriptions/index.ts';
import { isOver, transitions } from './transforms.ts';

const market = await testTransforming();
const { model, db, platform } = market;
let supervisor = market.transforms.run(market.times);
test.after(() => supervisor.stop());
test.beforeEach(() => {
  model.answer = doubled;
  model.startFails = undefined;
  model.calls.length = 0;
});

type B = Awaited<ReturnType<typeof market.buyer>>;
const lines = (count: number) => Array.from({ length: count }, (_, i) => `${i},1\n`).join('');
const sums = (count: number) => Array.from({ length: count }, (_, i) => `${(i + 1) * 2}\n`).join('');
/** Nothing bills any more. */
const unmetered = ({ id }: TransformJob) =>
  until(
    () => rows(db, sql`select id from instance_runs where resource_id = ${id} and ended_at is null`),
    (open) => open.length === 0,
  );

/** Answers until a call comes of which it holds; that one waits. */
function heldAt(number: number): Promise<ModelCall> {
  const { promise, resolve } = Promise.withResolvers<ModelCall>();
  model.answer = (call) => (call.number === number ? resolve(call) : doubled(call));
  return promise;
}
const oneByOne = { batchStrategy: 'SingleRecord' } as const;
async function twoFiles(b: B) {
  await b.put('in/1.csv', lines(3));
  await b.put('in/2.csv', lines(3));
}

test('the states of a job are the vendor’s; what was to be stopped is told as stopped', () => {
  const states = Object.keys(transitions) as TransformJob['state'][];
  assert.deepEqual(states.filter(isOver), ['Completed', 'Failed', 'Stopped']);
  for (const event of ['completed', 'failed', 'stopped'] as const)
    assert.equal(transitions.Stopping[event], 'Stopped');
});

test('a job that is stopped ends its call and its instances; finished files stay, nothing is written in part', async () => {
  const b = await market.buyer();
  await twoFiles(b);
  const held = heldAt(5);
  const name = await b.begin(oneByOne);
  const hungUp = once((await held).response, 'close');
  const answer = await market.send(b.who, { method: 'POST', url: `/api/transform-jobs/${name}/stop` });
  assert.equal(answer.json<TransformJob>().state, 'Stopping');
  await hungUp;
  const job = await b.ended(name);
  assert.deepEqual([job.state, job.failure], ['Stopped', null]);
  assert.deepEqual(
    (await b.filesOf(name)).map((f) => f.state),
    ['done', 'skipped'],
  );
  assert.deepEqual([await b.read('out/1.csv.out'), await b.read('out/2.csv.out')], [sums(3), undefined]);
  assert.equal(await b.usage(), 3);
  await unmetered(job);
  const again = await market.send(b.who, { method: 'POST', url: `/api/transform-jobs/${name}/stop` });
  assert.equal(again.statusCode, 409);
});

for (const way of ['suspended', 'cancelled'] as const)
  test(`a subscription that is ${way} ends its jobs with a code of its own, and nothing goes on billing`, async () => {
    const b = await market.buyer();
    await twoFiles(b);
    const held = heldAt(5);
    const name = await b.begin(oneByOne);
    await held;
    const { items } = await market.ok<{ items: { name: string; kind: string }[] }>(
      b.who,
      'GET',
      '/api/running',
    );
    assert.deepEqual(
      items.map((i) => [i.kind, i.name]),
      [['transform-job', name]],
    );
    if (way === 'suspended')
      await inTx(db, (tx) =>
        suspend(tx, platform.events, b.subscriptionId, {
          code: 'test.hold',
          reason: 'Not paid.',
          by: 'test',
        }),
      );
    else {
      const url = `/api/subscriptions/${b.subscriptionId}/cancel`;
      assert.equal(await market.refused(b.who, 'POST', url), 'subscription.running');
      await market.ok(b.who, 'POST', `${url}?stopRunning=true`);
    }
    const job = await b.ended(name);
    assert.deepEqual([job.state, job.failure?.code], ['Failed', 'transform.subscription_lost']);
    assert.deepEqual([await b.read('out/1.csv.out'), await b.read('out/2.csv.out')], [sums(3), undefined]);
    await unmetered(job);
  });

test('the plan’s quota ends a job; what was answered within it stays and is counted', async () => {
  const b = await market.buyer('small');
  await twoFiles(b);
  const job = await b.run(oneByOne);
  assert.deepEqual([job.state, job.failure?.code], ['Failed', 'transform.quota_exhausted']);
  assert.equal(await b.read('out/1.csv.out'), sums(3));
  assert.equal(await b.usage(), 3);
});

test('results that do not fit into the account end the job', async () => {
  const b = await market.buyer();
  await twoFiles(b);
  market.limit.quotaBytes = 27;
  const job = await b.run();
  market.limit.quotaBytes = 1e9;
  assert.equal(job.failure?.code, 'file.over_quota');
});

test('a model that does not start ends the job; one that ends in between is started again', async () => {
  const b = await market.buyer();
  await twoFiles(b);
  model.startFails = 'no model in the archive';
  const failed = await b.run();
  assert.deepEqual([failed.state, failed.failure?.code], ['Failed', 'transform.model_not_started']);
  model.startFails = undefined;
  let crashed = false;
  model.answer = (call) => {
    if (call.number !== 2 || crashed) return doubled(call);
    crashed = true;
    return model.crash();
  };
  const job = await b.run(oneByOne);
  assert.deepEqual([job.failure, await b.read('out/1.csv.out')], [null, sums(3)]);
  assert.ok(job.log.some((line) => line.includes('it crashed')));
  assert.equal(await b.usage(), 6, 'a call that was not answered is not counted');
});

test('an orderly end of the process gives its jobs back; another goes on with the files that are not finished', async () => {
  const b = await market.buyer();
  await twoFiles(b);
  const held = heldAt(5);
  const name = await b.begin(oneByOne);
  await held;
  await supervisor.stop();
  const given = await row(db, sql`select worker, state from transform_jobs where name = ${name}`);
  assert.deepEqual(given, { worker: null, state: 'InProgress' });
  model.calls.length = 0;
  model.answer = doubled;
  supervisor = market.transforms.run(market.times);
  const job = await b.ended(name);
  assert.deepEqual([job.state, model.calls.length], ['Completed', 3], 'the first file is not done again');
  assert.deepEqual([await b.read('out/2.csv.out'), await b.usage()], [sums(3), 6]);
});

test('SIGKILL in the middle of a file: another worker repeats that file only, and everything counts once', async () => {
  const b = await market.buyer();
  await twoFiles(b);
  await supervisor.stop();
  const name = await b.begin(oneByOne);
  const program = fileURLToPath(new URL('../../../test/transforms-kill.child.ts', import.meta.url));
  const child = spawn(process.execPath, [program, market.url, platform.config.dataDir], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  await until(
    () => b.get(name),
    (job) => job.progress.files.done === 1 && job.progress.rows >= 4,
  );
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.equal((await b.get(name)).state, 'InProgress');
  supervisor = market.transforms.run(market.times);
  const job = await b.ended(name);
  assert.deepEqual([job.state, job.progress.rows], ['Completed', 6]);
  assert.equal(model.calls.length, 3, 'the first file is not done again');
  assert.deepEqual([await b.read('out/1.csv.out'), await b.read('out/2.csv.out')], [sums(3), sums(3)]);
  assert.equal(await b.usage(), 6);
});

test('a worker that lost its lease writes nothing more', async () => {
  const b = await market.buyer();
  await twoFiles(b);
  const held = heldAt(5);
  const name = await b.begin(oneByOne);
  const { response } = await held;
  const hungUp = once(response, 'close');
  const { id } = await b.get(name);
  await sql`update transform_jobs set worker = 'another/one', worker_until = now() + interval '1 hour' where id = ${id}`.execute(
    db,
  );
  await hungUp;
  assert.deepEqual([await b.read('out/2.csv.out'), await b.usage()], [undefined, 3]);
  model.answer = doubled;
  await sql`update transform_jobs set worker = null, worker_until = null where id = ${id}`.execute(db);
  assert.equal((await b.ended(name)).state, 'Completed');
  assert.equal(await b.usage(), 6);
});

test('the job is followed over server-sent events until it has ended', async () => {
  const b = await market.buyer();
  await b.put('in/1.csv', lines(3));
  const address = await market.listen();
  const name = await b.begin();
  const answer = await fetch(`${address}/api/transform-jobs/${name}/events`, {
    headers: { 'x-test-caller': `${b.who.accountId}/${b.who.personId}` },
  });
  const told = [...(await answer.text()).matchAll(/event: transform-job\ndata: (.*)\n/g)].map(
    ([, data]) => JSON.parse(data ?? '') as TransformJob,
  );
  assert.equal(told.at(-1)?.state, 'Completed');
});
