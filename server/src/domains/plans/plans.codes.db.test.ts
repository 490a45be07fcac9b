import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CatalogProduct, Plan, PlanCode } from '@souk/contract';
import { testSubscribing } from '../../../test/subscribing.ts';
import type { Member } from '../../platform/authorize.ts';
import { rows, sql } from '../../platform/db.ts';

const market = await testSubscribing();
const { db, ok, refused, agreement, setTime } = market;
const seller = await market.member();
const plans: Plan[] = [
  { id: 'free', name: 'Free' },
  { id: 'club', name: 'Club', promotionCode: true },
  { id: 'secret', name: 'Secret', promotionCode: true, hidden: true },
];
const product = { accountId: seller.accountId, publisher: 'city', slug: 'prices', title: 'Prices', plans };
const { productId } = await market.release(product);
const codesPath = `/api/products/${productId}/plan-codes`;
const openPath = '/api/subscriptions/open-plans';
const named = { publisher: 'city', product: 'prices' };
const page = '/api/catalog/products/city/prices';
const make = (given: object) => ok<{ code: string; made: PlanCode }>(seller, 'POST', codesPath, given);
const subscribe = (who: Member, planId: string, code?: string) =>
  refused(who, 'POST', '/api/subscriptions', agreement(product, { planId, ...(code ? { code } : {}) }));
const gets = (who: Member, planId: string, code: string) => market.subscribe(who, product, { planId, code });
const opened = (who: Member, code: string) =>
  ok<{ plans: Plan[] }>(who, 'POST', openPath, { ...named, code });
setTime('2026-05-01T10:00:00Z');

test('a hidden plan is nowhere without its code, and there with it, however the code is copied', async () => {
  const { code } = await make({ planId: 'secret' });
  assert.match(code, /^[A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{4}$/);
  const buyer = await market.member();
  const shown = await ok<CatalogProduct>(buyer, 'GET', page);
  assert.deepEqual(
    shown.plans.map((p) => p.id),
    ['free', 'club'],
  );
  assert.ok(!JSON.stringify(shown).includes('Secret'));
  assert.equal(await subscribe(buyer, 'secret'), 'subscription.plan_missing');
  assert.deepEqual(
    (await opened(buyer, ` ${code.toLowerCase()} `)).plans.map((p) => p.id),
    ['secret'],
  );
  assert.equal((await gets(buyer, 'secret', code)).plan.id, 'secret');
  assert.deepEqual(
    (await ok<CatalogProduct>(seller, 'GET', page)).plans.map((p) => p.id),
    ['free', 'club', 'secret'],
    'its publisher sees it',
  );
  assert.equal((await market.subscribe(seller, product, { planId: 'secret' })).plan.id, 'secret');
});

test('a plan with a code is seen by all and had by those who give it; another plan’s code opens it not', async () => {
  const club = await make({ planId: 'club', code: 'Spring-2026', label: 'Fair' });
  const secret = await make({ planId: 'secret' });
  const buyer = await market.member();
  assert.equal(await subscribe(buyer, 'club'), 'plan.code_needed');
  assert.equal(await subscribe(buyer, 'club', secret.code), 'plan.code_wrong');
  assert.equal(await subscribe(buyer, 'club', 'SPRING-2025'), 'plan.code_wrong');
  assert.equal(await subscribe(buyer, 'none', club.code), 'plan.code_wrong');
  const { id } = await market.subscribe(buyer, product);
  assert.equal(
    await refused(buyer, 'POST', `/api/subscriptions/${id}/plan`, { planId: 'club' }),
    'plan.code_needed',
  );
  await ok(buyer, 'POST', `/api/subscriptions/${id}/plan`, { planId: 'club', code: 'spring-2026' });
});

test('a code ends on its last day, with its last use, and when its publisher ends it', async () => {
  const day = await make({ planId: 'club', lastDay: '2026-05-02' });
  const [first, second, third] = [await market.member(), await market.member(), await market.member()];
  setTime('2026-05-02T23:59:00Z');
  await gets(first, 'club', day.code);
  setTime('2026-05-03T00:00:00Z');
  assert.equal(await subscribe(second, 'club', day.code), 'plan.code_expired');
  const once = await make({ planId: 'club', usesMax: 1 });
  const both = await Promise.all(
    [second, third].map((who) =>
      market.send(who, {
        method: 'POST',
        url: '/api/subscriptions',
        payload: agreement(product, { planId: 'club', code: once.code }),
      }),
    ),
  );
  assert.deepEqual(both.map((a) => a.statusCode).sort(), [201, 412].map(Number).sort(), both[1]?.body);
  const fourth = await market.member();
  assert.equal(await subscribe(fourth, 'club', once.code), 'plan.code_used_up');
  const ended = await make({ planId: 'club' });
  await ok(seller, 'DELETE', `${codesPath}/${ended.made.id}`);
  assert.equal(await subscribe(fourth, 'club', ended.code), 'plan.code_wrong');
  const { items } = await ok<{ items: PlanCode[] }>(seller, 'GET', codesPath);
  assert.deepEqual(
    items.filter((c) => c.state !== 'open').map((c) => [c.state, c.uses]),
    [
      ['used-up', 1],
      ['expired', 1],
    ],
  );
});

test('wrong codes are counted, right ones are not, and nobody waits for another’s guesses', async () => {
  const { code } = await make({ planId: 'club' });
  const [guesser, honest] = [await market.member(), await market.member()];
  for (let i = 0; i < 15; i++) await opened(honest, code);
  for (let i = 0; i < 10; i++)
    assert.equal(
      await refused(guesser, 'POST', openPath, { ...named, code: `GUESS-${i}` }),
      'plan.code_wrong',
    );
  assert.equal(await refused(guesser, 'POST', openPath, { ...named, code }), 'plan.code_tries');
  await opened(honest, code);
});

test('codes are kept as digests that no copy of the database gives away, and are their publisher’s alone', async () => {
  const { code, made } = await make({ planId: 'club' });
  const kept = await rows(db, sql`select to_jsonb(c) as c from plan_codes c`);
  assert.ok(!JSON.stringify(kept).includes(code));
  const audited = await rows(db, sql`select details from audit_entries`).catch(() => []);
  assert.ok(!JSON.stringify(audited).includes(code));
  assert.equal(made.hint, code.slice(-2));
  const other = await market.member();
  assert.equal(await refused(other, 'GET', codesPath), 'product.missing');
  assert.equal(await refused(other, 'POST', codesPath, { planId: 'club' }), 'product.missing');
  assert.equal(await refused(other, 'DELETE', `${codesPath}/${made.id}`), 'product.missing');
  assert.equal(await refused(seller, 'POST', codesPath, { planId: 'none' }), 'plan.missing');
  assert.equal(await refused(seller, 'POST', codesPath, { planId: 'club', code }), 'plan.code_exists');
  assert.equal(
    await refused(seller, 'POST', codesPath, { planId: 'club', code: 'short' }),
    'request.invalid',
  );
});
