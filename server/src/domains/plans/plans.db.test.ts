import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CatalogProduct, Invoice, Plan, SubscriptionPlan } from '@souk/contract';
import { testSubscribing } from '../../../test/subscribing.ts';
import type { Member } from '../../platform/authorize.ts';
import { row, rows, sql } from '../../platform/db.ts';
import { cycleAt } from './plans.rules.ts';

const market = await testSubscribing();
const { db, ok, refused, setTime, tick, work, mailsTo } = market;
const seller = await market.person();
const fee = (amount: string) => ({ kind: 'recurring', amount, per: 'month' }) as const;
const unit = { kind: 'usage', dimension: 'transactions', pricePerUnit: '0.02' } as const;
const quota = (unitsPerMonth: number) => ({ unitsPerMonth, dimension: 'transactions' });
const plans: Plan[] = [
  { id: 'free', name: 'Free', quota: quota(100) },
  { id: 'small', name: 'Small', currency: 'USD', parts: [fee('10')], quota: quota(1000) },
  {
    id: 'large',
    name: 'Large',
    currency: 'USD',
    parts: [fee('31')],
    quota: quota(5000),
    trial: { months: 1 },
  },
  {
    id: 'beyond',
    name: 'Beyond',
    currency: 'USD',
    parts: [fee('5'), unit],
    quota: { ...quota(100), atLimit: 'overage' },
    trial: { months: 1 },
  },
];
const product = { accountId: seller.accountId, publisher: 'city', slug: 'prices', title: 'Prices', plans };
await market.release(product);

const use = (id: string, hour: string, quantity: number) =>
  sql`insert into usage_records (subscription_id, dimension, hour, quantity) values (${id}, 'transactions', ${`${hour}:00:00Z`}, ${quantity})
    on conflict (subscription_id, dimension, hour, invoiced_from) do update set quantity = usage_records.quantity + excluded.quantity`.execute(
    db,
  );
const subscribe = async (who: Member, planId: string, time: string) => {
  setTime(time);
  return (await market.subscribe(who, product, { planId })).id;
};
const change = (who: Member, id: string, planId: string) =>
  ok<SubscriptionPlan>(who, 'POST', `/api/subscriptions/${id}/plan`, { planId });
const planOf = (who: Member, id: string) => ok<SubscriptionPlan>(who, 'GET', `/api/subscriptions/${id}/plan`);
const quotaOf = async (who: Member, id: string, time: string) => {
  setTime(time);
  const { quota: q } = await market.usage(who, id);
  return q && [q.used, q.limit, q.resetsAt.slice(0, 13), q.stops];
};
const hadTrial = ({ accountId }: Member) =>
  sql`insert into product_trials (account_id, product_id, subscription_id, at) select ${accountId}, product_id, id, now() from subscriptions limit 1`.execute(
    db,
  );
const lines = (i: Invoice) => i.lines.map((l) => [l.dimension, l.quantity, l.billableQuantity, l.amount]);
const billed = async (who: Member, month: string, time: string) => {
  setTime(time);
  return lines(await market.invoice(who, month));
};

test('a quota begins anew on the day of the subscription, not of the calendar; the gateway reads the same', async () => {
  const buyer = await market.member();
  const id = await subscribe(buyer, 'free', '2026-01-31T09:20:00Z');
  await use(id, '2026-01-31T09', 60);
  await use(id, '2026-02-28T08', 30);
  assert.deepEqual(await quotaOf(buyer, id, '2026-02-28T08:59:00Z'), [90, 100, '2026-02-28T09', true]);
  assert.deepEqual(await quotaOf(buyer, id, '2026-02-28T09:00:00Z'), [0, 100, '2026-03-31T09', true]);
  const entitled = await row<{ units: number; dimension: string; since: Date; until: Date }>(
    db,
    sql`select quota_units as units, dimension, quota_since as since, quota_resets_at as until from gateway_entitlements(${buyer.accountId})`,
  );
  const now = cycleAt(new Date('2026-01-31T09:00:00Z'), new Date());
  assert.deepEqual([entitled?.units, entitled?.since, entitled?.until], [100, now.start, now.end]);
});

test('the database counts months as the rules do, whatever the day', async () => {
  const cases = Array.from({ length: 400 }, (_, i) => {
    const from = new Date(Date.UTC(2023, i % 12, 1 + ((i * 7) % 31), i % 24));
    return { from, at: new Date(from.getTime() + ((i * 7_919_017) % 60_000) * 3_600_000) };
  });
  const found = await rows<{ start: Date; end: Date }>(
    db,
    sql`select cycle_start(f, a) as start, cycle_start(f, a, 1) as end from jsonb_to_recordset(${JSON.stringify(cases)}::jsonb) as c ("from" timestamptz, at timestamptz) cross join lateral (select c."from" as f, c.at as a) x`,
  );
  assert.deepEqual(
    found,
    cases.map((c) => cycleAt(c.from, c.at)),
  );
});

test('cancelling and subscribing again refills no quota and charges no second fee', async () => {
  const buyer = await market.member();
  const first = await subscribe(buyer, 'small', '2026-03-10T09:20:00Z');
  await use(first, '2026-03-11T00', 700);
  setTime('2026-03-12T00:00:00Z');
  await market.cancel(buyer, first);
  const again = await subscribe(buyer, 'small', '2026-03-12T00:30:00Z');
  await use(again, '2026-03-12T01', 5);
  assert.deepEqual(await quotaOf(buyer, again, '2026-03-13T00:00:00Z'), [705, 1000, '2026-04-10T09', true]);
  const fees = (await billed(buyer, '2026-03', '2026-03-31T00:00:00Z')).filter(
    ([d]) => d === 'recurring.month',
  );
  assert.deepEqual(fees, [['recurring.month', 1, 1, '10.00']]);
  setTime('2026-03-14T00:00:00Z');
  await market.cancel(buyer, again);
  const free = await subscribe(buyer, 'free', '2026-03-14T01:00:00Z');
  assert.deepEqual((await quotaOf(buyer, free, '2026-03-14T02:00:00Z'))?.slice(0, 2), [705, 100]);
});

test('a trial is a free month, once; it becomes the plan by the clock, exactly once, and is told a week and a day before', async () => {
  const buyer = await market.person();
  const id = await subscribe(buyer, 'large', '2026-01-31T09:20:00Z');
  await work();
  assert.equal((await planOf(buyer, id)).trial?.until.slice(0, 13), '2026-02-28T09');
  for (const time of ['2026-02-20T00:00:00Z', '2026-02-22T00:00:00Z', '2026-02-22T00:01:00Z']) {
    setTime(time);
    await tick();
  }
  for (const time of ['2026-02-27T12:00:00Z', '2026-02-28T08:59:00Z', '2026-02-28T09:00:00Z']) {
    setTime(time);
    // Two control planes at once.
    await Promise.all([tick(), tick()]);
  }
  await work();
  const mails = (await mailsTo(buyer)).filter((m) => m.includes('free month'));
  assert.deepEqual(mails, [
    'Prices: the free month ends on 2026-02-28',
    'Prices: the free month ends on 2026-02-28',
    'Prices: the free month is over',
  ]);
  assert.equal((await planOf(buyer, id)).trial, null);
  assert.deepEqual(await billed(buyer, '2026-01', '2026-02-10T00:00:00Z'), [
    ['recurring.month', 1, 0, '0.00'],
  ]);
  assert.deepEqual(await billed(buyer, '2026-02', '2026-03-10T00:00:00Z'), [
    ['recurring.month', 1, 1, '31.00'],
  ]);
  setTime('2026-03-10T00:00:00Z');
  await market.cancel(buyer, id);
  const second = await subscribe(buyer, 'beyond', '2026-05-01T00:00:00Z');
  assert.equal((await planOf(buyer, second)).trial, null);
});

test('who cancels in the trial pays nothing, and nothing converts', async () => {
  const buyer = await market.person();
  const id = await subscribe(buyer, 'beyond', '2026-01-10T09:20:00Z');
  await use(id, '2026-01-10T10', 90);
  assert.equal(
    (await quotaOf(buyer, id, '2026-01-11T00:00:00Z'))?.[3],
    true,
    'a free month has nothing beyond',
  );
  await market.cancel(buyer, id);
  setTime('2026-02-11T00:00:00Z');
  await tick();
  await work();
  assert.ok(!(await mailsTo(buyer)).some((m) => m.includes('over')));
  for (const month of ['2026-01', '2026-02'])
    for (const [, , , amount] of await billed(buyer, month, '2026-03-10T00:00:00Z'))
      assert.equal(amount, '0.00');
});

test('a larger plan holds at once: a new month with its whole quota, and the rest of the fee given back', async () => {
  const buyer = await market.person();
  await hadTrial(buyer);
  const id = await subscribe(buyer, 'small', '2026-04-01T00:00:00Z');
  await use(id, '2026-04-10T00', 1000);
  setTime('2026-04-16T00:00:00Z');
  const offered = (await planOf(buyer, id)).choices.find((c) => c.plan.id === 'large');
  assert.deepEqual([offered?.when, offered?.newCycle, offered?.credit?.amount], ['now', true, '5.00']);
  const changed = await change(buyer, id, 'large');
  assert.deepEqual([changed.plan.id, changed.cycle.to.slice(0, 13)], ['large', '2026-05-16T00']);
  await use(id, '2026-04-16T02', 40);
  assert.deepEqual(await quotaOf(buyer, id, '2026-04-17T00:00:00Z'), [40, 5000, '2026-05-16T00', true]);
  assert.deepEqual(await billed(buyer, '2026-04', '2026-04-30T00:00:00Z'), [
    ['recurring.month', 1, 1, '10.00'],
    ['recurring.month', 1, 1, '31.00'],
    ['recurring.credit', 1, 1, '-5.00'],
    ['transactions', 1000, 0, '0.00'],
    ['transactions', 40, 0, '0.00'],
  ]);
  assert.equal(
    await refused(buyer, 'POST', `/api/subscriptions/${id}/plan`, { planId: 'large' }),
    'plan.same',
  );
  await work();
  assert.ok((await mailsTo(buyer)).includes('Prices: the plan is Large now'));
});

test('who changes to a plan with a free month begins with it, once', async () => {
  const buyer = await market.member();
  const id = await subscribe(buyer, 'free', '2026-04-01T00:00:00Z');
  const offered = (await planOf(buyer, id)).choices.find((c) => c.plan.id === 'large');
  assert.equal(offered?.trialUntil?.slice(0, 13), '2026-05-01T00');
  const page = () => ok<CatalogProduct>(buyer, 'GET', '/api/catalog/products/city/prices');
  assert.equal((await page()).tried, false);
  assert.equal((await change(buyer, id, 'large')).trial?.until.slice(0, 13), '2026-05-01T00');
  assert.equal((await page()).tried, true);
  assert.deepEqual(await billed(buyer, '2026-04', '2026-06-10T00:00:00Z'), [
    ['recurring.month', 1, 0, '0.00'],
  ]);
  assert.deepEqual(await billed(buyer, '2026-05', '2026-06-10T00:00:00Z'), [
    ['recurring.month', 1, 1, '31.00'],
  ]);
});

test('a smaller plan comes at the end of the month, also while no job runs, and can be taken back', async () => {
  const buyer = await market.person();
  const id = await subscribe(buyer, 'small', '2026-04-30T10:00:00Z');
  setTime('2026-05-10T00:00:00Z');
  const coming = await change(buyer, id, 'free');
  assert.deepEqual(
    [coming.plan.id, coming.next?.plan.id, coming.next?.at.slice(0, 13)],
    ['small', 'free', '2026-05-30T10'],
  );
  const kept = await ok<SubscriptionPlan>(buyer, 'DELETE', `/api/subscriptions/${id}/plan/next`);
  assert.equal(kept.next, null);
  assert.equal(await refused(buyer, 'DELETE', `/api/subscriptions/${id}/plan/next`), 'plan.nothing_coming');
  await change(buyer, id, 'free');
  assert.deepEqual(await quotaOf(buyer, id, '2026-05-30T09:59:00Z'), [0, 1000, '2026-05-30T10', true]);
  assert.deepEqual(await quotaOf(buyer, id, '2026-05-30T10:00:00Z'), [0, 100, '2026-06-30T10', true]);
  const before = await billed(buyer, '2026-05', '2026-06-10T00:00:00Z');
  assert.deepEqual(before, []);
  await Promise.all([tick(), tick()]);
  assert.equal((await planOf(buyer, id)).plan.id, 'free');
  assert.deepEqual(await billed(buyer, '2026-05', '2026-06-10T00:00:00Z'), before);
  await work();
  const mails = (await mailsTo(buyer)).filter((m) => m.includes('plan is'));
  assert.deepEqual(mails, ['Prices: the plan is Free now']);
});

test('what goes beyond a quota is charged by unit, counted over the months of the calendar that a month lies in', async () => {
  const buyer = await market.member();
  await hadTrial(buyer);
  const id = await subscribe(buyer, 'beyond', '2026-06-20T12:30:00Z');
  await use(id, '2026-06-25T00', 70);
  await use(id, '2026-07-01T00', 50);
  await use(id, '2026-07-20T12', 10);
  assert.deepEqual(await quotaOf(buyer, id, '2026-07-10T00:00:00Z'), [130, 100, '2026-07-20T12', false]);
  assert.deepEqual(await billed(buyer, '2026-06', '2026-08-10T00:00:00Z'), [
    ['recurring.month', 1, 1, '5.00'],
    ['transactions', 70, 0, '0.00'],
  ]);
  assert.deepEqual(await billed(buyer, '2026-07', '2026-08-10T00:00:00Z'), [
    ['recurring.month', 1, 1, '5.00'],
    ['transactions', 50, 20, '0.40'],
    ['transactions', 10, 0, '0.00'],
  ]);
});

test('over random use and months, each unit beyond the quota is charged once, and fees are one per month', async () => {
  const buyer = await market.member();
  await hadTrial(buyer);
  const id = await subscribe(buyer, 'beyond', '2026-01-29T05:10:00Z');
  const from = new Date('2026-01-29T05:00:00Z');
  let expected = 0;
  const perCycle = new Map<number, number>();
  for (let i = 0; i < 120; i++) {
    const hour = new Date(from.getTime() + ((i * 104_729) % (150 * 24)) * 3_600_000);
    const quantity = (i * 37) % 23;
    await use(id, hour.toISOString().slice(0, 13), quantity);
    const cycle = cycleAt(from, hour).start.getTime();
    perCycle.set(cycle, (perCycle.get(cycle) ?? 0) + quantity);
  }
  for (const used of perCycle.values()) expected += Math.max(0, used - 100);
  let beyond = 0;
  let fees = 0;
  const ids = new Set<string>();
  for (const month of ['2026-01', '2026-02', '2026-03', '2026-04', '2026-05', '2026-06', '2026-07']) {
    setTime('2026-07-10T00:00:00Z');
    const { lines: all } = await market.invoice(buyer, month);
    for (const l of all) {
      assert.ok(!ids.has(l.id), l.id);
      ids.add(l.id);
      if (l.dimension === 'transactions') beyond += l.billableQuantity;
      else fees += 1;
    }
  }
  assert.deepEqual([beyond, fees], [expected, 6]);
  assert.ok(expected > 0);
});

test('a quota is told at four fifths and at its end, once each a month, with when it begins anew', async () => {
  const buyer = await market.person();
  const id = await subscribe(buyer, 'small', '2026-08-05T10:00:00Z');
  const mails = async () => (await mailsTo(buyer)).filter((m) => m.includes('transactions'));
  await use(id, '2026-08-06T00', 799);
  setTime('2026-08-06T00:30:00Z');
  await tick();
  await work();
  assert.deepEqual(await mails(), []);
  await use(id, '2026-08-06T00', 1);
  await Promise.all([tick(), tick()]);
  await tick();
  await work();
  assert.deepEqual(await mails(), ['Prices: 80 % of the month’s transactions are used']);
  await use(id, '2026-08-06T01', 300);
  setTime('2026-08-06T01:30:00Z');
  await tick();
  await tick();
  await work();
  assert.equal((await mails()).length, 2);
  assert.equal((await mails())[1], 'Prices: the month’s transactions are used up');
  const told = await row<{ text: string; link: string }>(
    db,
    sql`select body as text, link from notifications where person_id = ${buyer.personId} and title like '%used up%'`,
  );
  assert.match(told?.text ?? '', /1,100 of 1,000 transactions.*2026-09-05 10:00 UTC/);
  assert.equal(told?.link, `/subscriptions/${id}#plan`);
  await use(id, '2026-09-05T10', 900);
  setTime('2026-09-05T11:00:00Z');
  await tick();
  await work();
  assert.equal((await mails()).length, 3, 'the next month has notices of its own');
});

test('changing the plan is the account’s own business, and over with its subscription', async () => {
  const buyer = await market.member();
  const id = await subscribe(buyer, 'free', '2026-04-01T00:00:00Z');
  const path = `/api/subscriptions/${id}/plan`;
  const stranger = await market.member();
  assert.equal(await refused(stranger, 'GET', path), 'subscription.missing');
  assert.equal(await refused(stranger, 'POST', path, { planId: 'small' }), 'subscription.missing');
  assert.equal(await refused(buyer, 'POST', path, { planId: 'none' }), 'subscription.plan_missing');
  await market.cancel(buyer, id);
  assert.equal(await refused(buyer, 'POST', path, { planId: 'small' }), 'subscription.ended');
  assert.deepEqual((await planOf(buyer, id)).choices, []);
});

test('what a subscription was before plans could change goes on, and keeps the price of what was used', async () => {
  const buyer = await market.member();
  const id = await subscribe(buyer, 'free', '2026-04-01T00:00:00Z');
  await sql`delete from subscription_terms where subscription_id = ${id}`.execute(db);
  await sql`update subscriptions set accepted_at = '2026-04-01T00:20:00Z' where id = ${id}`.execute(db);
  await use(id, '2026-04-02T00', 30);
  assert.deepEqual(await quotaOf(buyer, id, '2026-04-03T00:00:00Z'), [30, 100, '2026-05-01T00', true]);
  await change(buyer, id, 'small');
  const of = await rows<{ plan: string }>(
    db,
    sql`select plan ->> 'id' as plan from subscription_terms where subscription_id = ${id} order by id`,
  );
  assert.deepEqual(
    of.map((t) => t.plan),
    ['free', 'small'],
  );
  assert.deepEqual(await billed(buyer, '2026-04', '2026-04-30T00:00:00Z'), [
    ['recurring.month', 1, 1, '10.00'],
    ['transactions', 30, 0, '0.00'],
  ]);
});
