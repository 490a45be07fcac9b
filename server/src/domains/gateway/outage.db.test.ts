import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { type RunningGateway, startGateway, startModel, testFolder, until } from '../../../test/gateway.ts';
import { insertMarket } from '../../../test/market.ts';
import { newLog } from '../../platform/log.ts';
import { migrate } from '../../platform/migrate.ts';
import { startPostgres } from '../../platform/postgres.ts';

// A PostgreSQL of this file's own, since it is stopped.
const log = newLog('test', 'error');
const postgresDir = testFolder();
let postgres = await startPostgres(postgresDir, log);
const databaseUrl = postgres.url;
await migrate(databaseUrl, log);
const pool = new pg.Pool({ connectionString: databaseUrl, max: 2 });
pool.on('error', () => {});
test.after(async () => {
  await pool.end();
  await postgres.stop();
});

const model = await startModel();
const one = await insertMarket(pool, { addresses: [model.address], number: 1 });
const limited = await insertMarket(pool, { addresses: [model.address], number: 2, unitsPerMonth: 30 });
const dataDir = testFolder();
let gateway: RunningGateway = await startGateway({ databaseUrl, dataDir });
const ready = () => until('calls are taken', async () => (await call(one)).status === 200);
const call = (to: typeof one, key = to.apiKey) =>
  fetch(`${gateway.url}/call/${to.publisher}/${to.product}/invocations`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}` },
    body: 'x',
  });
const unitsOf = async (subscriptionId: string) => {
  const { rows } = await pool.query<{ units: number }>(
    'select coalesce(sum(quantity), 0)::int as units from usage_records where subscription_id = $1',
    [subscriptionId],
  );
  return rows[0]?.units ?? 0;
};
/** Calls from many sides until told to stop; how many were answered with 200. */
function load(to: typeof one) {
  let [answered, going] = [0, true];
  const caller = async () => {
    while (going) {
      const ok = await call(to).then(
        async (a) => (await a.text()) !== '' && a.status === 200,
        () => false,
      );
      if (ok) answered++;
      else await pause(5);
    }
  };
  const callers = Array.from({ length: 16 }, caller);
  return {
    answered: () => answered,
    async stop() {
      going = false;
      await Promise.all(callers);
      return answered;
    },
  };
}
await ready();

test('a revoked key stops within a second, and a new one works', async () => {
  await pool.query('update api_keys set revoked_at = now() where id = $1', [one.keyId]);
  await until('the key is refused', async () => (await call(one)).status === 401, 1000);
  await pool.query('update api_keys set revoked_at = null where id = $1', [one.keyId]);
  await until('the key works again', async () => (await call(one)).status === 200, 1000);
});

test('a suspended subscription, a stopped deployment and a member who left stop within a second', async () => {
  const within = (what: string, status: number) =>
    until(`${what}: ${status}`, async () => (await call(one)).status === status, 1000);
  await pool.query(`update subscriptions set state = 'suspended' where id = $1`, [one.subscriptionId]);
  await within('suspended', 403);
  await pool.query(`update subscriptions set state = 'active' where id = $1`, [one.subscriptionId]);
  await within('active', 200);
  await pool.query(`update deployments set state = 'starting', addresses = '[]' where product_id = $1`, [
    one.productId,
  ]);
  await within('starting', 503);
  await pool.query(`update deployments set state = 'ready', addresses = $2 where product_id = $1`, [
    one.productId,
    JSON.stringify([model.address]),
  ]);
  await within('ready', 200);
  const { rows } = await pool.query('delete from members where account_id = $1 returning *', [
    one.buyerAccountId,
  ]);
  await within('left', 401);
  await pool.query('insert into members (account_id, person_id, roles) values ($1, $2, $3)', [
    rows[0].account_id,
    rows[0].person_id,
    rows[0].roles,
  ]);
  await pool.query(`select pg_notify('souk_gateway', 'all')`);
  await within('back', 200);
});

test('a version that is released may be called within a second', async () => {
  const at = (version: string) =>
    fetch(`${gateway.url}/call/${one.publisher}/${one.product}@${version}/invocations`, {
      method: 'POST',
      headers: { authorization: `Bearer ${one.apiKey}` },
      body: 'x',
    });
  assert.equal((await at('1.1.0')).status, 404);
  await pool.query(
    `insert into product_versions (product_id, number, model_package_id, package_sha256, package_size_bytes, model_name, resource, bom)
     select product_id, '1.1.0', model_package_id, package_sha256, 1, model_name, '{}', '{}' from product_versions where product_id = $1`,
    [one.productId],
  );
  await pool.query(
    `insert into deployments (id, product_id, version, package_sha256, servable, model_name, backend, instance_type, state, addresses)
     select 'dep_new', product_id, '1.1.0', package_sha256, servable, model_name, backend, instance_type, state, addresses from deployments where product_id = $1`,
    [one.productId],
  );
  await pool.query(
    `insert into revisions (id, product_id, number, document, sha256, created_by) values ('rev_new', $1, 2, $2, 'x', 'test')`,
    [one.productId, JSON.stringify({ versions: [{ number: '1.0.0' }, { number: '1.1.0' }] })],
  );
  await pool.query(`update products set live_revision_id = 'rev_new' where id = $1`, [one.productId]);
  const answer = await until(
    '1.1.0 answers',
    async () => {
      const a = await at('1.1.0');
      return a.status === 200 && a;
    },
    1000,
  );
  assert.equal(answer.headers.get('x-souk-version'), '1.1.0');
  assert.equal((await call(one)).headers.get('x-souk-version'), '1.0.0', 'the chosen version stays');
});

test('a gateway that is killed under load loses no answered call and counts none twice', async () => {
  await pause(1100);
  const [before, answeredBefore] = [await unitsOf(one.subscriptionId), model.answered()];
  let answered = 0;
  for (let i = 0; i < 3; i++) {
    const calls = load(one);
    await pause(900 + 300 * i);
    await gateway.kill('SIGKILL');
    answered += await calls.stop();
    gateway = await startGateway({ databaseUrl, dataDir });
    // Once more while it reads what was left.
    await gateway.kill('SIGKILL');
    gateway = await startGateway({ databaseUrl, dataDir });
    await until('calls are taken', async () => (await fetch(`${gateway.url}/gateway/healthz`)).ok);
  }
  const ran = model.answered() - answeredBefore;
  await until(
    'every answered call is counted',
    async () => (await unitsOf(one.subscriptionId)) - before >= answered,
  );
  await pause(1500);
  const counted = (await unitsOf(one.subscriptionId)) - before;
  assert.ok(answered > 300, `${answered} answered`);
  assert.ok(counted >= answered && counted <= ran, `${answered} answered, ${counted} counted, ${ran} ran`);
});

test('calls go on while PostgreSQL is away, and their usage arrives afterwards', async () => {
  await pause(1100);
  const before = await unitsOf(one.subscriptionId);
  const calls = load(one);
  await pause(300);
  await postgres.stop();
  const atStop = calls.answered();
  await pause(3000);
  assert.ok(
    calls.answered() - atStop > 200,
    `${calls.answered() - atStop} calls answered without a database`,
  );
  postgres = await startPostgres(postgresDir, log);
  const answered = await calls.stop();
  await until(
    'all of it is in the database',
    async () => (await unitsOf(one.subscriptionId)) - before >= answered,
  );
  await pause(1500);
  assert.equal((await unitsOf(one.subscriptionId)) - before, answered);
});

test('changes that were made while the gateway could not hear are known soon after', async () => {
  await pool.query('update api_keys set revoked_at = now() where id = $1', [one.keyId]);
  await until('the key is refused', async () => (await call(one)).status === 401, 2000);
  await pool.query('update api_keys set revoked_at = null where id = $1', [one.keyId]);
  await ready();
});

test('started during an outage a gateway serves from what the last one knew, quotas and revocations included', async () => {
  for (let i = 0; i < 12; i++) assert.equal((await call(limited)).status, 200);
  await until('12 units are in the database', async () => (await unitsOf(limited.subscriptionId)) === 12);
  await pool.query('update api_keys set revoked_at = now() where id = $1', [one.keyId]);
  await until('the key is refused', async () => (await call(one)).status === 401, 1000);
  await pause(800);
  // The snapshot is on disk by now, and these are in no snapshot.
  for (let i = 0; i < 3; i++) assert.equal((await call(limited)).status, 200);
  await until('3 more are in the database', async () => (await unitsOf(limited.subscriptionId)) === 15);
  await postgres.stop();
  for (let i = 0; i < 8; i++) assert.equal((await call(limited)).status, 200);
  await gateway.kill('SIGKILL');
  gateway = await startGateway({ databaseUrl, dataDir });
  assert.equal((await call(one)).status, 401, 'a revoked key stays revoked');
  let answered = 0;
  while ((await call(limited)).status === 200) answered++;
  assert.equal(answered, 7, '15 ingested and 8 waiting leave 7 of 30');
  await gateway.kill('SIGTERM');
  gateway = await startGateway({ databaseUrl, dataDir });
  assert.equal((await call(limited)).status, 429);
  postgres = await startPostgres(postgresDir, log);
  await until('30 units are in the database', async () => (await unitsOf(limited.subscriptionId)) === 30);
  await pool.query('update api_keys set revoked_at = null where id = $1', [one.keyId]);
  await ready();
});

test('asked to end, a gateway answers what it has begun, takes nothing new and leaves nothing uncounted', async () => {
  await pause(1100);
  const before = await unitsOf(one.subscriptionId);
  const slow = Array.from({ length: 10 }, () =>
    fetch(`${gateway.url}/call/${one.publisher}/${one.product}/invocations`, {
      method: 'POST',
      headers: { authorization: `Bearer ${one.apiKey}`, 'x-amzn-sagemaker-custom-attributes': 'wait=700' },
      body: 'x',
    }),
  );
  await pause(200);
  const calls = load(one);
  await pause(200);
  const ended = gateway.kill('SIGTERM');
  assert.deepEqual([...new Set(await Promise.all(slow.map(async (s) => (await s).status)))], [200]);
  assert.equal(await ended, 0);
  const answered = (await calls.stop()) + slow.length;
  assert.equal((await unitsOf(one.subscriptionId)) - before, answered);
  await assert.rejects(call(one));
});
