import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { OutputOf, operations } from '@souk/contract';
import { type Handlers, Refusal, serveContract } from '../testing/contract-server.ts';
import { runSouk, temporaryFolder } from '../testing/run-souk.ts';
import { accountId, at, id } from '../testing/samples.ts';

const other = '999999999999';
const account = (accountId: string) => ({
  id: accountId,
  name: `Account ${accountId}`,
  operator: false,
  createdAt: at,
});
const session = (of: string): OutputOf<typeof operations.getSession> => ({
  person: { id: 'p1', email: 'ada@example.com', name: 'Ada' },
  account: account(of),
  roles: ['admin'],
  permissions: [],
  memberships: [accountId, other]
    .map((a) => ({ account: account(a), roles: ['admin'] as const }))
    .map((m) => ({ ...m, roles: [...m.roles] })),
  demo: false,
});

/** Sessions by cookie and keys, as the contract has them. */
function accounts() {
  const keys = new Map<string, { account: string; id: string }>();
  const sessions = new Map<string, string>();
  const cookie = (request: { headers: { cookie?: string | undefined } }) => request.headers.cookie ?? '';
  const handlers: Handlers = {
    signIn: ({ body, response }) => {
      if (body.password !== 'a good password') throw new Refusal('account.wrong_credentials');
      sessions.set('souk_session=s1', accountId);
      response.setHeader('set-cookie', 'souk_session=s1; HttpOnly; Path=/');
      return session(accountId);
    },
    switchAccount: ({ body, request }) => {
      sessions.set(cookie(request), body.accountId);
      return session(body.accountId);
    },
    signOut: ({ request }) => {
      sessions.delete(cookie(request));
      return undefined;
    },
    createApiKey: ({ request, body }) => {
      const of = sessions.get(cookie(request));
      if (!of) throw new Refusal('request.unauthenticated');
      const key = `souk_${keys.size}`;
      keys.set(key, { account: of, id: id('key', keys.size) });
      const details = {
        name: body.name,
        hint: 'souk_…',
        scopes: body.scopes ?? [],
        products: null,
        abilities: [],
        createdBy: 'ada@example.com',
        replacedBy: null,
        leak: null,
      };
      const times = { createdAt: at, expiresAt: null, lastUsedAt: null };
      return { key, details: { id: keys.get(key)?.id ?? '', state: 'active', ...details, ...times } };
    },
    getSession: ({ key }) => {
      const known = keys.get(key ?? '');
      if (!known) throw new Refusal('request.unauthenticated');
      return session(known.account);
    },
    revokeApiKey: ({ params }) => {
      for (const [key, k] of keys) if (k.id === params.keyId) keys.delete(key);
      return undefined;
    },
  };
  return { handlers, keys, sessions };
}

test('signing in keeps a key that only its owner can read, and ends the session it was made with', async () => {
  using folder = temporaryFolder();
  const { handlers, keys, sessions } = accounts();
  await using server = await serveContract(handlers);
  const env = { SOUK_DATA: join(folder.path, 'data'), SOUK_URL: server.url };
  const argv = ['sign-in', '--email', 'ada@example.com', '--password-stdin'];
  const ran = await runSouk(argv, { env, stdin: 'a good password\n' });
  assert.equal(ran.code, 0, ran.stderr);
  const file = join(env.SOUK_DATA, 'cli.json');
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.ok(!readFileSync(file, 'utf8').includes('a good password'));
  assert.deepEqual([keys.size, sessions.size], [1, 0]);
  assert.match((await runSouk(['whoami'], { env })).stdout, /Account 123456789012 \(123456789012\)/);
});

test('each account has its own key; --account chooses, the last one is the usual one', async () => {
  using folder = temporaryFolder();
  const { handlers } = accounts();
  await using server = await serveContract(handlers);
  const env = { SOUK_DATA: folder.path, SOUK_URL: server.url };
  const argv = ['sign-in', '--email', 'ada@example.com', '--password-stdin'];
  await runSouk(argv, { env, stdin: 'a good password' });
  await runSouk([...argv, '--account', other], { env, stdin: 'a good password' });
  const who = async (...more: string[]) =>
    ((await runSouk(['whoami', '--json', ...more], { env })).json[0] as { account: { id: string } }).account
      .id;
  assert.equal(await who(), other);
  assert.equal(await who('--account', accountId), accountId);
  const stranger = await runSouk(['whoami', '--account', '111111111111'], { env });
  assert.equal(stranger.code, 3);
  assert.match(stranger.stderr, /souk sign-in --account 111111111111/);
});

test('signing out revokes the key there and forgets it here', async () => {
  using folder = temporaryFolder();
  const { handlers, keys } = accounts();
  await using server = await serveContract(handlers);
  const env = { SOUK_DATA: folder.path, SOUK_URL: server.url };
  await runSouk(['sign-in', '--email', 'ada@example.com', '--password-stdin'], {
    env,
    stdin: 'a good password',
  });
  assert.equal((await runSouk(['sign-out'], { env })).code, 0);
  assert.equal(keys.size, 0);
  assert.ok(!readFileSync(join(folder.path, 'cli.json'), 'utf8').includes('souk_'));
  const after = await runSouk(['whoami'], { env });
  assert.equal(after.code, 3);
  assert.match(after.stderr, /souk sign-in/);
  assert.equal((await runSouk(['sign-out'], { env })).code, 5);
});

test('members who may make no keys keep the session, and signing out ends it', async () => {
  using folder = temporaryFolder();
  const { handlers, sessions } = accounts();
  await using server = await serveContract({
    ...handlers,
    createApiKey: () => {
      throw new Refusal('request.forbidden');
    },
    getSession: ({ request }) => {
      const of = sessions.get(request.headers.cookie ?? '');
      if (!of) throw new Refusal('request.unauthenticated');
      return session(of);
    },
  });
  const env = { SOUK_DATA: folder.path, SOUK_URL: server.url };
  const argv = ['sign-in', '--email', 'ada@example.com', '--password-stdin'];
  const ran = await runSouk(argv, { env, stdin: 'a good password' });
  assert.equal(ran.code, 0, ran.stderr);
  assert.equal((await runSouk(['whoami'], { env })).code, 0);
  assert.equal((await runSouk(['sign-out'], { env })).code, 0);
  assert.equal(sessions.size, 0);
});

test('a wrong password ends with 3 and keeps nothing; a missing one is asked for by its flag', async () => {
  using folder = temporaryFolder();
  await using server = await serveContract(accounts().handlers);
  const env = { SOUK_DATA: folder.path, SOUK_URL: server.url };
  const argv = ['sign-in', '--email', 'ada@example.com'];
  const wrong = await runSouk([...argv, '--password-stdin'], { env, stdin: 'wrong' });
  assert.deepEqual([wrong.code, wrong.stdout], [3, '']);
  assert.throws(() => statSync(join(folder.path, 'cli.json')));
  const none = await runSouk(argv, { env });
  assert.equal(none.code, 2);
  assert.match(none.stderr, /--password-stdin/);
});

test('--as takes address and key from the demo’s file, also from a folder below', async () => {
  using folder = temporaryFolder();
  const { handlers, keys } = accounts();
  await using server = await serveContract(handlers);
  keys.set('souk_demo', { account: other, id: id('key', 7) });
  mkdirSync(join(folder.path, '.souk'));
  mkdirSync(join(folder.path, 'examples', 'iris'), { recursive: true });
  const demo = {
    url: server.url,
    buyer: { accountId: other, email: 'b@example.com', password: 'x', apiKey: 'souk_demo' },
  };
  writeFileSync(join(folder.path, '.souk', 'demo.json'), JSON.stringify(demo));
  const cwd = join(folder.path, 'examples', 'iris');
  const ran = await runSouk(['whoami', '--as', 'buyer', '--json'], { cwd });
  assert.equal(ran.code, 0, ran.stderr);
  assert.equal((ran.json[0] as { account: { id: string } }).account.id, other);
  const missing = await runSouk(['whoami', '--as', 'publisher'], { cwd });
  assert.equal(missing.code, 3);
  assert.match(missing.stderr, /npm start/);
});
