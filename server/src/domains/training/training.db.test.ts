import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { ErrorBody, NewTrainingJob, TrainingJob } from '@souk/contract';
import { trainer } from '../../../test/algorithms.ts';
import { testTraining } from '../../../test/training.ts';
import { folders } from '../../platform/config.ts';
import { row, rows, sql } from '../../platform/db.ts';
import { SoukError } from '../../platform/errors.ts';
import { findSandbox } from '../../platform/sandbox.ts';
import { callModel } from '../runtime/index.ts';
import { resolveRunnable } from '../subscriptions/index.ts';

const market = await testTraining({ stopGraceMs: 3000 });
const { db, platform, ok, send, until, ended, log } = market;
const buyer = await market.person();
const stranger = await market.member();
const table = await market.file(buyer, 'iris/train.csv', trainer.table);
const { subscription, slug } = await market.algorithm(buyer);
const request = (name: string, more: Partial<NewTrainingJob> = {}): NewTrainingJob => ({
  name,
  subscriptionId: subscription.id,
  inputDataConfig: [{ channelName: 'train', uri: table }],
  resourceConfig: { instanceType: 'ml.t3.medium' },
  hyperParameters: { epochs: '30' },
  ...more,
});
const create = (body: NewTrainingJob) => ok<TrainingJob>(buyer, 'POST', '/api/training-jobs', body);

const refusals: readonly [string, Partial<NewTrainingJob>, string, string][] = [
  [
    'an unknown hyperparameter',
    { hyperParameters: { depth: '3' } },
    'training.hyperparameter_unknown',
    '/hyperParameters/depth',
  ],
  [
    'a hyperparameter of the wrong type',
    { hyperParameters: { epochs: 'many' } },
    'training.hyperparameter_type',
    '/hyperParameters/epochs',
  ],
  [
    'a hyperparameter out of range',
    { hyperParameters: { epochs: '0' } },
    'training.hyperparameter_range',
    '/hyperParameters/epochs',
  ],
  [
    'a categorical value that is none',
    { hyperParameters: { label_column: 'middle' } },
    'training.hyperparameter_range',
    '/hyperParameters/label_column',
  ],
  ['no data for a required channel', { inputDataConfig: [] }, 'training.channel_missing', '/inputDataConfig'],
  [
    'a channel that is none',
    {
      inputDataConfig: [
        { channelName: 'train', uri: table },
        { channelName: 'test', uri: table },
      ],
    },
    'training.channel_unknown',
    '/inputDataConfig/1/channelName',
  ],
  [
    'a content type that the channel does not take',
    { inputDataConfig: [{ channelName: 'train', uri: table, contentType: 'image/png' }] },
    'training.channel_content_type',
    '/inputDataConfig/0/contentType',
  ],
  [
    'an input mode that the channel does not support',
    { inputDataConfig: [{ channelName: 'train', uri: table, inputMode: 'Pipe' }] },
    'training.channel_input_mode',
    '/inputDataConfig/0/inputMode',
  ],
  [
    'a file that is not there',
    { inputDataConfig: [{ channelName: 'train', uri: `souk://${buyer.accountId}/none.csv` }] },
    'training.input_missing',
    '/inputDataConfig/0/uri',
  ],
  [
    'a file of another account',
    { inputDataConfig: [{ channelName: 'train', uri: `souk://${stranger.accountId}/a.csv` }] },
    'location.foreign',
    '/inputDataConfig/0/uri',
  ],
  [
    'an address that is no location',
    { inputDataConfig: [{ channelName: 'train', uri: 'file:///etc/passwd' }] },
    'location.invalid',
    '/inputDataConfig/0/uri',
  ],
  [
    'an instance type that the algorithm does not support',
    { resourceConfig: { instanceType: 'ml.c5.large' } },
    'training.instance_type',
    '/resourceConfig/instanceType',
  ],
  [
    'more instances than the algorithm supports',
    { resourceConfig: { instanceType: 'ml.t3.medium', instanceCount: 2 } },
    'training.not_distributed',
    '/resourceConfig/instanceCount',
  ],
  [
    'more instances than there can be',
    { resourceConfig: { instanceType: 'ml.t3.medium', instanceCount: 99 } },
    'training.instance_count',
    '/resourceConfig/instanceCount',
  ],
  [
    'a volume of no size',
    { resourceConfig: { instanceType: 'ml.t3.medium', volumeSizeInGB: 0 } },
    'training.volume_size',
    '/resourceConfig/volumeSizeInGB',
  ],
  [
    'a time longer than 28 days',
    { stoppingCondition: { maxRuntimeInSeconds: 3e6 } },
    'training.runtime',
    '/stoppingCondition/maxRuntimeInSeconds',
  ],
  [
    'checkpoints outside their folder',
    { checkpointConfig: { localPath: '/opt/ml/model' } },
    'training.checkpoint_path',
    '/checkpointConfig/localPath',
  ],
];
for (const [what, more, code, pointer] of refusals)
  test(`${what} is refused before anything starts, with its place`, async () => {
    const answer = await send(buyer, {
      method: 'POST',
      url: '/api/training-jobs',
      payload: request('refused', more),
    });
    const { error } = answer.json<ErrorBody>();
    assert.deepEqual([answer.statusCode, error.code], [400, 'training.request_invalid'], answer.body);
    assert.deepEqual(
      error.findings?.map((f) => [f.code, f.pointer]),
      [[code, pointer]],
    );
    assert.ok(error.findings?.every((f) => f.remedy.length > 10));
  });

test('several mistakes are told at once', async () => {
  const answer = await send(buyer, {
    method: 'POST',
    url: '/api/training-jobs',
    payload: request('refused', { hyperParameters: { epochs: '0', depth: '1' }, inputDataConfig: [] }),
  });
  assert.equal(answer.json<ErrorBody>().error.findings?.length, 3);
  assert.equal((await row<{ n: number }>(db, sql`select count(*) as n from training_jobs`))?.n, 0);
});

test('a required hyperparameter without a value is refused', async () => {
  const { subscription: strict } = await market.algorithm(buyer, {
    specification: { supportedHyperParameters: [{ name: 'k', type: 'Integer', isRequired: true }] },
  });
  const answer = await send(buyer, {
    method: 'POST',
    url: '/api/training-jobs',
    payload: { ...request('refused', { hyperParameters: {} }), subscriptionId: strict.id },
  });
  assert.equal(answer.json<ErrorBody>().error.findings?.[0]?.code, 'training.hyperparameter_missing');
});

test('a program of the sandbox has one instance, even where its algorithm could use more', async () => {
  const { subscription: wide } = await market.algorithm(buyer, {
    specification: { supportsDistributedTraining: true },
  });
  const answer = await send(buyer, {
    method: 'POST',
    url: '/api/training-jobs',
    payload: {
      ...request('refused', { resourceConfig: { instanceType: 'ml.t3.medium', instanceCount: 2 } }),
      subscriptionId: wide.id,
    },
  });
  const [first] = answer.json<ErrorBody>().error.findings ?? [];
  assert.deepEqual(
    [first?.code, first?.pointer],
    ['training.instance_count', '/resourceConfig/instanceCount'],
  );
});

test('nobody trains with the subscription of another account', async () => {
  const answer = await send(stranger, { method: 'POST', url: '/api/training-jobs', payload: request('x') });
  assert.equal(answer.json<ErrorBody>().error.code, 'subscription.missing');
});

test('a job that waits can be stopped at once, and its name stays taken', async () => {
  await create(request('early'));
  const stopped = await ok<TrainingJob>(buyer, 'POST', '/api/training-jobs/early/stop');
  assert.deepEqual([stopped.status, stopped.secondaryStatus], ['Stopped', 'Stopped']);
  const again = await send(buyer, { method: 'POST', url: '/api/training-jobs/early/stop' });
  assert.equal(again.json<ErrorBody>().error.code, 'training.over');
  const taken = await send(buyer, { method: 'POST', url: '/api/training-jobs', payload: request('early') });
  assert.equal(taken.json<ErrorBody>().error.code, 'training.name_taken');
});

if ((await findSandbox()).kind === 'none')
  test('trainings run', { skip: 'no bubblewrap here: apt-get install bubblewrap' }, () => undefined);
else {
  /** An algorithm of one Python script, and what its buyer asks for. */
  async function python(script: string, over: Parameters<typeof market.algorithm>[1] = {}) {
    const files = { train: `#!/usr/bin/env python3\n${script}\n` };
    const made = await market.algorithm(buyer, { files, ...over });
    return (name: string, more: Partial<NewTrainingJob> = {}) =>
      create(request(name, { subscriptionId: made.subscription.id, hyperParameters: {}, ...more }));
  }

  test('a training goes through its states, its metrics are drawn, and its model is the account’s own package', async () => {
    market.supervise();
    const created = await create(
      request('flowers', { outputDataConfig: { uri: `souk://${buyer.accountId}/out/` } }),
    );
    assert.deepEqual([created.status, created.secondaryStatus], ['InProgress', 'Pending']);
    assert.deepEqual(created.hyperParameters, { epochs: '30', label_column: 'last' });
    const job = await ended(buyer, 'flowers');
    assert.equal(job.status, 'Completed', JSON.stringify(job));
    assert.deepEqual(
      job.secondaryStatusTransitions.map((t) => t.status),
      ['Pending', 'Starting', 'Downloading', 'Training', 'Uploading', 'Completed'],
    );
    assert.ok(job.secondaryStatusTransitions.slice(0, -1).every((t) => t.endTime !== null));
    const [loss] = job.metrics;
    assert.deepEqual([loss?.name, loss?.count, loss?.points.length], ['train:loss', 30, 30]);
    assert.match((await log(buyer, 'flowers')).at(-1) ?? '', /^epoch=30 /);
    assert.match(job.confinedBy ?? '', /^bubblewrap/);
    assert.equal(job.model?.modelPackage, 'flowers');
    assert.equal(job.model?.uri, `souk://${buyer.accountId}/out/flowers/output/model.tar.gz`);
    const kept = await market.locations.open(buyer.accountId, job.model?.uri ?? '');
    kept.destroy();
    const [run] = await rows<{ ended: boolean; use: string }>(
      db,
      sql`select ended_at is not null as ended, use from instance_runs where resource_name = 'flowers'`,
    );
    assert.deepEqual(run, { ended: true, use: 'training' });
  });

  test('the model runs once it is checked, and only while the subscription to the algorithm lasts', async () => {
    const { id } = (await row<{ id: string }>(
      db,
      sql`select id from model_packages where name = 'flowers'`,
    )) ?? { id: '' };
    const code = (run: Promise<unknown>) =>
      run.then(
        () => 'runs',
        (error: unknown) => (error instanceof SoukError ? error.code : String(error)),
      );
    const resolve = (accountId = buyer.accountId) =>
      code(resolveRunnable(db, accountId, { modelPackage: 'flowers' }));
    assert.equal(await resolve(), 'model.not_runnable');
    await market.checkModel(id);
    const p = await row<{ status: string; failure: string | null }>(
      db,
      sql`select status, failure_reason as failure from model_packages where id = ${id}`,
    );
    assert.deepEqual(p, { status: 'Completed', failure: null });
    const runnable = await resolveRunnable(db, buyer.accountId, { modelPackage: 'flowers' });
    assert.deepEqual([runnable.servable.kind, runnable.subscriptionId], ['onnx', subscription.id]);
    assert.equal(await resolve(stranger.accountId), 'model.missing');
    assert.equal(await resolve(market.seller.accountId), 'model.missing', 'nor its publisher');
    await sql`update subscriptions set state = 'suspended' where id = ${subscription.id}`.execute(db);
    assert.equal(await resolve(), 'subscription.suspended');
    await sql`update subscriptions set state = 'active' where id = ${subscription.id}`.execute(db);
  });

  test('what is no ONNX model runs with the program that its algorithm brought for it', async () => {
    const serve = `#!/usr/bin/env node
const { rows } = JSON.parse(require('node:fs').readFileSync('/opt/ml/model/weights.json', 'utf8'));
const server = require('node:http').createServer((request, response) => {
  response.statusCode = request.url === '/execution-parameters' ? 404 : 200;
  response.end(String(rows));
});
server.listen(8080);
process.on('SIGTERM', () => server.close(() => process.exit(0)));
`;
    const train =
      '#!/bin/sh\nprintf \'{"rows":%d}\' "$(cat /opt/ml/input/data/train/* | wc -l)" > /opt/ml/model/weights.json\n';
    const own = await market.algorithm(buyer, {
      files: { 'program/train': train, 'program/serve': serve },
      serves: true,
      specification: {
        supportedHyperParameters: [],
        metricDefinitions: [],
        supportedTuningJobObjectiveMetrics: [],
      },
    });
    await create(request('own', { subscriptionId: own.subscription.id, hyperParameters: {} }));
    const job = await ended(buyer, 'own');
    assert.equal(job.status, 'Completed', JSON.stringify(job));
    const { id } = (await row<{ id: string }>(db, sql`select id from model_packages where name = 'own'`)) ?? {
      id: '',
    };
    await market.checkModel(id);
    const p = await row<{ failure: string | null }>(
      db,
      sql`select failure_reason as failure from model_packages where id = ${id}`,
    );
    assert.deepEqual(p, { failure: null });
    const { servable } = await resolveRunnable(db, buyer.accountId, { modelPackage: 'own' });
    assert.deepEqual(
      [servable.kind, 'entry' in servable && servable.entry],
      ['process', 'serve'],
      JSON.stringify(servable),
    );
    const running = await market.start({
      name: 'own',
      servable,
      instance: { name: 'ml.t3.medium', cpus: 1, memoryMb: 256 },
    });
    try {
      await running.ready;
      const answer = await callModel(running.address, {
        path: '/invocations',
        contentType: 'text/csv',
        accept: 'text/csv',
        body: '1',
        timeoutMs: 30_000,
      });
      assert.equal(answer.body.toString('utf8'), `${trainer.table.split('\n').length - 1}`);
    } finally {
      await running.stop();
    }
  });

  test('neither its publisher nor anybody else sees a job, its log or its data', async () => {
    for (const who of [market.seller, stranger])
      for (const url of ['flowers', 'flowers/log', 'flowers/events']) {
        const answer = await send(who, { method: 'GET', url: `/api/training-jobs/${url}` });
        assert.deepEqual(
          [answer.statusCode, answer.json<ErrorBody>().error.code],
          [404, 'training.missing'],
          url,
        );
      }
    assert.deepEqual((await ok<{ items: unknown[] }>(market.seller, 'GET', '/api/training-jobs')).items, []);
  });

  test('a training that fails says what its program wrote, and bills what it ran', async () => {
    const fails = await python(
      `open('/opt/ml/output/failure','w').write('column label is missing'); exit(3)`,
    );
    await fails('fails');
    const job = await ended(buyer, 'fails');
    assert.deepEqual(
      [job.status, job.failureCode, job.failureReason],
      ['Failed', 'training.failed', 'column label is missing'],
    );
    assert.equal(job.model, null);
  });

  test('a program that ends well without a model has failed', async () => {
    await (await python('print("done")'))('nothing');
    assert.equal((await ended(buyer, 'nothing')).failureCode, 'training.model_missing');
  });

  test('a program that hangs is ended when its time is up, and what it saved in its grace is kept', async () => {
    const hangs = await python(`import signal,sys,time
def asked(*_):
    open('/opt/ml/model/half','w').write('half'); sys.exit(0)
signal.signal(signal.SIGTERM, asked)
time.sleep(600)`);
    await hangs('hangs', { stoppingCondition: { maxRuntimeInSeconds: 1 } });
    const job = await ended(buyer, 'hangs');
    assert.deepEqual([job.status, job.secondaryStatus], ['Stopped', 'MaxRuntimeExceeded']);
    assert.ok((job.model?.sizeBytes ?? 0) > 0);
  });

  test('a training that is stopped ends, and says who stopped it', async () => {
    const runs = await python('import time\nprint("step")\ntime.sleep(600)');
    await runs('stopped');
    await until(
      () => log(buyer, 'stopped'),
      (lines) => lines.length > 0,
    );
    const stopping = await ok<TrainingJob>(buyer, 'POST', '/api/training-jobs/stopped/stop');
    assert.equal(stopping.status, 'Stopping');
    const job = await ended(buyer, 'stopped');
    assert.deepEqual([job.status, job.failureCode], ['Stopped', null]);
    assert.match(job.statusMessage ?? '', new RegExp(buyer.email));
  });

  test('a subscription that ends meanwhile stops its trainings, which say why', async () => {
    const made = await market.algorithm(buyer, { files: { train: '#!/bin/sh\necho runs\nsleep 600\n' } });
    await create(request('cancelled', { subscriptionId: made.subscription.id, hyperParameters: {} }));
    await until(
      () => log(buyer, 'cancelled'),
      (lines) => lines.length > 0,
    );
    const listed = await market.instances.ofSubscription(buyer.accountId, made.subscription.id);
    assert.deepEqual(
      listed.items.map((w) => [w.kind, w.name]),
      [['training-job', 'cancelled']],
    );
    for (const workload of market.workloads)
      await workload.stop(made.subscription.id, {
        cause: 'cancelled',
        code: 'subscription.cancelled',
        reason: 'The subscription was cancelled.',
        by: buyer.email,
      });
    const job = await ended(buyer, 'cancelled');
    assert.deepEqual(
      [job.status, job.failureCode, job.statusMessage],
      ['Stopped', 'subscription.cancelled', 'The subscription was cancelled.'],
    );
  });

  test('compressed files are plain for the program, in a folder and in a pipe', async () => {
    const uri = await market.file(buyer, 'packed/a.csv.gz', gzipSync('1,2\n3,4\n'));
    const channels = [
      {
        name: 'train',
        isRequired: true,
        supportedContentTypes: ['text/csv'],
        supportedInputModes: ['File' as const, 'Pipe' as const],
      },
    ];
    const reads = await python(
      `import os,glob
for f in glob.glob('/opt/ml/input/data/train/*'): print('file', os.path.basename(f), open(f).read().split())
if not os.path.isdir('/opt/ml/input/data/train'): print('pipe', open('/opt/ml/input/data/train_0').read().split())`,
      { specification: { trainingChannels: channels } },
    );
    for (const inputMode of ['File', 'Pipe'] as const) {
      const name = `packed-${inputMode}`;
      await reads(name, {
        inputDataConfig: [{ channelName: 'train', uri, compressionType: 'Gzip', inputMode }],
      });
      await ended(buyer, name);
    }
    assert.deepEqual(await log(buyer, 'packed-File'), ["file a.csv ['1,2', '3,4']"]);
    assert.deepEqual(await log(buyer, 'packed-Pipe'), ["pipe ['1,2', '3,4']"]);
  });

  test('a file that is no gzip ends the job in its own words', async () => {
    await create(
      request('no-gzip', {
        inputDataConfig: [{ channelName: 'train', uri: table, compressionType: 'Gzip' }],
      }),
    );
    const job = await ended(buyer, 'no-gzip');
    assert.deepEqual([job.status, job.failureCode], ['Failed', 'training.input_not_gzip']);
  });

  test('checkpoints go to their location, and a later job finds them there', async () => {
    const counts = await python(`import os
path='/opt/ml/checkpoints/step'
n=int(open(path).read()) if os.path.exists(path) else 0
print('from', n)
open(path,'w').write(str(n+1))
open('/opt/ml/model/m','w').write('m')`);
    const checkpointConfig = { uri: `souk://${buyer.accountId}/checkpoints/one` };
    await counts('count-1', { checkpointConfig });
    await ended(buyer, 'count-1');
    await counts('count-2', { checkpointConfig });
    await ended(buyer, 'count-2');
    assert.deepEqual([await log(buyer, 'count-1'), await log(buyer, 'count-2')], [['from 0'], ['from 1']]);
  });

  test('a job that is over can be deleted; its model stays', async () => {
    await ok(buyer, 'DELETE', '/api/training-jobs/nothing');
    const answer = await send(buyer, { method: 'GET', url: '/api/training-jobs/nothing' });
    assert.equal(answer.statusCode, 404);
  });

  test('an account sees what it may train, with what each algorithm takes', async () => {
    const { items } = await ok<{ items: { product: { slug: string }; instanceTypes: string[] }[] }>(
      buyer,
      'GET',
      '/api/trainable',
    );
    assert.ok(items.some((i) => i.product.slug === slug && i.instanceTypes.includes('ml.t3.medium')));
    assert.deepEqual((await ok<{ items: unknown[] }>(stranger, 'GET', '/api/trainable')).items, []);
  });

  test('nothing of ended jobs is left on this computer', async () => {
    await until(
      () => readdir(join(folders(platform.config.dataDir).work, 'trainings')).catch(() => [] as string[]),
      (left) => left.length === 0,
    );
  });
}
