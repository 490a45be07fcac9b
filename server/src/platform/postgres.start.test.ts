import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import pg from 'pg';
import { newLog } from './log.ts';
import { type OwnPostgres, startPostgres } from './postgres.ts';

const log = newLog('test', 'silent');
// Below two folders that only their owner may enter, as below /root.
const root = mkdtempSync(join(tmpdir(), 'souk-start-'));
const dataDir = join(root, 'closed', 'data');
mkdirSync(dataDir, { recursive: true, mode: 0o700 });
let running: OwnPostgres | undefined;
after(async () => {
  await running?.stop();
  rmSync(root, { recursive: true, force: true });
});
async function ask(text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: running?.url });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}
const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test('it starts below a folder that others cannot enter, after a start that was killed halfway, and answers this machine only', async () => {
  // What initdb leaves when it is killed: a part of a cluster, which names its version already.
  mkdirSync(join(dataDir, 'postgres.new'), { mode: 0o700 });
  writeFileSync(join(dataDir, 'postgres.new', 'PG_VERSION'), '17\n');
  writeFileSync(join(dataDir, 'postgres.new.password'), 'old');
  running = await startPostgres(dataDir, log);
  assert.deepEqual(await ask("select current_database() as db, current_setting('listen_addresses') as at"), [
    { db: 'souk', at: '127.0.0.1' },
  ]);
  assert.equal(statSync(join(dataDir, 'postgres')).mode & 0o077, 0);
  assert.equal(statSync(join(dataDir, 'postgres.json')).mode & 0o077, 0);
  assert.throws(() => statSync(join(dataDir, 'postgres.new.password')), { code: 'ENOENT' });
  const { password } = new URL(running.url);
  for (const place of [`/proc/${running.pid}/cmdline`, `/proc/${running.pid}/environ`])
    assert.equal(readFileSync(place, 'utf8').includes(password), false, place);
  const wrong = new pg.Client({ connectionString: running.url.replace(password, 'wrong') });
  await assert.rejects(wrong.connect(), { code: '28P01' });
});

test('started again on the same folder it has what was committed, at the same port', async () => {
  await ask('create table kept as select 42 as n');
  const before = running?.url;
  await running?.stop();
  running = await startPostgres(dataDir, log);
  assert.equal(running.url, before);
  assert.deepEqual(await ask('select n from kept'), [{ n: 42 }]);
});

test('one that was left over by a killed Souk is ended in order before the next one starts', async () => {
  const orphan = running;
  await ask('insert into kept values (43)');
  running = await startPostgres(dataDir, log);
  assert.notEqual(running.pid, orphan?.pid);
  assert.equal(await orphan?.exited, 0);
  assert.equal(isAlive(orphan?.pid ?? 0), false);
  assert.deepEqual(await ask('select n from kept order by n'), [{ n: 42 }, { n: 43 }]);
});

test('a process that merely has the number of an earlier PostgreSQL is left alone', async () => {
  await running?.stop();
  const file = join(dataDir, 'postgres', 'postmaster.pid');
  writeFileSync(file, `${process.pid}\n${join(dataDir, 'postgres')}\n`);
  // Were it taken for an orphan, this test would be interrupted here.
  running = await startPostgres(dataDir, log);
  assert.equal((await ask('select count(*)::int as n from kept')).length, 1);
});

test('what keeps it from starting is told in its own words', async () => {
  await running?.stop();
  const version = join(dataDir, 'postgres', 'PG_VERSION');
  const right = readFileSync(version, 'utf8');
  writeFileSync(version, '9\n');
  await assert.rejects(startPostgres(dataDir, log), /ended while starting:\n[\s\S]*version/);
  writeFileSync(version, right);
  running = await startPostgres(dataDir, log);
});
