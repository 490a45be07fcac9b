import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testGoverning } from '../../../test/governing.ts';
import type { Member } from '../../platform/authorize.ts';
import { rows, sql } from '../../platform/db.ts';
import { feedbackSubscribers } from '../feedback/index.ts';
import { newNotificationsService } from '../notifications/index.ts';
import { governanceSubscribers } from './index.ts';

const market = await testGoverning();
const { db, admin, platform } = market;
const buyer = await market.newMember(['buyer']);
const finance = await market.newMember(['finance']);
const { notify } = newNotificationsService(platform);
const subscribers = [...governanceSubscribers(platform, notify), ...feedbackSubscribers(platform, notify)];
let events = 0;

/** Tells the event twice, as an outbox may; answers who was told what. */
async function told(
  type: string,
  subject: string,
  data: Record<string, unknown>,
  accountId = admin.accountId,
) {
  const event = { id: ++events, type, subject, accountId, data, at: new Date() };
  for (const s of subscribers.filter((x) => x.types.includes(type)))
    for (let i = 0; i < 2; i++) await s.handle(event);
  return rows<{ person: string; title: string; link: string; mails: number }>(
    db,
    sql`select person_id as person, title, link, (select count(*)::int from mails m where m.subject = n.title) as mails
      from notifications n where source = ${`event:${event.id}`} order by person_id`,
  );
}
const ids = (...who: Member[]) => who.map((m) => m.personId).toSorted();
const people = (list: { person: string }[]) => list.map((n) => n.person).toSorted();

test('a request is told to the admins, the decision to the one who asked and to nobody else', async () => {
  const asked = await told('access.requested', 'arq_1', {
    by: buyer.email,
    product: 'botany/iris',
    planId: 'pay',
    reason: 'For the project.',
  });
  assert.deepEqual(people(asked), ids(admin));
  assert.deepEqual([asked[0]?.link, asked[0]?.mails], ['/account/governance/requests', 1]);
  const decided = await told('access.decided', 'arq_1', {
    personId: buyer.personId,
    by: admin.email,
    product: 'botany/iris',
    title: 'Iris',
    state: 'approved',
    reason: 'Fine.',
    expiresAt: '2026-12-10T00:00:00.000Z',
  });
  assert.deepEqual(people(decided), ids(buyer));
  assert.equal(decided[0]?.title, `Iris: approved by ${admin.email}`);
});

test('a budget’s threshold is told to admins and finance, by mail, once', async () => {
  const reached = await told('budget.reached', 'bud_1', {
    name: 'the budget of the account',
    month: '2026-11',
    spent: '80.00',
    amount: '100',
    currency: 'USD',
    threshold: 80,
    stopped: false,
  });
  assert.deepEqual(people(reached), ids(admin, finance));
  assert.equal(reached[0]?.title, '80 % of the budget of the account is reached');
  assert.equal(reached[0]?.mails, 2);
});

test('an answer goes to the person who asked, a question to who publishes, and a review fills no mailbox', async () => {
  const answered = await told('question.answered', 'qst_1', {
    personId: buyer.personId,
    by: 'Botany',
    product: 'Iris',
    title: 'Rows?',
    text: 'Five hundred.',
  });
  assert.deepEqual([people(answered), answered[0]?.link], [ids(buyer), '/questions/qst_1']);
  const asked = await told('question.asked', 'qst_1', {
    by: 'x@example.com',
    product: 'Iris',
    title: 'How many?',
    text: 'Rows.',
  });
  assert.deepEqual([people(asked), asked[0]?.link], [ids(admin), '/publish/questions/qst_1']);
  const review = await told('review.written', 'rvw_1', {
    productId: 'prd_1',
    title: 'Iris',
    rating: 4,
    text: 'Good',
  });
  assert.deepEqual([people(review), review[0]?.mails], [ids(admin), 0]);
});

test('who has left the account is not told what it asked before', async () => {
  const gone = await market.newMember(['buyer']);
  await sql`delete from members where person_id = ${gone.personId}`.execute(db);
  assert.deepEqual(
    await told('question.answered', 'qst_2', {
      personId: gone.personId,
      by: 'x',
      product: 'x',
      title: 'x',
      text: 'x',
    }),
    [],
  );
});
