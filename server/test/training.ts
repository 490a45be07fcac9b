import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { after } from 'node:test';
import type { Subscription, TrainingJob, TrainingSpecification } from '@souk/contract';
import { composeFiles } from '../src/compose-files.ts';
import { composeTraining, trainingBackends } from '../src/compose-training.ts';
import { newCheck, newModelsService, newVerdicts } from '../src/domains/models/index.ts';
import { newNotificationsService } from '../src/domains/notifications/index.ts';
import { newOperator } from '../src/domains/operator/index.ts';
import { newTrials, type TrainingBackends } from '../src/domains/runtime/index.ts';
import type { Supervisor } from '../src/domains/training/index.ts';
import { newUploadsService } from '../src/domains/uploads/index.ts';
import type { Member } from '../src/platform/authorize.ts';
import { inTx, json, sql } from '../src/platform/db.ts';
import { trainer, trainerProfile, trainerSpecification } from './algorithms.ts';
import { modelParts, tarOf } from './models.ts';
import { testServer } from './platform.ts';
import { testSubscribing } from './subscribing.ts';

/** A market with algorithms that buyers may train, as compose puts it together; what supervises the trainings is started by the test. */
export async function testTraining(given: { backends?: TrainingBackends; stopGraceMs?: number } = {}) {
  const market = await testSubscribing();
  const { platform, db } = market;
  const uploads = newUploadsService(platform);
  const operator = newOperator(platform, async () => 'none');
  const { loader, start } = await modelParts(platform);
  const verdicts = newVerdicts(platform, loader);
  const models = newModelsService(platform, {
    finishedUpload: () => Promise.reject(new Error('nobody uploads here')),
    productNaming: async () => undefined,
    image: async () => undefined,
    server: async () => undefined,
  });
  const checkModel = newCheck(platform, {
    verdicts,
    start,
    trials: newTrials(start),
    image: async () => undefined,
    server: async () => undefined,
    containersMissing: async () => null,
    policies: async () => ({ ...(await operator.policies()), scannerMissing: 'record' }),
    lift: async (_account, _sha256, findings) => findings,
  });
  const files = composeFiles(platform, { uploads, operator });
  const backends = given.backends ?? trainingBackends({ slurm: null });
  const training = composeTraining(
    platform,
    {
      locations: files.locations,
      models,
      news: newNotificationsService(platform),
      policies: operator.policies,
      stopGraceMs: given.stopGraceMs ?? 5000,
    },
    backends,
  );
  for (const workload of training.workloads) market.workloads.push(workload);
  const { send } = testServer(platform, [...training.routes, ...files.routes]);
  const seller = await market.member();
  let supervisor: Supervisor | undefined;
  let products = 0;
  after(async () => await supervisor?.stop());

  /** Puts an algorithm on the market and subscribes a buyer to it. */
  async function algorithm(
    buyer: Member,
    over: {
      files?: Record<string, string>;
      specification?: Partial<TrainingSpecification>;
      /** What it trains is served by the program `serve` of its own. */
      serves?: boolean;
    } = {},
  ): Promise<{ subscription: Subscription; slug: string; productId: string }> {
    const slug = `trainer-${++products}`;
    const product = {
      accountId: seller.accountId,
      publisher: 'learners',
      slug,
      title: `Trainer ${products}`,
    };
    const { productId } = await market.release(product);
    const { sha256 } = await platform.blobs.put(await tarOf(over.files ?? trainer.files));
    const { verdict } = await verdicts.of(sha256, undefined, 'program');
    assert.ok(verdict.program, JSON.stringify(verdict.findings));
    const types = ['ml.t3.medium', 'ml.m5.large'];
    const resource = {
      kind: 'algorithm',
      arn: `arn:aws:sagemaker:souk-home-1:${seller.accountId}:algorithm/${slug}`,
      name: slug,
      inferenceSpecification: {
        supportedContentTypes: ['application/json', 'text/csv'],
        supportedResponseMIMETypes: ['application/json', 'text/csv'],
        supportedRealtimeInferenceInstanceTypes: types,
        supportedTransformInstanceTypes: types,
      },
      validationProfile: trainerProfile,
      training: {
        specification: {
          ...trainerSpecification,
          supportedTrainingInstanceTypes: types,
          ...over.specification,
        },
        serve: over.serves ? { sha256, ...verdict.program.serve } : null,
      },
    };
    await sql`update products set type = 'algorithm' where id = ${productId}`.execute(db);
    await sql`delete from deployments where product_id = ${productId}`.execute(db);
    await sql`update product_versions set package_sha256 = ${sha256}, resource = ${json(resource)}, servable = null where product_id = ${productId}`.execute(
      db,
    );
    return { subscription: await market.subscribe(buyer, product), slug, productId };
  }

  async function file(owner: Member, path: string, content: string | Buffer): Promise<string> {
    const uri = `souk://${owner.accountId}/${path}`;
    const staged = await files.locations.stage(owner.accountId, uri, Readable.from([Buffer.from(content)]));
    await inTx(db, (tx) => staged.commit(tx, owner.email));
    return uri;
  }

  async function ok<T>(who: Member, method: 'GET' | 'POST' | 'DELETE', url: string, payload?: object) {
    const answer = await send(who, { method, url, ...(payload ? { payload } : {}) });
    assert.ok(answer.statusCode < 300, `${method} ${url}: ${answer.statusCode} ${answer.body}`);
    return (answer.body ? answer.json() : undefined) as T;
  }

  const get = (who: Member, name: string) => ok<TrainingJob>(who, 'GET', `/api/training-jobs/${name}`);

  /** Waits for a state, however long this machine takes. */
  async function until<T>(read: () => Promise<T>, is: (value: T) => boolean): Promise<T> {
    const limit = Date.now() + 90_000;
    for (;;) {
      const value = await read();
      if (is(value)) return value;
      assert.ok(Date.now() < limit, `still ${JSON.stringify(value).slice(0, 2000)}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  return {
    ...market,
    training,
    start,
    locations: files.locations,
    checkModel,
    seller,
    send,
    ok,
    get,
    until,
    algorithm,
    file,
    supervise(): Supervisor {
      supervisor = training.run(market.meter);
      return supervisor;
    },
    ended: (who: Member, name: string) =>
      until(
        () => get(who, name),
        (j) => j.status === 'Completed' || j.status === 'Failed' || j.status === 'Stopped',
      ),
    log: async (who: Member, name: string) =>
      (await ok<{ lines: string[] }>(who, 'GET', `/api/training-jobs/${name}/log`)).lines,
  };
}
