import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AudienceAccount, CatalogPage, CatalogProduct, ErrorBody, Plan } from '@souk/contract';
import pg from 'pg';
import { insertProduct, usagePlan } from '../../../test/catalog.ts';
import { testSubscribing } from '../../../test/subscribing.ts';
import type { Member } from '../../platform/authorize.ts';
import { rows, sql } from '../../platform/db.ts';

const market = await testSubscribing();
const { db, send } = market;
const [seller, friend, stranger] = [await market.member(), await market.member(), await market.member()];
const given = { accountId: seller.accountId, publisher: 'lab', title: 'Zirconium Assay' };
const secretPlan: Plan = {
  ...usagePlan,
  id: 'partners',
  name: 'Partners',
  visibility: 'private',
  parts: [{ kind: 'usage', dimension: 'inference.count', pricePerUnit: '0.0001' }],
};
const secret = { ...given, slug: 'secret', visibility: 'private' as const };
const open = { ...given, slug: 'open', title: 'Open Assay', plans: [usagePlan, secretPlan] };
const { productId } = await insertProduct(db, secret);
const { productId: openId } = await insertProduct(db, open);
await market.catalog.rebuild();

type Answer = { accountId: string }[];
const url = (rest = '', id = productId) => `/api/products/${id}/buyers${rest}`;
const list = async (query = '', id = productId) =>
  (await send(seller, { url: url(query, id) })).json<{
    items: AudienceAccount[];
    total: number;
    max: number;
  }>();
const put = (caller: Member, accountId: string, body: object = {}, id = productId) =>
  send(caller, { method: 'PUT', url: url(`/${accountId}`, id), payload: body });
const take = (accountId: string, query = '', id = productId) =>
  send(seller, { method: 'DELETE', url: url(`/${accountId}${query}`, id) });
const importCsv = (csv: string, mode = 'add', more: object = {}) =>
  send(seller, { method: 'POST', url: url('/import'), payload: { csv, mode, ...more } });
const codeOf = (answer: { json(): unknown }) => (answer.json() as ErrorBody).error.code;
const page = (caller: Member, slug: string) => send(caller, { url: `/api/catalog/products/lab/${slug}` });
const ids = (items: Answer) => items.map((i) => i.accountId);

test('an account that is put in sees the product at once, and one that is taken out no longer, without publishing', async () => {
  const state = () =>
    rows(db, sql`select draft_version, live_revision_id from products where id = ${productId}`);
  const before = await state();
  assert.equal((await page(friend, 'secret')).statusCode, 404);
  assert.equal((await put(seller, friend.accountId, { note: 'Signed in May' })).statusCode, 200);
  assert.equal((await page(friend, 'secret')).statusCode, 200);
  const found = await send(friend, { url: '/api/catalog/products?q=zirconium' });
  assert.deepEqual(
    found.json<CatalogPage>().items.map((i) => i.slug),
    ['secret'],
  );
  assert.equal((await take(friend.accountId)).statusCode, 204);
  assert.equal((await page(friend, 'secret')).statusCode, 404);
  assert.deepEqual(
    (await send(friend, { url: '/api/catalog/products?q=zirconium' })).json<CatalogPage>().items,
    [],
  );
  assert.deepEqual(await state(), before);
});

test('whoever subscribed and is taken out keeps the subscription and its page, and cannot come back', async () => {
  const buyer = await market.member();
  await put(seller, buyer.accountId);
  const { id } = await market.subscribe(buyer, secret);
  await take(buyer.accountId);
  assert.equal((await page(buyer, 'secret')).statusCode, 200);
  await market.cancel(buyer, id);
  assert.equal((await page(buyer, 'secret')).statusCode, 404);
  assert.equal(
    await market.refused(buyer, 'POST', '/api/subscriptions', market.agreement(secret)),
    'catalog.missing',
  );
});

test('for others a private product and none have the same answer, byte for byte, and are found by one statement', async () => {
  const headers = { 'x-request-id': 'always-the-same' };
  for (const rest of ['', '?slot=live', '?slot=preview', '/statement', '/versions/1.0.0/bom']) {
    const there = await send(stranger, { url: `/api/catalog/products/lab/secret${rest}`, headers });
    const nothing = await send(stranger, { url: `/api/catalog/products/lab/nought${rest}`, headers });
    assert.equal(there.statusCode, 404);
    assert.equal(there.body.replaceAll('secret', 'nought'), nothing.body, rest);
    assert.deepEqual(Object.keys(there.headers), Object.keys(nothing.headers));
  }
  const asked: unknown[] = [];
  const { query } = pg.Client.prototype;
  pg.Client.prototype.query = function (this: pg.Client, ...args: unknown[]) {
    asked.push((args[0] as { text?: string }).text ?? args[0]);
    return Reflect.apply(query, this, args);
  } as typeof query;
  try {
    const statements = async (slug: string) => {
      asked.length = 0;
      await page(stranger, slug);
      return [...asked];
    };
    const there = await statements('secret');
    assert.ok(there.length > 0);
    assert.deepEqual(await statements('nought'), there);
  } finally {
    pg.Client.prototype.query = query;
  }
});

test('a private plan is there for its audience and the owner: page, price, facets and subscribing know nothing of it elsewhere', async () => {
  const plans = async (caller: Member) =>
    (await page(caller, 'open')).json<CatalogProduct>().plans.map((p) => p.id);
  const before = (await page(stranger, 'open')).body;
  assert.deepEqual(await plans(stranger), ['pay']);
  assert.deepEqual(await plans(seller), ['pay', 'partners']);
  assert.equal((await put(seller, friend.accountId, { plan: 'partners' }, openId)).statusCode, 200);
  assert.deepEqual(await plans(friend), ['pay', 'partners']);
  assert.equal((await page(stranger, 'open')).body, before);
  for (const text of ['partners', '0.0001']) assert.doesNotMatch(before, new RegExp(text));
  const found = (await send(stranger, { url: '/api/catalog/products?q=open' })).json<CatalogPage>();
  assert.deepEqual(
    found.items.map((i) => i.priceText),
    ['0.002 USD per inference'],
  );
  const answer = await send(stranger, {
    method: 'POST',
    url: '/api/subscriptions',
    payload: market.agreement(open, { planId: 'partners' }),
  });
  assert.equal(codeOf(answer), 'subscription.plan_missing');
  assert.doesNotMatch(answer.json<ErrorBody>().error.message, /offers .*partners/);
  assert.equal((await market.subscribe(friend, open, { planId: 'partners' })).plan.id, 'partners');
  // Being named for a plan is not being named for a private product.
  assert.deepEqual(ids((await list('', openId)).items), []);
  assert.deepEqual(ids((await list('?plan=partners', openId)).items), [friend.accountId]);
});

test('a file is imported whole or not at all; replace takes out who is not in it', async () => {
  const id = (n: number) => String(300_000_000_000 + n);
  const added = await importCsv(`accountId,note\n${id(1)},One\n${id(2)},Two\n`, 'replace');
  assert.deepEqual(added.json(), { added: 2, changed: 0, removed: 0, total: 2 });
  const wrong = await importCsv(`${id(3)},Three\n${id(4)}x,Four\n`);
  assert.equal(codeOf(wrong), 'audience.csv_invalid');
  assert.deepEqual(
    wrong.json<ErrorBody>().error.findings?.map((f) => [f.code, f.line]),
    [['audience.account_id', 2]],
  );
  assert.deepEqual(ids((await list()).items), [id(1), id(2)]);
  assert.deepEqual((await importCsv(`${id(2)},Changed\n${id(5)},Five\n`)).json(), {
    added: 1,
    changed: 1,
    removed: 0,
    total: 3,
  });
  assert.deepEqual((await importCsv(`${id(2)},Changed\n`, 'replace')).json(), {
    added: 0,
    changed: 0,
    removed: 2,
    total: 1,
  });
  const exported = await send(seller, { url: url('/export') });
  assert.equal(exported.body, `accountId,note\r\n${id(2)},Changed\r\n`);
  assert.match(String(exported.headers['content-type']), /text\/csv/);
});

test('an audience has at most 5000 accounts, whichever way they come', async () => {
  const many = (n: number) => Array.from({ length: n }, (_, i) => `${400_000_000_000 + i}`).join('\n');
  assert.equal(codeOf(await importCsv(many(5001), 'replace')), 'audience.too_many');
  assert.equal((await importCsv(many(5000), 'replace')).json<{ total: number }>().total, 5000);
  assert.equal(codeOf(await put(seller, '500000000000')), 'audience.too_many');
  assert.equal((await put(seller, '400000000001', { note: 'There already' })).statusCode, 200);
  assert.equal((await take('400000000001')).statusCode, 204);
  assert.equal((await put(seller, '500000000000')).statusCode, 200);
  const { total, max, items } = await list('?limit=200');
  assert.deepEqual([total, max, items.length], [5000, 5000, 200]);
});

test('what is not there is said: another account’s product, a plan, an account that is not in', async () => {
  assert.equal(codeOf(await put(stranger, friend.accountId)), 'product.missing');
  assert.equal(codeOf(await put(seller, friend.accountId, { plan: 'none' })), 'audience.plan_missing');
  assert.equal(codeOf(await take('999999999999')), 'audience.not_listed');
  assert.equal(codeOf(await put(seller, '12345')), 'request.invalid');
  assert.equal(codeOf(await put(seller, friend.accountId, { note: 'x'.repeat(201) })), 'request.invalid');
});

test('the name of an account is told to a publisher when it subscribes, not when it is listed', async () => {
  const [named, buyer] = [await market.member(), await market.member()];
  await importCsv('', 'replace');
  for (const who of [named, buyer]) await put(seller, who.accountId);
  await market.subscribe(buyer, secret);
  const shown = new Map((await list()).items.map((i) => [i.accountId, i]));
  assert.deepEqual(
    [shown.get(named.accountId)?.accountName, shown.get(named.accountId)?.subscribed],
    [null, false],
  );
  assert.deepEqual(
    [shown.get(buyer.accountId)?.accountName, shown.get(buyer.accountId)?.subscribed],
    [`Account ${buyer.accountId}`, true],
  );
});
