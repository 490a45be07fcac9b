import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Comparison, RecordedCalls } from '@souk/contract';
import { version } from '../../../test/catalog.ts';
import { listening } from '../../../test/gateway.ts';
import { testServer } from '../../../test/platform.ts';
import { testSubscribing } from '../../../test/subscribing.ts';
import type { Member } from '../../platform/authorize.ts';
import { row, rows, sql } from '../../platform/db.ts';
import { callModel, type ModelAddress } from '../runtime/index.ts';
import { comparisonJobs, comparisonRoutes, comparisonSubscriber, newComparisons } from './index.ts';

const market = await testSubscribing();
const { db, platform } = market;
const comparisons = newComparisons(platform, { subscription: market.subscriptions.get });
const { send } = testServer(platform, comparisonRoutes(comparisons));

/** Models as processes behind addresses: 1.0.0 doubles a number, 2.0.0 too but says "many" from ten on. */
const models = new Map<string, ModelAddress>();
for (const [number, answer] of [
  ['1.0.0', (n: number) => ({ doubled: n * 2 })],
  ['2.0.0', (n: number) => ({ doubled: n < 10 ? n * 2 + 1e-9 : 'many' })],
] as const) {
  const { port } = await listening(async (incoming, outgoing) => {
    let text = '';
    for await (const chunk of incoming) text += String(chunk);
    if (text === 'bad') outgoing.writeHead(400, { 'content-type': 'text/plain' }).end(`bad in ${number}`);
    else
      outgoing
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify(answer(Number(text))));
  });
  models.set(number, { url: `http://127.0.0.1:${port}` });
}
const jobs = comparisonJobs(platform, {
  callVersion: async ({ version: number, productId: _, ...call }) => {
    const address = models.get(number);
    return address ? callModel(address, { path: '/invocations', ...call }) : null;
  },
});
/** Runs what waits in the queue, as a worker does. */
async function work() {
  const waiting = await rows<{ payload: Record<string, unknown> }>(
    db,
    sql`select p.payload from graphile_worker._private_jobs p join graphile_worker._private_tasks t on t.id = p.task_id where t.identifier = 'compare-versions' order by p.id`,
  );
  for (const { payload } of waiting)
    await jobs[0]?.run(payload, { attempt: 1, attemptsMax: 3, signal: new AbortController().signal });
}
type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';
async function ask<T>(
  who: Member,
  method: Method,
  url: string,
  payload?: object,
): Promise<T & { error?: { code: string } }> {
  const answer = await send(who, { method, url, ...(payload ? { payload } : {}) });
  return answer.json();
}
const codeOf = async (...given: Parameters<typeof ask>) => (await ask(...given)).error?.code;

let products = 0;
async function subscribed() {
  const [seller, buyer] = [await market.member(), await market.member()];
  const given = {
    accountId: seller.accountId,
    publisher: `lab-${++products}`,
    slug: 'double',
    title: 'Double',
  };
  const { productId } = await market.release({
    ...given,
    versions: ['1.0.0', '2.0.0', '3.0.0'].map((n) => version(n)),
  });
  const { id } = await market.subscribe(buyer, given, { version: '1.0.0' });
  return { seller, buyer, productId, id, url: `/api/subscriptions/${id}` };
}
/** As gateways hand in what they recorded. */
const record = (id: string, calls: readonly { body: string; answer: string; at?: string }[]) =>
  sql`select gateway_record(${JSON.stringify(
    calls.map((c) => ({
      subscription_id: id,
      at: c.at ?? new Date().toISOString(),
      version: '1.0.0',
      content_type: 'text/plain',
      accept: '*/*',
      body: Buffer.from(c.body).toString('base64'),
      status: 200,
      answer_content_type: 'application/json',
      answer: Buffer.from(c.answer).toString('base64'),
      duration_ms: 5,
    })),
  )}::jsonb)`.execute(db);
const given = (...bodies: string[]) => bodies.map((body) => ({ contentType: 'text/plain', body }));
async function finished(who: Member, url: string, body: object): Promise<Comparison> {
  const { id, error } = await ask<Comparison>(who, 'POST', `${url}/comparisons`, body);
  assert.equal(error, undefined);
  await work();
  return ask<Comparison>(who, 'GET', `${url}/comparisons/${id}`);
}

test('both versions answer the samples side by side, differences are shown, and nothing is counted', async () => {
  const { buyer, url, id } = await subscribed();
  const c = await finished(buyer, url, { version: '2.0.0', samples: given('4', '12', 'bad') });
  assert.deepEqual([c.state, c.from, c.to, c.source, c.units], ['done', '1.0.0', '2.0.0', 'given', 0]);
  assert.deepEqual(
    c.samples.map((s) => [
      s.body,
      s.before?.status,
      s.after?.status,
      s.outcome,
      ...s.differences.map((d) => `${d.at}: ${d.before} ${d.after}`),
    ]),
    [
      ['4', 200, 200, 'same'],
      ['12', 200, 200, 'different', '/doubled: 24 many'],
      ['bad', 400, 400, 'different', 'line 1, column 1: bad in 1.0.0 bad in 2.0.0'],
    ],
  );
  assert.deepEqual([c.summary?.samples, c.summary?.same, c.summary?.different], [3, 1, 2]);
  assert.ok((c.summary?.medianAfterMs ?? 0) > 0);
  assert.equal(
    (
      await row<{ n: number }>(
        db,
        sql`select count(*)::int as n from usage_records where subscription_id = ${id}`,
      )
    )?.n,
    0,
  );
  // The tolerance is the buyer's to choose.
  const exact = await finished(buyer, url, { version: '2.0.0', samples: given('4'), tolerance: 0 });
  assert.equal(exact.summary?.different, 1);
  const { items } = await ask<{ items: Comparison[] }>(buyer, 'GET', `${url}/comparisons`);
  assert.deepEqual(
    items.map((i) => [i.id, i.samples.length, i.summary?.samples]),
    [
      [exact.id, 0, 1],
      [c.id, 0, 3],
    ],
  );
});

test('what an account let be recorded is replayed on the replacement, and may be deleted in part and whole', async () => {
  const { buyer, url, id } = await subscribed();
  assert.equal(
    await codeOf(buyer, 'POST', `${url}/comparisons`, { version: '2.0.0' }),
    'comparison.no_samples',
  );
  await record(id, [{ body: '1', answer: '{"doubled":2}' }]);
  const off = await ask<RecordedCalls>(buyer, 'GET', `${url}/recorded-calls`);
  assert.deepEqual([off.recording, off.items.length], [false, 0]);
  assert.equal((await ask<RecordedCalls>(buyer, 'PUT', `${url}/recording`, { on: true })).recording, true);
  await record(
    id,
    Array.from({ length: 60 }, (_, i) => ({ body: `${i}`, answer: `{"doubled":${i * 2}}` })),
  );
  const kept = await ask<RecordedCalls>(buyer, 'GET', `${url}/recorded-calls`);
  assert.deepEqual([kept.items.length, kept.items[0]?.body, kept.items.at(-1)?.body], [50, '59', '10']);
  const c = await finished(buyer, url, { version: '2.0.0' });
  assert.deepEqual([c.source, c.summary?.samples, c.summary?.different], ['recorded', 50, 50]);
  assert.equal(c.samples[0]?.before?.recorded, false);

  const first = kept.items[0]?.id;
  assert.equal(
    (await ask<RecordedCalls>(buyer, 'DELETE', `${url}/recorded-calls/${first}`)).items.length,
    49,
  );
  assert.equal(await codeOf(buyer, 'DELETE', `${url}/recorded-calls/${first}`), 'comparison.sample_missing');
  assert.equal((await ask<RecordedCalls>(buyer, 'DELETE', `${url}/recorded-calls`)).items.length, 0);
});

test('where the chosen version was withdrawn, its recorded answers stand in for it, and say so', async () => {
  const { buyer, url, id, productId } = await subscribed();
  await ask(buyer, 'PUT', `${url}/recording`, { on: true });
  await record(id, [
    { body: '3', answer: '{"doubled":6}' },
    { body: '11', answer: '{"doubled":22}' },
  ]);
  await sql`insert into version_standings (product_id, number, withdrawn_at, withdrawn_reason) values (${productId}, '1.0.0', now(), 'Wrong.')`.execute(
    db,
  );
  const c = await finished(buyer, url, { version: '2.0.0' });
  assert.deepEqual(
    c.samples.map((s) => [s.before?.recorded, s.outcome]),
    [
      [true, 'different'],
      [true, 'same'],
    ],
  );
  assert.equal(c.summary?.medianBeforeMs, null);
  const own = await finished(buyer, url, { version: '2.0.0', samples: given('3') });
  assert.deepEqual([own.samples[0]?.before, own.samples[0]?.outcome], [null, 'unknown']);
});

test('a version that does not run fails the comparison with the reason', async () => {
  const { buyer, url } = await subscribed();
  const c = await finished(buyer, url, { version: '3.0.0', samples: given('1') });
  assert.deepEqual([c.state, c.summary], ['failed', null]);
  assert.match(c.failure ?? '', /Version 3\.0\.0 is not running/);
});

test('nobody but the account itself sees samples and comparisons: not the publisher, not another buyer', async () => {
  const { seller, buyer, url, id } = await subscribed();
  await ask(buyer, 'PUT', `${url}/recording`, { on: true });
  await record(id, [{ body: '3', answer: '{"doubled":6}' }]);
  const { id: comparisonId } = await ask<Comparison>(buyer, 'POST', `${url}/comparisons`, {
    version: '2.0.0',
  });
  const operator: Member = { ...(await market.member()), roles: ['operator-admin', 'admin'] };
  const other = await subscribed();
  for (const who of [seller, operator, other.buyer]) {
    for (const path of ['recorded-calls', 'comparisons', `comparisons/${comparisonId}`])
      assert.equal(await codeOf(who, 'GET', `${url}/${path}`), 'subscription.missing');
    assert.equal(await codeOf(who, 'PUT', `${url}/recording`, { on: true }), 'subscription.missing');
  }
  // One's own subscription does not open another's comparison.
  assert.equal(
    await codeOf(other.buyer, 'GET', `${other.url}/comparisons/${comparisonId}`),
    'comparison.missing',
  );
  const reader: Member = { ...buyer, roles: ['viewer'] };
  assert.equal(await codeOf(reader, 'GET', `${url}/recorded-calls`), 'request.forbidden');
});

test('the chosen version, an unknown one, too much and too often are refused by name', async () => {
  const { buyer, url } = await subscribed();
  const compare = (body: object) => codeOf(buyer, 'POST', `${url}/comparisons`, body);
  assert.equal(await compare({ version: '1.0.0', samples: given('1') }), 'comparison.same_version');
  assert.equal(await compare({ version: '9.0.0', samples: given('1') }), 'subscription.version_missing');
  assert.equal(
    await compare({ version: '2.0.0', samples: given('1', 'x'.repeat(65_537)) }),
    'comparison.sample_too_large',
  );
  assert.equal(await compare({ version: '2.0.0', samples: given('x'.repeat(65_536)) }), undefined);
  assert.equal(
    await compare({ version: '2.0.0', samples: given(...Array.from({ length: 51 }, () => '1')) }),
    'request.invalid',
  );
  assert.equal(await compare({ version: '2.0.0', samples: [] }), 'request.invalid');
  for (let i = 1; i < 30; i++)
    assert.equal(await compare({ version: '2.0.0', samples: given('1') }), undefined);
  assert.equal(await compare({ version: '2.0.0', samples: given('1') }), 'comparison.limited');
});

test('recorded calls and comparisons go after 30 days, and with the subscription', async () => {
  const { buyer, url, id } = await subscribed();
  await ask(buyer, 'PUT', `${url}/recording`, { on: true });
  const old = new Date(Date.now() - 31 * 86_400_000).toISOString();
  await record(id, [
    { body: '1', answer: '2', at: old },
    { body: '2', answer: '4' },
  ]);
  await finished(buyer, url, { version: '2.0.0' });
  await sql`update comparisons set created_at = ${old} where subscription_id = ${id}`.execute(db);
  await jobs[1]?.run({}, { attempt: 1, attemptsMax: 1, signal: new AbortController().signal });
  assert.deepEqual(
    (await ask<RecordedCalls>(buyer, 'GET', `${url}/recorded-calls`)).items.map((i) => i.body),
    ['2'],
  );
  assert.deepEqual((await ask<{ items: unknown[] }>(buyer, 'GET', `${url}/comparisons`)).items, []);
  await market.cancel(buyer, id);
  await comparisonSubscriber(platform).handle({
    id: 1,
    type: 'subscription.ended',
    subject: id,
    accountId: buyer.accountId,
    data: {},
    at: new Date(),
  });
  const left = await row<{ n: number }>(
    db,
    sql`select count(*)::int as n from recorded_calls where subscription_id = ${id}`,
  );
  assert.equal(left?.n, 0);
  assert.equal(await codeOf(buyer, 'PUT', `${url}/recording`, { on: true }), 'subscription.ended');
  assert.equal(
    await codeOf(buyer, 'POST', `${url}/comparisons`, { version: '2.0.0', samples: given('1') }),
    'subscription.ended',
  );
});
