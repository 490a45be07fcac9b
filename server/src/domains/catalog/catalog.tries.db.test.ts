import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Policies } from '@souk/contract';
import { insertProduct, version } from '../../../test/catalog.ts';
import { testDatabase } from '../../../test/database.ts';
import { testMember, testPlatform, testServer } from '../../../test/platform.ts';
import { type Caller, visitor } from '../../platform/authorize.ts';
import { rows, sql } from '../../platform/db.ts';
import { catalogRoutes, newCatalog, type TryCall } from './index.ts';

const database = await testDatabase();
const { db } = database;
let now = new Date('2026-11-21T10:00:00Z');
const platform = { ...testPlatform(database), clock: { now: () => now } };
const triesPerDay = { visitor: 3, account: 5 };
const calls: TryCall[] = [];
let running = true;
const catalog = newCatalog(platform, {
  verifyStatement: () => false,
  policies: async () => ({ triesPerDay }) as Policies,
  callDeployment: async (call) => {
    calls.push(call);
    if (!running) return null;
    return call.body === 'bad'
      ? { status: 400, contentType: 'application/json', body: '{"error":"unreadable"}', durationMs: 1 }
      : { status: 200, contentType: 'text/csv', body: 'setosa\n', durationMs: 1.5 };
  },
});
const { send } = testServer(platform, catalogRoutes(catalog));

const seller = await testMember(db);
await insertProduct(db, {
  accountId: seller.accountId,
  publisher: 'botany',
  slug: 'iris',
  title: 'Iris',
  versions: [version('1.0.0'), version('0.9.0', { state: 'restricted' })],
});

const tries = (caller: Caller, payload: Record<string, unknown> = {}, ip = '192.0.2.1') =>
  send(caller, {
    method: 'POST',
    url: '/api/catalog/products/botany/iris/try',
    payload: { contentType: 'text/csv', body: '5.1,3.5,1.4,0.2', ...payload },
    remoteAddress: ip,
  });
const codeOf = (answer: { json(): { error: { code: string } } }) => answer.json().error.code;

test('a try runs the latest version and says what is left; what the model refuses is an answer too', async () => {
  const good = await tries(visitor, { accept: 'text/csv' });
  assert.equal(good.statusCode, 200, good.body);
  assert.deepEqual(good.json(), {
    status: 200,
    contentType: 'text/csv',
    body: 'setosa\n',
    durationMs: 1.5,
    version: '1.0.0',
    triesLeft: 2,
  });
  assert.deepEqual(
    [calls.at(-1)?.path, calls.at(-1)?.version, calls.at(-1)?.accept],
    ['/invocations', '1.0.0', 'text/csv'],
  );
  const bad = await tries(visitor, { body: 'bad' });
  assert.deepEqual([bad.statusCode, bad.json<{ status: number }>().status], [200, 400]);
});

test('twenty at once have exactly the tries of the day between them, and tomorrow again', async () => {
  const answers = await Promise.all(Array.from({ length: 20 }, () => tries(visitor, {}, '192.0.2.2')));
  assert.equal(answers.filter((a) => a.statusCode === 200).length, triesPerDay.visitor);
  const refused = answers.find((a) => a.statusCode !== 200);
  assert.equal(refused && codeOf(refused), 'catalog.trial_exhausted');
  now = new Date('2026-11-22T00:00:00Z');
  assert.equal((await tries(visitor, {}, '192.0.2.2')).statusCode, 200);
});

test('an account has its own tries, wherever it calls from; a network of IPv6 has one visitor’s', async () => {
  const caller = await testMember(db);
  for (let i = 0; i < triesPerDay.account; i++)
    assert.equal((await tries(caller, {}, `192.0.2.${10 + i}`)).statusCode, 200);
  assert.equal(codeOf(await tries(caller, {}, '192.0.2.99')), 'catalog.trial_exhausted');
  for (let i = 0; i < triesPerDay.visitor; i++)
    assert.equal((await tries(visitor, {}, `2001:db8:1:2::${i + 1}`)).statusCode, 200);
  assert.equal(codeOf(await tries(visitor, {}, '2001:db8:1:2:ffff::1')), 'catalog.trial_exhausted');
  assert.equal((await tries(visitor, {}, '2001:db8:1:3::1')).statusCode, 200);
});

test('no address is kept, and days that are over are forgotten', async () => {
  const kept = await rows<{ who: string }>(db, sql`select who from tries`);
  assert.ok(kept.length > 0 && kept.every(({ who }) => !/192\.0\.2|2001:db8/.test(who)));
  now = new Date('2026-11-23T00:10:00Z');
  await catalog.forgetOldTries();
  assert.deepEqual(await rows(db, sql`select who from tries`), []);
});

test('a model that is not running costs no try', async () => {
  running = false;
  for (let i = 0; i < 2 * triesPerDay.visitor; i++)
    assert.equal(codeOf(await tries(visitor, {}, '192.0.2.3')), 'catalog.not_running');
  running = true;
  assert.equal(
    (await tries(visitor, {}, '192.0.2.3')).json<{ triesLeft: number }>().triesLeft,
    triesPerDay.visitor - 1,
  );
});

test('an input of more bytes than a try takes is refused and costs no try', async () => {
  assert.equal(
    codeOf(await tries(visitor, { body: 'é'.repeat(150_000) }, '192.0.2.4')),
    'catalog.input_too_large',
  );
  assert.equal(
    (await tries(visitor, {}, '192.0.2.4')).json<{ triesLeft: number }>().triesLeft,
    triesPerDay.visitor - 1,
  );
});

test('versions that one may not choose, and products that are not there, cannot be tried', async () => {
  for (const wanted of ['0.9.0', '3.0.0'])
    assert.equal(codeOf(await tries(visitor, { version: wanted }, '192.0.2.5')), 'catalog.missing');
  const nothing = await send(visitor, {
    method: 'POST',
    url: '/api/catalog/products/botany/nothing/try',
    payload: { contentType: 'text/csv', body: '' },
  });
  assert.equal(codeOf(nothing), 'catalog.missing');
});
