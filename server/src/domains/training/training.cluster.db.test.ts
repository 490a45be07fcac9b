import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import type {
  NewTrainingJob,
  NewTransformJob,
  NewTuningJob,
  TrainingJob,
  TrainingSpecification,
  TransformJob,
  TuningJob,
} from '@souk/contract';
import { trainer } from '../../../test/algorithms.ts';
import { testServer } from '../../../test/platform.ts';
import { slurmMissing, startCluster, type TestCluster } from '../../../test/slurm.ts';
import { testTraining } from '../../../test/training.ts';
import { composeTransforms } from '../../compose-transforms.ts';
import { rows, sql } from '../../platform/db.ts';
import { findSandbox } from '../../platform/sandbox.ts';
import { newNotificationsService } from '../notifications/index.ts';
import { processBackend, slurmBackend } from '../runtime/index.ts';

const sandbox = await findSandbox();
const missing = sandbox.kind === 'none' ? sandbox.reason : slurmMissing();
if (missing !== null) console.log(`NOT RUN: tuning on a cluster: ${missing}`);
let cluster: TestCluster | undefined;
if (missing === null) cluster = await startCluster();
test.after(() => cluster?.stop());
const env = { ...(cluster?.env ?? {}) };
const settings = {
  folder: cluster?.folder ?? mkdtempSync(join(tmpdir(), 'no-cluster-')),
  partition: null,
  account: null,
  network: 'none' as const,
  hostsMax: 1,
  environment: env,
};
const market = await testTraining({
  stopGraceMs: 1000,
  backends: { process: processBackend(), container: null, slurm: slurmBackend({ settings, pollMs: 100 }) },
});
const { db, ok, until } = market;
await sql`insert into instance_types (name, cpus, memory_mb, backend, price_per_hour, currency, enabled)
  values ('ml.cluster.small', 1, 128, 'slurm', 0, 'USD', true), ('ml.cluster.huge', 1, 900000, 'slurm', 0, 'USD', true)`.execute(
  db,
);
const buyer = await market.person();
const uri = await market.file(buyer, 'a.csv', '1,2\n');
const specification: Partial<TrainingSpecification> = {
  supportedHyperParameters: [
    { name: 'x', type: 'Continuous', range: { min: '0', max: '1' }, isTunable: true },
  ],
  metricDefinitions: [{ name: 'score', regex: 'score=([-0-9.e]+)' }],
  supportedTuningJobObjectiveMetrics: [{ type: 'Maximize', metricName: 'score' }],
  supportedTrainingInstanceTypes: ['ml.cluster.small', 'ml.cluster.huge'],
};
const { subscription } = await market.algorithm(buyer, {
  specification,
  files: {
    train: `#!/bin/sh
x=$(sed 's/.*"x":"\\([0-9.]*\\)".*/\\1/' /opt/ml/input/config/hyperparameters.json)
for i in 1 2 3; do echo "score=$x"; done
while [ "$x" != 0.1 ] && [ ! -e /opt/ml/checkpoints/go ]; do sleep 0.1; done
[ "$x" != 0.1 ] || sleep 600
echo m > /opt/ml/model/m
`,
  },
});
/** Names of the jobs that Slurm still has something to do for. */
const alive = () =>
  execFileSync('squeue', ['--noheader', '--format=%j'], { env, encoding: 'utf8' })
    .split('\n')
    .filter(Boolean);
const get = (name: string) => ok<TuningJob>(buyer, 'GET', `/api/tuning-jobs/${name}`);
const training = (name: string, instanceType: string) =>
  ok<TrainingJob>(buyer, 'POST', '/api/training-jobs', {
    name,
    subscriptionId: subscription.id,
    hyperParameters: { x: '0.1' },
    inputDataConfig: [{ channelName: 'train', uri }],
    resourceConfig: { instanceType },
  });

suite('training on a cluster', { skip: missing !== null }, () => {
  test('a tuning runs as many trials there as it may, which outlive a restart; the worst is ended early, and nothing is left', async () => {
    const tuning: NewTuningJob = {
      name: 'grid',
      config: {
        strategy: 'Grid',
        objective: { type: 'Maximize', metricName: 'score' },
        earlyStopping: 'Auto',
        maxJobs: 5,
        maxParallelJobs: 4,
        ranges: [{ name: 'x', values: ['0.9', '0.8', '0.7', '0.6', '0.1'] }],
      },
      training: {
        subscriptionId: subscription.id,
        inputDataConfig: [{ channelName: 'train', uri }],
        resourceConfig: { instanceType: 'ml.cluster.small' },
      },
    };
    await ok(buyer, 'POST', '/api/tuning-jobs', tuning);
    const supervisor = market.supervise();
    // More than there are processors here: the cluster's queue is its own.
    await until(
      async () => alive(),
      (names) => names.length === 4,
    );
    await supervisor.stop();
    const before = alive().sort();
    assert.equal(before.length, 4, 'they outlive Souk');
    market.supervise();
    const trials = await rows<{ id: string }>(
      db,
      sql`select id from training_jobs where tuning_job_id is not null`,
    );
    for (const { id } of trials) writeFileSync(join(settings.folder, id, 'checkpoints', 'go'), '');
    const ended = await until(
      () => get('grid'),
      (t) => t.endedAt !== null,
    );
    assert.deepEqual(
      ended.trials.map((t) => [t.hyperParameters.x, t.status, t.stoppedEarly]),
      [
        ['0.9', 'Completed', false],
        ['0.8', 'Completed', false],
        ['0.7', 'Completed', false],
        ['0.6', 'Completed', false],
        ['0.1', 'Stopped', true],
      ],
    );
    assert.deepEqual([ended.status, ended.best?.hyperParameters.x], ['Completed', '0.9']);
    const attempts = await rows<{ attempt: number }>(
      db,
      sql`select attempt from training_jobs where tuning_job_id is not null`,
    );
    assert.deepEqual(
      attempts.map((a) => a.attempt),
      [1, 1, 1, 1, 1],
      'none was begun twice',
    );
    assert.deepEqual(alive(), []);
  });

  test('what the cluster refuses ends the training with its own code, and is not tried for ever', async () => {
    await training('huge', 'ml.cluster.huge');
    const job = await market.ended(buyer, 'huge');
    assert.equal(job.status, 'Failed');
    assert.match(
      job.failureReason ?? '',
      /No node of the cluster has what ml.cluster.huge asks for.*smaller instance type/,
    );
    const [row] = await rows<{ code: string }>(
      db,
      sql`select failure_code as code from training_jobs where name = 'huge'`,
    );
    assert.equal(row?.code, 'cluster.too_large');
  });

  test('what was trained there runs there in batch, with nothing but what the marketplace itself gives to its nodes', async () => {
    const platform = { ...market.platform, config: { ...market.platform.config, slurm: settings } };
    await sql`update instance_types set backend = 'slurm', cpus = 1, memory_mb = 1500 where name = 'ml.m5.large'`.execute(
      db,
    );
    const { locations, meter, metering, start } = market;
    const types = { currency: 'USD', enabled: true, pricePerHour: '0' };
    const transforms = composeTransforms(platform, {
      operator: {
        instanceTypes: async () => [
          { ...types, name: 'ml.m5.large', cpus: 1, memoryMb: 1500, backend: 'slurm' },
        ],
      },
      ...{ locations, meter, metering, start },
      news: newNotificationsService(platform),
    });
    const { send } = testServer(platform, [...transforms.routes]);
    const learner = await market.person();
    const { subscription: own } = await market.algorithm(learner);
    const table = await market.file(learner, 'train.csv', trainer.table);
    await ok(learner, 'POST', '/api/training-jobs', {
      name: 'flowers',
      subscriptionId: own.id,
      inputDataConfig: [{ channelName: 'train', uri: table }],
      resourceConfig: { instanceType: 'ml.m5.large' },
      hyperParameters: { epochs: '20' },
    } satisfies NewTrainingJob);
    assert.equal((await market.ended(learner, 'flowers')).status, 'Completed');
    const [made] = await rows<{ id: string }>(db, sql`select id from model_packages where name = 'flowers'`);
    await market.checkModel(made?.id ?? '');
    const input = await market.file(learner, 'in/rows.csv', '5.1,3.5,1.4,0.2\n6.3,2.9,5.6,1.8\n');
    const created = await send(learner, {
      method: 'POST',
      url: '/api/transform-jobs',
      payload: {
        name: 'batch',
        model: { modelPackage: 'flowers' },
        transformInput: { uri: input, contentType: 'text/csv', splitType: 'Line' },
        transformOutput: {
          uri: input.replace('in/rows.csv', 'out/'),
          accept: 'application/json',
          assembleWith: 'Line',
        },
        transformResources: { instanceType: 'ml.m5.large' },
      } satisfies NewTransformJob,
    });
    assert.equal(created.statusCode, 201, created.body);
    const working = transforms.run();
    const job = await until(
      async () =>
        (await send(learner, { method: 'GET', url: '/api/transform-jobs/batch' })).json<TransformJob>(),
      (j) => j.endedAt !== null,
    );
    await working.stop();
    assert.deepEqual([job.state, job.failure, job.progress.rows], ['Completed', null, 2], job.log.join('\n'));
    const told = job.log.join('\n');
    assert.ok(!told.includes(platform.config.dataDir), told);
    assert.deepEqual(alive(), []);
  });
});
