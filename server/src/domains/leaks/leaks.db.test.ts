import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApiKey, NewApiKey, Notification } from '@souk/contract';
import type { Static } from 'typebox';
import { testAccounts, tokenOf } from '../../../test/accounts.ts';
import { newApiKey } from '../../platform/api-keys.ts';
import { rows, sql } from '../../platform/db.ts';
import { newNotificationsService, notificationRoutes } from '../notifications/index.ts';
import { leakRoutes, newLeaks } from './index.ts';

const { db, app, person, mailsTo, linkTo } = await testAccounts({}, (accounts, platform) => {
  const news = newNotificationsService(platform);
  return [...leakRoutes(newLeaks(platform, [accounts.keyRevoker(news.notify)])), ...notificationRoutes(news)];
});

type Made = Static<typeof NewApiKey>;
let reporters = 0;
/** A stranger, from an address of their own unless it is given. */
const report = (key: string, where?: string, ip = `203.0.113.${++reporters}`) =>
  app.inject({
    method: 'POST',
    url: '/api/leaked-keys',
    remoteAddress: ip,
    payload: { key, ...(where === undefined ? {} : { where }) },
  });
const use = async (key: string) =>
  (await app.inject({ url: '/api/session', headers: { authorization: `Bearer ${key}` } })).statusCode;
const leakMails = async (to: string) => (await mailsTo(to)).filter((m) => m.subject.includes('leaked'));

test('a reported key is revoked at once, and its maker and the account’s admins are told by mail what happened and what to do', async () => {
  const [ada, bob] = [await person(), await person('bob')];
  await ada.ok('POST', '/api/account/invitations', { email: bob.email, roles: ['buyer'] });
  await bob.ok('POST', `/api/invitations/${tokenOf(await linkTo(bob.email))}/accept`);
  const { key, details } = await bob.ok<Made>('POST', '/api/account/keys', { name: 'nightly' });
  const other = await bob.ok<Made>('POST', '/api/account/keys', { name: 'other' });
  assert.equal(await use(key), 200);
  const answer = await report(` "${key}"\n`, `https://git.example/x?token=${key}\nline 3`);
  assert.equal(answer.statusCode, 202);
  assert.deepEqual([await use(key), await use(other.key)], [401, 200]);

  const place = `https://git.example/x?token=souk_…${key.slice(-4)} line 3`;
  for (const { email } of [ada, bob]) {
    const [mail, ...more] = await leakMails(email);
    assert.deepEqual([mail?.subject, more], ['The API key “nightly” leaked and was revoked', []]);
    for (const said of [place, bob.email, 'Make a new key', 'audit log', '/account/keys'])
      assert.ok(mail?.body.includes(said), said);
    assert.ok(!mail?.body.includes(key));
  }
  const { items } = await ada.ok<{ items: Notification[] }>('GET', '/api/notifications');
  assert.ok(items.some((n) => n.title.includes('nightly')));

  const listed = await ada.ok<{ items: ApiKey[] }>('GET', '/api/account/keys');
  const leaked = listed.items.find((k) => k.id === details.id);
  assert.deepEqual([leaked?.state, leaked?.leak?.where], ['revoked', place]);
  const audited = await rows<{ actor: string; details: unknown }>(
    db,
    sql`select actor, details from audit_entries where action = 'key.leaked' and target = ${details.id}`,
  );
  assert.deepEqual(audited, [{ actor: 'system:leak-report', details: { name: 'nightly', where: place } }]);

  await report(key, 'again');
  assert.equal((await leakMails(bob.email)).length, 1, 'nobody is told twice');
});

test('a key that is known, unknown, revoked or expired is answered in the same words', async () => {
  const ada = await person();
  const made = async () => await ada.ok<Made>('POST', '/api/account/keys', { name: 'k' });
  const [known, revoked, expired] = [await made(), await made(), await made()];
  await ada.ok('DELETE', `/api/account/keys/${revoked.details.id}`);
  await sql`update api_keys set expires_at = now() where id = ${expired.details.id}`.execute(db);
  const answers = [];
  for (const key of [known.key, revoked.key, expired.key, newApiKey()]) {
    const { statusCode, body } = await report(key);
    answers.push(`${statusCode} ${body}`);
  }
  assert.equal(new Set(answers).size, 1, answers.join('\n'));
  assert.equal((await leakMails(ada.email)).length, 1, 'of the one that worked');
  const { items } = await ada.ok<{ items: ApiKey[] }>('GET', '/api/account/keys');
  assert.deepEqual(
    items.map((k) => [k.id, k.leak !== null]).filter(([, leaked]) => leaked),
    [[known.details.id, true]],
  );
});

test('what is no whole key is told so, and nothing is asked of the database for it', async () => {
  for (const text of ['x', newApiKey().slice(0, -1), `${newApiKey().slice(0, -1)}_`]) {
    const answer = await report(text);
    assert.deepEqual([answer.statusCode, answer.json().error.code], [400, 'leak.key_malformed']);
  }
});

test('whoever reports without end has to wait, others have not', async () => {
  const key = newApiKey();
  const answers = await Promise.all(Array.from({ length: 130 }, () => report(key, undefined, '192.0.2.9')));
  const refused = answers.filter((a) => a.statusCode === 429);
  assert.ok(refused.length > 0 && refused.length <= 10, `${refused.length}`);
  assert.ok(Number(refused[0]?.headers['retry-after']) > 0);
  assert.equal((await report(key)).statusCode, 202);
});
