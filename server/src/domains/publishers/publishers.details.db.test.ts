import assert from 'node:assert/strict';
import { test } from 'node:test';
import type {
  ErrorBody,
  OperatorPublisherDetail,
  PayoutDetails,
  Policies,
  PublisherStanding,
  Role,
  TaxDetails,
} from '@souk/contract';
import { bankDetails, contact, taxInterview } from '../../../../test/payee.ts';
import { testDatabase } from '../../../test/database.ts';
import { testMember, testPlatform, testServer } from '../../../test/platform.ts';
import type { Member } from '../../platform/authorize.ts';
import { rows, sql } from '../../platform/db.ts';
import type { DomainEvent } from '../../platform/events.ts';
import { newNotificationsService } from '../notifications/index.ts';
import { defaultPolicies } from '../operator/index.ts';
import { newPublishersService, publisherJobs, publisherRoutes, publisherSubscribers } from './index.ts';

const database = await testDatabase();
const { db } = database;
const clock = { now: new Date() };
const policy: { current: Policies } = { current: defaultPolicies };
const platform = { ...testPlatform(database), clock: { now: () => clock.now } };
const publishers = newPublishersService(platform, {
  missingMedia: async () => [],
  policies: async () => policy.current,
});
const { send } = testServer(platform, publisherRoutes(publishers));
const { notify } = newNotificationsService(platform);

/** A member with the rows that belong to one, so that news reach them. */
async function member(roles: readonly Role[], operator = false): Promise<Member> {
  const made = await testMember(db, roles);
  await sql`update accounts set operator = ${operator} where id = ${made.accountId}`.execute(db);
  await sql`insert into auth_users (id, name, email) values (${made.personId}, 'M', ${made.email})`.execute(
    db,
  );
  await sql`insert into members (account_id, person_id, roles) values (${made.accountId}, ${made.personId}, ${[...roles]}::text[])`.execute(
    db,
  );
  return made;
}
const operator = await member(['operator-admin', 'operator-finance'], true);

let names = 0;
async function publisher(): Promise<Member> {
  const made = await member(['admin', 'publisher']);
  await publishers.put(made, { slug: `seller-${++names}`, displayName: 'Flowers', ...contact });
  return made;
}
const call = (who: Member, method: 'GET' | 'PUT' | 'POST', url: string, payload?: object) =>
  send(who, { method, url, ...(payload ? { payload } : {}) });
const codeOf = (answer: { json(): unknown }) => (answer.json() as ErrorBody).error?.code;
const standing = async (who: Member) =>
  (await call(who, 'GET', '/api/publisher/standing')).json<PublisherStanding>();
const give = async (who: Member) => {
  assert.equal((await call(who, 'PUT', '/api/publisher/tax', taxInterview())).statusCode, 200);
  assert.equal((await call(who, 'PUT', '/api/publisher/bank', bankDetails())).statusCode, 200);
};
const ask = (who: Member, message = 'Please.') =>
  call(who, 'POST', '/api/publisher/verification', { message });
const decide = async (who: Member, decision: 'approve' | 'ask' | 'reject', version?: number) =>
  call(operator, 'POST', `/api/operator/publishers/${who.accountId}/verification`, {
    decision,
    comment: `We ${decision}.`,
    version: version ?? (await standing(who)).verification.version,
  });
async function verified(): Promise<Member> {
  const who = await publisher();
  await give(who);
  await ask(who);
  assert.equal((await decide(who, 'approve')).statusCode, 200);
  return who;
}
const missing = (s: PublisherStanding) => s.missingForPaid.map((f) => f.code);

test('a free product needs none of it; a paid plan needs taxes, bank and the operator’s word', async () => {
  const who = await publisher();
  const before = await standing(who);
  assert.deepEqual(before.missingForFree, []);
  assert.deepEqual(missing(before), [
    'publisher.tax_missing',
    'publisher.bank_missing',
    'publisher.not_verified',
  ]);
  assert.equal(before.payouts.state, 'not-set-up');
  await give(who);
  assert.deepEqual(missing(await standing(who)), ['publisher.not_verified']);
  await ask(who);
  assert.deepEqual(missing(await standing(who)), ['publisher.verification_pending']);
  assert.equal((await standing(who)).payouts.state, 'held');
  await decide(who, 'approve');
  const after = await standing(who);
  assert.deepEqual(
    [missing(after), after.payouts.state, after.verification.state],
    [[], 'ready', 'verified'],
  );
});

test('the operator’s policies decide what is needed', async () => {
  const who = await publisher();
  policy.current = {
    ...defaultPolicies,
    publishers: { verifyFree: 'required', verifyPaid: 'off', taxAndBank: 'off' },
  };
  const strict = await standing(who);
  assert.deepEqual(
    strict.missingForFree.map((f) => f.code),
    ['publisher.not_verified'],
  );
  assert.deepEqual(missing(strict), ['publisher.not_verified']);
  policy.current = {
    ...defaultPolicies,
    publishers: { verifyFree: 'off', verifyPaid: 'off', taxAndBank: 'required' },
  };
  await give(who);
  const loose = await standing(who);
  assert.deepEqual(
    [missing(loose), loose.payouts.state, loose.verification.neededFor],
    [[], 'ready', 'nothing'],
  );
  policy.current = defaultPolicies;
});

test('answers show the last signs of numbers only, and the columns hold no plain text', async () => {
  const who = await publisher();
  await give(who);
  const tax = (await call(who, 'GET', '/api/publisher/tax')).json<TaxDetails>();
  const bank = (await call(who, 'GET', '/api/publisher/bank')).json<PayoutDetails>();
  assert.deepEqual([tax.interview.taxNumbers?.[0]?.number, bank.bank.iban], ['•••• 6788', '•••• 3000']);
  assert.deepEqual([tax.form, tax.version, bank.version], ['W-8BEN-E', 1, 1]);
  const detail = await call(operator, 'GET', `/api/operator/publishers/${who.accountId}`);
  const kept = await rows<{ all: string }>(
    db,
    sql`select d::text as all from publisher_payment_details d where account_id = ${who.accountId}
      union all select a::text from audit_entries a where account_id = ${who.accountId}
      union all select o::text from outbox o where account_id = ${who.accountId}`,
  );
  assert.ok(kept.length > 4);
  for (const text of [detail.body, ...kept.map((k) => k.all)])
    for (const secret of ['123456788', '370400440532013000', 'DE8937'])
      assert.equal(text.includes(secret), false, secret);
  for (const text of kept.map((k) => k.all)) assert.equal(/Flowers GmbH|Gartenweg/.test(text), false);
});

test('a number that comes back masked stays; one that only looks masked is refused', async () => {
  const who = await publisher();
  await give(who);
  const { bank } = (await call(who, 'GET', '/api/publisher/bank')).json<PayoutDetails>();
  const saved = await call(who, 'PUT', '/api/publisher/bank', { ...bank, bankName: 'Commerzbank' });
  assert.equal(saved.statusCode, 200, saved.body);
  const opened = await call(operator, 'POST', `/api/operator/publishers/${who.accountId}/reveal`, {
    what: 'bank',
    reason: 'Test.',
  });
  assert.equal(opened.json<{ bank: { iban: string } }>().bank.iban, 'DE89370400440532013000');
  const made = await call(who, 'PUT', '/api/publisher/bank', { ...bank, iban: '•••• 1234' });
  assert.equal(codeOf(made), 'publisher.bank_refused');
});

test('what is wrong is refused with the place of each field, and nothing is kept', async () => {
  const who = await publisher();
  const refused = await call(
    who,
    'PUT',
    '/api/publisher/tax',
    taxInterview({ taxNumbers: [{ type: 'vat', number: 'DE123456789' }] }),
  );
  assert.equal(refused.statusCode, 400);
  const { error } = refused.json<ErrorBody>();
  assert.deepEqual(
    [error.code, error.findings?.map((f) => `${f.code} ${f.pointer}`)],
    ['publisher.tax_refused', ['tax.vat_checksum /taxNumbers/0/number']],
  );
  assert.equal(
    codeOf(await call(who, 'PUT', '/api/publisher/bank', bankDetails({ iban: 'DE00' }))),
    'publisher.bank_refused',
  );
  for (const body of [
    { ...taxInterview(), extra: 1 },
    { ...taxInterview(), kind: 'robot' },
    { ...taxInterview(), usPerson: 'no' },
    { ...taxInterview(), taxNumbers: 'x' },
  ])
    assert.equal(codeOf(await call(who, 'PUT', '/api/publisher/tax', body)), 'request.invalid');
  assert.equal(
    codeOf(await call(who, 'PUT', '/api/publisher/bank', { ...bankDetails(), pin: '1' })),
    'request.invalid',
  );
  assert.equal(codeOf(await call(who, 'GET', '/api/publisher/tax')), 'publisher.tax_not_given');
  assert.equal(codeOf(await call(who, 'GET', '/api/publisher/bank')), 'publisher.bank_not_given');
});

test('somebody without a profile, without the role, or of another account gets nothing', async () => {
  const stranger = await member(['admin']);
  const who = await publisher();
  await give(who);
  assert.equal(codeOf(await call(stranger, 'GET', '/api/publisher/bank')), 'publisher.missing');
  assert.equal(
    codeOf(await call(stranger, 'PUT', '/api/publisher/bank', bankDetails())),
    'publisher.missing',
  );
  assert.equal(codeOf(await call(stranger, 'GET', '/api/publisher/standing')), 'publisher.missing');
  for (const roles of [['publisher'], ['viewer'], ['buyer']] as const) {
    const other = { ...who, roles };
    assert.equal(codeOf(await call(other, 'GET', '/api/publisher/bank')), 'request.forbidden');
    assert.equal(codeOf(await call(other, 'PUT', '/api/publisher/tax', taxInterview())), 'request.forbidden');
  }
  assert.equal((await call({ ...who, roles: ['finance'] }, 'GET', '/api/publisher/bank')).statusCode, 200);
  const url = `/api/operator/publishers/${who.accountId}`;
  assert.equal(codeOf(await call(who, 'GET', url)), 'request.forbidden');
  assert.equal(
    codeOf(
      await call({ ...operator, roles: ['operator-admin'] }, 'POST', `${url}/reveal`, {
        what: 'bank',
        reason: 'x',
      }),
    ),
    'request.forbidden',
  );
  assert.equal(
    codeOf(await call(operator, 'GET', '/api/operator/publishers/000000000000')),
    'publisher.unknown',
  );
});

test('opening details in full is put on the publisher’s record with the reason, and told to them', async () => {
  const who = await publisher();
  await give(who);
  const url = `/api/operator/publishers/${who.accountId}/reveal`;
  assert.equal(codeOf(await call(operator, 'POST', url, { what: 'bank', reason: '  ' })), 'request.invalid');
  assert.equal(
    codeOf(await call(operator, 'POST', url, { what: 'bank', reason: 'x', version: 2 })),
    'publisher.details_missing',
  );
  const opened = await call(operator, 'POST', url, { what: 'tax', reason: 'Form 1042-S for 2026.' });
  assert.equal(
    opened.json<{ tax: { taxNumbers: { number: string }[] } }>().tax.taxNumbers[0]?.number,
    'DE123456788',
  );
  const [entry] = await rows<{ actor: string; details: unknown }>(
    db,
    sql`select actor, details from audit_entries where account_id = ${who.accountId} and action = 'publisher.details-revealed'`,
  );
  assert.deepEqual(entry, {
    actor: operator.email,
    details: { what: 'tax', version: 1, reason: 'Form 1042-S for 2026.' },
  });
  await tellAll();
  assert.ok((await told(who)).some((t) => t.includes('opened the tax interview')));
});

test('another bank account is looked at again: payouts wait, what is published goes on, and everybody hears', async () => {
  const who = await verified();
  const other = { iban: 'DE75512108001245126199' };
  assert.equal((await call(who, 'PUT', '/api/publisher/bank', bankDetails(other))).statusCode, 200);
  const now = await standing(who);
  assert.deepEqual([now.verification.state, now.payouts.state, now.missingForPaid], ['pending', 'held', []]);
  assert.equal((await call(who, 'GET', '/api/publisher')).json<{ verified: boolean }>().verified, false);
  await tellAll();
  assert.ok((await told(who)).includes('The bank details of Flowers were changed'));
  assert.ok((await told(operator)).includes('Flowers changed and must be verified again'));
  assert.equal((await decide(who, 'approve')).statusCode, 200);
  assert.equal((await standing(who)).payouts.state, 'ready');
});

test('another name, website or tax number takes the verification away; the same answers again do not', async () => {
  for (const change of [
    (who: Member) => publishers.put(who, { slug: `seller-${names}`, displayName: 'Famous Corp' }),
    (who: Member) =>
      publishers.put(who, {
        slug: `seller-${names}`,
        displayName: 'Flowers',
        websiteUrl: 'https://other.example',
      }),
    (who: Member) => publishers.putTax(who, taxInterview({ legalName: 'Other GmbH' })),
    (who: Member) =>
      publishers.putTax(who, taxInterview({ taxNumbers: [{ type: 'vat', number: 'DE136695976' }] })),
  ]) {
    const who = await verified();
    await change(who);
    const now = await standing(who);
    assert.deepEqual([now.verification.state, missing(now)], ['pending', ['publisher.verification_pending']]);
  }
  const who = await verified();
  await publishers.put(who, { slug: `seller-${names}`, displayName: 'Flowers', description: 'New words.' });
  await publishers.putTax(who, taxInterview());
  await publishers.putBank(who, bankDetails());
  const now = await standing(who);
  assert.deepEqual([now.verification.state, now.tax?.version, now.bank?.version], ['verified', 2, 1]);
});

test('a decision is about what was seen: after a change it is refused', async () => {
  const who = await publisher();
  await give(who);
  await ask(who);
  const seen = (await standing(who)).verification.version;
  await call(who, 'PUT', '/api/publisher/bank', bankDetails({ iban: 'DE75512108001245126199' }));
  assert.equal(codeOf(await decide(who, 'approve', seen)), 'publisher.verification_changed');
  assert.equal((await decide(who, 'approve')).statusCode, 200);
});

test('of two people who decide at once one is too late', async () => {
  const who = await publisher();
  await ask(who);
  const { version } = (await standing(who)).verification;
  const answers = await Promise.all([decide(who, 'reject', version), decide(who, 'reject', version)]);
  assert.deepEqual(answers.map((a) => a.statusCode).sort(), [200, 409]);
});

test('asking for more, answering, declining, asking again: each step with its words in the history', async () => {
  const who = await publisher();
  assert.equal(codeOf(await decide(who, 'approve')), 'publisher.verification_state');
  await ask(who, 'We are in the register.');
  assert.equal(codeOf(await ask(who)), 'publisher.verification_state');
  await decide(who, 'ask');
  assert.deepEqual(missing(await standing(who)).at(-1), 'publisher.verification_more_needed');
  await ask(who, 'HRB 1234.');
  await decide(who, 'reject');
  assert.deepEqual(missing(await standing(who)).at(-1), 'publisher.verification_rejected');
  await ask(who);
  await decide(who, 'approve');
  const { history } = (await standing(who)).verification;
  assert.deepEqual(
    history
      .map((h) => [h.event, h.by === 'the operator' ? h.by : 'publisher', h.text])
      .reverse()
      .slice(0, 4),
    [
      ['requested', 'publisher', 'We are in the register.'],
      ['more-asked', 'the operator', 'We ask.'],
      ['requested', 'publisher', 'HRB 1234.'],
      ['rejected', 'the operator', 'We reject.'],
    ],
  );
  const seen = (
    await call(operator, 'GET', `/api/operator/publishers/${who.accountId}`)
  ).json<OperatorPublisherDetail>();
  assert.equal(seen.standing.verification.history[0]?.by, operator.email);
  await tellAll();
  const mails = await told(who);
  for (const title of [
    'The operator needs more to verify Flowers',
    'Flowers was not verified',
    'Flowers is verified',
  ])
    assert.ok(mails.includes(title), title);
});

test('a profile that nobody could verify is refused with what is missing', async () => {
  const who = await member(['admin']);
  await publishers.put(who, { slug: `seller-${++names}`, displayName: 'Nobody' });
  const { error } = (await ask(who)).json<ErrorBody>();
  assert.deepEqual(
    [error.code, error.findings?.map((f) => f.pointer)],
    ['publisher.verification_incomplete', ['/contactEmail', '/description']],
  );
});

test('nobody verifies an account of their own; the operator’s own account needs no word', async () => {
  const who = await publisher();
  await ask(who);
  await sql`insert into members (account_id, person_id, roles) values (${who.accountId}, ${operator.personId}, '{viewer}')`.execute(
    db,
  );
  assert.equal(codeOf(await decide(who, 'approve')), 'publisher.own_verification');
  await publishers.put(operator, { slug: 'operators', displayName: 'The market', ...contact });
  assert.deepEqual((await publishers.readiness(operator.accountId)).paid, ['tax_missing', 'bank_missing']);
});

test('those who wait are listed oldest first, page by page, without loss', async () => {
  const waiting = [];
  for (let i = 0; i < 3; i++) {
    const who = await publisher();
    clock.now = new Date(clock.now.getTime() + 1000);
    await ask(who);
    waiting.push(who.accountId);
  }
  const found: string[] = [];
  let cursor: string | null = '';
  do {
    const url = `/api/operator/publishers?verification=pending&limit=2${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`;
    const page: { items: { profile: { accountId: string } }[]; nextCursor: string | null } = (
      await call(operator, 'GET', url)
    ).json();
    found.push(...page.items.map((p) => p.profile.accountId));
    cursor = page.nextCursor;
  } while (cursor !== null);
  assert.deepEqual(found.slice(-3), waiting);
  assert.equal(new Set(found).size, found.length);
});

test('a form W-8 ends with the third year after its signature: told before and after, payouts wait, signing helps', async () => {
  const who = await verified();
  const [job] = publisherJobs(platform, notify);
  const run = () => job?.run({}, { attempt: 1, attemptsMax: 1, signal: new AbortController().signal });
  const year = clock.now.getUTCFullYear();
  const real = clock.now;
  const about = async () => (await told(who)).filter((t) => t.startsWith('Your form'));
  clock.now = new Date(Date.UTC(year + 3, 9, 31));
  await run();
  assert.deepEqual(await about(), []);
  clock.now = new Date(Date.UTC(year + 3, 11, 31, 23, 59));
  await run();
  await run();
  assert.deepEqual(await about(), [`Your form W-8BEN-E ends on ${year + 3}-12-31`]);
  assert.equal((await standing(who)).payouts.state, 'ready');
  clock.now = new Date(Date.UTC(year + 4, 0, 1));
  await run();
  assert.equal((await about()).length, 2);
  const now = await standing(who);
  assert.deepEqual(
    [now.payouts.state, missing(now), now.tax?.expired],
    ['held', ['publisher.tax_expired'], true],
  );
  const signature = { ...taxInterview().signature, date: `${year + 4}-01-01` };
  await publishers.putTax(who, taxInterview({ signature }));
  assert.deepEqual(
    [missing(await standing(who)), (await standing(who)).verification.state],
    [[], 'verified'],
  );
  clock.now = real;
});

/** Runs the subscriber over everything that was published, as its jobs would. */
async function tellAll(): Promise<void> {
  const [subscriber] = publisherSubscribers(platform, notify);
  const events = await rows<DomainEvent>(
    db,
    sql`select id, type, subject, account_id as "accountId", data, created_at as at from outbox order by id`,
  );
  for (const event of events) if (subscriber?.types.includes(event.type)) await subscriber.handle(event);
}
const told = async (who: Member) =>
  (
    await rows<{ title: string }>(
      db,
      sql`select title from notifications where person_id = ${who.personId} order by id`,
    )
  ).map((n) => n.title);
