import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Session } from '@souk/contract';
import { password, testAccounts, tokenOf } from '../../../test/accounts.ts';
import { client, oidcProvider } from '../../../test/oidc-provider.ts';
import { rows, sql } from '../../platform/db.ts';

const provider = await oidcProvider();
const given = { clientId: client.id, clientSecret: client.secret };
const { db, policy, browser, person, linkTo } = await testAccounts({
  SOUK_OIDC: JSON.stringify([
    { id: 'corp', name: 'Corp', issuer: provider.issuer, ...given },
    { id: 'away', name: 'Away', issuer: 'http://127.0.0.1:9', ...given },
  ]),
});
type Browser = ReturnType<typeof browser>;

/** Goes to the provider and comes back, as a browser follows the redirects. */
async function wayBack(from: Browser, returnTo?: string): Promise<string> {
  const { url } = await from.ok<{ url: string }>(
    'POST',
    '/api/sign-in/providers/corp',
    returnTo ? { returnTo } : {},
  );
  const answer = await fetch(url, { redirect: 'manual' });
  assert.equal(answer.status, 302, await answer.text());
  const back = new URL(answer.headers.get('location') ?? '');
  assert.equal(`${back.origin}${back.pathname}`, 'http://127.0.0.1:4600/api/auth/callback/corp');
  return `${back.pathname}${back.search}`;
}

async function signIn(from: Browser, returnTo?: string): Promise<string> {
  const answer = await from.send('GET', await wayBack(from, returnTo));
  assert.equal(answer.statusCode, 302, answer.body);
  return String(answer.headers.location);
}
const as = (sub: string, email: string, email_verified = true) => {
  provider.state.person = { sub, email, name: sub, email_verified };
};
const session = (from: Browser) => from.ok<Session>('GET', '/api/session');

test('a person whom the provider vouches for gets a sign-in, an account and the page asked for', async () => {
  as('grace', 'Grace@corp.test');
  const grace = browser();
  assert.equal(await signIn(grace, '/publish?tab=1'), 'http://127.0.0.1:4600/publish?tab=1');
  const first = await session(grace);
  assert.deepEqual(
    [first.person?.email, first.account?.name, first.roles],
    ['grace@corp.test', 'grace', ['admin', 'publisher', 'buyer']],
  );
  assert.deepEqual([...grace.jar.keys()], ['souk_session'], 'nothing else stays in the browser');
  const again = browser();
  await signIn(again);
  assert.equal(
    (await session(again)).account?.id,
    first.account?.id,
    'the second time it is the same person and account',
  );
  const audit = await rows<{ action: string }>(
    db,
    sql`select action from audit_entries where actor = 'grace@corp.test' order by id`,
  );
  assert.deepEqual(
    audit.map((e) => e.action),
    ['account.created', 'session.started', 'session.started'],
  );
});

test('providers are listed without their secrets, and an unknown one is refused', async () => {
  const answer = await browser().send('GET', '/api/sign-in/providers');
  assert.deepEqual(answer.json(), {
    items: [
      { id: 'corp', name: 'Corp' },
      { id: 'away', name: 'Away' },
    ],
  });
  assert.equal(
    (await browser().refused('POST', '/api/sign-in/providers/none', {})).code,
    'account.provider_missing',
  );
});

test('a provider that cannot be reached says so, and passwords go on', async () => {
  const error = await browser().refused('POST', '/api/sign-in/providers/away', {});
  assert.deepEqual([error.code, error.params.part], ['system.unavailable', 'the sign-in provider Away']);
  const ada = await person();
  await browser().ok('POST', '/api/sign-in', { email: ada.email, password });
});

test('the provider’s tokens are not kept', async () => {
  as('tokens', 'tokens@corp.test');
  await signIn(browser());
  await signIn(browser());
  const kept = await rows(
    db,
    sql`select 1 from auth_credentials where coalesce(access_token, refresh_token, id_token) is not null`,
  );
  assert.equal(kept.length, 0);
});

test('the way back works once, in the browser that began it', async () => {
  as('bound', 'bound@corp.test');
  const [mine, other] = [browser(), browser()];
  const stolen = await other.send('GET', await wayBack(mine));
  assert.match(String(stolen.headers.location), /\/sign-in\?error=/);
  assert.equal((await session(other)).person, null);
  const path = await wayBack(mine);
  assert.doesNotMatch(String((await mine.send('GET', path)).headers.location), /error=/);
  await mine.ok('POST', '/api/sign-out');
  assert.match(String((await mine.send('GET', path)).headers.location), /\/sign-in\?error=/);
  assert.equal((await session(mine)).person, null);
});

for (const forge of ['nonce', 'signature', 'audience', 'expired'] as const)
  test(`an ID token with a wrong ${forge} signs nobody in`, async () => {
    as('forged', 'forged@corp.test');
    provider.state.forge = forge;
    const eve = browser();
    const location = await signIn(eve);
    provider.state.forge = undefined;
    assert.match(location, /^http:\/\/127\.0\.0\.1:4600\/sign-in\?error=/);
    assert.equal((await session(eve)).person, null);
    assert.equal((await rows(db, sql`select 1 from auth_users where email = 'forged@corp.test'`)).length, 0);
  });

test('a refusal at the provider leads back to the sign-in page with its reason', async () => {
  const ada = browser();
  const back = new URL(await wayBack(ada), 'http://x');
  const answer = await ada.send(
    'GET',
    `${back.pathname}?error=access_denied&state=${back.searchParams.get('state')}`,
  );
  assert.equal(answer.headers.location, 'http://127.0.0.1:4600/sign-in?error=access_denied');
});

test('a sign-in with a password is joined only when both sides have shown that the address is theirs', async () => {
  const ada = await person('ada');
  as('ada-sso', ada.email);
  assert.match(await signIn(browser()), /error=account_not_linked/, 'our side has not');
  await sql`update auth_users set email_verified = true where id = ${ada.personId}`.execute(db);
  as('ada-sso', ada.email, false);
  assert.match(await signIn(browser()), /error=account_not_linked/, 'the provider has not');
  as('ada-sso', ada.email);
  const joined = browser();
  await signIn(joined);
  assert.equal((await session(joined)).person?.id, ada.personId);
  await browser().ok('POST', '/api/sign-in', { email: ada.email, password });
});

test('by invitation only, the provider lets in whom an invitation waits for, and nobody else', async () => {
  const ada = await person();
  policy.signUp = 'invitation';
  as('stranger', 'stranger@corp.test');
  const stranger = browser();
  assert.match(await signIn(stranger), /error=invitation_needed/);
  await ada.ok('POST', '/api/account/invitations', { email: 'guest@corp.test', roles: ['buyer'] });
  as('impostor', 'guest@corp.test', false);
  assert.match(
    await signIn(browser()),
    /error=invitation_needed/,
    'an address that the provider has not checked',
  );
  as('guest', 'guest@corp.test');
  const guest = browser();
  assert.doesNotMatch(await signIn(guest), /error=/);
  const { account, roles } = await session(guest);
  policy.signUp = 'open';
  assert.deepEqual([account?.id, roles], [ada.accountId, ['buyer']]);
  const token = tokenOf(await linkTo('guest@corp.test'));
  assert.equal(
    (await browser().refused('GET', `/api/invitations/${token}`)).code,
    'account.invitation_missing',
    'it was taken up',
  );
});

test('a crash between the person and the account is mended by the next sign-in', async () => {
  as('crashed', 'crashed@corp.test');
  const crashed = browser();
  await signIn(crashed);
  await sql`delete from accounts where id in (select account_id from members m join auth_users u on u.id = m.person_id where u.email = 'crashed@corp.test')`.execute(
    db,
  );
  await signIn(crashed);
  const mended = await session(crashed);
  assert.deepEqual([mended.person?.email, mended.account?.name], ['crashed@corp.test', 'crashed']);
});

test('a page to return to is always one of ours', async () => {
  as('grace', 'grace@corp.test');
  assert.equal(await signIn(browser(), '//evil.test/x'), 'http://127.0.0.1:4600/');
});

test('nothing else of the library is reachable from outside', async () => {
  for (const [method, url] of [
    ['POST', '/api/auth/sign-up/email'],
    ['POST', '/api/auth/sign-in/email'],
    ['POST', '/api/auth/sign-in/social'],
    ['GET', '/api/auth/get-session'],
    ['POST', '/api/auth/update-user'],
    ['GET', '/api/auth/ok'],
    ['POST', '/api/auth/callback/corp'],
  ] as const)
    assert.equal(
      (await browser().refused(method, url, method === 'POST' ? {} : undefined)).code,
      'request.unknown_route',
      url,
    );
});
