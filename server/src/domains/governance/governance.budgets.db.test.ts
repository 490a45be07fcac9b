import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Budget, GovernedSubscription, Invoice, Spend, Subscription } from '@souk/contract';
import { testGoverning } from '../../../test/governing.ts';
import type { Member } from '../../platform/authorize.ts';
import { inTx, row, rows, sql } from '../../platform/db.ts';
import { suspend } from '../subscriptions/index.ts';

const market = await testGoverning();
const { ok, refused, db } = market;
const url = '/api/account/budgets';

/** An account of its own for each test, so that one's budgets do not stop another's subscriptions. */
async function account() {
  const admin = await market.member(['admin']);
  await market.joins(admin);
  const evaluate = () => market.governance.budgets.evaluate(admin.accountId);
  const budget = (more: object = {}) =>
    ok<Budget>(admin, 'POST', url, {
      scope: 'account',
      amount: '10.00',
      currency: 'USD',
      hardStop: true,
      ...more,
    });
  const list = async () => (await ok<{ items: Budget[] }>(admin, 'GET', url)).items;
  const state = async (id: string) =>
    (await ok<Subscription>(admin, 'GET', `/api/subscriptions/${id}`)).state;
  const buy = (p: Parameters<typeof market.agreement>[0], planId = 'pay', who: Member = admin) =>
    market.subscribe(who, p, { planId });
  return { admin, evaluate, budget, list, state, buy };
}
const told = (budgetId: string) =>
  rows<{ threshold: number; stopped: boolean }>(
    db,
    sql`select (data ->> 'threshold')::int as threshold, (data ->> 'stopped')::boolean as stopped from outbox where type = 'budget.reached' and subject = ${budgetId} order by id`,
  );
const hour = '2026-11-10T10:00:00Z';
market.setTime('2026-11-10T12:00:00Z');

test('a hard stop comes at the budget’s cent and not before, suspends what costs, and leaves what is free', async () => {
  const { admin, evaluate, budget, list, state, buy } = await account();
  const [paid, free] = [await buy(await market.product()), await buy(await market.product(), 'free')];
  const { id } = await budget();
  await market.calls(paid.id, 999, hour);
  await evaluate();
  assert.equal(await state(paid.id), 'active');
  assert.deepEqual([(await list())[0]?.spent, (await list())[0]?.percent], ['9.99', 99.9]);
  await market.calls(paid.id, 1, hour);
  await evaluate();
  assert.deepEqual([await state(paid.id), await state(free.id)], ['suspended', 'active']);
  const [now] = await list();
  assert.deepEqual([now?.spent, now?.state, now?.suspended], ['10.00', 'stopped', 1]);
  const { suspended } = await ok<Subscription>(admin, 'GET', `/api/subscriptions/${paid.id}`);
  assert.equal(suspended?.code, 'budget.exceeded');
  assert.match(suspended?.reason ?? '', /10 USD, is spent; calls go on from 2026-12-01/);
  assert.equal((await told(id)).at(-1)?.stopped, true);
});

test('each threshold is told once, the highest of those passed in one step, and again after a change of the amount', async () => {
  const { admin, evaluate, budget, buy } = await account();
  const paid = await buy(await market.product());
  const { id } = await budget({ warnAt: [50, 80, 100], hardStop: false });
  const thresholds = async () => (await told(id)).map((t) => t.threshold);
  await market.calls(paid.id, 499, hour);
  await evaluate();
  assert.deepEqual(await thresholds(), []);
  await market.calls(paid.id, 1, hour);
  for (let i = 0; i < 3; i++) await evaluate();
  assert.deepEqual(await thresholds(), [50]);
  await market.calls(paid.id, 500, hour);
  await Promise.all([evaluate(), evaluate(), evaluate()]);
  assert.deepEqual(await thresholds(), [50, 100]);
  await ok(admin, 'PATCH', `${url}/${id}`, { amount: '20.00' });
  assert.deepEqual(await thresholds(), [50, 100, 50]);
});

test('what was stopped goes on when the month begins, by the same evaluation', async () => {
  const { evaluate, budget, state, buy } = await account();
  const paid = await buy(await market.product());
  await budget();
  await market.calls(paid.id, 1000, hour);
  await evaluate();
  market.setTime('2026-11-30T23:59:59Z');
  await evaluate();
  assert.equal(await state(paid.id), 'suspended');
  market.setTime('2026-12-01T00:00:00Z');
  await evaluate();
  assert.equal(await state(paid.id), 'active');
  market.setTime('2026-11-10T12:00:00Z');
});

test('a raised budget, one without hard stop and a removed one let go on at once; a lowered one stops at once', async () => {
  const { admin, evaluate, budget, state, buy } = await account();
  const paid = await buy(await market.product());
  const { id } = await budget();
  await market.calls(paid.id, 1000, hour);
  await evaluate();
  const change = (body: object) => ok(admin, 'PATCH', `${url}/${id}`, body);
  for (const [body, expected] of [
    [{ amount: '10.01' }, 'active'],
    [{ amount: '10' }, 'suspended'],
    [{ hardStop: false }, 'active'],
    [{ hardStop: true }, 'suspended'],
  ] as const) {
    await change(body);
    assert.equal(await state(paid.id), expected, JSON.stringify(body));
  }
  await ok(admin, 'DELETE', `${url}/${id}`);
  assert.equal(await state(paid.id), 'active');
});

test('of two spent budgets both must give way before a subscription goes on', async () => {
  const { admin, evaluate, budget, state, buy } = await account();
  const p = await market.product();
  const paid = await buy(p);
  const all = await budget();
  await budget({ scope: 'product', product: p.name, amount: '5.00' });
  await market.calls(paid.id, 1000, hour);
  await evaluate();
  await ok(admin, 'DELETE', `${url}/${all.id}`);
  assert.equal(await state(paid.id), 'suspended');
});

test('a hold of another reason stays when the budget gives way', async () => {
  const { admin, evaluate, budget, state, buy } = await account();
  const paid = await buy(await market.product());
  const { id } = await budget();
  await market.calls(paid.id, 1000, hour);
  await evaluate();
  const hold = { code: 'product.taken_down', reason: 'It was taken down.', by: 'system:test' };
  await inTx(db, (tx) => suspend(tx, market.platform.events, paid.id, hold));
  await ok(admin, 'DELETE', `${url}/${id}`);
  assert.equal(await state(paid.id), 'suspended');
});

test('a budget of a product or a member counts and stops what is theirs, and nothing else', async () => {
  const { admin, evaluate, budget, list, state, buy } = await account();
  const [one, two] = [await market.product(), await market.product()];
  const colleague = await market.newMember(['buyer'], admin);
  const [mine, theirs] = [await buy(one), await buy(two, 'pay', colleague)];
  await budget({ scope: 'product', product: one.name, amount: '3.00' });
  await budget({ scope: 'member', member: colleague.email.toUpperCase(), amount: '5.00' });
  await market.calls(mine.id, 200, hour);
  await market.calls(theirs.id, 500, hour);
  await evaluate();
  assert.deepEqual(
    (await list()).map((b) => [b.subject, b.spent, b.state]),
    [
      [one.name, '2.00', 'warned'],
      [colleague.email, '5.00', 'stopped'],
    ],
  );
  assert.deepEqual([await state(mine.id), await state(theirs.id)], ['active', 'suspended']);
});

test('a budget counts its own currency only; nothing is converted', async () => {
  const { evaluate, budget, list, state, buy } = await account();
  const euro = await market.product({ plans: [market.plan('EUR')] });
  const paid = await buy(euro);
  await budget();
  await market.calls(paid.id, 100_000, hour);
  await evaluate();
  assert.equal((await list())[0]?.spent, '0.00');
  assert.equal(await state(paid.id), 'active');
  await budget({ currency: 'EUR' });
  assert.equal(await state(paid.id), 'suspended');
});

test('while a budget is spent nothing more that costs can be subscribed to; what is free can', async () => {
  const { admin, evaluate, budget, buy } = await account();
  const [p, next] = [await market.product(), await market.product()];
  const paid = await buy(p);
  await budget();
  await market.calls(paid.id, 1000, hour);
  await evaluate();
  assert.equal(
    await refused(admin, 'POST', '/api/subscriptions', market.agreement(next, { planId: 'pay' })),
    'governance.budget_spent',
  );
  await buy(next, 'free');
});

test('a budget is made right or refused by name, by an admin and nobody else', async () => {
  const { admin, budget, list } = await account();
  const good = { scope: 'account', amount: '10.00', currency: 'USD', hardStop: true };
  const post = (body: object, who: Member = admin) => refused(who, 'POST', url, body);
  for (const amount of ['0', '0.00', '0.001'])
    assert.equal(await post({ ...good, amount }), 'governance.amount_invalid');
  for (const warnAt of [[0], [101], [50, 50]])
    assert.equal(await post({ ...good, warnAt }), 'request.invalid');
  for (const more of [
    { scope: 'product' },
    { scope: 'product', product: 'botany/absent' },
    { scope: 'member', member: 'nobody@example.com' },
  ])
    assert.equal(await post({ ...good, ...more }), 'governance.subject_missing');
  const finance = await market.newMember(['finance'], admin);
  assert.equal(await post(good, finance), 'request.forbidden');
  const { id } = await budget();
  assert.equal(await post(good), 'governance.budget_exists');
  await ok(finance, 'GET', url);
  const stranger = await market.member(['admin']);
  assert.equal(
    await refused(stranger, 'PATCH', `${url}/${id}`, { amount: '1' }),
    'governance.budget_missing',
  );
  assert.equal(await refused(stranger, 'DELETE', `${url}/${id}`), 'governance.budget_missing');
  assert.equal((await list()).length, 1);
});

test('spend is the invoice in other groups: each grouping adds up to its totals', async () => {
  const { admin, buy } = await account();
  const colleague = await market.newMember(['buyer'], admin);
  const [a, b] = [await buy(await market.product()), await buy(await market.product(), 'pay', colleague)];
  await market.calls(a.id, 123, hour);
  await market.calls(b.id, 456, hour);
  await market.calls(b.id, 100, '2026-10-05T10:00:00Z');
  await ok(admin, 'PUT', `/api/account/subscriptions/${a.id}/cost-centre`, { costCentre: ' R&D ' });
  const invoice = await ok<Invoice>(admin, 'GET', '/api/account/invoice?month=2026-11');
  const of = (by: string, from = '2026-11') =>
    ok<Spend>(admin, 'GET', `/api/account/spend?from=${from}&to=2026-11&by=${by}`);
  for (const by of ['product', 'member', 'month', 'cost-centre'])
    assert.deepEqual((await of(by)).totals, invoice.totals, by);
  assert.deepEqual(
    (await of('member')).rows.map((r) => [r.key, r.quantity, r.totals[0]?.amount]),
    [
      [admin.email, 123, '1.23'],
      [colleague.email, 456, '4.56'],
    ].toSorted(([x], [y]) => (`${x}` < `${y}` ? -1 : 1)),
  );
  assert.deepEqual(
    (await of('cost-centre')).rows.map((r) => r.label),
    ['without a label', 'R&D'],
  );
  assert.deepEqual(
    (await of('month', '2026-10')).rows.map((r) => [r.key, r.totals[0]?.amount]),
    [
      ['2026-10', '1.00'],
      ['2026-11', '5.79'],
    ],
  );
  const { items } = await ok<{ items: GovernedSubscription[] }>(
    admin,
    'GET',
    '/api/account/governance/subscriptions',
  );
  assert.deepEqual(
    items.map((s) => [s.subscriptionId, s.costCentre, s.spentThisMonth]),
    [
      [b.id, null, [{ currency: 'USD', amount: '4.56' }]],
      [a.id, 'R&D', [{ currency: 'USD', amount: '1.23' }]],
    ],
  );
  assert.equal(await refused(admin, 'GET', '/api/account/spend?from=2026-12&to=2026-11'), 'request.invalid');
  await ok(admin, 'GET', '/api/account/spend?from=2024-12&to=2026-11');
  assert.equal(await refused(admin, 'GET', '/api/account/spend?from=2024-11&to=2026-11'), 'request.invalid');
});

test('a cost centre is put on one’s own subscriptions only', async () => {
  const { admin, buy } = await account();
  const paid = await buy(await market.product());
  const stranger = await market.member(['admin']);
  const put = `/api/account/subscriptions/${paid.id}/cost-centre`;
  assert.equal(await refused(stranger, 'PUT', put, { costCentre: 'Mine' }), 'subscription.missing');
  await ok(admin, 'PUT', put, { costCentre: 'R&D' });
  await ok(admin, 'PUT', put, { costCentre: null });
  assert.equal(await row(db, sql`select 1 from cost_centres where subscription_id = ${paid.id}`), undefined);
});

test('the minute’s run evaluates every account, though one of them fails', async () => {
  const [one, two] = [await account(), await account()];
  const paid = await two.buy(await market.product());
  await one.budget();
  await two.budget();
  await market.calls(paid.id, 1000, hour);
  // A hold that nobody lifts, on the row that the evaluation of the first needs, would be a fault of ours; here its plan is.
  const broken = await one.buy(await market.product());
  await market.calls(broken.id, 1, hour);
  await sql`update subscriptions set plan = jsonb_set(plan, '{parts,0,pricePerUnit}', '"none"') where id = ${broken.id}`.execute(
    db,
  );
  const failed: string[] = [];
  await market.governance.budgets.evaluateAll((accountId) => failed.push(accountId));
  assert.deepEqual(failed, [one.admin.accountId]);
  assert.equal(await two.state(paid.id), 'suspended');
});
