import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { until } from '../../../test/accounts.ts';
import { testPublishing } from '../../../test/publishing.ts';
import type { Member } from '../../platform/authorize.ts';
import { rows, sql } from '../../platform/db.ts';
import type { DomainEvent } from '../../platform/events.ts';
import { runJobs } from '../../platform/jobs.ts';
import { newNotificationsService } from '../notifications/index.ts';
import { publishingSubscribers } from './index.ts';
import { Hold, type Stage, type StageOutcome } from './stages/stage.ts';

let end = async () => {};
after(() => end());
const market = await testPublishing();
const { db, pool, platform, publishing, publisher, product, runner } = market;
const [subscriber] = publishingSubscribers(platform, newNotificationsService(platform).notify);
assert.ok(subscriber);
platform.events.subscribe(subscriber);
const jobs = await runJobs(pool, {
  definitions: platform.events.jobs(db),
  log: platform.log,
  processName: 'test',
});
end = () => jobs.stop();
const operator = await market.member(['operator-admin'], true);
const stage = (run: () => StageOutcome): Stage => ({
  reads: async (s) => s.revisionId,
  run: async () => run(),
});
const passing = stage(() => ({ kind: 'passed', summary: 'Good.' }));
const all = {
  prerequisites: passing,
  certification: passing,
  'trial-run': passing,
  packaging: passing,
  release: passing,
};

interface Told {
  title: string;
  text: string;
  link: string | null;
  mails: number;
}
/** What somebody was told, newest first, once there are so many. */
const told = (who: Member, count: number) =>
  until(
    () =>
      rows<Told>(
        db,
        sql`select n.title, n.body as text, n.link, (select count(*)::int from mails m where m.recipient = ${who.email} and m.subject = n.title) as mails
          from notifications n where n.person_id = ${who.personId} order by n.id desc`,
      ),
    (list) => list.length === count,
  );
async function submitted() {
  const caller = await publisher();
  const p = await product(caller);
  const s = await publishing.submit(caller, p.id, {});
  return { caller, s, page: `/publish/products/${p.id}/submissions/${s.id}` };
}
const finding = (n: number) => ({
  rule: 'test',
  code: 'test.bad',
  severity: 'error' as const,
  file: null,
  pointer: null,
  line: null,
  message: `Number ${n} is bad.`,
  remedy: `Mend ${n}.`,
});

test('its publisher is told by page and mail when a revision is in preview, and when it is live', async () => {
  const { caller, s, page } = await submitted();
  await runner(all).drive(s.id);
  assert.deepEqual(await told(caller, 1), [
    {
      title: 'Iris Species, revision 1: in preview',
      text: 'Revision 1 is in preview. Test it as a buyer would, then go live.',
      link: page,
      mails: 1,
    },
  ]);
  await publishing.signOff(caller, s.id, 1);
  await runner(all).drive(s.id);
  const [live] = await told(caller, 2);
  assert.deepEqual([live?.title, live?.link, live?.mails], ['Iris Species, revision 1: live', page, 1]);
  assert.match(live?.text ?? '', /everybody can subscribe/);
  assert.equal((await told(operator, 0)).length, 0);
});

test('a refusal is told with what to mend, the first of it when there is much', async () => {
  const { caller, s, page } = await submitted();
  const findings = Array.from({ length: 7 }, (_, i) => finding(i + 1));
  await runner({ ...all, certification: stage(() => ({ kind: 'refused', summary: 'No.', findings })) }).drive(
    s.id,
  );
  const [news] = await told(caller, 1);
  assert.deepEqual(
    [news?.title, news?.link, news?.mails],
    ['Iris Species, revision 1: Certification found something to mend', page, 1],
  );
  const lines = news?.text.split('\n') ?? [];
  assert.match(lines[0] ?? '', /7 things to mend/);
  assert.deepEqual(
    [lines[1], lines[5], lines[6]],
    ['- Number 1 is bad. Mend 1.', '- Number 5 is bad. Mend 5.', 'and 2 more'],
  );
});

test('the operator’s people are told what was held and where, and its publisher that it is not theirs', async () => {
  const before = (await told(operator, 0)).length;
  const { caller, s, page } = await submitted();
  const held = stage(() => {
    throw new Hold('The virus scanner does not answer.');
  });
  await runner({ ...all, certification: held }).drive(s.id);
  const [news] = await told(operator, before + 1);
  assert.match(news?.title ?? '', /^publisher-\d+\/product-\d+, revision 1: held at Certification$/);
  assert.match(news?.text ?? '', /^The virus scanner does not answer\./);
  assert.deepEqual([news?.link, news?.mails], [`/operate/submissions/${s.id}`, 1]);
  const [own] = await told(caller, 1);
  assert.deepEqual(
    [own?.title, own?.link, own?.mails],
    ['Iris Species, revision 1: waits for the operator', page, 0],
  );
  assert.match(own?.text ?? '', /not yours/);
});

test('a review is told to the operator’s people, and a rejection to the publisher with its reason', async () => {
  const policies = market.policy.current;
  market.policy.current = { ...policies, review: { ...policies.review, 'model-package': 'one' } };
  try {
    const { caller, s } = await submitted();
    await runner(all).drive(s.id);
    await publishing.signOff(caller, s.id, 1);
    const [news] = await told(operator, 2);
    assert.match(news?.title ?? '', /waits for a review$/);
    assert.match(news?.text ?? '', new RegExp(caller.email));
    assert.equal(news?.link, `/operate/submissions/${s.id}`);
    await publishing.review(operator, s.id, 'reject', 'The title promises too much.');
    const [rejected] = await told(caller, 2);
    assert.equal(rejected?.title, 'Iris Species, revision 1: Review found something to mend');
    assert.match(rejected?.text ?? '', /The title promises too much\./);
  } finally {
    market.policy.current = policies;
  }
});

test('an event that is told again tells nobody again', async () => {
  const { caller, s } = await submitted();
  await runner(all).drive(s.id);
  const before = await told(caller, 1);
  const [event] = await rows<DomainEvent>(
    db,
    sql`select id, type, subject, account_id as "accountId", data, created_at as at from outbox where subject = ${s.id} and type = 'submission.in-preview'`,
  );
  assert.ok(event);
  await Promise.all([subscriber.handle(event), subscriber.handle(event)]);
  assert.deepEqual(await told(caller, 1), before);
});

test('people of the account who have nothing to do with publishing are left in peace, and news of nothing are no error', async () => {
  const { caller, s } = await submitted();
  const buyer = await market.member(['buyer']);
  await sql`update members set account_id = ${caller.accountId} where person_id = ${buyer.personId}`.execute(
    db,
  );
  await runner(all).drive(s.id);
  await told(caller, 1);
  assert.equal((await told(buyer, 0)).length, 0);
  await subscriber.handle({
    id: 1,
    type: 'submission.in-preview',
    subject: 'sbm_none',
    accountId: null,
    data: {},
    at: new Date(),
  });
});
