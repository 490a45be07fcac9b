import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Session } from '@souk/contract';
import { password, testAccounts, tokenOf, until } from '../../../test/accounts.ts';
import { row, rows, sql } from '../../platform/db.ts';
import { newAccounts } from './index.ts';

const { db, pool, platform, policy, accounts, browser, person, mailsTo, linkTo, app } = await testAccounts();

const count = async (table: 'auth_users' | 'accounts' | 'auth_sessions') =>
  Number((await row<{ n: number }>(db, sql`select count(*) as n from ${sql.table(table)}`))?.n);

test('whoever signs up has an account of their own, its founder’s roles, and a session', async () => {
  const client = browser();
  const answer = await client.send('POST', '/api/sign-up', {
    email: ' Grace@Example.test'.trim(),
    password,
    name: '  Grace\nHopper ',
    accountName: 'Navy',
  });
  assert.equal(answer.statusCode, 201, answer.body);
  const session = answer.json<Session>();
  assert.deepEqual(
    { ...session.person, id: '' },
    { id: '', email: 'grace@example.test', name: 'Grace Hopper' },
  );
  assert.equal(session.account?.name, 'Navy');
  assert.match(session.account?.id ?? '', /^[1-9]\d{11}$/);
  assert.deepEqual(session.roles, ['admin', 'publisher', 'buyer']);
  assert.ok(session.permissions.includes('product:submit') && !session.permissions.includes('operator:read'));
  assert.deepEqual(await client.ok('GET', '/api/session'), session);
});

test('the session cookie is kept from scripts and from other sites, and needs TLS where the marketplace has it', async () => {
  const client = browser();
  await client.ok('POST', '/api/sign-up', { email: 'cookie@example.test', password, name: 'C' });
  const answer = await client.send('POST', '/api/sign-in', { email: 'cookie@example.test', password });
  const [cookie = '', ...others] = [answer.headers['set-cookie'] ?? []].flat();
  assert.deepEqual(others, []);
  assert.match(cookie, /^souk_session=/);
  assert.match(cookie, /; HttpOnly/);
  assert.match(cookie, /; SameSite=Lax/i);
  assert.doesNotMatch(cookie, /; Secure/);
  const config = { ...platform.config, publicUrl: 'https://souk.test' };
  const overTls = newAccounts({ ...platform, config }, { signUpPolicy: async () => 'open' });
  const { cookies } = await overTls.signIn(
    { email: 'cookie@example.test', password },
    { ip: '192.0.2.1', userAgent: '' },
  );
  assert.match(cookies.join(), /^souk_session=.*; Secure/);
});

test('an address signs up once, however it is written', async () => {
  const { email } = await person();
  const error = await browser().refused('POST', '/api/sign-up', {
    email: email.toUpperCase(),
    password,
    name: 'Eve',
  });
  assert.equal(error.code, 'account.email_taken');
});

test('two sign-ups with one address at the same time leave one person and one account', async () => {
  const before = [await count('auth_users'), await count('accounts')];
  const answers = await Promise.all(
    Array.from({ length: 4 }, () =>
      browser().send('POST', '/api/sign-up', { email: 'race@example.test', password, name: 'R' }),
    ),
  );
  assert.deepEqual(answers.map((a) => a.statusCode).sort(), [201, 409, 409, 409]);
  assert.deepEqual(
    [await count('auth_users'), await count('accounts')],
    before.map((n) => n + 1),
  );
});

test('a sign-up that fails half-way leaves nothing', async () => {
  await pool.query(
    `create function fail_members() returns trigger language plpgsql as $$ begin raise exception 'cut'; end $$`,
  );
  await pool.query(
    'create trigger fail_members before insert on members for each row execute function fail_members()',
  );
  const before = [await count('auth_users'), await count('accounts')];
  const answer = await browser().send('POST', '/api/sign-up', {
    email: 'half@example.test',
    password,
    name: 'H',
  });
  await pool.query('drop trigger fail_members on members');
  assert.equal(answer.statusCode, 500);
  assert.deepEqual([await count('auth_users'), await count('accounts')], before);
  await browser().ok('POST', '/api/sign-up', { email: 'half@example.test', password, name: 'H' });
});

test('a weak password and an address that could never sign in are refused', async () => {
  const sign = (email: string, secret: string) =>
    browser().refused('POST', '/api/sign-up', { email, password: secret, name: 'W' });
  assert.equal((await sign('weak@example.test', 'aaaaaaaaaaaa')).code, 'account.weak_password');
  assert.equal((await sign('weak@example.test', 'Weak@example.test')).code, 'account.weak_password');
  assert.equal((await sign('weak@example.test', 'short')).code, 'request.invalid');
  assert.equal((await sign('we!ak@example.test', password)).code, 'request.invalid');
});

test('no password is kept as it is, and none is in the log, the mails or the audit log', async () => {
  const found = await rows<{ password: string }>(db, sql`select password from auth_credentials`);
  assert.ok(found.length > 0 && found.every((c) => c.password.length > 60 && !c.password.includes('horse')));
  const audit = await rows(db, sql`select 1 from audit_entries where details::text like '%horse%'`);
  assert.equal(audit.length, 0);
});

test('by invitation only, nobody signs up without one', async () => {
  policy.signUp = 'invitation';
  const error = await browser().refused('POST', '/api/sign-up', {
    email: 'new@example.test',
    password,
    name: 'N',
  });
  policy.signUp = 'open';
  assert.equal(error.code, 'account.invitation_needed');
});

test('a wrong password and an unknown address answer the same, in about the same time', async () => {
  const { email } = await person();
  const timed = async (address: string) => {
    const began = performance.now();
    const error = await browser(`192.0.2.${Math.floor(Math.random() * 250)}`).refused(
      'POST',
      '/api/sign-in',
      {
        email: address,
        password: 'not this one at all',
      },
    );
    return { error: { ...error, requestId: null }, ms: performance.now() - began };
  };
  const known = [await timed(email), await timed(email), await timed(email)];
  const unknown = [
    await timed('a@example.test'),
    await timed('b@example.test'),
    await timed('c@example.test'),
  ];
  assert.deepEqual(unknown[0]?.error, known[0]?.error);
  assert.equal(known[0]?.error.code, 'account.wrong_credentials');
  // The hash alone takes tens of milliseconds; without it an unknown address would answer in two or three.
  const fastest = (list: { ms: number }[]) => Math.min(...list.map((t) => t.ms));
  const [knownMs, unknownMs] = [fastest(known), fastest(unknown)];
  assert.ok(unknownMs > knownMs / 3, `unknown ${unknownMs} ms, known ${knownMs} ms`);
});

test('guessing is stopped for the guesser, and not for the owner elsewhere', async () => {
  const { email } = await person();
  const guesser = browser('192.0.2.99');
  for (let i = 0; i < 10; i++)
    assert.equal(
      (await guesser.refused('POST', '/api/sign-in', { email, password: `guess number ${i}` })).code,
      'account.wrong_credentials',
    );
  const error = await guesser.refused('POST', '/api/sign-in', { email, password });
  assert.equal(error.code, 'request.limited');
  assert.ok(Number(error.params.seconds) > 0);
  await browser('192.0.2.100').ok('POST', '/api/sign-in', { email, password });
});

test('the right password may be used as often as one likes', async () => {
  const { email } = await person();
  const client = browser('192.0.2.101');
  for (let i = 0; i < 35; i++) await client.ok('POST', '/api/sign-in', { email, password });
});

test('signing out ends the session at once, also for a copy of the cookie', async () => {
  const ada = await person();
  const stolen = browser();
  for (const [name, value] of ada.jar) stolen.jar.set(name, value);
  assert.ok((await stolen.ok<Session>('GET', '/api/session')).person);
  await ada.ok('POST', '/api/sign-out');
  assert.equal(ada.jar.size, 0);
  assert.equal((await stolen.ok<Session>('GET', '/api/session')).person, null);
  assert.equal((await stolen.refused('GET', '/api/account')).code, 'request.unauthenticated');
  await browser().ok('POST', '/api/sign-out');
});

test('a cookie that was changed, made up or is out of date makes a visitor, not an error', async () => {
  const ada = await person();
  const value = decodeURIComponent(ada.jar.get('souk_session') ?? '');
  const [token, signature] = [
    value.slice(0, value.lastIndexOf('.')),
    value.slice(value.lastIndexOf('.') + 1),
  ];
  const flipped = `${token?.startsWith('a') ? 'b' : 'a'}${token?.slice(1)}`;
  for (const cookie of [
    '',
    'x',
    '%E0%A4%A',
    `${token}`,
    `${flipped}.${signature}`,
    `${token}.${'A'.repeat(43)}=`,
  ]) {
    const client = browser();
    client.jar.set('souk_session', encodeURIComponent(cookie));
    assert.equal((await client.ok<Session>('GET', '/api/session')).person, null, cookie);
  }
  await sql`update auth_sessions set expires_at = now() - interval '1 second' where user_id = ${ada.personId}`.execute(
    db,
  );
  await until(
    () => ada.ok<Session>('GET', '/api/session'),
    (session) => session.person === null,
  );
});

test('a session that is used is prolonged, with a new cookie', async () => {
  const ada = await person();
  const fresh = await ada.send('GET', '/api/session');
  assert.equal(fresh.headers['set-cookie'], undefined);
  await sql`update auth_sessions set expires_at = now() + interval '2 days' where user_id = ${ada.personId}`.execute(
    db,
  );
  const answer = await ada.send('GET', '/api/session');
  assert.match(String(answer.headers['set-cookie']), /^souk_session=.*Max-Age=604800/);
  const session = await row<{ days: number }>(
    db,
    sql`select extract(day from expires_at - now())::int as days from auth_sessions where user_id = ${ada.personId}`,
  );
  assert.equal(session?.days, 6);
  assert.ok((await ada.ok<Session>('GET', '/api/session')).person);
});

test('a change that relies on the cookie is refused when another site asks for it', async () => {
  const ada = await person();
  for (const headers of [
    { 'sec-fetch-site': 'cross-site', origin: 'https://evil.test' },
    { 'sec-fetch-site': 'same-site', origin: 'https://other.souk.test' },
  ]) {
    const answer = await ada.send('POST', '/api/accounts', { name: 'Mine' }, { headers });
    assert.equal(answer.json().error.code, 'request.cross_site');
  }
});

test('a person with several accounts acts for the one chosen, and for no account of others', async () => {
  const [ada, bob] = [await person(), await person()];
  const second = await ada.ok<{ id: string }>('POST', '/api/accounts', { name: 'Second' });
  assert.equal((await ada.ok<Session>('GET', '/api/session')).memberships.length, 2);
  const switched = await ada.ok<Session>('POST', '/api/session/account', { accountId: second.id });
  assert.equal(switched.account?.id, second.id);
  assert.equal((await ada.ok<{ id: string }>('GET', '/api/account')).id, second.id);
  assert.equal(
    (await ada.ok<{ name: string }>('PATCH', '/api/account', { name: ' Renamed ' })).name,
    'Renamed',
  );
  const error = await ada.refused('POST', '/api/session/account', { accountId: bob.accountId });
  assert.equal(error.code, 'account.not_a_member');
});

test('a reset link sets a new password once, ends every session, and tells strangers nothing', async () => {
  const ada = await person();
  const elsewhere = browser();
  await elsewhere.ok('POST', '/api/sign-in', { email: ada.email, password });
  for (const email of [ada.email, 'stranger@example.test']) {
    const answer = await browser().send('POST', '/api/password-reset', { email });
    assert.deepEqual([answer.statusCode, answer.body], [202, '']);
  }
  const link = await linkTo(ada.email);
  assert.match(link, /^http:\/\/127\.0\.0\.1:4600\/password-reset\?token=\w+$/);
  const token = tokenOf(link);
  const stored = await rows<{ identifier: string }>(db, sql`select identifier from auth_verifications`);
  assert.ok(
    stored.every((v) => !v.identifier.includes(token)),
    'the token itself is not in the database',
  );
  const renewed = { token, password: 'another horse entirely' };
  assert.equal(
    (
      await browser().refused('POST', '/api/password-reset/complete', {
        ...renewed,
        password: 'aaaaaaaaaaaa',
      })
    ).code,
    'account.weak_password',
  );
  await browser().ok('POST', '/api/password-reset/complete', renewed);
  assert.equal(
    (await browser().refused('POST', '/api/password-reset/complete', renewed)).code,
    'account.reset_expired',
  );
  for (const client of [ada, elsewhere])
    assert.equal((await client.ok<Session>('GET', '/api/session')).person, null);
  assert.equal(
    (await browser().refused('POST', '/api/sign-in', { email: ada.email, password })).code,
    'account.wrong_credentials',
  );
  await browser().ok('POST', '/api/sign-in', { email: ada.email, password: renewed.password });
  assert.deepEqual(await mailsTo('stranger@example.test'), []);
});

test('a reset link older than an hour, or made up, is refused', async () => {
  const ada = await person();
  await browser().ok('POST', '/api/password-reset', { email: ada.email });
  const token = tokenOf(await linkTo(ada.email));
  await sql`update auth_verifications set expires_at = now() - interval '1 second'`.execute(db);
  for (const given of [token, 'made-up'])
    assert.equal(
      (await browser().refused('POST', '/api/password-reset/complete', { token: given, password })).code,
      'account.reset_expired',
    );
});

test('keys that were made before the address was proven end with the first reset', async () => {
  const squatter = await person('victim');
  const { key } = await squatter.ok<{ key: string }>('POST', '/api/account/keys', { name: 'mine' });
  await browser().ok('POST', '/api/password-reset', { email: squatter.email });
  const token = tokenOf(await linkTo(squatter.email));
  await browser().ok('POST', '/api/password-reset/complete', { token, password: 'the owner has it now' });
  const answer = await app.inject({ url: '/api/session', headers: { authorization: `Bearer ${key}` } });
  assert.equal(answer.json().error.code, 'account.key_revoked');
});

test('resets to one address are limited', async () => {
  const limited = browser('192.0.2.150');
  for (let i = 0; i < 5; i++)
    await limited.ok('POST', '/api/password-reset', { email: 'often@example.test' });
  assert.equal(
    (await limited.refused('POST', '/api/password-reset', { email: 'often@example.test' })).code,
    'request.limited',
  );
});

test('the operator’s account is made once, with the roles that run the marketplace', async () => {
  const operator = { email: 'op@example.test', password, name: 'Op', accountName: 'Operators' };
  assert.equal(await accounts.createOperator(operator, true), undefined, 'there are accounts already');
  const made = await accounts.createOperator(operator);
  assert.ok(made);
  assert.equal(await accounts.createOperator({ ...operator, email: 'op2@example.test' }), undefined);
  const client = browser();
  const session = await client.ok<Session>('POST', '/api/sign-in', { email: operator.email, password });
  assert.deepEqual(session.roles, ['admin', 'operator-admin', 'operator-reviewer', 'operator-finance']);
  assert.deepEqual(
    { id: session.account?.id, operator: session.account?.operator },
    { id: made.accountId, operator: true },
  );
  const page = await client.ok<{ items: { name: string }[]; nextCursor: string | null }>(
    'GET',
    '/api/operator/accounts?limit=2',
  );
  assert.equal(page.items.length, 2);
  const next = await client.ok<typeof page>(
    'GET',
    `/api/operator/accounts?limit=200&cursor=${page.nextCursor}`,
  );
  assert.equal(next.items.length + 2, await count('accounts'));
  assert.deepEqual((await client.ok<typeof page>('GET', '/api/operator/accounts?q=%25')).items, []);
  assert.deepEqual(
    (await client.ok<typeof page>('GET', '/api/operator/accounts?q=operAT')).items.map((a) => a.name),
    ['Operators'],
  );
  assert.equal((await (await person()).refused('GET', '/api/operator/accounts')).code, 'request.forbidden');
});

test('sign-ins and sign-ups are in the audit log', async () => {
  const ada = await person();
  const entries = await rows<{ action: string }>(
    db,
    sql`select action from audit_entries where actor = ${ada.email} order by id`,
  );
  assert.deepEqual(
    entries.map((e) => e.action),
    ['account.created', 'session.started'],
  );
});

test('what is over is swept away', async () => {
  await sql`update auth_sessions set expires_at = now() - interval '1 second'`.execute(db);
  await accounts.jobs
    .find((j) => j.name === 'accounts:sweep')
    ?.run({}, { attempt: 1, attemptsMax: 1, signal: AbortSignal.abort() });
  assert.equal(await count('auth_sessions'), 0);
});
