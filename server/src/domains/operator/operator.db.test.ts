import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Policies } from '@souk/contract';
import { insertProduct } from '../../../test/catalog.ts';
import { testDatabase } from '../../../test/database.ts';
import { testMember, testPlatform, testServer } from '../../../test/platform.ts';
import { inTx, openDatabase, row, rows, sql } from '../../platform/db.ts';
import { enqueue } from '../../platform/jobs.ts';
import { defaultPolicies, newOperator, operatorRoutes } from './index.ts';

const database = await testDatabase();
const { db } = database;
const platform = testPlatform(database, { SOUK_REGIONS: 'eu-1,us-1' });
const scanner = { answer: async (): Promise<string> => 'ClamAV 1.4.3/27800' };
const operator = newOperator(platform, () => scanner.answer());
const { send } = testServer(platform, operatorRoutes(operator));
const admin = await testMember(db, ['operator-admin']);
const reviewer = { ...(await testMember(db, ['operator-reviewer'])) };
const seller = await testMember(db, ['admin']);

const get = async <T>(url: string, who = admin) => {
  const answer = await send(who, { method: 'GET', url });
  assert.equal(answer.statusCode, 200, answer.body);
  return answer.json<T>();
};
const auditOf = async (target: string) =>
  (
    await rows<{ action: string }>(
      db,
      sql`select action from audit_entries where target = ${target} order by id`,
    )
  ).map((a) => a.action);

test('policies are the safe ones until they are set, whole, by who may', async () => {
  assert.deepEqual(await get<Policies>('/api/operator/policies'), defaultPolicies);
  const loose: Policies = {
    ...defaultPolicies,
    scannerMissing: 'record',
    triesPerDay: { visitor: 0, account: 3 },
  };
  const put = (payload: object, who = admin) =>
    send(who, { method: 'PUT', url: '/api/operator/policies', payload });
  assert.equal((await put(loose, reviewer)).statusCode, 403);
  assert.equal((await put(loose, seller)).statusCode, 403);
  assert.deepEqual((await put(loose)).json(), loose);
  assert.deepEqual(await operator.policies(), loose);
  for (const wrong of [
    {},
    { ...loose, scannerMissing: 'ignore' },
    { ...loose, more: 1 },
    { ...loose, triesPerDay: { visitor: -1, account: 1 } },
  ])
    assert.equal((await put(wrong)).json().error.code, 'request.invalid');
  assert.deepEqual(await operator.policies(), loose);
  assert.deepEqual(await auditOf('policies'), ['policies.changed']);
  assert.equal((await rows(db, sql`select 1 from policies`)).length, 1);
});

test('a stored document of an older release is answered whole', async () => {
  await sql`update policies set document = document - 'signUp' #- '{review,application}' || '{"gone": true}'`.execute(
    db,
  );
  assert.deepEqual(await get<Policies>('/api/operator/policies'), {
    ...defaultPolicies,
    scannerMissing: 'record',
    triesPerDay: { visitor: 0, account: 3 },
  });
});

test('instance types are what they were given as, exactly, and nothing impossible', async () => {
  const type = {
    cpus: 0.5,
    memoryMb: 512,
    backend: 'onnx',
    pricePerHour: '0.0100',
    currency: 'EUR',
    enabled: true,
  };
  const put = (name: string, payload: object, who = admin) =>
    send(who, { method: 'PUT', url: `/api/operator/instance-types/${name}`, payload });
  assert.deepEqual((await put('tiny.half', type)).json(), { name: 'tiny.half', ...type });
  await put('tiny.half', { ...type, enabled: false });
  const { items } = await get<{ items: { name: string }[] }>('/api/instance-types', seller);
  assert.deepEqual(
    items.find((i) => i.name === 'tiny.half'),
    { name: 'tiny.half', ...type, enabled: false },
  );
  assert.equal(items.filter((i) => i.name === 'tiny.half').length, 1);
  for (const wrong of [
    { cpus: 0 },
    { cpus: 4096 },
    { memoryMb: 63 },
    { memoryMb: 1.5 },
    { backend: 'abacus' },
    { pricePerHour: '-1' },
    { pricePerHour: '1e3' },
    { pricePerHour: 0.01 },
    { currency: 'euro' },
    { more: true },
  ])
    assert.equal(
      (await put('tiny.half', { ...type, ...wrong })).json().error?.code,
      'request.invalid',
      JSON.stringify(wrong),
    );
  assert.equal((await put('Tiny', type)).json().error.code, 'request.invalid');
  assert.equal((await put('tiny.half', type, reviewer)).statusCode, 403);
  assert.deepEqual(await auditOf('tiny.half'), ['instance-type.changed', 'instance-type.changed']);
});

test('a restart asks the runner for a new generation, and only of what exists', async () => {
  const { productId } = await insertProduct(db, {
    accountId: seller.accountId,
    publisher: 'seller',
    slug: 'iris',
    title: 'Iris',
  });
  const deployment = await row<{ id: string; generation: number }>(
    db,
    sql`select id, generation from deployments where product_id = ${productId}`,
  );
  const restart = (id: string) =>
    send(admin, { method: 'POST', url: `/api/operator/deployments/${id}/restart` });
  const answer = await restart(deployment?.id ?? '');
  assert.deepEqual([answer.statusCode, answer.json().product], [200, 'seller/iris']);
  const after = await row<{ generation: number }>(
    db,
    sql`select generation from deployments where id = ${deployment?.id}`,
  );
  assert.equal(after?.generation, (deployment?.generation ?? 0) + 1);
  assert.equal((await restart(`dep_${'0'.repeat(20)}`)).json().error.code, 'operator.deployment_missing');
  const { items } = await get<{ items: { id: string }[] }>('/api/operator/deployments');
  assert.deepEqual(
    items.map((i) => i.id),
    [deployment?.id],
  );
});

test('regions are those of the configuration', async () => {
  assert.deepEqual(await get('/api/regions'), { items: [{ name: 'eu-1' }, { name: 'us-1' }] });
});

interface Checks {
  checks: { name: string; state: string; detail: string; remedy: string | null }[];
}
const health = async () => {
  const { checks } = await get<Checks>('/api/operator/health');
  for (const c of checks) assert.equal(c.remedy === null, c.state === 'ok', c.name);
  return Object.fromEntries(checks.map((c) => [c.name, c]));
};

test('health says ok where all is well, and what is wrong with its number and its remedy where it is not', async () => {
  const well = await health();
  for (const name of [
    'Database',
    'Jobs',
    'Models',
    'Usage',
    'Submissions held',
    'Mail',
    'Virus scanner',
    'Disk',
  ])
    assert.equal(well[name]?.state, 'ok', name);
  assert.equal(well['Virus scanner']?.detail, 'ClamAV 1.4.3/27800');
  assert.match(well.Usage?.detail ?? '', /no calls yet/);

  scanner.answer = () => Promise.reject(new Error('connect ECONNREFUSED'));
  await sql`update deployments set state = 'down'`.execute(db);
  await sql`insert into usage_batches (node, sequence, records, applied_at) values ('n', 1, 1, now() - interval '90 seconds')`.execute(
    db,
  );
  await sql`insert into mails (id, recipient, subject, body, state) values ('mai_1', 'a@b', 's', 'b', 'failed')`.execute(
    db,
  );
  const { productId } = await insertProduct(db, {
    accountId: seller.accountId,
    publisher: 'seller',
    slug: 'orchid',
    title: 'Orchid',
  });
  await sql`insert into submissions (id, product_id, revision_id, account_id, state, stage, submitted_by)
    select 'sbm_1', ${productId}, live_revision_id, ${seller.accountId}, 'held', 'certification', 'x' from products where id = ${productId}`.execute(
    db,
  );
  for (const name of ['given-up', 'last-attempt', 'late']) await inTx(db, (tx) => enqueue(tx, name, {}));
  const job = (name: string, set: string) =>
    sql`update graphile_worker._private_jobs j set ${sql.raw(set)} from graphile_worker._private_tasks t where t.id = j.task_id and t.identifier = ${name}`.execute(
      db,
    );
  await job('given-up', 'attempts = max_attempts');
  // At work on its last attempt: neither waiting nor given up.
  await job('last-attempt', "attempts = max_attempts, locked_at = now(), locked_by = 'x'");
  await job('late', "run_at = now() - interval '5 minutes'");

  const ill = await health();
  assert.equal(ill.Database?.state, 'ok');
  assert.deepEqual(
    [ill['Virus scanner']?.state, ill['Virus scanner']?.detail],
    ['down', 'connect ECONNREFUSED'],
  );
  assert.deepEqual([ill.Models?.state, ill.Models?.detail], ['degraded', '2 running, 1 down']);
  assert.deepEqual([ill.Mail?.state, ill['Submissions held']?.detail], ['degraded', '1 held']);
  assert.equal(ill.Jobs?.state, 'degraded');
  assert.match(ill.Jobs?.detail ?? '', /^1 waiting, oldest 30\d s, 1 given up$/);
  assert.match(ill.Usage?.detail ?? '', /9\d s ago/);
});

test('health can be asked while the database is away: it says so, and what it knows besides', async () => {
  const nowhere = openDatabase('postgres://souk:x@127.0.0.1:1/souk', platform.log);
  const { checks } = await newOperator({ ...platform, db: nowhere.db }, async () => 'ClamAV').health();
  await nowhere.close();
  assert.deepEqual(
    checks.map((c) => [c.name, c.state]),
    [
      ['Database', 'down'],
      ['Virus scanner', 'ok'],
      ['Disk', 'ok'],
    ],
  );
});
