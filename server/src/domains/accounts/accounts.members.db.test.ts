import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Invitation, Member, Role, Session } from '@souk/contract';
import { password, testAccounts, tokenOf } from '../../../test/accounts.ts';
import { rows, sql } from '../../platform/db.ts';

const { db, policy, accounts, browser, person, linkTo, mailsTo } = await testAccounts();
type Person = Awaited<ReturnType<typeof person>>;

const members = async (of: Person) => (await of.ok<{ items: Member[] }>('GET', '/api/account/members')).items;
const invite = (by: Person, email: string, roles: Role[] = ['buyer']) =>
  by.ok<Invitation>('POST', '/api/account/invitations', { email, roles });

/** Invited, accepted, and acting for the account that invited. */
async function join(to: Person, who: Person, roles: Role[] = ['buyer']) {
  await invite(to, who.email, roles);
  const token = tokenOf(await linkTo(who.email));
  return await who.ok<Session>('POST', `/api/invitations/${token}/accept`);
}

test('an invitation brings somebody with a sign-in into the account, with the roles offered', async () => {
  const [ada, bob] = [await person('ada'), await person('bob')];
  const invitation = await invite(ada, bob.email.toUpperCase(), ['buyer', 'viewer']);
  assert.deepEqual(
    { email: invitation.email, state: invitation.state },
    { email: bob.email, state: 'pending' },
  );
  const link = await linkTo(bob.email);
  assert.match(link, /^http:\/\/127\.0\.0\.1:4600\/invitations\/[\w-]{43}$/);
  const shown = await browser().ok<Invitation>('GET', `/api/invitations/${tokenOf(link)}`);
  assert.equal(shown.accountName, 'ada');
  const session = await bob.ok<Session>('POST', `/api/invitations/${tokenOf(link)}/accept`);
  assert.deepEqual([session.account?.id, session.roles], [ada.accountId, ['buyer', 'viewer']]);
  assert.equal(session.memberships.length, 2);
  assert.deepEqual(
    (await members(ada)).map((m) => m.person.email),
    [ada.email, bob.email],
  );
  const used = await bob.refused('POST', `/api/invitations/${tokenOf(link)}/accept`);
  assert.equal(used.code, 'account.invitation_missing');
  const { items } = await ada.ok<{ items: Invitation[] }>('GET', '/api/account/invitations');
  assert.deepEqual(
    items.map((i) => i.state),
    ['accepted'],
  );
});

test('an invitation brings a new person in, even where sign-up is closed, without an account of their own', async () => {
  const ada = await person();
  await invite(ada, 'new@example.test', ['publisher']);
  const invitationToken = tokenOf(await linkTo('new@example.test'));
  const given = { email: 'new@example.test', password, name: 'New', invitationToken };
  policy.signUp = 'invitation';
  const client = browser();
  const other = await client.refused('POST', '/api/sign-up', { ...given, email: 'eve@example.test' });
  assert.equal(other.code, 'account.invitation_other_address');
  assert.equal(
    (await client.refused('POST', '/api/sign-up', { ...given, invitationToken: 'x' })).code,
    'account.invitation_missing',
  );
  const session = await client.ok<Session>('POST', '/api/sign-up', given);
  policy.signUp = 'open';
  assert.deepEqual(
    [session.account?.id, session.roles, session.memberships.length],
    [ada.accountId, ['publisher'], 1],
  );
  assert.equal(
    (await client.refused('POST', '/api/sign-up', { ...given, email: given.email })).code,
    'account.invitation_missing',
  );
});

test('who signs up by invitation may begin an account as well, and acts for the one that invited', async () => {
  const ada = await person();
  await invite(ada, 'both@example.test');
  const invitationToken = tokenOf(await linkTo('both@example.test'));
  const session = await browser().ok<Session>('POST', '/api/sign-up', {
    email: 'both@example.test',
    password,
    name: 'Both',
    accountName: 'Own',
    invitationToken,
  });
  assert.equal(session.account?.id, ada.accountId);
  assert.deepEqual(
    session.memberships.map((m) => m.account.name),
    ['ada', 'Own'],
  );
});

test('nobody takes up an invitation that was sent to somebody else', async () => {
  const [ada, eve] = [await person(), await person('eve')];
  await invite(ada, 'friend@example.test');
  const token = tokenOf(await linkTo('friend@example.test'));
  const error = await eve.refused('POST', `/api/invitations/${token}/accept`);
  assert.deepEqual(
    [error.code, error.params.email],
    ['account.invitation_other_address', 'friend@example.test'],
  );
  assert.equal(
    (await browser().refused('POST', `/api/invitations/${token}/accept`)).code,
    'request.unauthenticated',
  );
});

test('an invitation that was withdrawn, replaced or has expired opens nothing', async () => {
  const ada = await person();
  const first = await invite(ada, 'late@example.test');
  const firstToken = tokenOf(await linkTo('late@example.test'));
  const second = await invite(ada, 'late@example.test');
  const secondToken = tokenOf(await linkTo('late@example.test', 2));
  const gone = async (token: string) => (await browser().refused('GET', `/api/invitations/${token}`)).code;
  assert.equal(await gone(firstToken), 'account.invitation_missing');
  await browser().ok('GET', `/api/invitations/${secondToken}`);
  await sql`update invitations set expires_at = now() where id = ${second.id}`.execute(db);
  assert.equal(await gone(secondToken), 'account.invitation_missing');
  const third = await invite(ada, 'late@example.test');
  const eve = await person('eve');
  assert.equal(
    (await eve.refused('DELETE', `/api/account/invitations/${third.id}`)).code,
    'account.invitation_missing',
  );
  await ada.ok('DELETE', `/api/account/invitations/${third.id}`);
  assert.equal(await gone(tokenOf(await linkTo('late@example.test', 3))), 'account.invitation_missing');
  assert.equal(
    (await ada.refused('DELETE', `/api/account/invitations/${first.id}`)).code,
    'account.invitation_missing',
  );
  assert.equal(await gone('made-up'), 'account.invitation_missing');
});

test('a link is in one mail and nowhere in the database', async () => {
  const ada = await person();
  await invite(ada, 'secret@example.test');
  const token = tokenOf(await linkTo('secret@example.test'));
  assert.equal((await mailsTo('secret@example.test')).length, 1);
  const found = await rows(
    db,
    sql`select 1 from invitations i where i::text like ${`%${token}%`}
    union all select 1 from audit_entries a where a::text like ${`%${token}%`} union all select 1 from outbox o where o::text like ${`%${token}%`}`,
  );
  assert.equal(found.length, 0);
});

test('names cannot write further headers or lines into a mail', async () => {
  const ada = await person('Ada\r\nBcc: all@example.test\r\n\r\nGo to http://evil.test');
  await invite(ada, 'target@example.test');
  const link = await linkTo('target@example.test');
  const [mail] = await mailsTo('target@example.test');
  assert.ok(mail && !mail.subject.includes('\n'));
  assert.ok(mail.body.split('\n').every((line) => !line.startsWith('Bcc:') && !line.startsWith('Go to')));
  assert.ok(link);
});

test('a member is not invited again, and invitations have a daily limit', async () => {
  const [ada, bob] = [await person(), await person('bob')];
  await join(ada, bob);
  const error = await ada.refused('POST', '/api/account/invitations', { email: bob.email, roles: ['buyer'] });
  assert.equal(error.code, 'account.already_member');
  for (let i = 0; i < 98; i++) await invite(ada, `many${i}@example.test`);
  const limited = await ada.refused('POST', '/api/account/invitations', {
    email: 'more@example.test',
    roles: ['buyer'],
  });
  assert.equal(limited.code, 'request.limited');
});

test('an account keeps its last admin, whoever asks', async () => {
  const [ada, bob] = [await person(), await person('bob')];
  const change = (roles: Role[]) => ada.refused('PATCH', `/api/account/members/${ada.personId}`, { roles });
  assert.deepEqual((await change(['buyer'])).params, { role: 'admin' });
  assert.equal(
    (await ada.refused('DELETE', `/api/account/members/${ada.personId}`)).code,
    'account.last_admin',
  );
  await join(ada, bob, ['admin']);
  assert.deepEqual(
    (await ada.ok<Member>('PATCH', `/api/account/members/${ada.personId}`, { roles: ['buyer'] })).roles,
    ['buyer'],
  );
  assert.equal(
    (await bob.refused('DELETE', `/api/account/members/${bob.personId}`)).code,
    'account.last_admin',
  );
});

test('two admins who step down at the same moment do not both succeed', async () => {
  for (let round = 0; round < 5; round++) {
    const [ada, bob] = [await person(), await person('bob')];
    await join(ada, bob, ['admin']);
    const answers = await Promise.all([
      ada.send('PATCH', `/api/account/members/${ada.personId}`, { roles: ['buyer'] }),
      bob.send('DELETE', `/api/account/members/${bob.personId}`),
    ]);
    assert.equal(answers.filter((a) => a.statusCode < 300).length, 1);
    const left = await rows<{ roles: string[] }>(
      db,
      sql`select roles from members where account_id = ${ada.accountId}`,
    );
    assert.equal(left.filter((m) => m.roles.includes('admin')).length, 1);
  }
});

test('new roles hold at once, for a session and for the keys of the member', async () => {
  const [ada, bob] = [await person(), await person('bob')];
  await join(ada, bob, ['publisher']);
  const { key } = await bob.ok<{ key: string }>('POST', '/api/account/keys', {
    name: 'ci',
    scopes: ['manage'],
  });
  const withKey = (url: string) =>
    browser().send('GET', url, undefined, { headers: { authorization: `Bearer ${key}` } });
  assert.equal((await withKey('/api/account/keys')).statusCode, 200);
  await ada.ok('PATCH', `/api/account/members/${bob.personId}`, { roles: ['viewer'] });
  assert.equal((await withKey('/api/account/keys')).statusCode, 403);
  assert.equal((await bob.refused('GET', '/api/account/keys')).code, 'request.forbidden');
});

test('who was removed is out at once, keys included, and they stay dead when the person comes back', async () => {
  const [ada, bob] = [await person(), await person('bob')];
  await join(ada, bob, ['buyer']);
  const { key } = await bob.ok<{ key: string }>('POST', '/api/account/keys', {
    name: 'ci',
    scopes: ['manage'],
  });
  const withKey = () =>
    browser().send('GET', '/api/session', undefined, { headers: { authorization: `Bearer ${key}` } });
  assert.equal((await withKey()).json<Session>().account?.id, ada.accountId);
  await ada.ok('DELETE', `/api/account/members/${bob.personId}`);
  assert.equal((await withKey()).json().error.code, 'account.key_revoked');
  assert.equal(
    (await bob.ok<Session>('GET', '/api/session')).account?.id,
    bob.accountId,
    'the session falls back to an account of theirs',
  );
  await invite(ada, bob.email);
  await bob.ok('POST', `/api/invitations/${tokenOf(await linkTo(bob.email, 2))}/accept`);
  assert.equal((await withKey()).json().error.code, 'account.key_revoked');
});

test('who belongs to no account may join one; an own one only where sign-up is open', async () => {
  const ada = await person();
  await invite(ada, 'lone@example.test');
  const lone = browser();
  const { person: who } = await lone.ok<Session>('POST', '/api/sign-up', {
    email: 'lone@example.test',
    password,
    name: 'Lone',
    invitationToken: tokenOf(await linkTo('lone@example.test')),
  });
  await ada.ok('DELETE', `/api/account/members/${who?.id}`);
  policy.signUp = 'invitation';
  const session = await lone.ok<Session>('POST', '/api/sign-in', { email: 'lone@example.test', password });
  assert.deepEqual(
    [session.person?.email, session.account, session.memberships],
    ['lone@example.test', null, []],
  );
  assert.equal((await lone.refused('GET', '/api/account')).code, 'request.unauthenticated');
  assert.equal(
    (await lone.refused('POST', '/api/accounts', { name: 'Own' })).code,
    'account.invitation_needed',
  );
  await invite(ada, 'lone@example.test', ['finance']);
  const joined = await lone.ok<Session>(
    'POST',
    `/api/invitations/${tokenOf(await linkTo('lone@example.test', 2))}/accept`,
  );
  assert.deepEqual([joined.account?.id, joined.roles], [ada.accountId, ['finance']]);
  await ada.ok('DELETE', `/api/account/members/${who?.id}`);
  policy.signUp = 'open';
  const mended = await lone.ok<Session>('POST', '/api/sign-in', { email: 'lone@example.test', password });
  assert.deepEqual([mended.account?.name, mended.roles], ['Lone', ['admin', 'publisher', 'buyer']]);
});

test('members of one account are nobody in another', async () => {
  const [ada, eve] = [await person(), await person('eve')];
  for (const [method, body] of [
    ['PATCH', { roles: ['admin'] }],
    ['DELETE', undefined],
  ] as const) {
    const error = await eve.refused(method, `/api/account/members/${ada.personId}`, body);
    assert.equal(error.code, 'account.member_missing');
  }
});

test('operators’ roles stay in the operator’s account, and in the hands of operator admins', async () => {
  const ada = await person();
  const operatorRole = { email: 'x@example.test', roles: ['operator-admin'] };
  assert.equal(
    (await ada.refused('POST', '/api/account/invitations', operatorRole)).code,
    'account.role_of_operator',
  );
  assert.equal(
    (
      await ada.refused('PATCH', `/api/account/members/${ada.personId}`, {
        roles: ['admin', 'operator-reviewer'],
      })
    ).code,
    'account.role_of_operator',
  );
  await accounts.createOperator({ email: 'op@example.test', password, name: 'Op', accountName: 'Operators' });
  const op = browser();
  const operator = {
    ...op,
    ...(await op.ok<Session>('POST', '/api/sign-in', { email: 'op@example.test', password })),
  };
  await operator.ok('POST', '/api/account/invitations', { email: ada.email, roles: ['admin'] });
  const joined = await ada.ok<Session>('POST', `/api/invitations/${tokenOf(await linkTo(ada.email))}/accept`);
  assert.equal(joined.account?.operator, true);
  const grab = { roles: ['admin', 'operator-admin'] };
  assert.equal(
    (await ada.refused('PATCH', `/api/account/members/${ada.personId}`, grab)).code,
    'request.forbidden',
  );
  assert.equal(
    (await ada.refused('DELETE', `/api/account/members/${operator.person?.id}`)).code,
    'request.forbidden',
  );
  assert.equal(
    (await ada.refused('POST', '/api/account/invitations', operatorRole)).code,
    'request.forbidden',
  );
  const own = { roles: ['admin', 'operator-reviewer'] };
  assert.equal(
    (await operator.refused('PATCH', `/api/account/members/${operator.person?.id}`, own)).code,
    'account.last_admin',
  );
  await operator.ok('PATCH', `/api/account/members/${ada.personId}`, grab);
  await ada.ok('GET', '/api/operator/accounts');
});

test('what is withheld from a member is kept until it is said anew, and the audit log says what changed', async () => {
  const [ada, bob] = [await person(), await person('bob')];
  await ada.ok('POST', '/api/account/invitations', { email: bob.email, roles: ['lister'] });
  await bob.ok('POST', `/api/invitations/${tokenOf(await linkTo(bob.email))}/accept`);
  const path = `/api/account/members/${bob.personId}`;
  const withheld = ['arn:*:model-package/secret-*'];
  await ada.ok('PATCH', path, { roles: ['lister'], withheld });
  const kept = await ada.ok<{ withheld: string[] }>('PATCH', path, { roles: ['lister', 'reports'] });
  assert.deepEqual(kept.withheld, withheld);
  const none = await ada.ok<{ withheld: string[] }>('PATCH', path, { roles: ['lister'], withheld: [] });
  assert.deepEqual(none.withheld, []);
  assert.equal(
    (await ada.refused('PATCH', path, { roles: ['lister'], withheld: ['secret'] })).code,
    'request.invalid',
  );
});
