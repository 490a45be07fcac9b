import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ErrorBody, Plan, Running, Subscription } from '@souk/contract';
import { testSubscribing } from '../../../test/subscribing.ts';
import type { Member } from '../../platform/authorize.ts';
import { inTx, rows, sql } from '../../platform/db.ts';
import { end, resume, suspend } from '../subscriptions/index.ts';
import type { StopReason, Work, WorkKind, Workload } from './instances.ts';

const market = await testSubscribing();
const { db, meter, ok, refused } = market;
const seller = await market.member();
const plan: Plan = {
  id: 'pay',
  name: 'Pay',
  currency: 'USD',
  parts: [
    { kind: 'usage', dimension: 'realtime.seconds.ml.c5.large', pricePerUnit: '0.4' },
    { kind: 'usage', dimension: 'inference.count', pricePerUnit: '0.01' },
  ],
};
const product = {
  accountId: seller.accountId,
  publisher: 'botany',
  slug: 'iris',
  title: 'Iris',
  plans: [plan, { id: 'free', name: 'Free' }],
};
const { productId } = await market.release(product);

/** A domain that runs something, as this one knows it; it keeps what it was asked. */
function workload(kind: WorkKind) {
  const works: Work[] = [];
  const asked: { what: string; cause?: StopReason['cause']; code?: string }[] = [];
  const made: Workload = {
    kind,
    running: async (_, ids) => works.filter((w) => ids.includes(w.subscriptionId)),
    async stop(subscriptionId, { cause, code }) {
      if (!works.some((w) => w.subscriptionId === subscriptionId)) return;
      asked.push({ what: 'stop', cause, code });
      if (cause !== 'suspended')
        works.splice(0, works.length, ...works.filter((w) => w.subscriptionId !== subscriptionId));
    },
    async stopOne(id, { cause, code }) {
      asked.push({ what: `stop ${id}`, cause, code });
      works.splice(0, works.length, ...works.filter((w) => w.id !== id));
    },
    async resume(subscriptionId) {
      if (works.some((w) => w.subscriptionId === subscriptionId)) asked.push({ what: 'resume' });
    },
  };
  return { ...made, works, asked };
}
const endpoints = workload('endpoint');
const jobs = workload('training-job');
market.workloads.push(endpoints, jobs);

/** A subscriber with an endpoint on two instances. */
async function withEndpoint(name: string) {
  const buyer = await market.member();
  const { id } = await market.subscribe(buyer, product, { planId: 'pay' });
  endpoints.works.push({
    subscriptionId: id,
    id: name,
    name,
    state: 'InService',
    version: '1.0.0',
    page: `/run/${name}`,
  });
  const run = await inTx(db, (tx) =>
    meter.begin(tx, {
      subscriptionId: id,
      use: 'realtime',
      instanceType: 'ml.c5.large',
      instances: 2,
      resource: { kind: 'endpoint', id: name, name },
    }),
  );
  endpoints.asked.length = 0;
  jobs.asked.length = 0;
  return { buyer, id, run };
}
const running = (who: Member) => ok<Running>(who, 'GET', '/api/running');

test('what runs is listed with what it costs an hour: the plan’s price and the marketplace’s, for each instance', async () => {
  const { buyer, id } = await withEndpoint('one');
  const { items, perHour } = await running(buyer);
  const [item] = items;
  assert.deepEqual(
    [items.length, item?.kind, item?.name, item?.state, item?.productTitle, item?.page],
    [1, 'endpoint', 'one', 'InService', 'Iris', '/run/one'],
  );
  assert.deepEqual(item?.instances[0]?.software, { pricePerHour: '0.4', currency: 'USD' });
  assert.deepEqual(item?.instances[0]?.infrastructure, { pricePerHour: '0.05', currency: 'USD' });
  assert.deepEqual(perHour, [{ currency: 'USD', amount: '0.9' }]);
  assert.deepEqual(await ok<Running>(buyer, 'GET', `/api/subscriptions/${id}/running`), { items, perHour });
  const stranger = await market.member();
  assert.deepEqual((await running(stranger)).items, []);
  assert.equal(await refused(stranger, 'GET', `/api/subscriptions/${id}/running`), 'subscription.missing');
});

test('instances of which no domain knows anything are listed, so that nothing bills unseen', async () => {
  const { buyer } = await withEndpoint('lost');
  endpoints.works.length = 0;
  const { items, perHour } = await running(buyer);
  assert.deepEqual(
    items.map((i) => [i.kind, i.id, i.state, i.instances.length]),
    [['endpoint', 'lost', 'unseen', 1]],
  );
  assert.equal(perHour[0]?.amount, '0.9');
});

test('cancelling names what runs, and stops it on confirmation', async () => {
  const { buyer, id } = await withEndpoint('flowers');
  jobs.works.push({ subscriptionId: id, id: 'job', name: 'learn', state: 'Queued' });
  const answer = await market.send(buyer, { method: 'POST', url: `/api/subscriptions/${id}/cancel` });
  const { error } = answer.json<ErrorBody>();
  assert.deepEqual([answer.statusCode, error.code], [409, 'subscription.running']);
  assert.equal(error.params.what, 'the endpoint flowers, the training job learn');
  assert.equal((await ok<Subscription>(buyer, 'GET', `/api/subscriptions/${id}`)).state, 'active');
  const ended = await ok<Subscription>(buyer, 'POST', `/api/subscriptions/${id}/cancel?stopRunning=true`);
  assert.equal(ended.state, 'ended');
  await market.work();
  const why = { what: 'stop', cause: 'cancelled', code: 'subscription.cancelled' };
  assert.deepEqual([endpoints.asked, jobs.asked], [[why], [why]]);
  assert.equal(await refused(buyer, 'POST', `/api/subscriptions/${id}/cancel`), 'subscription.ended');
});

test('a hold pauses what runs and its end lets it go on; an end by others stops it, with the reason', async () => {
  const { id } = await withEndpoint('held');
  const hold = { code: 'budget.exceeded', reason: 'The budget is spent.', by: 'system:test' };
  await inTx(db, (tx) => suspend(tx, market.platform.events, id, hold));
  await market.work();
  await inTx(db, (tx) => resume(tx, market.platform.events, id, hold));
  await market.work();
  await inTx(db, (tx) =>
    end(tx, market.platform.events, id, { code: 'product.ended', reason: 'Over.', by: 'system:test' }),
  );
  await market.work();
  assert.deepEqual(endpoints.asked, [
    { what: 'stop', cause: 'suspended', code: 'budget.exceeded' },
    { what: 'resume' },
    { what: 'stop', cause: 'ended', code: 'product.ended' },
  ]);
});

test('news that come late follow the subscription as it stands, not as it stood', async () => {
  const { id } = await withEndpoint('late');
  const hold = { code: 'budget.exceeded', reason: 'The budget is spent.', by: 'system:test' };
  await inTx(db, (tx) => suspend(tx, market.platform.events, id, hold));
  await inTx(db, (tx) => resume(tx, market.platform.events, id, hold));
  await market.work();
  assert.deepEqual([...new Set(endpoints.asked.map((a) => a.what))], ['resume']);
});

test('what still gives signs of life under a subscription that is over is stopped again', async () => {
  const { id, run } = await withEndpoint('stubborn');
  const { works } = endpoints;
  const kept = works.at(-1);
  await inTx(db, (tx) =>
    end(tx, market.platform.events, id, { code: 'product.ended', reason: 'Over.', by: 'system:test' }),
  );
  await market.work();
  if (kept) works.push(kept);
  endpoints.asked.length = 0;
  await meter.beat([run]);
  await market.sweep();
  assert.deepEqual(endpoints.asked, [{ what: 'stop', cause: 'ended', code: 'product.ended' }]);
});

test('one thing is stopped by whoever may manage subscriptions, and by nobody of another account', async () => {
  const { buyer } = await withEndpoint('two');
  const url = '/api/running/endpoint/two/stop';
  assert.equal(await refused(await market.member(), 'POST', url), 'instance.running_missing');
  assert.equal(await refused(buyer, 'POST', '/api/running/endpoint/none/stop'), 'instance.running_missing');
  assert.equal(
    await refused(buyer, 'POST', '/api/running/training-job/two/stop'),
    'instance.running_missing',
  );
  assert.equal(await refused({ ...buyer, roles: ['viewer'] }, 'POST', url), 'request.forbidden');
  await ok(buyer, 'POST', url);
  assert.deepEqual(endpoints.asked, [{ what: 'stop two', cause: 'asked', code: 'instance.stopped' }]);
  const audits = await rows(
    db,
    sql`select 1 from audit_entries where action = 'running.stopped' and target = 'two'`,
  );
  assert.equal(audits.length, 1);
});

test('a version that can no longer be called stops where it runs, and the others go on', async () => {
  const { id } = await withEndpoint('old');
  endpoints.works.push({ subscriptionId: id, id: 'new', name: 'new', state: 'InService', version: '2.0.0' });
  await inTx(db, (tx) =>
    market.platform.events.publish(tx, {
      type: 'version.withdrawn',
      subject: productId,
      accountId: null,
      data: { version: '1.0.0', reason: 'It leaks.' },
    }),
  );
  await market.work();
  const own = endpoints.asked.filter((a) => a.what === 'stop old' || a.what === 'stop new');
  assert.deepEqual(own, [{ what: 'stop old', cause: 'version-ended', code: 'version.withdrawn' }]);
});
