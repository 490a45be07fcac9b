import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import pg from 'pg';
import { testDatabase } from '../../test/database.ts';
import { newLog } from './log.ts';
import { migrate } from './migrate.ts';
import { migrations } from './migrations.ts';

const { url } = await testDatabase();
const log = newLog('test', 'silent');
const admin = new pg.Client({ connectionString: url.replace(/\/\w+$/, '/postgres') });
await admin.connect();
after(() => admin.end());
let names = 0;
/** An empty database beside the test's own. */
async function empty(work: (at: string, client: pg.Client) => Promise<void>) {
  const name = `${url.split('/').at(-1)}_${++names}`;
  await admin.query(`create database ${name}`);
  const at = url.replace(/\/\w+$/, `/${name}`);
  const client = new pg.Client({ connectionString: at });
  await client.connect();
  try {
    await work(at, client);
  } finally {
    await client.end();
    await admin.query(`drop database ${name} with (force)`);
  }
}
const count = async (client: pg.Client, text: string) =>
  Number((await client.query<{ n: string }>(text)).rows[0]?.n);

test('ten processes that start at once apply each migration once', async () => {
  await empty(async (at, client) => {
    const applied = await Promise.all(Array.from({ length: 10 }, () => migrate(at, log)));
    const names = migrations().map((m) => m.name);
    assert.deepEqual(
      applied.filter((list) => list.length > 0),
      [names],
    );
    assert.equal(await count(client, 'select count(*) as n from souk_migrations'), names.length);
    assert.deepEqual(await migrate(at, log), []);
  });
});

test('a migration that fails is named, leaves nothing of itself, and is applied when it can be', async () => {
  await empty(async (at, client) => {
    const [first] = migrations();
    // In its way: the last table that it makes.
    const last = [...(first?.text.matchAll(/^create table (\w+)/gm) ?? [])].at(-1)?.[1] ?? '';
    await client.query(`create table ${last} (x int)`);
    await assert.rejects(migrate(at, log), new RegExp(`The migration ${first?.name} failed: .*${last}`));
    assert.equal(await count(client, 'select count(*) as n from souk_migrations'), 0);
    assert.equal(
      await count(
        client,
        "select count(*) as n from pg_tables where schemaname = 'public' and tablename = 'accounts'",
      ),
      0,
    );
    await client.query(`drop table ${last}`);
    assert.equal((await migrate(at, log)).length, migrations().length);
  });
});

test('a migration that was changed after it was applied stops the start', async () => {
  await empty(async (at, client) => {
    await migrate(at, log);
    await client.query(
      "update souk_migrations set sha256 = 'other' where name = (select max(name) from souk_migrations)",
    );
    await assert.rejects(
      migrate(at, log),
      /was changed after it was applied: put it back and add a new file/,
    );
  });
});
