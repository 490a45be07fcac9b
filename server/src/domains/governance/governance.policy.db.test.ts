import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type AccessRequest,
  type Governance,
  type GovernanceRule,
  type GovernedSubscription,
  governanceLimits,
  type Verdict,
} from '@souk/contract';
import { testGoverning } from '../../../test/governing.ts';
import { row, sql } from '../../platform/db.ts';

const market = await testGoverning();
const { ok, refused, admin, seller, db } = market;
const buyer = await market.newMember(['buyer']);
const url = '/api/account/governance';
market.setTime('2026-11-10T00:00:00Z');

async function rules(
  list: GovernanceRule[],
  more: { default?: Governance['default']; contact?: string } = {},
) {
  const { version } = await ok<Governance>(admin, 'GET', url);
  return ok<Governance>(admin, 'PUT', url, { version, default: 'allow', contact: '', ...more, rules: list });
}
const request = (who: typeof buyer, product: { publisher: string; slug: string }, planId = 'free') =>
  ok<AccessRequest>(who, 'POST', `${url}/requests`, {
    publisher: product.publisher,
    product: product.slug,
    planId,
    reason: 'For the flower project.',
  });
const decide = (who: typeof buyer, id: string, decision: string, days?: number) =>
  [
    who,
    'POST',
    `${url}/requests/${id}/decision`,
    { decision, reason: 'Seen.', ...(days ? { days } : {}) },
  ] as const;
const subscribing = (product: Parameters<typeof market.agreement>[0], more: object = {}) =>
  [buyer, 'POST', '/api/subscriptions', market.agreement(product, more)] as const;

test('a denied product cannot be subscribed to, by admins neither, and the refusal says whom to ask', async () => {
  const p = await market.product();
  await rules([{ kind: 'product', value: p.name, effect: 'deny', note: 'legal has not looked yet' }]);
  for (const who of [buyer, admin]) {
    const answer = await market.send(who, {
      method: 'POST',
      url: '/api/subscriptions',
      payload: market.agreement(p),
    });
    const { error } = answer.json<{ error: { code: string; message: string; remedy: string } }>();
    assert.equal(error.code, 'governance.denied');
    assert.match(error.message, /legal has not looked yet/);
    assert.match(error.remedy, new RegExp(admin.email));
  }
  await rules([{ kind: 'product', value: p.name, effect: 'deny' }], { contact: 'procurement@example.com' });
  const verdict = await ok<Verdict>(
    buyer,
    'GET',
    `${url}/verdict?publisher=${p.publisher}&product=${p.slug}&planId=free`,
  );
  assert.deepEqual([verdict.effect, verdict.ask], ['deny', 'procurement@example.com']);
});

test('another account’s rules are nobody else’s, to read or to feel', async () => {
  const p = await market.product();
  await rules([{ kind: 'product', value: p.name, effect: 'deny' }]);
  const other = await market.member();
  assert.equal((await ok<Governance>(other, 'GET', url)).version, 0);
  await market.subscribe(other, p);
});

test('rules by price, type, category and publisher are felt by what they name', async () => {
  const p = await market.product({ categories: ['Text'] });
  for (const [kind, value] of [
    ['price', 'paid'],
    ['type', 'model-package'],
    ['category', 'Text'],
    ['publisher', 'botany'],
  ] as const) {
    await rules([{ kind, value, effect: 'deny' }]);
    assert.equal(await refused(...subscribing(p, { planId: 'pay' })), 'governance.denied', kind);
  }
  await rules([
    { kind: 'price', value: 'paid', effect: 'deny' },
    { kind: 'publisher', value: 'botany', effect: 'allow' },
  ]);
  await ok(...subscribing(p, { planId: 'pay' }));
});

test('a request with approval: refused without, good once with, for who asked and the plan that was asked for', async () => {
  const [p, colleague] = [await market.product(), await market.newMember(['buyer'])];
  await rules([], { default: 'request' });
  assert.equal(await refused(...subscribing(p)), 'governance.approval_needed');
  const { id, state } = await request(buyer, p);
  assert.equal(state, 'pending');
  assert.equal(await refused(...subscribing(p)), 'governance.approval_needed');
  await ok(...decide(admin, id, 'approve'));
  assert.equal(
    await refused(colleague, 'POST', '/api/subscriptions', market.agreement(p)),
    'governance.approval_needed',
  );
  assert.equal(await refused(...subscribing(p, { planId: 'pay' })), 'governance.approval_needed');
  const made = await ok<{ id: string }>(...subscribing(p));
  await market.cancel(buyer, made.id);
  assert.equal(await refused(...subscribing(p)), 'governance.approval_needed');
  const seen = await ok<{ items: AccessRequest[] }>(buyer, 'GET', `${url}/requests?state=used`);
  assert.ok(seen.items.some((q) => q.id === id));
});

test('a subscription that fails for another reason does not use the approval up', async () => {
  const p = await market.product();
  await rules([], { default: 'request' });
  const { id } = await request(buyer, p);
  await ok(...decide(admin, id, 'approve'));
  assert.equal(await refused(...subscribing(p, { eulaSha256: 'a'.repeat(64) })), 'subscription.eula_changed');
  await ok(...subscribing(p));
});

test('an approval lasts its days and not a moment longer', async () => {
  const p = await market.product();
  await rules([], { default: 'request' });
  market.setTime('2026-11-10T00:00:00Z');
  const { id } = await request(buyer, p);
  const approved = await ok<AccessRequest>(...decide(admin, id, 'approve', 2));
  assert.equal(approved.expiresAt, '2026-11-12T00:00:00.000Z');
  market.setTime('2026-11-12T00:00:00Z');
  assert.equal(await refused(...subscribing(p)), 'governance.approval_needed');
  const { items } = await ok<{ items: AccessRequest[] }>(buyer, 'GET', `${url}/requests?state=expired`);
  assert.ok(items.some((q) => q.id === id));
  market.setTime('2026-11-11T23:59:59Z');
  await ok(...subscribing(p));
  market.setTime('2026-11-10T00:00:00Z');
});

test('an admin subscribes to what needs an approval without one: it would be theirs to give', async () => {
  const p = await market.product();
  await rules([], { default: 'request' });
  await market.subscribe(admin, p);
  assert.equal(
    await refused(admin, 'POST', `${url}/requests`, {
      publisher: p.publisher,
      product: p.slug,
      planId: 'free',
      reason: 'x',
    }),
    'governance.not_needed',
  );
});

test('two admins who decide at the same time: one decides, the other is told', async () => {
  const [p, second] = [await market.product(), await market.newMember(['admin'])];
  await rules([], { default: 'request' });
  const { id } = await request(buyer, p);
  const asked = await Promise.all(
    [decide(admin, id, 'approve'), decide(second, id, 'deny')].map(([who, method, address, payload]) =>
      market.send(who, { method, url: address, payload }),
    ),
  );
  assert.deepEqual(asked.map((a) => a.statusCode).toSorted(), [200, 409]);
  assert.equal(await refused(...decide(admin, id, 'deny')), 'governance.request_decided');
});

test('nobody decides on their own request, members decide on none, and other accounts see none', async () => {
  const p = await market.product();
  await rules([], { default: 'request' });
  const both = await market.newMember(['buyer']);
  const { id } = await request(both, p);
  const promoted = { ...both, roles: ['admin', 'buyer'] } as typeof both;
  assert.equal(await refused(...decide(promoted, id, 'approve')), 'governance.own_request');
  assert.equal(await refused(...decide(buyer, id, 'approve')), 'request.forbidden');
  assert.equal(await refused(...decide(seller, id, 'approve')), 'governance.request_missing');
  const own = await ok<{ items: AccessRequest[] }>(buyer, 'GET', `${url}/requests`);
  assert.ok(own.items.every((q) => q.mine));
  assert.equal(await refused(buyer, 'DELETE', `${url}/requests/${id}`), 'governance.request_missing');
  await ok(both, 'DELETE', `${url}/requests/${id}`);
  assert.equal(await refused(...decide(admin, id, 'approve')), 'governance.request_decided');
});

test('one request waits at a time, however many are sent at once; what is denied or allowed takes none', async () => {
  const p = await market.product();
  await rules([], { default: 'request' });
  const asked = await Promise.allSettled([1, 2, 3].map(() => request(buyer, p)));
  assert.equal(asked.filter((a) => a.status === 'fulfilled').length, 1);
  const body = { publisher: p.publisher, product: p.slug, planId: 'free', reason: 'x' };
  assert.equal(await refused(buyer, 'POST', `${url}/requests`, body), 'governance.request_exists');
  await rules([], { default: 'deny' });
  assert.equal(await refused(buyer, 'POST', `${url}/requests`, body), 'governance.denied');
  await rules([]);
  assert.equal(await refused(buyer, 'POST', `${url}/requests`, body), 'governance.not_needed');
  assert.equal(
    await refused(buyer, 'POST', `${url}/requests`, { ...body, planId: 'gold' }),
    'subscription.plan_missing',
  );
});

test('existing subscriptions go on when the rules change, and are listed as outside of them', async () => {
  const p = await market.product({ categories: ['Audio'] });
  await rules([]);
  const { id } = await market.subscribe(buyer, p);
  const before = (await ok<Governance>(admin, 'GET', url)).outside;
  const after = await rules([{ kind: 'category', value: 'Audio', effect: 'deny' }]);
  assert.equal(after.outside, before + 1);
  const list = await ok<{ items: GovernedSubscription[] }>(admin, 'GET', `${url}/subscriptions?outside=true`);
  const found = list.items.find((s) => s.subscriptionId === id);
  assert.deepEqual(
    [found?.state, found?.effect, found?.member, found?.rule],
    ['active', 'deny', buyer.email, 'the rule for category Audio denies it'],
  );
  await rules([]);
});

test('wrong rules are refused by name and change nothing', async () => {
  const p = await market.product();
  const { version } = await rules([{ kind: 'product', value: p.name, effect: 'deny' }]);
  const put = (list: object[], at = version) =>
    [admin, 'PUT', url, { version: at, default: 'allow', contact: '', rules: list }] as const;
  const deny = (kind: string, value: string) => ({ kind, value, effect: 'deny' });
  for (const [kind, value] of [
    ['product', 'botany/absent'],
    ['product', 'botany'],
    ['publisher', 'nobody'],
    ['category', 'Cooking'],
    ['type', 'notebook'],
    ['price', 'cheap'],
  ] as const)
    assert.equal(
      await refused(...put([deny(kind, value)])),
      'governance.subject_missing',
      `${kind} ${value}`,
    );
  assert.equal(
    await refused(...put([deny('product', p.name), { ...deny('product', p.name), effect: 'allow' }])),
    'governance.duplicate_rule',
  );
  assert.equal(await refused(...put([], version - 1)), 'governance.changed_meanwhile');
  const many = Array.from({ length: governanceLimits.rules + 1 }, () => deny('category', 'Text'));
  assert.equal(await refused(...put(many)), 'request.invalid');
  assert.equal(
    await refused(buyer, 'PUT', url, { version, default: 'deny', contact: '', rules: [] }),
    'request.forbidden',
  );
  assert.equal((await ok<Governance>(admin, 'GET', url)).version, version);
});

test('two admins who save at the same time: the second is told that the rules have changed', async () => {
  const { version } = await ok<Governance>(admin, 'GET', url);
  const saved = await Promise.all(
    [1, 2].map(() =>
      market.send(admin, {
        method: 'PUT',
        url,
        payload: { version, default: 'allow', contact: '', rules: [] },
      }),
    ),
  );
  assert.deepEqual(saved.map((a) => a.statusCode).toSorted(), [200, 409]);
});

test('a rule follows its product to another address, and stays when the product is hidden', async () => {
  const p = await market.product();
  await rules([{ kind: 'product', value: p.name, effect: 'deny' }]);
  await sql`update products set slug = 'renamed' where id = ${p.productId}`.execute(db);
  assert.equal(await refused(...subscribing({ ...p, slug: 'renamed' })), 'governance.denied');
  await sql`update products set live_revision_id = null where id = ${p.productId}`.execute(db);
  const kept = await rules([{ kind: 'product', value: 'botany/renamed', effect: 'deny' }]);
  assert.equal(kept.rules[0]?.value, 'botany/renamed');
  await rules([]);
});

test('a change of the rules is in the audit log with what was added and removed', async () => {
  await rules([{ kind: 'category', value: 'Text', effect: 'deny' }]);
  await rules([{ kind: 'category', value: 'Text', effect: 'request' }]);
  const entry = await row<{ details: { added: string[]; removed: string[] } }>(
    db,
    sql`select details from audit_entries where action = 'governance.changed' order by id desc limit 1`,
  );
  assert.deepEqual(entry?.details.added, ['category Text: request']);
  assert.deepEqual(entry?.details.removed, ['category Text: deny']);
  await rules([]);
});
