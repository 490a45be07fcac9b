import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CatalogProduct, ReleasedVersions, Subscription } from '@souk/contract';
import { version } from '../../../test/catalog.ts';
import { testServer } from '../../../test/platform.ts';
import { testSubscribing } from '../../../test/subscribing.ts';
import type { Member } from '../../platform/authorize.ts';
import { row, rows, sql } from '../../platform/db.ts';
import type { DomainEvent } from '../../platform/events.ts';
import { newNotificationsService } from '../notifications/index.ts';
import { keepRunning } from '../runtime/index.ts';
import { followSubscriber } from '../subscriptions/index.ts';
import { newVersions, sunsetJobs, versionRoutes, versionSubscribers } from './index.ts';

const market = await testSubscribing();
const { db, platform, ok } = market;
const noticeDays = { days: 90 };
const versions = newVersions(platform, { noticeDays: async () => noticeDays.days, keepRunning });
const news = newNotificationsService(platform);
const subscribers = [...versionSubscribers(platform, news.notify), followSubscriber(platform)];
const [job] = sunsetJobs(platform, { keepRunning, notify: news.notify });
const look = () => job?.run({}, { attempt: 1, attemptsMax: 1, signal: new AbortController().signal });
const { send } = testServer(platform, versionRoutes(versions));

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';
async function ask(who: Member, method: Method, url: string, payload?: object) {
  const answer = await send(who, { method, url, ...(payload ? { payload } : {}) });
  return { status: answer.statusCode, body: answer.json<ReleasedVersions & { error?: { code: string } }>() };
}
async function done(who: Member, method: Method, url: string, payload?: object): Promise<ReleasedVersions> {
  const { status, body } = await ask(who, method, url, payload);
  assert.ok(status < 300, JSON.stringify(body));
  return body;
}
const refused = async (who: Member, method: Method, url: string, payload?: object) =>
  (await ask(who, method, url, payload)).body.error?.code;

/** A member with the rows that belong to one, so that news reach them. */
async function member(roles = ['admin']): Promise<Member> {
  const made = await market.member();
  await sql`insert into auth_users (id, name, email) values (${made.personId}, 'Somebody', ${made.email})`.execute(
    db,
  );
  await sql`insert into members (account_id, person_id, roles) values (${made.accountId}, ${made.personId}, ${roles}::text[])`.execute(
    db,
  );
  return made;
}
const operator: Member = { ...(await member()), roles: ['operator-admin'] };

let told = 0;
/** Tells what the outbox holds since the last time, as its jobs do; each event twice, as may happen. */
async function tell() {
  for (;;) {
    const events = await rows<DomainEvent>(
      db,
      sql`select id, type, subject, account_id as "accountId", data, created_at as at from outbox where id > ${told} order by id`,
    );
    if (events.length === 0) return;
    for (const event of events) {
      told = Math.max(told, Number(event.id));
      for (const s of [...subscribers, ...subscribers])
        if (s.types.includes(event.type)) await s.handle(event);
    }
  }
}
const mailsTo = async (who: Member) =>
  (
    await rows<{ subject: string }>(
      db,
      sql`select subject from mails where recipient = ${who.email} order by id`,
    )
  ).map((m) => m.subject);

let products = 0;
async function product(...numbers: string[]) {
  const seller = await member();
  const given = { accountId: seller.accountId, publisher: `lab-${++products}`, slug: 'iris', title: 'Iris' };
  const { productId } = await market.release({ ...given, versions: numbers.map((n) => version(n)) });
  return {
    seller,
    given,
    productId,
    url: `/api/products/${productId}`,
    at: `/api/products/${productId}/versions`,
  };
}
const states = (v: ReleasedVersions) => v.items.map((i) => `${i.number} ${i.state}`);
const page = (who: Member, slug: string) =>
  ok<CatalogProduct>(who, 'GET', `/api/catalog/products/${slug}/iris`);
const shown = (who: Member, id: string) => ok<Subscription>(who, 'GET', `/api/subscriptions/${id}`);

test('a restricted version is kept by those who have it, hidden from new buyers, and its subscribers get one mail', async () => {
  const { seller, given, at } = await product('1.0.0', '2.0.0');
  const [old, other] = [await member(), await member()];
  const kept = await market.subscribe(old, given, { version: '1.0.0' });
  await market.subscribe(other, given, { version: '2.0.0' });
  assert.deepEqual(states(await done(seller, 'POST', `${at}/1.0.0/restrict`)), [
    '1.0.0 restricted',
    '2.0.0 listed',
  ]);
  await tell();
  assert.deepEqual(await mailsTo(old), ['Version 1.0.0 of Iris is restricted']);
  assert.deepEqual(await mailsTo(other), []);
  assert.deepEqual((await shown(old, kept.id)).versions.map((v) => v.number).toSorted(), ['1.0.0', '2.0.0']);
  const fresh = await member();
  assert.deepEqual(
    (await page(fresh, given.publisher)).versions.map((v) => v.number),
    ['2.0.0'],
  );
  assert.deepEqual(
    (await page(old, given.publisher)).versions.map((v) => v.number),
    ['1.0.0', '2.0.0'],
  );
  assert.equal(
    await market.refused(fresh, 'POST', '/api/subscriptions', market.agreement(given, { version: '1.0.0' })),
    'subscription.version_missing',
  );
  const late = await market.subscribe(fresh, given);
  assert.deepEqual(
    late.versions.map((v) => v.number),
    ['2.0.0'],
  );
  assert.equal(await refused(seller, 'POST', `${at}/1.0.0/restrict`), 'version.restricted_already');
});

test('the last listed version cannot be restricted, nor can two people restrict the last two at once', async () => {
  const { seller, at } = await product('1.0.0', '2.0.0');
  const both = await Promise.all(['1.0.0', '2.0.0'].map((n) => ask(seller, 'POST', `${at}/${n}/restrict`)));
  assert.deepEqual(both.map((b) => b.status).toSorted(), [200, 409]);
  assert.equal(both.find((b) => b.status === 409)?.body.error?.code, 'version.last_listed');
  const { items } = await done(seller, 'GET', at);
  assert.equal(items.filter((i) => i.state === 'listed').length, 1);
});

test('a version of nobody, of another account, and one that was never released are refused by name', async () => {
  const { seller, at } = await product('1.0.0', '2.0.0');
  const stranger = await member();
  assert.equal(await refused(seller, 'POST', `${at}/9.9.9/restrict`), 'version.missing');
  assert.equal(await refused(seller, 'POST', `${at}/9.9.9/withdraw`, { reason: 'x' }), 'version.missing');
  assert.equal(
    await refused(seller, 'PUT', `${at}/9.9.9/sunset`, { endsAt: '2030-01-01T00:00:00Z' }),
    'version.missing',
  );
  assert.equal(await refused(stranger, 'GET', at), 'product.missing');
  assert.equal(await refused(stranger, 'POST', `${at}/1.0.0/withdraw`, { reason: 'x' }), 'product.missing');
  assert.equal(
    await refused(seller, 'POST', `/api/operator${at.slice(4)}/1.0.0/withdraw`, { reason: 'x' }),
    'request.forbidden',
  );
});

test('a withdrawn version can be chosen and called by nobody, its buyers hear why and what instead, and the operator brings it back', async () => {
  const { seller, given, productId, at } = await product('1.0.0', '1.0.1');
  const buyer = await member();
  const s = await market.subscribe(buyer, given, { version: '1.0.0' });
  const reason = 'It reveals rows of its training data.';
  assert.equal(
    await refused(seller, 'POST', `${at}/1.0.0/withdraw`, { reason, replacement: '1.0.0' }),
    'version.replacement_self',
  );
  assert.equal(
    await refused(seller, 'POST', `${at}/1.0.0/withdraw`, { reason, replacement: '3.0.0' }),
    'version.replacement_not_listed',
  );
  assert.deepEqual(
    states(await done(seller, 'POST', `${at}/1.0.0/withdraw`, { reason, replacement: '1.0.1' })),
    ['1.0.0 withdrawn', '1.0.1 listed'],
  );
  assert.equal(
    await refused(seller, 'POST', `${at}/1.0.0/withdraw`, { reason }),
    'version.withdrawn_already',
  );
  await tell();
  assert.deepEqual(await mailsTo(buyer), ['Version 1.0.0 of Iris was withdrawn']);
  const now = await shown(buyer, s.id);
  assert.equal(now.version, '1.0.0');
  assert.deepEqual(
    [now.standing.withdrawn?.reason, now.standing.withdrawn?.replacement, now.standing.withdrawn?.by],
    [reason, '1.0.1', 'publisher'],
  );
  assert.deepEqual(
    now.versions.map((v) => v.number),
    ['1.0.1'],
  );
  const gateway = () =>
    row<{ versions: string[]; latest: string }>(
      db,
      sql`select versions, latest from gateway_entitlements() where subscription_id = ${s.id}`,
    );
  // Still its subscriber's, so that the gateway can say why.
  assert.deepEqual(await gateway(), { versions: ['1.0.1', '1.0.0'], latest: '1.0.1' });
  const withdrawn = (await page(await member(), given.publisher)).versions.find((v) => v.number === '1.0.0');
  assert.deepEqual([withdrawn?.choosable, withdrawn?.standing.withdrawn?.reason], [false, reason]);
  const desired = () =>
    row<{ desired: string }>(
      db,
      sql`select desired from deployments where product_id = ${productId} and version = '1.0.0'`,
    );
  assert.equal((await desired())?.desired, 'stopped');

  const found = await send(operator, { method: 'GET', url: '/api/operator/versions' });
  assert.ok(found.json<{ items: ReleasedVersions[] }>().items.some((i) => i.productId === productId));
  const restore = `/api/operator/products/${productId}/versions/1.0.0/restore`;
  await done(operator, 'POST', restore, { reason: 'It was another model.' });
  assert.equal(await refused(operator, 'POST', restore, { reason: 'x' }), 'version.not_withdrawn');
  await tell();
  assert.equal((await desired())?.desired, 'running');
  assert.deepEqual(await mailsTo(buyer), [
    'Version 1.0.0 of Iris was withdrawn',
    'Version 1.0.0 of Iris is back',
  ]);
  assert.deepEqual((await gateway())?.versions, ['1.0.0', '1.0.1']);
});

test('the last listed version may be withdrawn too, and then there is nothing to subscribe to', async () => {
  const { seller, given, productId } = await product('1.0.0');
  await done(operator, 'POST', `/api/operator/products/${productId}/versions/1.0.0/withdraw`, {
    reason: 'Harmful.',
  });
  await tell();
  assert.deepEqual(await mailsTo(seller), ['Version 1.0.0 of Iris was withdrawn']);
  const buyer = await member();
  assert.equal(
    await market.refused(buyer, 'POST', '/api/subscriptions', market.agreement(given)),
    'subscription.version_missing',
  );
  assert.equal((await page(buyer, given.publisher)).item.latestVersion, '');
});

const day = 86_400_000;
const start = Date.parse('2027-01-01T12:00:00Z');
const on = (days: number) => new Date(start + days * day).toISOString();

test('subscribers hear of an end date when it is set, 90, 30, 7 and 1 days before and at the end, each exactly once', async () => {
  const { seller, given, productId, at } = await product('1.0.0', '2.0.0');
  const [buyer, unconcerned] = [await member(), await member()];
  const s = await market.subscribe(buyer, given, { version: '1.0.0' });
  await market.subscribe(unconcerned, given, { version: '2.0.0' });
  market.setTime(on(0));
  assert.equal(await refused(seller, 'PUT', `${at}/1.0.0/sunset`, { endsAt: on(-1) }), 'version.end_in_past');
  assert.equal(
    await refused(seller, 'PUT', `${at}/1.0.0/sunset`, { endsAt: on(89) }),
    'version.end_too_early',
  );
  assert.equal(
    await refused(seller, 'PUT', `${at}/1.0.0/sunset`, { endsAt: on(4000) }),
    'version.end_too_late',
  );
  assert.equal(
    await refused(seller, 'PUT', `${at}/1.0.0/sunset`, { endsAt: on(100), replacement: '1.0.0' }),
    'version.replacement_self',
  );
  assert.equal(
    await refused(seller, 'PUT', `${at}/1.0.0/sunset`, { endsAt: on(100), replacement: '7.0.0' }),
    'version.replacement_not_listed',
  );
  const set = await done(seller, 'PUT', `${at}/1.0.0/sunset`, {
    endsAt: on(100),
    reason: 'The data is old.',
    replacement: '2.0.0',
  });
  assert.equal(set.items[0]?.standing.sunset?.endsAt, on(100));
  const mails = async (days: number) => {
    market.setTime(on(days));
    // Two processes look at the same time, and each job may run again.
    await Promise.all([look(), look()]);
    await tell();
    return mailsTo(buyer);
  };
  const name = 'Version 1.0.0 of Iris';
  const expected = [`${name} ends on 2027-04-11`];
  assert.deepEqual(await mails(1), expected);
  assert.deepEqual(await mails(9.9), expected);
  for (const [days, text] of [
    [10, 'in 90 days'],
    [70, 'in 30 days'],
    [93, 'in 7 days'],
    [99, 'tomorrow'],
  ] as const) {
    expected.push(`${name} ends on 2027-04-11, ${text}`);
    assert.deepEqual(await mails(days), expected);
    assert.deepEqual(await mails(days + 0.2), expected);
  }
  assert.equal((await shown(buyer, s.id)).standing.sunset?.ended, false);
  expected.push(`${name} has ended`);
  assert.deepEqual(await mails(100), expected);
  assert.deepEqual(await mails(101), expected);
  assert.deepEqual(await mailsTo(unconcerned), []);

  const after = await shown(buyer, s.id);
  assert.deepEqual(
    [after.state, after.version, after.standing.sunset?.ended, after.standing.sunset?.replacement],
    ['active', '1.0.0', true, '2.0.0'],
  );
  assert.deepEqual(
    after.versions.map((v) => v.number),
    ['2.0.0'],
  );
  assert.equal(await refused(seller, 'PUT', `${at}/1.0.0/sunset`, { endsAt: on(300) }), 'version.ended');
  assert.equal(await refused(seller, 'DELETE', `${at}/1.0.0/sunset`), 'version.ended');
  assert.equal(
    (
      await row<{ desired: string }>(
        db,
        sql`select desired from deployments where product_id = ${productId} and version = '1.0.0'`,
      )
    )?.desired,
    'stopped',
  );
});

test('an end date moves later freely, earlier only with the whole notice, and is taken back; its notices follow it', async () => {
  const { seller, given, at } = await product('1.0.0', '2.0.0');
  const buyer = await member();
  await market.subscribe(buyer, given, { version: '1.0.0' });
  market.setTime(on(0));
  const put = (days: number) => ask(seller, 'PUT', `${at}/1.0.0/sunset`, { endsAt: on(days) });
  await put(95);
  market.setTime(on(90));
  assert.equal((await put(94)).body.error?.code, 'version.end_too_early');
  assert.equal((await put(96)).status, 200);
  await look();
  await tell();
  assert.deepEqual((await mailsTo(buyer)).toSorted(), [
    'Version 1.0.0 of Iris ends on 2027-04-06',
    'Version 1.0.0 of Iris ends on 2027-04-07',
    'Version 1.0.0 of Iris ends on 2027-04-07, in 6 days',
  ]);
  assert.equal((await put(300)).status, 200);
  assert.equal((await put(181)).status, 200);
  await done(seller, 'DELETE', `${at}/1.0.0/sunset`);
  assert.equal(await refused(seller, 'DELETE', `${at}/1.0.0/sunset`), 'version.no_end');
  market.setTime(on(400));
  await look();
  await tell();
  assert.deepEqual((await mailsTo(buyer)).slice(-1), ['Version 1.0.0 of Iris stays']);
  assert.equal(await refused(seller, 'PUT', `${at}/2.0.0/sunset`, { endsAt: on(500) }), undefined);
});

test('the notice is what the operator’s policy says', async () => {
  const { seller, at } = await product('1.0.0', '2.0.0');
  market.setTime(on(0));
  noticeDays.days = 10;
  assert.equal(
    await refused(seller, 'PUT', `${at}/1.0.0/sunset`, { endsAt: on(9.9) }),
    'version.end_too_early',
  );
  assert.equal(await refused(seller, 'PUT', `${at}/1.0.0/sunset`, { endsAt: on(10) }), undefined);
  noticeDays.days = 90;
});

test('the last listed version gets no end date of its own; the product does, and ends its subscriptions with the reason', async () => {
  const [one, next] = [await product('1.0.0'), await product('1.0.0')];
  const buyer = await member();
  const s = await market.subscribe(buyer, one.given);
  market.setTime(on(0));
  assert.equal(
    await refused(one.seller, 'PUT', `${one.at}/1.0.0/sunset`, { endsAt: on(100) }),
    'version.last_listed',
  );
  const put = (body: object) => ask(one.seller, 'PUT', `${one.url}/sunset`, body);
  const self = { publisher: one.given.publisher, product: 'iris' };
  assert.equal(
    (await put({ endsAt: on(100), replacement: self })).body.error?.code,
    'version.replacement_self',
  );
  assert.equal(
    (await put({ endsAt: on(100), replacement: { publisher: 'nobody', product: 'none' } })).body.error?.code,
    'version.replacement_not_listed',
  );
  assert.equal((await put({ endsAt: on(80) })).body.error?.code, 'version.end_too_early');
  const replacement = { publisher: next.given.publisher, product: 'iris' };
  assert.equal((await put({ endsAt: on(100), reason: 'We move.', replacement })).status, 200);
  assert.deepEqual(
    (await page(await member(), one.given.publisher)).sunset?.replacement,
    `${next.given.publisher}/iris`,
  );
  market.setTime(on(100));
  await look();
  await tell();
  const after = await shown(buyer, s.id);
  assert.deepEqual([after.state, after.ended?.code], ['ended', 'product.ended']);
  assert.match(
    after.ended?.reason ?? '',
    new RegExp(`2027-04-11\\. We move\\. Its publisher names ${next.given.publisher}/iris`),
  );
  assert.deepEqual(states(await done(one.seller, 'GET', one.at)), ['1.0.0 ended']);
  assert.equal(
    await market.refused(await member(), 'POST', '/api/subscriptions', market.agreement(one.given)),
    'catalog.missing',
  );
  assert.equal(await refused(one.seller, 'DELETE', `${one.url}/sunset`), 'version.ended');
});

test('a subscription that follows the latest moves with each release, tells its account, and never moves back', async () => {
  const { seller, given, productId, at } = await product('1.0.0');
  const [follower, steady] = [await member(), await member()];
  assert.equal(
    await market.refused(
      follower,
      'POST',
      '/api/subscriptions',
      market.agreement(given, { version: '1.0.0', followLatest: true }),
    ),
    'subscription.follow_needs_latest',
  );
  const s = await market.subscribe(follower, given, { followLatest: true });
  const held = await market.subscribe(steady, given);
  assert.deepEqual([s.followsLatest, held.followsLatest], [true, false]);
  await market.release({ ...given, versions: [version('1.0.0'), version('2.0.0')] });
  const released = () =>
    sql`insert into outbox (type, subject, account_id, data) values ('submission.released', ${productId}, ${seller.accountId}, '{}')`.execute(
      db,
    );
  await released();
  await tell();
  assert.deepEqual(
    [(await shown(follower, s.id)).version, (await shown(steady, held.id)).version],
    ['2.0.0', '1.0.0'],
  );
  await done(seller, 'POST', `${at}/2.0.0/withdraw`, { reason: 'Wrong.' });
  await released();
  await tell();
  const now = await shown(follower, s.id);
  assert.deepEqual([now.version, now.latest, now.standing.withdrawn?.reason], ['2.0.0', '1.0.0', 'Wrong.']);
  const url = `/api/subscriptions/${s.id}`;
  assert.equal(
    await market.refused(follower, 'PATCH', url, { version: '1.0.0', followLatest: true }),
    'subscription.follow_needs_latest',
  );
  const chosen = await ok<Subscription>(follower, 'PATCH', url, { version: 'latest', followLatest: true });
  assert.deepEqual([chosen.version, chosen.followsLatest], ['1.0.0', true]);
  assert.equal((await ok<Subscription>(follower, 'PATCH', url, { version: '1.0.0' })).followsLatest, false);
});

test('a release that restricts a version by its document is noted and told as well', async () => {
  const { seller, given, productId, at } = await product('1.0.0', '2.0.0');
  const buyer = await member();
  const s = await market.subscribe(buyer, given, { version: '1.0.0' });
  await market.release({ ...given, versions: [version('1.0.0', { state: 'restricted' }), version('2.0.0')] });
  await sql`insert into outbox (type, subject, account_id, data) values ('submission.released', ${productId}, ${seller.accountId}, '{}')`.execute(
    db,
  );
  await tell();
  assert.deepEqual(await mailsTo(buyer), ['Version 1.0.0 of Iris is restricted']);
  assert.deepEqual((await shown(buyer, s.id)).versions.map((v) => v.number).toSorted(), ['1.0.0', '2.0.0']);
  assert.equal(await refused(seller, 'POST', `${at}/1.0.0/restrict`), 'version.restricted_already');
});

test('the table says who has chosen a version and how often it was called', async () => {
  const { seller, given, at } = await product('1.0.0', '2.0.0');
  market.setTime(new Date().toISOString());
  const s = await market.subscribe(await member(), given, { version: '1.0.0' });
  const today = new Date().toISOString().slice(0, 10);
  await sql`select gateway_ingest('versions-test', 1, ${JSON.stringify([
    {
      subscription_id: s.id,
      dimension: 'inference.count',
      hour: new Date().toISOString(),
      quantity: 3,
      client_errors: 1,
      server_errors: 1,
      version: '1.0.0',
      calls: 5,
    },
  ])}::jsonb)`.execute(db);
  await sql`insert into version_calls (subscription_id, version, day, calls, errors) values (${s.id}, '1.0.0', current_date - 40, 100, 0)`.execute(
    db,
  );
  const { items, latest } = await done(seller, 'GET', at);
  assert.equal(latest, '2.0.0');
  const [one, two] = items;
  assert.deepEqual(
    [one?.subscribers, one?.callsLast30Days, one?.errorsLast30Days, one?.lastCalledOn, one?.id],
    [1, 5, 2, today, `${given.publisher}/iris@1.0.0`],
  );
  assert.deepEqual([two?.subscribers, two?.callsLast30Days, two?.lastCalledOn], [0, 0, null]);
});
