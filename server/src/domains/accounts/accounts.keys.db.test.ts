import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApiKey, NewApiKey, Session } from '@souk/contract';
import type { Static } from 'typebox';
import { testAccounts, tokenOf, until } from '../../../test/accounts.ts';
import { newApiKey } from '../../platform/api-keys.ts';
import { row, rows, sql } from '../../platform/db.ts';

const { db, pool, app, person, linkTo } = await testAccounts();

type Made = Static<typeof NewApiKey>;
const call = (headers: Record<string, string>, url = '/api/session') => app.inject({ url, headers });
const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

test('a key is shown once, and what is kept of it opens nothing', async () => {
  const ada = await person();
  const { key, details } = await ada.ok<Made>('POST', '/api/account/keys', {
    name: ' CI\n',
    expiresInDays: 30,
  });
  assert.match(key, /^souk_[0-9A-Za-z]{38}$/);
  assert.deepEqual(
    [details.name, details.scopes, details.state, details.createdBy],
    ['CI', ['call'], 'active', ada.email],
  );
  assert.equal(
    Math.round((Date.parse(details.expiresAt ?? '') - Date.parse(details.createdAt)) / 86_400_000),
    30,
  );
  const listed = await ada.send('GET', '/api/account/keys');
  assert.deepEqual(listed.json<{ items: ApiKey[] }>().items, [details]);
  assert.ok(!listed.body.includes(key) && details.hint.endsWith(key.slice(-4)));
  const found = await rows(
    db,
    sql`select 1 from api_keys k where k::text like ${`%${key.slice(5, 30)}%`}
    union all select 1 from audit_entries a where a::text like ${`%${key.slice(5, 30)}%`}`,
  );
  assert.equal(found.length, 0);
});

test('a key speaks for its creator in its account, by either header', async () => {
  const ada = await person();
  await ada.ok('POST', '/api/accounts', { name: 'Other' });
  const { key } = await ada.ok<Made>('POST', '/api/account/keys', { name: 'ci', scopes: ['manage'] });
  for (const headers of [bearer(key), { authorization: `bearer  ${key} ` }, { 'x-api-key': key }]) {
    const session = (await call(headers)).json<Session>();
    assert.deepEqual([session.person?.email, session.account?.id], [ada.email, ada.accountId]);
    assert.deepEqual(
      session.memberships.map((m) => m.account.id),
      [ada.accountId],
      'it does not tell of other accounts',
    );
  }
});

test('a key that may only call neither reads nor changes the account', async () => {
  const ada = await person();
  const { key } = await ada.ok<Made>('POST', '/api/account/keys', { name: 'caller' });
  assert.equal((await call(bearer(key), '/api/account/keys')).statusCode, 403);
  assert.equal((await call(bearer(key), '/api/account/members')).statusCode, 403);
  const made = await app.inject({
    method: 'POST',
    url: '/api/account/keys',
    headers: bearer(key),
    payload: { name: 'more' },
  });
  assert.equal(made.statusCode, 403);
});

test('a key cannot switch accounts, begin one or join one', async () => {
  const ada = await person();
  const { key } = await ada.ok<Made>('POST', '/api/account/keys', { name: 'ci', scopes: ['call', 'manage'] });
  for (const [url, payload] of [
    ['/api/session/account', { accountId: ada.accountId }],
    ['/api/accounts', { name: 'X' }],
    ['/api/invitations/abc/accept', undefined],
  ] as const) {
    const answer = await app.inject({
      method: 'POST',
      url,
      headers: bearer(key),
      ...(payload ? { payload } : {}),
    });
    assert.equal(answer.statusCode, 403, url);
  }
});

test('a wrong key says what is wrong with it, and is not taken for a visitor', async () => {
  const ada = await person();
  const { key, details } = await ada.ok<Made>('POST', '/api/account/keys', { name: 'ci', expiresInDays: 1 });
  const codeOf = async (given: string) => {
    const answer = await call(bearer(given));
    assert.equal(answer.statusCode, 401);
    return answer.json().error.code;
  };
  assert.equal(await codeOf('hello'), 'account.key_malformed');
  assert.equal(await codeOf(`${key.slice(0, -1)}${key.endsWith('a') ? 'b' : 'a'}`), 'account.key_malformed');
  assert.equal(await codeOf(newApiKey()), 'account.key_unknown');
  assert.equal((await call(bearer(key))).statusCode, 200);
  await sql`update api_keys set expires_at = now() where id = ${details.id}`.execute(db);
  await until(
    () => call(bearer(key)),
    (answer) => answer.statusCode === 401,
  );
  assert.equal(await codeOf(key), 'account.key_expired');
  assert.equal(
    (await call({ authorization: 'Basic YWRhOng=' })).statusCode,
    200,
    'other schemes are not ours to judge',
  );
});

test('a revoked key stops at once here, and within a second where another process revoked it', async () => {
  const ada = await person();
  const [first, second] = [
    await ada.ok<Made>('POST', '/api/account/keys', { name: 'one' }),
    await ada.ok<Made>('POST', '/api/account/keys', { name: 'two' }),
  ];
  for (const { key } of [first, second]) assert.equal((await call(bearer(key))).statusCode, 200);
  await ada.ok('DELETE', `/api/account/keys/${first.details.id}`);
  assert.equal((await call(bearer(first.key))).json().error.code, 'account.key_revoked');
  await ada.ok('DELETE', `/api/account/keys/${first.details.id}`);
  assert.equal((await call(bearer(second.key))).statusCode, 200);
  const began = performance.now();
  await pool.query('update api_keys set revoked_at = now() where id = $1', [second.details.id]);
  await until(
    () => call(bearer(second.key)),
    (answer) => answer.statusCode === 401,
  );
  assert.ok(performance.now() - began < 1500);
  const { items } = await ada.ok<{ items: ApiKey[] }>('GET', '/api/account/keys');
  assert.deepEqual(
    items.map((k) => k.state),
    ['revoked', 'revoked'],
  );
});

test('members revoke their own keys, admins everybody’s, and nobody those of another account', async () => {
  const [ada, bob, eve] = [await person(), await person('bob'), await person('eve')];
  await ada.ok('POST', '/api/account/invitations', { email: bob.email, roles: ['buyer'] });
  await bob.ok('POST', `/api/invitations/${tokenOf(await linkTo(bob.email))}/accept`);
  const adas = await ada.ok<Made>('POST', '/api/account/keys', { name: 'a' });
  const bobs = [
    await bob.ok<Made>('POST', '/api/account/keys', { name: 'b1' }),
    await bob.ok<Made>('POST', '/api/account/keys', { name: 'b2' }),
  ];
  const path = (made: Made | undefined) => `/api/account/keys/${made?.details.id}`;
  assert.equal((await bob.refused('DELETE', path(adas))).code, 'request.forbidden');
  await bob.ok('DELETE', path(bobs[0]));
  await ada.ok('DELETE', path(bobs[1]));
  assert.equal((await eve.refused('DELETE', path(adas))).code, 'account.key_missing');
});

test('the last use of a key is noted, at most once a minute', async () => {
  const ada = await person();
  const { key, details } = await ada.ok<Made>('POST', '/api/account/keys', { name: 'ci' });
  const lastUsed = async () =>
    (
      await row<{ at: Date | null }>(
        db,
        sql`select last_used_at as at from api_keys where id = ${details.id}`,
      )
    )?.at ?? null;
  assert.equal(await lastUsed(), null);
  await call(bearer(key));
  const first = await until(lastUsed, (at) => at !== null);
  await Promise.all(Array.from({ length: 20 }, () => call(bearer(key))));
  assert.deepEqual(await lastUsed(), first);
});

test('many requests at once ask the database about their credential once', async () => {
  const ada = await person();
  const { key } = await ada.ok<Made>('POST', '/api/account/keys', { name: 'ci' });
  let checkouts = 0;
  const count = () => {
    checkouts++;
  };
  pool.on('acquire', count);
  const callers = await Promise.all(Array.from({ length: 50 }, () => call(bearer(key), '/api/account/keys')));
  pool.removeListener('acquire', count);
  assert.ok(callers.every((a) => a.statusCode === 403));
  assert.ok(
    checkouts <= 4,
    `${checkouts} statements: one finds the key, one notes its use, the job runner may poll`,
  );
});

test('the gateway hears of a new key and of a revoked one', async () => {
  const ada = await person();
  const client = await pool.connect();
  const heard: (string | undefined)[] = [];
  client.on('notification', (n) => heard.push(n.payload));
  await client.query('listen souk_gateway');
  const { details } = await ada.ok<Made>('POST', '/api/account/keys', { name: 'ci' });
  await until(
    async () => heard.length,
    (n) => n === 1,
  );
  await ada.ok('DELETE', `/api/account/keys/${details.id}`);
  await until(
    async () => heard.length,
    (n) => n === 2,
  );
  client.release(true);
  assert.deepEqual(heard, [`account:${ada.accountId}`, `account:${ada.accountId}`]);
});

test('a key for products says which and what for, and is shown so; a product that is gone has no name', async () => {
  const ada = await person();
  await sql`insert into publishers (account_id, slug, display_name) values (${ada.accountId}, ${`p${ada.accountId}`}, 'Ada')`.execute(
    db,
  );
  for (const slug of ['iris', 'rose'])
    await sql`insert into products (id, account_id, slug, type, draft, draft_sha256, created_by)
      values (${`prd_${slug}0000000000000000`}, ${ada.accountId}, ${slug}, 'model-package', '{}', 'x', 'test')`.execute(
      db,
    );
  const { details } = await ada.ok<Made>('POST', '/api/account/keys', {
    name: 'ci',
    products: ['rose', 'prd_iris0000000000000000'],
    abilities: ['edit'],
  });
  assert.deepEqual([details.scopes, details.abilities], [['manage'], ['edit']]);
  assert.deepEqual(
    details.products?.map((p) => p.slug),
    ['iris', 'rose'],
  );
  await sql`delete from products where slug = 'rose'`.execute(db);
  const { items } = await ada.ok<{ items: ApiKey[] }>('GET', '/api/account/keys');
  assert.deepEqual(
    items[0]?.products?.map((p) => p.slug),
    ['iris', null],
  );
});
