import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import pg from 'pg';
import { newLog } from './log.ts';
import { keepPostgres } from './postgres.ts';

const ask = async (url: string, text: string) => {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query<{ n: number }>(text)).rows;
  } finally {
    await client.end();
  }
};

test('a PostgreSQL that is killed comes back at the same address with all that was committed, and ends when told', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'souk-postgres-'));
  const postmaster = () =>
    Number(readFileSync(join(folder, 'postgres/postmaster.pid'), 'utf8').split('\n')[0]);
  const postgres = await keepPostgres(folder, newLog('test', 'silent'));
  try {
    await ask(postgres.url, 'create table kept as select 42 as n');
    for (const signal of ['SIGKILL', 'SIGINT'] as const) {
      process.kill(postmaster(), signal);
      let rows: { n: number }[] | undefined;
      for (const until = Date.now() + 30_000; !rows && Date.now() < until; )
        rows = await ask(postgres.url, 'select n from kept').catch(() => undefined);
      assert.deepEqual(rows, [{ n: 42 }], `after ${signal}`);
    }
    const last = postmaster();
    await postgres.stop();
    assert.throws(() => process.kill(last, 0), { code: 'ESRCH' });
    await assert.rejects(ask(postgres.url, 'select 1 as n'));
  } finally {
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});
