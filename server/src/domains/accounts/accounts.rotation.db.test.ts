import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApiKey, NewApiKey, OutputOf, operations } from '@souk/contract';
import type { Static } from 'typebox';
import { testAccounts, tokenOf, until } from '../../../test/accounts.ts';
import { rows, sql } from '../../platform/db.ts';

const { db, app, person, linkTo } = await testAccounts();

type Made = Static<typeof NewApiKey>;
type Rotated = OutputOf<typeof operations.rotateApiKey>;
const hourMs = 3600_000;
const status = async (key: string) =>
  (await app.inject({ url: '/api/session', headers: { authorization: `Bearer ${key}` } })).statusCode;
const path = (id: string) => `/api/account/keys/${id}/rotate`;
const hoursLeft = (k: ApiKey) =>
  k.expiresAt === null ? null : Math.round((Date.parse(k.expiresAt) - Date.now()) / hourMs);

test('a rotated key has a successor that may the same; both work until the overlap is over, then the old one ends by itself', async () => {
  const ada = await person();
  const made = await ada.ok<Made>('POST', '/api/account/keys', {
    name: 'ci',
    scopes: ['call', 'manage'],
    expiresInDays: 30,
  });
  const { key, details, replaced } = await ada.ok<Rotated>('POST', path(made.details.id), {
    overlapHours: 2,
  });
  assert.deepEqual(
    [details.name, details.scopes, details.state, hoursLeft(details)],
    ['ci', ['call', 'manage'], 'active', 30 * 24],
  );
  assert.deepEqual([replaced.state, hoursLeft(replaced)], ['active', 2]);
  assert.deepEqual(replaced.replacedBy, { id: details.id, hint: details.hint });
  assert.deepEqual([await status(made.key), await status(key)], [200, 200]);
  await sql`update api_keys set expires_at = now() where id = ${replaced.id}`.execute(db);
  await until(
    () => status(made.key),
    (is) => is === 401,
  );
  assert.equal(await status(key), 200);
  const told = await rows<{ details: unknown }>(
    db,
    sql`select details from audit_entries where action = 'key.rotated' and target = ${replaced.id}`,
  );
  assert.deepEqual(
    told.map((t) => t.details),
    [{ name: 'ci', replacedBy: details.id, overlapHours: 2 }],
  );
});

test('without an overlap the old key ends at once; a longer one never prolongs it', async () => {
  const ada = await person();
  const [first, second] = [
    await ada.ok<Made>('POST', '/api/account/keys', { name: 'a' }),
    await ada.ok<Made>('POST', '/api/account/keys', { name: 'b', expiresInDays: 1 }),
  ];
  const now = await ada.ok<Rotated>('POST', path(first.details.id), { overlapHours: 0 });
  assert.deepEqual([now.replaced.state, now.details.expiresAt], ['expired', null]);
  assert.deepEqual([await status(first.key), await status(now.key)], [401, 200]);
  const long = await ada.ok<Rotated>('POST', path(second.details.id), {
    overlapHours: 240,
    expiresInDays: 7,
  });
  assert.deepEqual([hoursLeft(long.replaced), hoursLeft(long.details)], [24, 7 * 24]);
});

test('a key is rotated once, however many ask at once; again only when its successor was revoked', async () => {
  const ada = await person();
  const { details } = await ada.ok<Made>('POST', '/api/account/keys', { name: 'ci' });
  const answers = await Promise.all(
    Array.from({ length: 4 }, () => ada.send('POST', path(details.id), { overlapHours: 5 })),
  );
  assert.deepEqual(answers.map((a) => a.statusCode).sort(), [201, 409, 409, 409]);
  const refusals = answers.filter((a) => a.statusCode === 409).map((a) => a.json().error.code);
  assert.deepEqual(new Set(refusals), new Set(['account.key_replaced']));
  const keys = async () => (await ada.ok<{ items: ApiKey[] }>('GET', '/api/account/keys')).items;
  assert.equal((await keys()).length, 2, 'one successor');
  const lost = answers.find((a) => a.statusCode === 201)?.json<Rotated>().details.id ?? '';
  await ada.ok('DELETE', `/api/account/keys/${lost}`);
  const again = await ada.ok<Rotated>('POST', path(details.id), { overlapHours: 9 });
  assert.deepEqual(
    [again.details.expiresAt, hoursLeft(again.replaced)],
    [null, 5],
    'the old one was made for good, and ends when it was said first',
  );
});

test('a key that is over is not rotated, nor is one of somebody else, not even by an admin', async () => {
  const [ada, bob, eve] = [await person(), await person('bob'), await person('eve')];
  await ada.ok('POST', '/api/account/invitations', { email: bob.email, roles: ['buyer'] });
  await bob.ok('POST', `/api/invitations/${tokenOf(await linkTo(bob.email))}/accept`);
  const { details } = await bob.ok<Made>('POST', '/api/account/keys', { name: 'b' });
  assert.equal((await ada.refused('POST', path(details.id), {})).code, 'account.key_of_another');
  assert.equal((await eve.refused('POST', path(details.id), {})).code, 'account.key_missing');
  assert.equal((await bob.refused('POST', path(details.id), { overlapHours: 9999 })).code, 'request.invalid');
  await bob.ok('DELETE', `/api/account/keys/${details.id}`);
  assert.equal((await bob.refused('POST', path(details.id), {})).code, 'account.key_not_active');
});
