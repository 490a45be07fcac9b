import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Mail, Notification, Role } from '@souk/contract';
import { testDatabase } from '../../../test/database.ts';
import { testMember, testPlatform, testServer } from '../../../test/platform.ts';
import type { Member } from '../../platform/authorize.ts';
import { inTx, row, rows, sql } from '../../platform/db.ts';
import { sendMail } from '../../platform/mail.ts';
import { type News, newNotificationsService, notificationRoutes } from './index.ts';

const database = await testDatabase();
const { db } = database;
const platform = testPlatform(database);
const notifications = newNotificationsService(platform);
const { send } = testServer(platform, notificationRoutes(notifications));

/** A member as authentication finds them, with the rows that belong to it. */
async function member(roles: Role[], of?: Member): Promise<Member> {
  const made = await testMember(db, roles);
  const caller = of ? { ...made, accountId: of.accountId } : made;
  await sql`insert into auth_users (id, name, email) values (${caller.personId}, 'M', ${caller.email}) on conflict do nothing`.execute(
    db,
  );
  await sql`insert into members (account_id, person_id, roles) values (${caller.accountId}, ${caller.personId}, ${roles}::text[])
    on conflict do nothing`.execute(db);
  return caller;
}
const publisher = await member(['admin', 'publisher']);

const news = (more: Partial<News> = {}): News => ({
  accountId: publisher.accountId,
  roles: ['publisher'],
  title: 'Refused',
  text: 'The archive holds a link.',
  link: '/publish/prd_1/status',
  source: `test:${Math.random()}`,
  ...more,
});
const tell = (more: Partial<News> = {}) => inTx(db, (tx) => notifications.notify(tx, news(more)));

interface Listed {
  items: Notification[];
  unread: number;
  nextCursor: string | null;
}
async function list(caller: Member, query = ''): Promise<Listed> {
  const answer = await send(caller, { method: 'GET', url: `/api/notifications${query}` });
  assert.equal(answer.statusCode, 200, answer.body);
  return answer.json<Listed>();
}
const mailsTo = (caller: Member) =>
  rows<{ subject: string; body: string }>(
    db,
    sql`select subject, body from mails where recipient = ${caller.email}`,
  );

test('members with the role are told, others in the account and elsewhere are not', async () => {
  const buyer = await member(['buyer']);
  assert.equal(await tell(), 1);
  const { items, unread } = await list(publisher);
  assert.deepEqual(
    [items[0]?.title, items[0]?.link, items[0]?.readAt, unread],
    ['Refused', '/publish/prd_1/status', null, 1],
  );
  assert.deepEqual(await list(buyer), { items: [], unread: 0, nextCursor: null });
  assert.equal(await tell({ roles: ['finance'] }), 0);
});

test('an event that is told twice notifies and mails once', async () => {
  const once = await member(['publisher']);
  const again = { accountId: once.accountId, source: 'event:4711', mail: true };
  assert.deepEqual([await tell(again), await tell(again)], [1, 0]);
  assert.deepEqual(
    (
      await Promise.all([tell({ ...again, source: 'event:1' }), tell({ ...again, source: 'event:1' })])
    ).sort(),
    [0, 1],
  );
  assert.equal((await list(once)).items.length, 2);
  const mails = await mailsTo(once);
  assert.equal(mails.length, 2);
  assert.equal(mails[0]?.body, 'The archive holds a link.\n\nhttp://127.0.0.1:4600/publish/prd_1/status\n');
});

test('what is told in a transaction that fails was never told', async () => {
  const quiet = await member(['publisher']);
  await assert.rejects(
    inTx(db, async (tx) => {
      await notifications.notify(tx, news({ accountId: quiet.accountId, mail: true }));
      throw new Error('no');
    }),
  );
  assert.deepEqual([(await list(quiet)).items, await mailsTo(quiet)], [[], []]);
});

test('the operator’s people are told without knowing their account', async () => {
  const operator = await member(['operator-admin']);
  await sql`update accounts set operator = true where id = ${operator.accountId}`.execute(db);
  assert.equal(await tell({ accountId: 'operator', roles: ['operator-admin', 'operator-reviewer'] }), 1);
  assert.equal((await list(operator)).unread, 1);
});

test('marking as read touches one’s own, those named or all', async () => {
  const [ada, bob] = [await member(['publisher']), await member(['publisher'])];
  for (const accountId of [ada.accountId, ada.accountId, ada.accountId, bob.accountId])
    await tell({ accountId });
  const [first] = (await list(ada)).items;
  const mark = async (caller: Member, payload: object) =>
    assert.equal(
      (await send(caller, { method: 'POST', url: '/api/notifications/read', payload })).statusCode,
      204,
    );
  await mark(bob, { ids: [first?.id] });
  assert.equal((await list(ada)).unread, 3, 'somebody else’s id does nothing');
  await mark(ada, { ids: [first?.id] });
  assert.equal((await list(ada)).unread, 2);
  await mark(ada, { ids: [] });
  assert.equal((await list(ada)).unread, 2);
  await mark(ada, {});
  assert.equal((await list(ada)).unread, 0);
  assert.equal((await list(bob)).unread, 1);
});

test('pages go from the newest to the oldest, each notification once', async () => {
  const busy = await member(['publisher']);
  for (let i = 0; i < 5; i++) {
    await tell({ accountId: busy.accountId, title: `N${i}` });
    // Ids sort by the millisecond.
    await new Promise((done) => setTimeout(done, 2));
  }
  const first = await list(busy, '?limit=3');
  const second = await list(busy, `?limit=3&cursor=${first.nextCursor}`);
  assert.deepEqual(
    [...first.items, ...second.items].map((n) => n.title),
    ['N4', 'N3', 'N2', 'N1', 'N0'],
  );
  assert.equal(second.nextCursor, null);
});

test('the outbox is read by who manages the marketplace, and by nobody else', async () => {
  const operator = await member(['operator-admin']);
  const id = await inTx(db, (tx) =>
    sendMail(tx, { to: 'x@example.test', subject: 'Set a new password', text: 'link' }),
  );
  const page = await send(operator, { method: 'GET', url: '/api/operator/mail?limit=1' });
  assert.equal(page.json<{ items: Mail[] }>().items[0]?.id, id);
  const mail = await send(operator, { method: 'GET', url: `/api/operator/mail/${id}` });
  assert.deepEqual(
    [mail.json<Mail>().to, mail.json<Mail>().state, mail.json<Mail>().text],
    ['x@example.test', 'queued', 'link'],
  );
  const missing = await send(operator, { method: 'GET', url: '/api/operator/mail/mai_00000000000000000000' });
  assert.equal(missing.json().error.code, 'operator.mail_missing');
  for (const other of [publisher, await member(['operator-reviewer'])])
    assert.equal((await send(other, { method: 'GET', url: '/api/operator/mail' })).statusCode, 403);
});

test('old notifications and mails are swept away, newer ones stay', async () => {
  const old = await member(['publisher']);
  await tell({ accountId: old.accountId });
  await sql`update notifications set created_at = now() - interval '181 days' where person_id = ${old.personId}`.execute(
    db,
  );
  await sql`update mails set created_at = now() - interval '91 days', state = 'sent' where recipient = 'x@example.test'`.execute(
    db,
  );
  const mailsBefore = (await row<{ n: number }>(db, sql`select count(*) as n from mails`))?.n ?? 0;
  await notifications.jobs[0]?.run();
  assert.equal((await row<{ n: number }>(db, sql`select count(*) as n from mails`))?.n, mailsBefore - 1);
  assert.equal(
    (
      await row<{ n: number }>(
        db,
        sql`select count(*) as n from notifications where person_id = ${old.personId}`,
      )
    )?.n,
    0,
  );
  assert.ok((await list(publisher)).items.length > 0);
});
