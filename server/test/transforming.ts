import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NewTransformJob, TransformFile, TransformJob } from '@souk/contract';
import { composeTransforms, transformsWorkload } from '../src/compose-transforms.ts';
import { fileRoutes, newBuckets, newFiles, newLocations } from '../src/domains/files/index.ts';
import { newNotificationsService } from '../src/domains/notifications/index.ts';
import type { ClusterServing } from '../src/domains/runtime/index.ts';
import { batchModel } from './batch-model.ts';
import { testServer } from './platform.ts';
import { testSubscribing } from './subscribing.ts';

type Wanted = Partial<Omit<NewTransformJob, 'name' | 'transformInput' | 'transformOutput'>> & {
  readonly input?: Partial<NewTransformJob['transformInput']>;
  readonly output?: Partial<NewTransformJob['transformOutput']>;
};

/** Subscriptions, files and transform jobs on one database; the model is the test's. Leases are short, and everything is waited for by its state. */
export async function testTransforming(given: { cluster?: ClusterServing } = {}) {
  const market = await testSubscribing();
  const { platform, meter } = market;
  market.workloads.push(transformsWorkload(platform));
  const limit = { quotaBytes: 1e9 };
  const files = newFiles(platform, {
    quotaBytes: async () => limit.quotaBytes,
    finishedUpload: () => Promise.reject(new Error('nobody uploads here')),
    unusedUploads: async () => [],
  });
  const buckets = newBuckets(platform);
  const locations = newLocations(platform, files, buckets.storeOf);
  const model = batchModel();
  const news = newNotificationsService(platform);
  const newTransforms = (start = model.start) =>
    composeTransforms(platform, {
      operator: { instanceTypes: async () => instanceTypes },
      locations,
      meter,
      metering: market.metering,
      start,
      news,
      ...given,
    });
  const transforms = newTransforms();
  for (const subscriber of transforms.subscribers) platform.events.subscribe(subscriber);
  const { send, listen } = testServer(platform, [
    ...transforms.routes,
    ...fileRoutes(files, platform.accountFiles, buckets),
  ]);
  const times = { leaseMs: 1500, renewMs: 100, pollMs: 100 };
  let names = 0;

  const seller = await market.person();
  const product = { accountId: seller.accountId, publisher: 'botany', slug: 'iris', title: 'Iris' };
  await market.release({ ...product, plans: [free, small] });

  async function buyer(planId = 'free') {
    const who = await market.person(['buyer']);
    const { id: subscriptionId } = await market.subscribe(who, product, { planId });
    const uri = (path: string) => `souk://${who.accountId}/${path}`;
    const put = async (path: string, content: string | Buffer) => {
      const answer = await send(who, {
        method: 'PUT',
        url: `/api/files/content?path=${encodeURIComponent(path)}`,
        headers: { 'content-type': 'application/octet-stream' },
        payload: content,
      });
      assert.equal(answer.statusCode, 200, answer.body);
    };
    const read = async (path: string): Promise<string | undefined> => {
      const answer = await send(who, {
        method: 'GET',
        url: `/api/files/content?path=${encodeURIComponent(path)}`,
      });
      return answer.statusCode === 200 ? answer.body : undefined;
    };
    const request = ({ input, output, ...more }: Wanted = {}): NewTransformJob => ({
      name: `job-${++names}`,
      model: { subscriptionId },
      transformInput: { uri: uri('in/'), contentType: 'text/csv', splitType: 'Line', ...input },
      transformOutput: { uri: uri('out/'), ...output },
      transformResources: { instanceType: 'ml.m5.large' },
      ...more,
    });
    const create = (wanted: Wanted = {}) =>
      send(who, { method: 'POST', url: '/api/transform-jobs', payload: request(wanted) });
    const begin = async (wanted: Wanted = {}): Promise<string> => {
      const answer = await create(wanted);
      assert.equal(answer.statusCode, 201, answer.body);
      return answer.json<TransformJob>().name;
    };
    const get = async (name: string) =>
      (await send(who, { method: 'GET', url: `/api/transform-jobs/${name}` })).json<TransformJob>();
    const filesOf = async (name: string) =>
      (await send(who, { method: 'GET', url: `/api/transform-jobs/${name}/files` })).json<{
        items: TransformFile[];
      }>().items;
    const ended = (name: string) =>
      until(
        () => get(name),
        (job) => job.endedAt !== null,
      );
    const run = async (wanted: Wanted = {}) => ended(await begin(wanted));
    /** Without the seconds of instances. */
    const usage = async () =>
      (await market.usage(who, subscriptionId)).rows
        .filter((r) => r.dimension === 'inference.count')
        .reduce((n, r) => n + r.quantity, 0);
    return { who, subscriptionId, uri, put, read, request, create, begin, get, filesOf, ended, run, usage };
  }
  return {
    ...market,
    times,
    limit,
    locations,
    model,
    transforms,
    newTransforms,
    product,
    send,
    listen,
    buyer,
  };
}

/** Asks until it holds; never by time alone. */
export async function until<T>(ask: () => Promise<T>, holds: (now: T) => boolean): Promise<T> {
  for (let i = 0; i < 3600; i++) {
    const now = await ask();
    if (holds(now)) return now;
    await sleep(25);
  }
  return assert.fail(`it did not come about: ${JSON.stringify(await ask())}`);
}

const free = { id: 'free', name: 'Free', currency: 'USD', parts: [] };
const small = {
  id: 'small',
  name: 'Small',
  currency: 'USD',
  parts: [],
  quota: { dimension: 'inference.count', unitsPerMonth: 3 },
};
export const instanceTypes = [
  {
    name: 'ml.m5.large',
    cpus: 2,
    memoryMb: 2048,
    backend: 'onnx' as const,
    pricePerHour: '0',
    currency: 'USD',
    enabled: true,
  },
  {
    name: 'ml.cluster.small',
    cpus: 1,
    memoryMb: 256,
    backend: 'slurm' as const,
    pricePerHour: '0',
    currency: 'USD',
    enabled: true,
  },
];
