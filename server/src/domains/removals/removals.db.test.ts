import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CatalogPage, CatalogProduct, ErrorBody, Removal, SubscriptionExport } from '@souk/contract';
import { usagePlan } from '../../../test/catalog.ts';
import { testSubscribing } from '../../../test/subscribing.ts';
import type { Member } from '../../platform/authorize.ts';
import { inTx, row, rows, sql } from '../../platform/db.ts';

const market = await testSubscribing();
const { db, send, work, mailsTo, setTime, leaving } = market;
const operator = await market.person(['operator-admin'], true);
const started = '2026-03-16T10:00:00.000Z';
let products = 0;

/** A product of a publisher of its own, with subscribers, at the beginning of time. */
async function sold(subscribers = 1) {
  setTime(started);
  const seller = await market.person(['admin']);
  const n = ++products;
  const product = {
    accountId: seller.accountId,
    publisher: `lab-${n}`,
    slug: 'assay',
    title: `Assay ${n}`,
    plans: [usagePlan],
  };
  const { productId } = await market.release(product);
  await market.catalog.rebuild();
  const buyers = await Promise.all(Array.from({ length: subscribers }, () => market.person(['admin'])));
  const subscriptions = [];
  for (const buyer of buyers)
    subscriptions.push((await market.subscribe(buyer, product, { planId: 'pay' })).id);
  await work();
  const [buyer, subscription] = [buyers[0] as Member, subscriptions[0] ?? ''];
  return { seller, product, productId, buyers, buyer, subscription, name: `${product.publisher}/assay` };
}
type Sold = Awaited<ReturnType<typeof sold>>;
const request = { email: 'seller@example.test', reason: 'Nobody maintains it.' };
const remove = (caller: Member, productId: string, more: object = {}) =>
  send(caller, {
    method: 'POST',
    url: `/api/products/${productId}/removal`,
    payload: { ...request, ...more },
  });
const cancel = (caller: Member, productId: string) =>
  send(caller, { method: 'POST', url: `/api/products/${productId}/removal/cancel` });
const codeOf = (answer: { json(): unknown }) => (answer.json() as ErrorBody).error.code;
const page = (caller: Member, { name }: Sold) => send(caller, { url: `/api/catalog/products/${name}` });
const foundIn = async (caller: Member, { product }: Sold) =>
  (await send(caller, { url: `/api/catalog/products?publisher=${product.publisher}` })).json<CatalogPage>()
    .total;
const stateOf = async (subscription: string) =>
  await row<{ state: string; code: string | null }>(
    db,
    sql`select state, coalesce(ended_code, suspended_code) as code from subscriptions where id = ${subscription}`,
  );
async function at(time: string) {
  setTime(time);
  await leaving.ending.sweep();
  await work();
}
const about = async (who: Member, { product }: Sold) =>
  (await mailsTo(who)).filter((m) => m.includes(product.title)).slice(1);

test('an unpublished product is hidden and closed at once; those who have it see until when, and go on', async () => {
  const s = await sold();
  const stranger = await market.member();
  const answer = await remove(s.seller, s.productId);
  assert.equal(answer.statusCode, 201, answer.body);
  const removal = answer.json<Removal>();
  assert.deepEqual(
    [removal.state, removal.endsAt, removal.cancellableUntil, removal.subscribers, removal.email],
    ['leaving', '2026-06-14T10:00:00.000Z', '2026-03-17T10:00:00.000Z', 1, request.email],
  );
  // No job has run: it is the transaction that hides it.
  assert.deepEqual([await foundIn(stranger, s), await foundIn(s.seller, s)], [0, 0]);
  assert.equal((await page(stranger, s)).statusCode, 404);
  const { leaving: shown } = (await page(s.buyer, s)).json<CatalogProduct>();
  assert.deepEqual(shown, { kind: 'unpublish', endsAt: '2026-06-14T10:00:00.000Z', replacement: null });
  assert.equal(
    await market.refused(
      stranger,
      'POST',
      '/api/subscriptions',
      market.agreement(s.product, { planId: 'pay' }),
    ),
    'catalog.missing',
  );
  // The owner sees it, and can subscribe to it no more than others.
  assert.equal((await page(s.seller, s)).statusCode, 200);
  assert.equal(
    await market.refused(
      s.seller,
      'POST',
      '/api/subscriptions',
      market.agreement(s.product, { planId: 'pay' }),
    ),
    'removal.not_sold',
  );
  const entitled = await rows(
    db,
    sql`select 1 from gateway_entitlements(${s.buyer.accountId}) where status = 'active' and '1.0.0' = any (versions)`,
  );
  assert.equal(entitled.length, 1);
});

test('mails come at the start, and 30, 7 and 1 days before the end, each once, also when nobody ran for weeks', async () => {
  const s = await sold(2);
  await remove(s.seller, s.productId);
  await work();
  const title = s.product.title;
  const expected = [`${title} is no longer sold`];
  const check = async (time: string, next?: string) => {
    await at(time);
    await at(time);
    if (next) expected.push(next);
    for (const buyer of s.buyers) assert.deepEqual(await about(buyer, s), expected, time);
  };
  await check('2026-05-15T09:59:59.999Z');
  await check('2026-05-15T10:00:00.000Z', `${title} ends in 30 days`);
  await check('2026-06-07T09:59:59.999Z');
  await check('2026-06-07T10:00:00.000Z', `${title} ends in 7 days`);
  await check('2026-06-13T10:00:00.000Z', `${title} ends in 1 day`);
  await check('2026-06-14T09:59:59.999Z');
  await check('2026-06-14T10:00:00.000Z', `The subscription to ${title} ended`);
  await check('2026-06-20T10:00:00.000Z');

  const slept = await sold();
  await remove(slept.seller, slept.productId);
  await work();
  await at('2026-06-08T10:00:00.000Z');
  assert.deepEqual(await about(slept.buyer, slept), [
    `${slept.product.title} is no longer sold`,
    `${slept.product.title} ends in 6 days`,
  ]);
});

test('two sweeps at once write one reminder', async () => {
  const s = await sold();
  await remove(s.seller, s.productId);
  await work();
  setTime('2026-05-16T00:00:00Z');
  await Promise.all([leaving.ending.sweep(), leaving.ending.sweep(), leaving.ending.sweep()]);
  assert.equal((await about(s.buyer, s)).length, 2);
});

test('at the end subscriptions end with the reason, nothing runs, the slot is empty, and the months are still billed', async () => {
  const s = await sold(3);
  await sql`insert into usage_records (subscription_id, dimension, hour, quantity) values (${s.subscription}, 'inference.count', '2026-06-14T09:00:00Z', 2000)`.execute(
    db,
  );
  await remove(s.seller, s.productId);
  await at('2026-06-14T10:00:00.000Z');
  assert.deepEqual(await stateOf(s.subscription), { state: 'ended', code: 'product.removed' });
  assert.deepEqual(
    await row(
      db,
      sql`select live_revision_id as live, (select array_agg(distinct desired) from deployments d where d.product_id = p.id) as desired from products p where id = ${s.productId}`,
    ),
    { live: null, desired: ['stopped'] },
  );
  const left = await rows(
    db,
    sql`select 1 from subscriptions where product_id = ${s.productId} and state <> 'ended'`,
  );
  assert.equal(left.length, 0);
  for (const who of [s.buyer, s.seller]) assert.equal((await page(who, s)).statusCode, 404);
  assert.deepEqual(
    (await market.invoice(s.buyer, '2026-06')).lines.map((l) => l.amount),
    ['2.00'],
  );
  const shown = await send(s.seller, { url: `/api/products/${s.productId}/removal` });
  assert.equal(shown.json<{ removal: Removal }>().removal.state, 'removed');
});

test('a removal is cancelled for 24 hours, and not a moment longer', async () => {
  const kept = await sold();
  await remove(kept.seller, kept.productId);
  await work();
  setTime('2026-03-17T09:59:59.999Z');
  assert.equal((await cancel(kept.seller, kept.productId)).json<Removal>().state, 'cancelled');
  await work();
  const stranger = await market.member();
  assert.equal((await page(stranger, kept)).statusCode, 200);
  assert.equal(await foundIn(stranger, kept), 1);
  assert.equal((await about(kept.buyer, kept)).at(-1), `${kept.product.title} stays`);
  assert.equal((await page(kept.buyer, kept)).json<CatalogProduct>().leaving, null);
  await market.subscribe(stranger, kept.product, { planId: 'pay' });
  await at('2026-06-15T10:00:00Z');
  assert.deepEqual(await stateOf(kept.subscription), { state: 'active', code: null });
  // It may leave again, with a clock of its own.
  assert.equal(
    (await remove(kept.seller, kept.productId)).json<Removal>().endsAt,
    '2026-09-13T10:00:00.000Z',
  );

  const gone = await sold();
  await remove(gone.seller, gone.productId);
  setTime('2026-03-17T10:00:00.000Z');
  assert.equal(codeOf(await cancel(gone.seller, gone.productId)), 'removal.cancel_too_late');
});

test('the operator says for how long subscribers are served; what was promised before stays', async () => {
  const [before, after] = [await sold(), await sold()];
  await remove(before.seller, before.productId);
  market.policy.current = {
    ...market.policy.current,
    notice: { ...market.policy.current.notice, removalDays: 180 },
  };
  const answer = await remove(after.seller, after.productId);
  market.policy.current = {
    ...market.policy.current,
    notice: { ...market.policy.current.notice, removalDays: 90 },
  };
  assert.equal(answer.json<Removal>().endsAt, '2026-09-12T10:00:00.000Z');
  assert.equal(
    (await send(before.seller, { url: `/api/products/${before.productId}/removal` })).json<{
      removal: Removal;
    }>().removal.endsAt,
    '2026-06-14T10:00:00.000Z',
  );
});

test('nobody subscribes between the look and the write: the database itself refuses', async () => {
  const s = await sold();
  const [a, b] = [await market.member(), await market.member()];
  const answers = await Promise.all([
    remove(s.seller, s.productId),
    ...[a, b].map((who) =>
      send(who, {
        method: 'POST',
        url: '/api/subscriptions',
        payload: market.agreement(s.product, { planId: 'pay' }),
      }),
    ),
  ]);
  assert.equal(answers[0]?.statusCode, 201);
  const insert = inTx(db, (tx) =>
    sql`insert into subscriptions (id, account_id, product_id, revision_id, plan, plan_id, slot, version, state, eula_sha256, accepted_by)
      select 'sub_00000000000000000009', ${operator.accountId}, product_id, revision_id, plan, plan_id, slot, version, 'active', '', 'x' from subscriptions where id = ${s.subscription}`.execute(
      tx,
    ),
  );
  await assert.rejects(insert, /not sold/);
});

test('a replacement is named where everybody can have it, and nothing is learned by naming a private one', async () => {
  const [s, other] = [await sold(), await sold()];
  const hidden = { ...other.product, slug: 'hidden', title: 'Hidden', visibility: 'private' as const };
  await market.release(hidden);
  await market.catalog.rebuild();
  const wrong = async (replacement: string) => codeOf(await remove(s.seller, s.productId, { replacement }));
  assert.equal(await wrong(s.name), 'removal.replacement_itself');
  assert.equal(await wrong(`${other.product.publisher}/nothing`), 'removal.replacement_missing');
  assert.equal(await wrong(`${other.product.publisher}/hidden`), 'removal.replacement_missing');
  assert.equal(await wrong('no address'), 'request.invalid');
  const answer = await remove(s.seller, s.productId, { replacement: other.name });
  assert.deepEqual(answer.json<Removal>().replacement, {
    publisher: other.product.publisher,
    slug: 'assay',
    title: other.product.title,
  });
  const shown = async () => (await page(s.buyer, s)).json<CatalogProduct>().leaving?.replacement;
  assert.equal((await shown())?.publisher, other.product.publisher);
  // It leaves too: nobody is sent there.
  await remove(other.seller, other.productId);
  assert.equal(await shown(), null);
});

test('what cannot be unpublished is said: not live, leaving already, another’s, no reason, no address', async () => {
  const s = await sold();
  const stranger = await market.person(['admin']);
  assert.equal(codeOf(await remove(stranger, s.productId)), 'product.missing');
  assert.deepEqual((await send(s.seller, { url: `/api/products/${s.productId}/removal` })).json(), {
    removal: null,
  });
  assert.equal(
    codeOf(await send(stranger, { url: `/api/products/${s.productId}/removal` })),
    'product.missing',
  );
  assert.equal(codeOf(await cancel(s.seller, s.productId)), 'removal.missing');
  for (const wrong of [{ email: 'nobody' }, { reason: ' ' }, { reason: '' }, { reason: 'x'.repeat(2001) }])
    assert.equal(
      codeOf(await remove(s.seller, s.productId, wrong)),
      'request.invalid',
      JSON.stringify(wrong),
    );
  assert.equal((await remove(s.seller, s.productId, { reason: 'x'.repeat(2000) })).statusCode, 201);
  assert.equal(codeOf(await remove(s.seller, s.productId)), 'removal.under_way');
  await at('2026-07-01T00:00:00Z');
  assert.equal(codeOf(await remove(s.seller, s.productId)), 'removal.under_way');
  const draft = { ...s.product, slug: 'draft', slot: 'preview' as const };
  const { productId } = await market.release(draft);
  assert.equal(codeOf(await remove(s.seller, productId)), 'removal.not_live');
});

test('a submission that is under way ends with the removal, and a new release sells the product again', async () => {
  const s = await sold();
  const next = await market.release({ ...s.product, slot: 'preview' });
  await sql`insert into submissions (id, product_id, revision_id, account_id, state, stage, submitted_by)
    values (${`sbm_0000000000000000${s.product.publisher.slice(4).padStart(4, '0')}`}, ${s.productId}, ${next.revisionId}, ${s.seller.accountId}, 'waiting', 'sign-off', 'test')`.execute(
    db,
  );
  await remove(s.seller, s.productId);
  assert.deepEqual(
    await row(
      db,
      sql`select s.state, p.preview_revision_id as preview from submissions s join products p on p.id = s.product_id where p.id = ${s.productId}`,
    ),
    { state: 'cancelled', preview: null },
  );
  await inTx(db, (tx) => leaving.removals.released(tx, s.productId));
  await work();
  assert.deepEqual(await rows(db, sql`select state from removals where product_id = ${s.productId}`), [
    { state: 'republished' },
  ]);
  assert.equal((await page(await market.member(), s)).statusCode, 200);
  assert.equal((await about(s.buyer, s)).at(-1), `${s.product.title} stays`);
});

const takeDown = (product: string, reason = 'It steals what it is sent.', who = operator) =>
  send(who, { method: 'POST', url: '/api/operator/take-downs', payload: { product, reason } });
const restore = (id: string, who = operator) =>
  send(who, {
    method: 'POST',
    url: `/api/operator/take-downs/${id}/restore`,
    payload: { reason: 'Mended.' },
  });

test('a take-down stops calls, new subscriptions and what runs, tells both sides why, and is lifted whole', async () => {
  const s = await sold(2);
  const stranger = await market.member();
  const down = (await takeDown(s.name)).json<Removal>();
  await work();
  assert.equal((await page(stranger, s)).statusCode, 404);
  assert.equal(await foundIn(stranger, s), 0);
  assert.deepEqual(await stateOf(s.subscription), { state: 'suspended', code: 'product.taken_down' });
  const running = () =>
    rows<{ desired: string }>(
      db,
      sql`select distinct desired from deployments where product_id = ${s.productId}`,
    );
  assert.deepEqual(await running(), [{ desired: 'stopped' }]);
  const { reason } =
    (await row<{ reason: string }>(
      db,
      sql`select suspended_reason as reason from subscriptions where id = ${s.subscription}`,
    )) ?? {};
  assert.equal(reason, 'The operator took the product down: It steals what it is sent.');
  for (const buyer of s.buyers) assert.equal((await about(buyer, s)).length, 1);
  assert.deepEqual(
    (await mailsTo(s.seller)).filter((m) => m.includes('took')),
    [`The operator took ${s.product.title} down`],
  );
  assert.equal(codeOf(await takeDown(s.name)), 'takedown.down');

  assert.equal((await restore(down.id)).json<Removal>().state, 'restored');
  await work();
  assert.deepEqual(await stateOf(s.subscription), { state: 'active', code: null });
  assert.deepEqual(await running(), [{ desired: 'running' }]);
  assert.equal((await page(stranger, s)).statusCode, 200);
  assert.equal(codeOf(await restore(down.id)), 'takedown.missing');
});

test('a take-down and a removal hold independently, and a release lifts no take-down', async () => {
  const s = await sold();
  await remove(s.seller, s.productId);
  const down = (await takeDown(s.name)).json<Removal>();
  await work();
  await inTx(db, (tx) => leaving.removals.released(tx, s.productId));
  await work();
  assert.equal((await page(await market.member(), s)).statusCode, 404);
  assert.deepEqual(await stateOf(s.subscription), { state: 'suspended', code: 'product.taken_down' });
  await restore(down.id);
  await work();
  assert.equal((await page(await market.member(), s)).statusCode, 200);

  const both = await sold();
  await takeDown(both.name);
  await remove(both.seller, both.productId);
  await at('2026-06-14T10:00:00Z');
  assert.deepEqual(await stateOf(both.subscription), { state: 'ended', code: 'product.removed' });
});

test('only the operator takes down, and only what there is', async () => {
  const s = await sold();
  assert.equal((await takeDown(s.name, 'Mine', s.seller)).statusCode, 403);
  assert.equal(codeOf(await takeDown('nobody/nothing')), 'catalog.missing');
  assert.equal(codeOf(await takeDown(s.name, ' ')), 'request.invalid');
  assert.equal((await send(s.seller, { url: '/api/operator/removals' })).statusCode, 403);
  const list = (await send(operator, { url: '/api/operator/removals?state=down' })).json<{
    items: Removal[];
  }>();
  assert.ok(list.items.every((r) => r.state === 'down'));
});

test('everybody takes along what is theirs, also after the end, and nobody what is another’s', async () => {
  const s = await sold();
  await sql`insert into usage_records (subscription_id, dimension, hour, quantity) values (${s.subscription}, 'inference.count', '2026-04-02T09:00:00Z', 1500)`.execute(
    db,
  );
  await sql`update subscriptions set accepted_at = ${started} where id = ${s.subscription}`.execute(db);
  await remove(s.seller, s.productId);
  await at('2026-06-14T10:00:00Z');
  const url = `/api/subscriptions/${s.subscription}/export`;
  const theirs = (await send(s.buyer, { url })).json<SubscriptionExport>();
  assert.equal(theirs.terms.eula, 'Use it well.');
  assert.deepEqual(
    theirs.usage.map((u) => u.quantity),
    [1500],
  );
  assert.deepEqual(
    theirs.invoiceLines.map((l) => [l.month, l.amount]),
    [['2026-04', '1.00']],
  );
  assert.equal(theirs.history.at(-1)?.event, 'terminated');
  assert.equal(codeOf(await send(s.seller, { url })), 'subscription.missing');
  const own = await send(s.seller, { url: `/api/products/${s.productId}/export` });
  const { revisions, customers, versions, removals } = own.json();
  assert.deepEqual([revisions.length, versions.length, removals.length], [1, 1, 1]);
  assert.deepEqual(
    customers.map((c: { units: number; state: string }) => [c.units, c.state]),
    [[1500, 'ended']],
  );
  assert.equal(
    codeOf(await send(s.buyer, { url: `/api/products/${s.productId}/export` })),
    'product.missing',
  );
});
