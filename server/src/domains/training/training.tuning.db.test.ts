import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ErrorBody, NewTuningJob, TrainingSpecification, TuningJob } from '@souk/contract';
import { testTraining } from '../../../test/training.ts';
import { rows, sql } from '../../platform/db.ts';
import { findSandbox } from '../../platform/sandbox.ts';

const market = await testTraining({ stopGraceMs: 1000 });
const { db, ok, send, until } = market;
const buyer = await market.person();
const uri = await market.file(buyer, 'a.csv', '1,2\n');
const specification: Partial<TrainingSpecification> = {
  supportedHyperParameters: [
    { name: 'x', type: 'Continuous', range: { min: '0', max: '1' }, isTunable: true },
    { name: 'mode', type: 'Categorical', range: { values: ['a', 'b'] }, isTunable: true, defaultValue: 'a' },
    { name: 'fixed', type: 'Integer', range: { min: '1', max: '9' }, defaultValue: '1' },
  ],
  metricDefinitions: [{ name: 'score', regex: 'score=([-0-9.e]+)' }],
  supportedTuningJobObjectiveMetrics: [{ type: 'Maximize', metricName: 'score' }],
};
const { subscription } = await market.algorithm(buyer, {
  specification,
  files: {
    train: `#!/usr/bin/env python3
import json
h=json.load(open('/opt/ml/input/config/hyperparameters.json'))
print('score=%.6f' % (-(float(h['x'])-0.3)**2 + (1 if h['mode']=='b' else 0)))
open('/opt/ml/model/m','w').write(json.dumps(h))
`,
  },
});
const request = (
  name: string,
  config: Partial<NewTuningJob['config']> = {},
  subscriptionId = subscription.id,
): NewTuningJob => ({
  name,
  config: {
    strategy: 'Random',
    objective: { type: 'Maximize', metricName: 'score' },
    maxJobs: 4,
    maxParallelJobs: 2,
    ranges: [{ name: 'x' }, { name: 'mode' }],
    ...config,
  },
  training: {
    subscriptionId,
    inputDataConfig: [{ channelName: 'train', uri }],
    resourceConfig: { instanceType: 'ml.t3.medium' },
    staticHyperParameters: { fixed: '5' },
  },
});
const create = (body: NewTuningJob) => ok<TuningJob>(buyer, 'POST', '/api/tuning-jobs', body);
const get = (name: string) => ok<TuningJob>(buyer, 'GET', `/api/tuning-jobs/${name}`);
const ended = (name: string) =>
  until(
    () => get(name),
    (t) => t.endedAt !== null,
  );

const refusals: readonly [string, Partial<NewTuningJob['config']>, string][] = [
  [
    'an objective that the algorithm does not have',
    { objective: { type: 'Minimize', metricName: 'score' } },
    'tuning.objective',
  ],
  ['no range', { ranges: [] }, 'tuning.range_missing'],
  ['a hyperparameter that cannot be tuned', { ranges: [{ name: 'fixed' }] }, 'tuning.range_not_tunable'],
  ['a hyperparameter that is none', { ranges: [{ name: 'none' }] }, 'tuning.range_not_tunable'],
  ['a range beyond what the algorithm takes', { ranges: [{ name: 'x', max: '2' }] }, 'tuning.range_bound'],
  [
    'a range without anything in it',
    { ranges: [{ name: 'x', min: '0.5', max: '0.5' }] },
    'tuning.range_order',
  ],
  ['a logarithmic range from 0', { ranges: [{ name: 'x', scaling: 'Logarithmic' }] }, 'tuning.range_scaling'],
  [
    'a value that is none of the choices',
    { ranges: [{ name: 'mode', values: ['c'] }] },
    'tuning.range_value',
  ],
  ['a range twice', { ranges: [{ name: 'x' }, { name: 'x' }] }, 'tuning.range_duplicate'],
  ['more jobs at a time than altogether', { maxJobs: 1 }, 'tuning.parallel'],
  ['a grid without its steps', { strategy: 'Grid', ranges: [{ name: 'x' }] }, 'tuning.range_grid'],
  [
    'a grid larger than the tuning',
    { strategy: 'Grid', ranges: [{ name: 'x', values: ['0', '0.1', '0.2', '0.3', '0.4'] }] },
    'tuning.grid_size',
  ],
];
for (const [what, config, code] of refusals)
  test(`${what} is refused, with its place`, async () => {
    const answer = await send(buyer, {
      method: 'POST',
      url: '/api/tuning-jobs',
      payload: request('refused', config),
    });
    const { error } = answer.json<ErrorBody>();
    assert.deepEqual([error.code, error.findings?.[0]?.code], ['tuning.request_invalid', code], answer.body);
    assert.match(error.findings?.[0]?.pointer ?? '', /^\/config/);
  });

test('what is wrong with its trainings is refused as for one training', async () => {
  const bad = request('refused');
  const answer = await send(buyer, {
    method: 'POST',
    url: '/api/tuning-jobs',
    payload: {
      ...bad,
      training: { ...bad.training, inputDataConfig: [], staticHyperParameters: { fixed: '99' } },
    },
  });
  assert.deepEqual(
    answer.json<ErrorBody>().error.findings?.map((f) => [f.code, f.pointer]),
    [
      ['training.hyperparameter_range', '/training/staticHyperParameters/fixed'],
      ['training.channel_missing', '/training/inputDataConfig'],
    ],
  );
});

if ((await findSandbox()).kind === 'none')
  test('tunings run', { skip: 'no bubblewrap here: apt-get install bubblewrap' }, () => undefined);
else {
  test('a tuning runs its trials, no more at a time than allowed, and its best model becomes a package', async () => {
    // Counted where a training begins, by the database itself: what two transactions write as their times says nothing about their order.
    await db.transaction().execute((tx) =>
      sql`create table at_once (n int);
        create function count_at_once() returns trigger language plpgsql as $$ begin
          insert into at_once select count(*) from training_jobs where tuning_job_id = new.tuning_job_id and ended_at is null;
          return new;
        end $$;
        create trigger count_at_once after insert on training_jobs for each row execute function count_at_once()`.execute(
        tx,
      ),
    );
    await create(request('best', { strategy: 'Bayesian', maxJobs: 7 }));
    let supervisor = market.supervise();
    // In the middle of it the supervisor goes, and another takes its place.
    await until(
      () => get('best'),
      (t) => t.jobs.completed >= 2,
    );
    await supervisor.stop();
    supervisor = market.supervise();
    const tuning = await ended('best');
    assert.equal(tuning.status, 'Completed', JSON.stringify(tuning));
    assert.deepEqual([tuning.jobs.completed, tuning.trials.length], [7, 7]);
    assert.deepEqual(
      tuning.trials.map((t) => t.number),
      [1, 2, 3, 4, 5, 6, 7],
      'none doubled, none forgotten',
    );
    const scores = tuning.trials.map((t) => t.objective ?? Number.NEGATIVE_INFINITY);
    assert.equal(tuning.best?.objective, Math.max(...scores));
    const models = await rows<{ job: string }>(
      db,
      sql`select training_job as job from model_packages where training_job like 'best-%'`,
    );
    assert.deepEqual(models, [{ job: tuning.best?.trainingJob }]);
    const { items } = await ok<{ items: { name: string }[] }>(
      buyer,
      'GET',
      '/api/training-jobs?tuningJob=best',
    );
    assert.equal(items.length, 7);
    const [most] = await rows<{ n: number }>(db, sql`select max(n) as n from at_once`);
    await sql`drop trigger count_at_once on training_jobs`.execute(db);
    assert.equal(most?.n, 2, 'at a time');
  });

  test('a grid ends when its points are used up', async () => {
    await create(
      request('grid', {
        strategy: 'Grid',
        maxJobs: 10,
        ranges: [{ name: 'mode' }, { name: 'x', values: ['0.5'] }],
      }),
    );
    const tuning = await ended('grid');
    assert.deepEqual(
      [tuning.status, tuning.trials.map((t) => t.hyperParameters.mode), tuning.best?.hyperParameters.mode],
      ['Completed', ['a', 'b'], 'b'],
    );
  });

  test('a tuning whose trainings all fail has failed, and says why', async () => {
    const broken = await market.algorithm(buyer, {
      specification,
      files: { train: '#!/bin/sh\necho "no such column" > /opt/ml/output/failure\nexit 1\n' },
    });
    await create(request('broken', { maxJobs: 30 }, broken.subscription.id));
    const tuning = await ended('broken');
    assert.equal(tuning.status, 'Failed');
    assert.match(tuning.failureReason ?? '', /no such column/);
    assert.ok(tuning.trials.length <= 7, `${tuning.trials.length} were started`);
  });

  test('a tuning that is stopped stops its trainings and starts no more', async () => {
    const slow = await market.algorithm(buyer, {
      specification,
      files: { train: '#!/bin/sh\necho begun\nsleep 600\n' },
    });
    await create(request('slow', {}, slow.subscription.id));
    await until(
      () => get('slow'),
      (t) => t.jobs.inProgress === 2,
    );
    await ok(buyer, 'POST', '/api/tuning-jobs/slow/stop');
    const tuning = await ended('slow');
    assert.deepEqual([tuning.status, tuning.jobs.stopped, tuning.trials.length], ['Stopped', 2, 2]);
    const again = await send(buyer, { method: 'POST', url: '/api/tuning-jobs/slow/stop' });
    assert.equal(again.json<ErrorBody>().error.code, 'tuning.over');
  });

  test('a trial that is worse than most is ended early, and the others go on', async () => {
    const steps = await market.algorithm(buyer, {
      specification,
      files: {
        train: `#!/usr/bin/env python3
import json,time
x=float(json.load(open('/opt/ml/input/config/hyperparameters.json'))['x'])
for i in range(3): print('score=%f' % (x*(i+1)), flush=True)
if x < 0.2: time.sleep(600)
open('/opt/ml/model/m','w').write('m')
`,
      },
    });
    await create(
      request(
        'early',
        {
          strategy: 'Grid',
          earlyStopping: 'Auto',
          maxJobs: 5,
          maxParallelJobs: 1,
          ranges: [{ name: 'x', values: ['0.9', '0.8', '0.7', '0.6', '0.1'] }],
        },
        steps.subscription.id,
      ),
    );
    const tuning = await ended('early');
    assert.deepEqual(
      tuning.trials.map((t) => [t.hyperParameters.x, t.status, t.stoppedEarly]),
      [
        ['0.9', 'Completed', false],
        ['0.8', 'Completed', false],
        ['0.7', 'Completed', false],
        ['0.6', 'Completed', false],
        ['0.1', 'Stopped', true],
      ],
    );
    assert.deepEqual([tuning.status, tuning.best?.hyperParameters.x], ['Completed', '0.9']);
  });

  test('nobody else sees a tuning', async () => {
    const answer = await send(market.seller, { method: 'GET', url: '/api/tuning-jobs/best' });
    assert.deepEqual([answer.statusCode, answer.json<ErrorBody>().error.code], [404, 'tuning.missing']);
  });
}
