import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { testDatabase } from '../../../test/database.ts';
import { startGateway, startModel, until } from '../../../test/gateway.ts';
import { insertMarket, type SmallMarket } from '../../../test/market.ts';

const { pool, url: databaseUrl } = await testDatabase();
const model = await startModel();
const gateway = await startGateway({ databaseUrl });
const call = (to: SmallMarket, version = '') =>
  fetch(`${gateway.url}/call/${to.publisher}/${to.product}${version}/invocations`, {
    method: 'POST',
    headers: { authorization: `Bearer ${to.apiKey}` },
    body: 'x',
  });
/** Under a second: what somebody may no longer do, or may do from now on, is known at once and not with the next full reading. */
const becomes = (status: number, to: SmallMarket, version = '') =>
  until(`${status} for ${version}`, async () => (await call(to, version)).status === status, 5000);
const refusal = async (answer: Response) => ((await answer.json()) as { error: { code: string } }).error.code;

type Versions = Readonly<Record<string, 'listed' | 'restricted'>>;

/** A further revision, in a slot. */
async function revise(market: SmallMarket, slot: 'live' | 'preview', versions: Versions) {
  const document = { versions: Object.entries(versions).map(([number, state]) => ({ number, state })) };
  for (const number of Object.keys(versions)) await insertVersion(market, number);
  const { rows } = await pool.query<{ id: string }>(
    `insert into revisions (id, product_id, number, document, sha256, created_by)
     select $1 || '_' || n, $1, n, $2, '', 'test' from (select 1 + max(number) as n from revisions where product_id = $1) next returning id`,
    [market.productId, JSON.stringify(document)],
  );
  await pool.query(`update products set ${slot}_revision_id = $2 where id = $1`, [
    market.productId,
    rows[0]?.id,
  ]);
}

async function insertVersion(market: SmallMarket, number: string) {
  await pool.query(
    `insert into product_versions (product_id, number, model_package_id, package_sha256, package_size_bytes, model_name, resource, bom)
     select product_id, $2, model_package_id, package_sha256, 1, model_name, '{}', '{}' from product_versions where product_id = $1 limit 1 on conflict do nothing`,
    [market.productId, number],
  );
  await pool.query(
    `insert into deployments (id, product_id, version, package_sha256, servable, model_name, backend, instance_type, state, addresses)
     select id || $2, product_id, $2, package_sha256, servable, model_name, backend, instance_type, state, addresses from deployments where product_id = $1 limit 1 on conflict do nothing`,
    [market.productId, number],
  );
}

const admit = (market: SmallMarket, accounts: string[]) =>
  pool.query('update products set test_accounts = $2 where id = $1', [market.productId, accounts]);

test('a tester calls the preview until taken off the audience, and not a second longer', async () => {
  const market = await insertMarket(pool, { addresses: [model.address], number: 1 });
  await admit(market, [market.buyerAccountId]);
  await pool.query(
    'update products set preview_revision_id = live_revision_id, live_revision_id = null where id = $1',
    [market.productId],
  );
  await pool.query(`update subscriptions set slot = 'preview' where id = $1`, [market.subscriptionId]);
  await becomes(200, market);
  await admit(market, []);
  await becomes(403, market);
  // In the words in which a product that does not exist is refused.
  assert.equal(await refusal(await call(market)), 'call.not_subscribed');
  assert.equal(await refusal(await call(market, '@1.0.0')), 'call.not_subscribed');
  await admit(market, [market.buyerAccountId]);
  await becomes(200, market);
});

test('a subscriber who is also a tester reaches the versions of both slots, another subscriber those of live', async () => {
  const market = await insertMarket(pool, { addresses: [model.address], number: 2 });
  await becomes(200, market);
  await revise(market, 'preview', { '1.0.0': 'listed', '2.0.0': 'listed' });
  await pause(300);
  assert.equal(await refusal(await call(market, '@2.0.0')), 'call.version_not_allowed');
  await admit(market, [market.buyerAccountId]);
  await becomes(200, market, '@2.0.0');
  assert.equal((await call(market, '@1.0.0')).status, 200);
  assert.equal((await call(market)).headers.get('x-souk-version'), '1.0.0');
  // Chosen in the preview, and then taken off the audience: refused by name, never answered by another version.
  await pool.query(`update subscriptions set version = '2.0.0' where id = $1`, [market.subscriptionId]);
  await admit(market, []);
  await until('the tester is out', async () => (await call(market)).status !== 200, 1000);
  assert.equal(await refusal(await call(market)), 'call.version_not_allowed');
  assert.equal((await call(market, '@1.0.0')).status, 200);
});

test('a new version may be called as soon as it goes live', async () => {
  const market = await insertMarket(pool, { addresses: [model.address], number: 3 });
  await becomes(200, market);
  await insertVersion(market, '2.0.0');
  await pause(300);
  assert.equal(await refusal(await call(market, '@2.0.0')), 'call.version_not_allowed');
  await revise(market, 'live', { '1.0.0': 'listed', '2.0.0': 'listed' });
  await becomes(200, market, '@2.0.0');
});

test('a restricted version stays with those who were subscribed while it was listed', async () => {
  const [old, fresh] = [
    await insertMarket(pool, { addresses: [model.address], number: 4 }),
    await insertMarket(pool, { addresses: [model.address], number: 5 }),
  ];
  await becomes(200, old);
  await revise(old, 'live', { '1.0.0': 'listed', '2.0.0': 'listed' });
  // Agreed to after 1.0.0 was restricted.
  await revise(fresh, 'live', { '1.0.0': 'restricted', '2.0.0': 'listed' });
  await pool.query(
    `update subscriptions s set version = '2.0.0', revision_id = p.live_revision_id from products p where p.id = s.product_id and s.id = $1`,
    [fresh.subscriptionId],
  );
  await becomes(200, fresh, '@2.0.0');
  await becomes(404, fresh, '@1.0.0');
  assert.equal(await refusal(await call(fresh, '@1.0.0')), 'call.version_not_allowed');
  await revise(old, 'live', { '1.0.0': 'restricted', '2.0.0': 'listed' });
  // Changed last: whoever is answered by 2.0.0 is answered by a gateway that knows of the restriction too.
  await pool.query(`update subscriptions set version = '2.0.0', revision_id = 'rev_4' where id = $1`, [
    old.subscriptionId,
  ]);
  await until(
    'the version chosen',
    async () => (await call(old)).headers.get('x-souk-version') === '2.0.0',
    5000,
  );
  assert.equal((await call(old, '@1.0.0')).status, 200);
});

test('subscribing again does not refill the quota, not even with what was not written yet', async () => {
  const market = await insertMarket(pool, { addresses: [model.address], number: 6, unitsPerMonth: 1000 });
  const left = async () => {
    const { headers } = await call(market);
    return Number(/r=(\d+)/.exec(headers.get('ratelimit') ?? '')?.[1]);
  };
  await becomes(200, market);
  let calls = 1000 - (await left());
  for (; calls < 40; calls++) await call(market);
  await pool.query(`update subscriptions set state = 'ended', ended_at = now() where id = $1`, [
    market.subscriptionId,
  ]);
  await pool.query(
    `insert into subscriptions (id, account_id, product_id, revision_id, plan, plan_id, slot, version, state, eula_sha256, accepted_by)
     select id || '_again', account_id, product_id, revision_id, plan, plan_id, slot, version, 'active', '', 'test' from subscriptions where id = $1`,
    [market.subscriptionId],
  );
  await becomes(200, market);
  calls++;
  await until('every call counts', async () => (await left()) === 1000 - ++calls, 5000);
});

const errorOf = async (answer: Response) =>
  (
    (await answer.json()) as {
      error: { code: string; message: string; remedy: string; params: Record<string, string> };
    }
  ).error;
const stand = (market: SmallMarket, number: string, set: string, values: unknown[] = []) =>
  pool
    .query(`insert into version_standings (product_id, number) values ($1, $2) on conflict do nothing`, [
      market.productId,
      number,
    ])
    .then(() =>
      pool.query(`update version_standings set ${set} where product_id = $1 and number = $2`, [
        market.productId,
        number,
        ...values,
      ]),
    );
const sunset = (market: SmallMarket, number: string, endsAt: Date, replacement: string | null = null) =>
  pool.query(
    `insert into sunsets (product_id, number, announced_at, ends_at, reason, replacement, set_by) values ($1, $2, '2026-01-01T00:00:00Z', $3, 'The data is old.', $4, 'test')
     on conflict (product_id, number) do update set ends_at = excluded.ends_at, replacement = excluded.replacement`,
    [market.productId, number, endsAt, replacement],
  );

test('a withdrawn version answers nobody within a second, says why and what to use, and no other answers for it', async () => {
  const market = await insertMarket(pool, { addresses: [model.address], number: 7 });
  await becomes(200, market);
  await revise(market, 'live', { '1.0.0': 'listed', '1.0.1': 'listed' });
  await becomes(200, market, '@1.0.1');
  const answered = model.answered();
  await stand(
    market,
    '1.0.0',
    `withdrawn_at = now(), withdrawn_by = 'op', withdrawn_side = 'operator', withdrawn_reason = 'It leaks its training data.', withdrawn_replacement = '1.0.1'`,
  );
  await becomes(410, market);
  const error = await errorOf(await call(market));
  assert.equal(error.code, 'call.version_withdrawn');
  assert.match(error.message, /It leaks its training data/);
  assert.match(
    error.remedy,
    /Choose version 1\.0\.1 on http:\/\/souk\.example\/products\/flowers-7\/iris-classifier/,
  );
  assert.deepEqual([error.params.version, error.params.replacement], ['1.0.0', '1.0.1']);
  assert.equal((await call(market, '@1.0.0')).status, 410);
  assert.equal(model.answered() - answered <= 200, true);
  assert.equal((await call(market, '@1.0.1')).headers.get('x-souk-version'), '1.0.1');
  // By its exact number nobody learns of it who may not call it.
  assert.equal(await refusal(await call(market, '@9.9.9')), 'call.version_not_allowed');
  await stand(market, '1.0.0', 'withdrawn_at = null, withdrawn_reason = null');
  await becomes(200, market);
});

test('a version that never had a deployment of its own is refused as withdrawn too', async () => {
  const market = await insertMarket(pool, { addresses: [model.address], number: 8 });
  await becomes(200, market);
  await pool.query('delete from deployments where product_id = $1', [market.productId]);
  await stand(
    market,
    '1.0.0',
    `withdrawn_at = now(), withdrawn_by = 'p', withdrawn_side = 'publisher', withdrawn_reason = 'Wrong labels.'`,
  );
  await becomes(410, market);
});

test('the alias latest is the newest listed version that is still there, and the answer says which', async () => {
  const market = await insertMarket(pool, { addresses: [model.address], number: 9 });
  await becomes(200, market);
  await revise(market, 'live', { '1.0.0': 'listed', '2.0.0': 'listed', '3.0.0': 'listed' });
  await pool.query(
    'update subscriptions s set revision_id = p.live_revision_id from products p where p.id = s.product_id and s.id = $1',
    [market.subscriptionId],
  );
  const latest = async () => (await call(market, '@latest')).headers.get('x-souk-version');
  await until('3.0.0 is the latest', async () => (await latest()) === '3.0.0', 1000);
  assert.equal((await call(market)).headers.get('x-souk-version'), '1.0.0');
  await stand(market, '3.0.0', 'restricted_at = now()');
  await until('2.0.0 is the latest', async () => (await latest()) === '2.0.0', 1000);
  assert.equal((await call(market, '@3.0.0')).status, 200);
  await stand(market, '2.0.0', `withdrawn_at = now(), withdrawn_reason = 'x'`);
  await until('1.0.0 is the latest', async () => (await latest()) === '1.0.0', 1000);
});

test('a version with an end date says so on each answer, and after it every call is refused with what comes next', async () => {
  const market = await insertMarket(pool, { addresses: [model.address], number: 1_0 });
  await becomes(200, market);
  await revise(market, 'live', { '1.0.0': 'listed', '1.1.0': 'listed' });
  const path = `${market.publisher}/${market.product}`;
  const end = new Date(Date.now() + 40 * 86_400_000);
  await sunset(market, '1.0.0', end, '1.1.0');
  const { headers } = await until(
    'the end is told',
    async () => {
      const answer = await call(market);
      return answer.headers.has('sunset') ? answer : undefined;
    },
    1000,
  );
  assert.equal(headers.get('deprecation'), `@${Date.parse('2026-01-01T00:00:00Z') / 1000}`);
  assert.equal(headers.get('sunset'), new Date(Math.floor(end.getTime() / 1000) * 1000).toUTCString());
  assert.equal(
    headers.get('link'),
    `<http://souk.example/call/${path}@1.1.0/invocations>; rel="successor-version", <http://souk.example/products/${path}#versions>; rel="sunset"; type="text/html"`,
  );
  assert.equal((await call(market, '@1.1.0')).headers.get('sunset'), null);

  // By the gateway's own clock: no notification arrives at that moment.
  await sunset(market, '1.0.0', new Date(Date.now() + 700), '1.1.0');
  await until('it has ended', async () => (await call(market)).status === 410, 3000);
  const over = await call(market);
  assert.ok(over.headers.get('link')?.includes('rel="successor-version"'));
  const error = await errorOf(over);
  assert.equal(error.code, 'call.version_ended');
  assert.match(error.message, /The data is old\./);
  assert.equal(error.params.replacement, `http://souk.example/call/${path}@1.1.0/invocations`);
  await pool.query('delete from sunsets where product_id = $1', [market.productId]);
  await becomes(200, market);
});

test('of the end of a version and the end of its product the earlier counts; an ended product answers nobody', async () => {
  const market = await insertMarket(pool, { addresses: [model.address], number: 1_1 });
  const other = await insertMarket(pool, { addresses: [model.address], number: 1_2 });
  await becomes(200, market);
  const [near, far] = [new Date(Date.now() + 86_400_000), new Date(Date.now() + 9 * 86_400_000)];
  await sunset(market, '1.0.0', far);
  await sunset(market, '*', near);
  await pool.query('update sunsets set replacement_product_id = $2 where product_id = $1 and number = $3', [
    market.productId,
    other.productId,
    '*',
  ]);
  const day = (at: Date) => at.toUTCString().slice(0, 16);
  await until(
    'the nearer end is told',
    async () => (await call(market)).headers.get('sunset')?.startsWith(day(near)),
    1000,
  );
  assert.match(
    (await call(market)).headers.get('link') ?? '',
    /<http:\/\/souk\.example\/products\/flowers-12\/iris-classifier>; rel="successor-version"/,
  );
  await pool.query(`update sunsets set ended_at = now() where product_id = $1 and number = '*'`, [
    market.productId,
  ]);
  await becomes(410, market);
  assert.equal((await errorOf(await call(market))).code, 'call.version_ended');
});

test('a suspended subscription and one that somebody else ended are told why', async () => {
  const market = await insertMarket(pool, { addresses: [model.address], number: 1_3 });
  await becomes(200, market);
  await pool.query(
    `update subscriptions set state = 'suspended', suspended_code = 'budget.exceeded', suspended_reason = 'The budget is used up.' where id = $1`,
    [market.subscriptionId],
  );
  await becomes(403, market);
  const suspended = await errorOf(await call(market));
  assert.equal(suspended.code, 'call.suspended');
  assert.match(suspended.message, /The budget is used up\./);
  await pool.query(
    `update subscriptions set state = 'ended', ended_at = now(), ended_code = 'product.taken_down', ended_reason = 'It was taken down.' where id = $1`,
    [market.subscriptionId],
  );
  await becomes(410, market);
  const ended = await errorOf(await call(market));
  assert.equal(ended.code, 'call.ended');
  assert.match(ended.message, /It was taken down\./);
});

test('calls are counted by version as well', async () => {
  const market = await insertMarket(pool, { addresses: [model.address], number: 1_4 });
  await becomes(200, market);
  await revise(market, 'live', { '1.0.0': 'listed', '2.0.0': 'listed' });
  await becomes(200, market, '@2.0.0');
  const counted = async () =>
    (
      await pool.query<{ version: string; calls: number; units: number }>(
        `select version, calls::int from version_calls where subscription_id = $1 order by version`,
        [market.subscriptionId],
      )
    ).rows;
  const before = await until('both are counted', async () => {
    const rows = await counted();
    return rows.length === 2 && rows;
  });
  await call(market, '@2.0.0');
  await call(market, '@2.0.0');
  await until('two more', async () => (await counted())[1]?.calls === (before[1]?.calls ?? 0) + 2);
  assert.equal((await counted())[0]?.calls, before[0]?.calls);
});

test('the last calls of a subscription are kept where its account asks for it, and of nobody else', async () => {
  const [kept, quiet] = [
    await insertMarket(pool, { addresses: [model.address], number: 1_5 }),
    await insertMarket(pool, { addresses: [model.address], number: 1_6 }),
  ];
  await becomes(200, kept);
  await pool.query('update subscriptions set record_max = 3 where id = $1', [kept.subscriptionId]);
  const rows = async () =>
    (
      await pool.query<{ id: string; body: string; answer: string; status: number; version: string }>(
        `select id, convert_from(body, 'UTF8') as body, convert_from(answer, 'UTF8') as answer, status, version from recorded_calls where subscription_id = $1 order by id`,
        [kept.subscriptionId],
      )
    ).rows;
  await until('three are kept', async () => {
    await call(kept);
    await call(quiet);
    await pause(200);
    return (await rows()).length === 3;
  });
  const [first] = await rows();
  assert.deepEqual(
    [first?.body, first?.answer, first?.status, first?.version],
    ['x', '{"bytes":1}', 200, '1.0.0'],
  );
  await until('older ones give way', async () => {
    await call(kept);
    await pause(200);
    return !(await rows()).some((r) => r.id === first?.id);
  });
  assert.equal((await rows()).length, 3);
  await pool.query('update subscriptions set record_max = null where id = $1', [kept.subscriptionId]);
  await pause(1500);
  const last = await rows();
  await call(kept);
  await pause(1500);
  assert.deepEqual(await rows(), last);
  const others = await pool.query('select from recorded_calls where subscription_id = $1', [
    quiet.subscriptionId,
  ]);
  assert.equal(others.rowCount, 0);
});
