import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Role } from '@souk/contract';
import { testSubscribing } from '../../../test/subscribing.ts';
import type { Member } from '../../platform/authorize.ts';
import { readConfig } from '../../platform/config.ts';
import { inTx, rows, sql } from '../../platform/db.ts';
import { type DomainEvent, newEvents } from '../../platform/events.ts';
import { newNotificationsService } from '../notifications/index.ts';
import { resume, subscriptionSubscribers, suspend } from './index.ts';

const market = await testSubscribing();
const { db } = market;
const news = newNotificationsService({ db, config: readConfig({ SOUK_URL: 'https://souk.example.org' }) });
const subscribers = subscriptionSubscribers({ db }, news.notify);
const [subscriber] = subscribers;
assert.ok(subscriber);

/** A member with the rows that belong to one, so that news reach them. */
async function member(roles: readonly Role[]): Promise<Member> {
  const made = await market.member();
  await sql`insert into auth_users (id, name, email) values (${made.personId}, 'Somebody', ${made.email})`.execute(
    db,
  );
  await sql`insert into members (account_id, person_id, roles) values (${made.accountId}, ${made.personId}, ${[...roles]}::text[])`.execute(
    db,
  );
  return made;
}
const [seller, buyer] = [await member(['publisher']), await member(['buyer'])];
const product = { accountId: seller.accountId, publisher: 'botany', slug: 'iris', title: 'Iris' };
const { productId } = await market.release(product);

/** Tells everything that the outbox holds of a subscription, as its job does. */
async function tell(id: string) {
  const events = await rows<DomainEvent>(
    db,
    sql`select id, type, subject, account_id as "accountId", data, created_at as at from outbox where subject = ${id} order by id`,
  );
  for (const event of events)
    for (const one of subscribers) if (one.types.includes(event.type)) await one.handle(event);
}
const told = (who: Member) =>
  rows<{ title: string; text: string; link: string }>(
    db,
    sql`select title, body as text, link from notifications where person_id = ${who.personId} order by id`,
  );
const mailsTo = (who: Member) =>
  rows<{ subject: string; body: string }>(
    db,
    sql`select subject, body from mails where recipient = ${who.email} order by id`,
  );

test('both sides hear that a subscription began and that it ended, the subscriber by mail too, each once', async () => {
  const { id } = await market.subscribe(buyer, product);
  await tell(id);
  await market.cancel(buyer, id);
  await tell(id);
  const own = await told(buyer);
  assert.deepEqual(
    own.map((n) => [n.title, n.link]),
    [
      ['Subscribed to Iris', `/subscriptions/${id}`],
      ['The subscription to Iris ended', `/subscriptions/${id}`],
    ],
  );
  assert.match(own[0]?.text ?? '', /accepted the plan Free /);
  const mails = await mailsTo(buyer);
  assert.deepEqual(
    mails.map((m) => m.subject),
    own.map((n) => n.title),
  );
  assert.match(mails[0]?.body ?? '', new RegExp(`https://souk\\.example\\.org/subscriptions/${id}`));
  const theirs = await told(seller);
  assert.deepEqual(
    theirs.map((n) => [n.title, n.text, n.link]),
    [
      [
        `Account ${buyer.accountId} subscribed to Iris`,
        'Plan Free, version 1.0.0.',
        `/publish/products/${productId}/customers`,
      ],
      [
        `Account ${buyer.accountId} left Iris`,
        'Plan Free, version 1.0.0.',
        `/publish/products/${productId}/customers`,
      ],
    ],
  );
  assert.deepEqual(await mailsTo(seller), []);
});

test('a publisher who subscribes to the own product is told once', async () => {
  const own = await member(['admin']);
  const mine = { accountId: own.accountId, publisher: 'self', slug: 'self', title: 'Self' };
  await market.release(mine);
  const { id } = await market.subscribe(own, mine);
  await tell(id);
  assert.deepEqual(
    (await told(own)).map((n) => n.title),
    ['Subscribed to Self'],
  );
});

test('the subscriber hears that a subscription is suspended, why, and that it goes on, by mail too', async () => {
  const held = await member(['buyer']);
  const { id } = await market.subscribe(held, product);
  const hold = { code: 'budget.exceeded', reason: 'The budget is used up.', by: 'system:budgets' };
  await inTx(db, (tx) => suspend(tx, newEvents(), id, hold));
  await inTx(db, (tx) => resume(tx, newEvents(), id, hold));
  await tell(id);
  await tell(id);
  assert.deepEqual(
    (await told(held)).slice(1).map((n) => [n.title, n.text]),
    [
      [
        'The subscription to Iris is suspended',
        'The budget is used up. Calls are refused until this is settled.',
      ],
      ['The subscription to Iris goes on', 'Calls are answered again.'],
    ],
  );
  assert.equal((await mailsTo(held)).length, 3);
});

test('news of a subscription that is not there are no error', async () => {
  await subscriber.handle({
    id: 1,
    type: 'subscription.started',
    subject: 'sub_none',
    accountId: null,
    data: {},
    at: new Date(),
  });
});
