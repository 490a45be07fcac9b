import assert from 'node:assert/strict';
import { request } from 'node:http';
import { test } from 'node:test';
import type {
  BodyOf,
  Endpoint,
  ErrorBody,
  NewTrainingJob,
  NewTransformJob,
  operations,
  TransformJob,
} from '@souk/contract';
import { trainer } from '../../../test/algorithms.ts';
import { testServer } from '../../../test/platform.ts';
import { testTraining } from '../../../test/training.ts';
import { instanceTypes } from '../../../test/transforming.ts';
import { composeTransforms, transformsWorkload } from '../../compose-transforms.ts';
import { row, rows, sql } from '../../platform/db.ts';
import { findSandbox } from '../../platform/sandbox.ts';
import { newNotificationsService } from '../notifications/index.ts';
import { resolveRunnable } from '../subscriptions/index.ts';
import { startEndpointController } from './endpoints.controller.ts';
import { startEndpointRunner } from './endpoints.runner.ts';
import { endpointRoutes, endpointWorkload, newEndpoints } from './index.ts';

type Creation = BodyOf<typeof operations.createEndpoint>;
type Change = BodyOf<typeof operations.updateEndpoint>;

/** Trained, checked and served for real: the model of the example algorithm. */
if ((await findSandbox()).kind === 'none')
  test('trained models run', { skip: 'no bubblewrap here: apt-get install bubblewrap' }, () => undefined);
else {
  const market = await testTraining();
  const { db, platform, locations, meter, metering, start, until } = market;
  const { notifications, log, clock } = platform;
  const transforms = composeTransforms(platform, {
    operator: { instanceTypes: async () => instanceTypes },
    ...{ locations, meter, metering, start },
    news: newNotificationsService(platform),
  });
  const endpoints = newEndpoints(platform, {
    runnable: resolveRunnable,
    checkLocation: locations.check,
    instanceTypes: async () => ['ml.m5.large', 'ml.t3.medium'],
  });
  market.workloads.push(endpointWorkload(db), transformsWorkload(platform));
  const { send } = testServer(platform, [...endpointRoutes(endpoints), ...transforms.routes]);
  const runner = startEndpointRunner({ db, notifications, log, node: 'node-1', start, meter });
  const controller = startEndpointController({ db, notifications, log, clock });
  test.after(() => controller.stop().then(() => runner.stop()));

  const buyer = await market.person();
  const { subscription } = await market.algorithm(buyer);
  const uri = (path: string) => `souk://${buyer.accountId}/${path}`;
  const post = (url: string, payload: object, who = buyer) => send(who, { method: 'POST', url, payload });
  const create = (more: Partial<Creation>, who = buyer) =>
    post('/api/endpoints', { name: 'flowers', instanceType: 'ml.m5.large', ...more }, who);
  const update = (payload: Change) =>
    send(buyer, { method: 'PATCH', url: '/api/endpoints/flowers', payload });
  const transform = (name: string, model: NewTransformJob['model'], who = buyer) =>
    post(
      '/api/transform-jobs',
      {
        name,
        model,
        transformInput: { uri: uri('in/'), contentType: 'text/csv', splitType: 'Line' },
        transformOutput: { uri: uri('out/'), accept: 'application/json', assembleWith: 'Line' },
        transformResources: { instanceType: 'ml.m5.large' },
      } satisfies NewTransformJob,
      who,
    );
  const code = (answer: { json(): unknown }) => (answer.json() as ErrorBody).error.code;
  const becomes = (holds: (e: Endpoint) => boolean) =>
    until(() => endpoints.get(buyer.accountId, 'flowers'), holds);
  const job = async (name: string) =>
    (await send(buyer, { method: 'GET', url: `/api/transform-jobs/${name}` })).json<TransformJob>();

  test('a trained model runs as an endpoint once it is checked, under the subscription to its algorithm', async () => {
    await market.ok(buyer, 'POST', '/api/training-jobs', {
      name: 'flowers-1',
      subscriptionId: subscription.id,
      inputDataConfig: [{ channelName: 'train', uri: await market.file(buyer, 'train.csv', trainer.table) }],
      resourceConfig: { instanceType: 'ml.t3.medium' },
      hyperParameters: { epochs: '20' },
    } satisfies NewTrainingJob);
    const supervisor = market.supervise();
    assert.equal((await market.ended(buyer, 'flowers-1')).status, 'Completed');
    await supervisor.stop();
    await market.file(buyer, 'in/rows.csv', '5.1,3.5,1.4,0.2\n6.3,2.9,5.6,1.8\n');
    const modelPackage = 'flowers-1';
    assert.equal(code(await create({ modelPackage })), 'model.not_runnable');
    assert.equal(code(await transform('early', { modelPackage })), 'model.not_runnable');
    const made = await row<{ id: string }>(
      db,
      sql`select id from model_packages where name = ${modelPackage}`,
    );
    await market.checkModel(made?.id ?? '');

    const begun = await create({ modelPackage });
    assert.equal(begun.statusCode, 201, begun.body);
    const { serving } = await becomes((e) => e.state === 'InService');
    assert.deepEqual(
      [serving?.modelPackage, serving?.name, serving?.subscriptionId],
      [modelPackage, modelPackage, subscription.id],
    );
    const answer = await invoke('5.1,3.5,1.4,0.2\n6.3,2.9,5.6,1.8\n');
    assert.equal(answer.status, 200, answer.body);
    assert.equal(answer.body.trim().split('\n').length, 2, answer.body);
    const metered = await rows(
      db,
      sql`select use, subscription_id as "subscriptionId" from instance_runs where resource_name = 'flowers' and ended_at is null`,
    );
    assert.deepEqual(metered, [{ use: 'realtime', subscriptionId: subscription.id }]);
  });

  test('the log of an endpoint tells no place of the machine that it runs on', async () => {
    const text = await until(
      async () => (await endpoints.logs(buyer.accountId, 'flowers', {})).items.map((l) => l.text).join('\n'),
      (lines) => lines.includes('is loaded'),
    );
    assert.ok(!text.includes(platform.config.dataDir), text);
    assert.doesNotMatch(text, /listening|\/s\b/);
  });

  test('an update stays with the model; versions are of products', async () => {
    assert.equal(code(await update({ version: '1.0.0' })), 'subscription.source_unclear');
    assert.equal(code(await update({ modelPackage: 'flowers-2' })), 'model.missing');
    const begun = await update({ instanceType: 'ml.t3.medium' });
    assert.equal(begun.statusCode, 200, begun.body);
    const { serving } = await becomes((e) => e.serving?.number === 2 && e.coming === null);
    assert.deepEqual([serving?.modelPackage, serving?.instanceType], ['flowers-1', 'ml.t3.medium']);
  });

  test('what is to run is named once, and is the account’s own and trained', async () => {
    const stranger = await market.person();
    const modelPackage = 'flowers-1';
    const both = { modelPackage, subscriptionId: subscription.id };
    for (const unclear of [{}, both, { modelPackage, version: '1.0.0' }]) {
      assert.equal(code(await create({ name: 'other', ...unclear })), 'subscription.source_unclear');
      assert.equal(code(await transform('other', unclear)), 'subscription.source_unclear');
    }
    assert.equal(code(await create({ name: 'other', modelPackage }, stranger)), 'model.missing');
    assert.equal(code(await transform('other', { modelPackage }, stranger)), 'model.missing');
    const algorithm = { subscriptionId: subscription.id };
    assert.equal(code(await create({ name: 'other', ...algorithm })), 'subscription.answers_no_calls');
    await sql`insert into model_packages select (jsonb_populate_record(m, '{"id": "mpk_registered", "name": "registered", "arn": "registered",
      "training_job": null, "trained_by_subscription_id": null}')).* from model_packages m where name = ${modelPackage}`.execute(
      db,
    );
    assert.equal(code(await create({ name: 'other', modelPackage: 'registered' })), 'model.not_trained');
  });

  test('a trained model runs over files', async () => {
    const begun = await transform('batch', { modelPackage: 'flowers-1' });
    assert.equal(begun.statusCode, 201, begun.body);
    const supervisor = transforms.run();
    const ended = await until(
      () => job('batch'),
      (j) => j.endedAt !== null,
    );
    await supervisor.stop();
    assert.deepEqual([ended.state, ended.failure], ['Completed', null]);
    assert.deepEqual([ended.model.modelPackage, ended.progress.rows], ['flowers-1', 2]);
    const lines: string[] = [];
    for await (const part of await locations.open(buyer.accountId, uri('out/rows.csv.out')))
      lines.push(String(part));
    const { predictions } = JSON.parse(lines.join('')) as { predictions: { label: string }[] };
    assert.deepEqual(
      predictions.map((p) => p.label),
      ['setosa', 'virginica'],
    );
  });

  test('when the subscription ends, what runs is stopped, and nothing of the model starts again', async () => {
    const modelPackage = 'flowers-1';
    await sql`update subscriptions set state = 'suspended', suspended_reason = 'Not paid.' where id = ${subscription.id}`.execute(
      db,
    );
    assert.equal(code(await create({ name: 'other', modelPackage })), 'subscription.suspended');
    assert.equal(code(await transform('other', { modelPackage })), 'subscription.suspended');
    await sql`update subscriptions set state = 'active', suspended_reason = null where id = ${subscription.id}`.execute(
      db,
    );
    assert.equal((await transform('waits', { modelPackage })).statusCode, 201);
    const cancel = `/api/subscriptions/${subscription.id}/cancel`;
    assert.equal(await market.refused(buyer, 'POST', cancel), 'subscription.running');
    await market.subscriptions.cancel(buyer, subscription.id, true);
    await market.work();
    const stopped = await becomes((e) => e.state === 'OutOfService' && e.instances.length === 0);
    assert.ok(stopped.reason);
    assert.equal((await job('waits')).failure?.code, 'transform.subscription_lost');
    const open = await rows(db, sql`select id from instance_runs where ended_at is null`);
    assert.deepEqual(open, [], 'nothing is billed any more');
    assert.equal(code(await create({ name: 'other', modelPackage })), 'subscription.ended');
    assert.equal(code(await transform('other', { modelPackage })), 'subscription.ended');
    assert.equal(code(await update({ concurrency: 4 })), 'subscription.ended');
  });

  /** As the gateway does. */
  async function invoke(body: string): Promise<{ status: number | undefined; body: string }> {
    const found = await row<{ address: { unix: string } }>(
      db,
      sql`select address from endpoint_instances where state = 'ready'`,
    );
    return new Promise((resolve, reject) => {
      const call = request(
        {
          socketPath: found?.address.unix,
          path: '/invocations',
          method: 'POST',
          headers: { 'content-type': 'text/csv' },
        },
        async (answer) => {
          const parts: Buffer[] = [];
          for await (const part of answer) parts.push(part as Buffer);
          resolve({ status: answer.statusCode, body: Buffer.concat(parts).toString() });
        },
      );
      call.on('error', reject);
      call.end(body);
    });
  }
}
