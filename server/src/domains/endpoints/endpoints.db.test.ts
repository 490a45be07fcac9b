import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { testEndpoints } from '../../../test/endpoints.ts';
import { until } from '../../../test/gateway.ts';
import { row, rows, sql } from '../../platform/db.ts';
import { SoukError } from '../../platform/errors.ts';

const market = await testEndpoints();
const { db, endpoints, buyer, behaviours, create, update, call, becomes, get } = market;
let node = market.startNode();

const codeOf = async (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: unknown) => (error instanceof SoukError ? error.code : String(error)),
  );
const codeIn = async (answer: Response) => ((await answer.json()) as { error: { code: string } }).error.code;
async function inService(name: string) {
  const e = await becomes(name, 'is in service', (now) => now.state === 'InService' && now.coming === null);
  // The gateway hears of it a moment later.
  await until(`the gateway knows ${name}`, async () => (await market.ping(name)).ok);
  return e;
}
/** The gateway hears of changes a moment later. */
const answersFrom = (name: string, model: string) =>
  until(`${name} answers from ${model}`, async () => {
    const answer = await call(name);
    return answer.ok && ((await answer.json()) as { model: string }).model === model;
  });

test('an endpoint is created, called by name with the account’s key, metered and counted', async () => {
  const made = await create('first', { environment: { MODE: 'fast' } });
  assert.deepEqual([made.state, made.serving, made.coming?.version], ['Creating', null, '1.0.0']);
  const ready = await inService('first');
  assert.deepEqual([ready.instancesReady, ready.serving?.name], [1, 'botany/iris 1.0.0']);
  await answersFrom('first', 'iris-1.0.0');
  const answer = await call('first', { headers: { 'x-amzn-sagemaker-custom-attributes': 'a=b' } });
  assert.deepEqual([answer.status, answer.headers.get('x-souk-units')], [200, '1']);
  const { environment } = (await answer.json()) as { environment: unknown };
  assert.deepEqual(environment, { MODE: 'fast' });
  await until('the calls are counted', async () => {
    const used = await market.usage(buyer, market.subscriptionId);
    return used.total >= 2;
  });
  const run = await row<{ use: string; type: string }>(
    db,
    sql`select use, instance_type as type from instance_runs where resource_id = ${made.id} and ended_at is null`,
  );
  assert.deepEqual(run, { use: 'realtime', type: 'ml.m5.large' });
  const traffic = await until('the chart has the calls', async () => {
    const found = await endpoints.traffic(buyer.accountId, 'first', 5);
    return found.minutes.some((m) => m.calls > 0) ? found : undefined;
  });
  assert.equal(traffic.minutes.length, 5);
  const lines = await until('its log is there', async () => {
    const { items } = await endpoints.logs(buyer.accountId, 'first', {});
    return items.some((l) => l.text === 'serving iris-1.0.0') ? items : undefined;
  });
  assert.match(lines[0]?.text ?? '', /starting on node-1/);
});

test('nobody else reaches an endpoint, by call or by name', async () => {
  const stranger = await market.member();
  assert.equal(await codeOf(endpoints.get(stranger.accountId, 'first')), 'endpoint.missing');
  assert.deepEqual(await endpoints.list(stranger.accountId), { items: [] });
  assert.equal(await codeIn(await call('absent')), 'call.endpoint_missing');
  assert.equal(await codeIn(await call('first', { headers: { authorization: '' } })), 'call.key_missing');
  const otherModel = await call('first', { path: '/v2/models/other/infer' });
  assert.match(await otherModel.text(), /\[call\.unknown_path\]/);
});

test('what cannot be is refused by name, and nothing is left of it', async () => {
  const refused = (more: Parameters<typeof create>[1]) => codeOf(create('refused', more));
  assert.equal(await codeOf(create('first')), 'endpoint.name_taken');
  await assert.rejects(create('refused', { instanceType: 'ml.t3.medium' }), (error: SoukError) => {
    assert.equal(error.code, 'endpoint.instance_type_unsupported');
    assert.deepEqual(
      error.findings?.map((f) => [f.pointer, f.remedy]),
      [['/instanceType', 'Choose one of: ml.m5.large.']],
    );
    return true;
  });
  assert.equal(await refused({ version: '9.9.9' }), 'subscription.version_missing');
  assert.equal(await refused({ subscriptionId: `sub_${'0'.repeat(20)}` }), 'subscription.missing');
  assert.equal(await refused({ instancesMin: 3, instancesMax: 2 }), 'endpoint.scaling_contradicts');
  assert.equal(await refused({ payloadBytesMax: 10 ** 12 }), 'endpoint.payload_limit');
  assert.equal(await refused({ timeoutSeconds: 10 ** 6 }), 'endpoint.timeout_limit');
  assert.equal(await refused({ environment: { SAGEMAKER_BATCH: 'x' } }), 'endpoint.environment_reserved');
  assert.equal(await codeOf(update('first', {})), 'endpoint.nothing_to_change');
  assert.equal(await codeOf(get('refused')), 'endpoint.missing');
});

test('an update moves all calls to the new version, and drops none of those under way', async () => {
  behaviours.set('1.0.0', {
    handle: (incoming, outgoing) =>
      incoming.resume().once('end', () => setTimeout(() => outgoing.end('{"model":"iris-1.0.0"}'), 30)),
  });
  await create('moving');
  await inService('moving');
  await answersFrom('moving', 'iris-1.0.0');
  let calling = true;
  const answers: number[] = [];
  const models = new Set<string>();
  const callers = Array.from({ length: 8 }, async () => {
    while (calling) {
      const answer = await call('moving');
      answers.push(answer.status);
      models.add(((await answer.json()) as { model: string }).model);
    }
  });
  const changed = await update('moving', { version: '1.1.0' });
  assert.deepEqual([changed.state, changed.coming?.number], ['Updating', 2]);
  assert.equal(await codeOf(update('moving', { version: '1.0.0' })), 'endpoint.busy');
  await becomes('moving', 'serves 1.1.0', (e) => e.serving?.version === '1.1.0');
  await becomes('moving', 'has let the old ones go', (e) => e.instances.every((i) => i.variant === 2));
  calling = false;
  await Promise.all(callers);
  assert.deepEqual([[...new Set(answers)], [...models].sort()], [[200], ['iris-1.0.0', 'iris-1.1.0']]);
  behaviours.delete('1.0.0');
});

test('an update that does not start is rolled back with the reason, and the old version answers all along', async () => {
  behaviours.set('1.1.0', { fails: 'no weights in the archive' });
  await update('first', { version: '1.1.0' });
  let states = '';
  const after = await becomes('first', 'is rolled back', (e) => {
    states += ` ${e.state}`;
    return e.state === 'InService' && e.coming === null && e.reason !== null;
  });
  assert.match(after.reason ?? '', /no weights in the archive/);
  assert.equal(after.serving?.version, '1.0.0');
  assert.equal((await call('first')).status, 200);
  const { items } = await endpoints.events(buyer.accountId, 'first');
  const kinds = items.map((e) => e.kind);
  assert.ok(kinds.includes('rolling-back') && kinds.includes('rolled-back'), `${kinds} ${states}`);
  behaviours.delete('1.1.0');
});

test('a new endpoint that does not start fails with the reason, runs nothing, and can be mended by an update', async () => {
  behaviours.set('1.1.0', { fails: 'bad opcode' });
  await create('broken', { version: '1.1.0' });
  const failed = await becomes('broken', 'has failed', (e) => e.state === 'Failed');
  assert.match(failed.reason ?? '', /bad opcode/);
  await becomes('broken', 'runs nothing', (e) => e.instances.length === 0);
  await until(
    'the gateway says so',
    async () => (await codeIn(await call('broken'))) === 'call.endpoint_away',
  );
  const billed = await rows(db, sql`select from instance_runs where resource_id = ${failed.id}`);
  assert.deepEqual(billed, [], 'what never answered is not billed');
  behaviours.delete('1.1.0');
  await update('broken', { timeoutSeconds: 20 });
  assert.equal((await inService('broken')).serving?.version, '1.1.0');
});

test('an instance that crashes or hangs is started again, and calls go on by the others', async () => {
  await create('hardy', { instances: 2 });
  const { instances } = await becomes(
    'hardy',
    'has two',
    (e) => e.state === 'InService' && e.instancesReady === 2,
  );
  const [crashing] = instances;
  assert.ok(crashing);
  market.running.get(crashing.id)?.end('segmentation fault');
  for (let i = 0; i < 10; i++) assert.equal((await call('hardy')).status, 200);
  const again = await becomes('hardy', 'has two again', (e) => {
    const own = e.instances.find((i) => i.id === crashing.id);
    return e.instancesReady === 2 && own?.restarts === 1;
  });
  assert.match(again.instances.find((i) => i.id === crashing.id)?.failure ?? '', /segmentation fault/);
});

test('calls wait for a place instead of failing, and are told when none comes free', async () => {
  const held: (() => void)[] = [];
  // An answer that has begun may last.
  behaviours.set('1.0.0', {
    handle: (incoming, outgoing) => {
      incoming.resume().once('end', () => outgoing.write('{'));
      held.push(() => outgoing.end('}'));
    },
  });
  await create('narrow', { concurrency: 1, timeoutSeconds: 4 });
  await inService('narrow');
  behaviours.delete('1.0.0');
  const first = call('narrow');
  await until('the first is there', async () => held.length === 1);
  const second = call('narrow');
  await sleep(50);
  assert.equal(held.length, 1, 'one at a time');
  held.shift()?.();
  assert.equal(await (await first).text(), '{}');
  await until('the second has its turn', async () => held.length === 1);
  const third = await call('narrow');
  assert.deepEqual([third.status, await codeIn(third)], [503, 'call.endpoint_busy']);
  held.shift()?.();
  assert.equal(await (await second).text(), '{}');
});

test('an endpoint that nobody calls falls asleep, and the next call waits until it is awake', async () => {
  await create('sleepy', { idleMinutes: 1 });
  const { id } = await inService('sleepy');
  await sql`update endpoints set busy_at = now() - interval '2 minutes' where id = ${id}`.execute(db);
  await becomes('sleepy', 'sleeps', (e) => e.asleep && e.instances.length === 0);
  const answers = await Promise.all(Array.from({ length: 5 }, () => call('sleepy')));
  assert.deepEqual(
    answers.map((a) => a.status),
    [200, 200, 200, 200, 200],
  );
  const { coldStarts, instances } = await becomes(
    'sleepy',
    'tells its cold start',
    (e) => e.coldStarts.length > 0,
  );
  assert.deepEqual([coldStarts.length, instances.length], [1, 1], 'woken once');
});

test('it grows with the calls that run at the same time', async () => {
  const held: (() => void)[] = [];
  behaviours.set('1.0.0', {
    handle: (incoming, outgoing) => incoming.resume().once('end', () => held.push(() => outgoing.end('{}'))),
  });
  await create('growing', { instancesMin: 1, instancesMax: 3, concurrency: 1 });
  await inService('growing');
  const calls = Array.from({ length: 3 }, () => call('growing'));
  await becomes('growing', 'has three', (e) => e.instancesReady === 3);
  await until('all are under way', async () => held.length === 3);
  for (const answer of held) answer();
  assert.deepEqual(
    (await Promise.all(calls)).map((a) => a.status),
    [200, 200, 200],
  );
  behaviours.delete('1.0.0');
});

test('the limit of a body is the endpoint’s own, and is named', async () => {
  await create('small', { payloadBytesMax: 100 });
  await inService('small');
  const answer = await call('small', { body: 'x'.repeat(101) });
  const { error } = (await answer.json()) as { error: { code: string; message: string } };
  assert.deepEqual([answer.status, error.code], [413, 'call.payload_too_large']);
  assert.match(error.message, /100 bytes/);
});

test('a deleted endpoint finishes what it has begun, then nothing of it runs or is billed', async () => {
  const held: (() => void)[] = [];
  behaviours.set('1.0.0', {
    handle: (incoming, outgoing) => incoming.resume().once('end', () => held.push(() => outgoing.end('{}'))),
  });
  await create('leaving');
  const { id } = await inService('leaving');
  const last = call('leaving');
  await until('it is under way', async () => held.length > 0);
  await endpoints.remove(buyer, 'leaving');
  const noFurther = async () => (await codeIn(await market.ping('leaving'))) === 'call.endpoint_missing';
  await until('no further call', () =>
    market
      .ping('leaving')
      .then((a) => !a.ok)
      .catch(() => false),
  );
  assert.ok(await noFurther());
  for (const answer of held) answer();
  assert.equal((await last).status, 200);
  await until('it has gone', async () => (await codeOf(get('leaving'))) === 'endpoint.missing');
  const open = await rows(db, sql`select from instance_runs where resource_id = ${id} and ended_at is null`);
  assert.deepEqual(open, []);
  behaviours.delete('1.0.0');
  await create('leaving');
  await inService('leaving');
});

test('a node that is killed and comes back has each instance once, and none is lost; so with the gateway', async () => {
  const before = await endpoints.list(buyer.accountId);
  await node.stop();
  assert.equal(market.running.size, 0);
  node = market.startNode();
  for (const { name, instancesWanted, state } of before.items)
    if (state === 'InService')
      await becomes(
        name,
        'is there again',
        (e) => e.instancesReady === instancesWanted && e.instances.length === instancesWanted,
      );
  await market.replaceGateway();
  assert.equal((await call('hardy')).status, 200);
  const wanted = before.items.reduce((n, e) => n + (e.asleep ? 0 : e.instancesWanted), 0);
  assert.equal(market.running.size, wanted);
});
