import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { startGateway, startModel, testFolder, until } from '../../../test/gateway.ts';
import { insertMarket, type SmallMarket } from '../../../test/market.ts';
import { newLog } from '../../platform/log.ts';
import { migrate } from '../../platform/migrate.ts';
import { startPostgres } from '../../platform/postgres.ts';

test('what was withdrawn stays refused, and an end date comes, in a gateway that is started while PostgreSQL is away', async () => {
  // A PostgreSQL of this test's own, since it is stopped.
  const log = newLog('test', 'error');
  const postgres = await startPostgres(testFolder(), log);
  await migrate(postgres.url, log);
  const pool = new pg.Pool({ connectionString: postgres.url, max: 2 });
  pool.on('error', () => {});
  const model = await startModel();
  const [withdrawn, ending] = [
    await insertMarket(pool, { addresses: [model.address], number: 1 }),
    await insertMarket(pool, { addresses: [model.address], number: 2 }),
  ];
  const dataDir = testFolder();
  let gateway = await startGateway({ databaseUrl: postgres.url, dataDir });
  const call = (to: SmallMarket) =>
    fetch(`${gateway.url}/call/${to.publisher}/${to.product}/invocations`, {
      method: 'POST',
      headers: { authorization: `Bearer ${to.apiKey}` },
      body: 'x',
    });
  const codeOf = async (to: SmallMarket) =>
    ((await (await call(to)).json()) as { error?: { code: string } }).error?.code;
  await until('calls are taken', async () => (await call(withdrawn)).status === 200);
  await pool.query(
    `insert into version_standings (product_id, number, withdrawn_at, withdrawn_reason) values ($1, '1.0.0', now(), 'It leaks.')`,
    [withdrawn.productId],
  );
  const endsAt = Date.now() + 6000;
  await pool.query(
    `insert into sunsets (product_id, number, announced_at, ends_at, set_by) values ($1, '1.0.0', now(), $2, 'test')`,
    [ending.productId, new Date(endsAt)],
  );
  await until('withdrawn', async () => (await call(withdrawn)).status === 410, 1000);
  await until('announced', async () => (await call(ending)).headers.has('sunset'), 1000);
  // Long enough for the snapshot to be on disk.
  await pause(1000);
  await pool.end();
  await postgres.stop();
  await gateway.kill('SIGKILL');
  gateway = await startGateway({ databaseUrl: postgres.url, dataDir });
  assert.equal(await codeOf(withdrawn), 'call.version_withdrawn');
  if (Date.now() < endsAt) assert.equal((await call(ending)).status, 200);
  await until('ended', async () => (await call(ending)).status === 410, 8000);
  assert.ok(Date.now() >= endsAt);
  assert.equal(await codeOf(ending), 'call.version_ended');
});
