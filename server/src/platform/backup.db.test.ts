import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { backup, restore } from './backup.ts';
import { newLog } from './log.ts';
import { type OwnPostgres, startPostgres } from './postgres.ts';

const folder = mkdtempSync(join(tmpdir(), 'souk-backup-'));
const dataDir = join(folder, 'data');
const log = newLog('test', 'silent');
const blobs = 'in this archive';
let postgres: OwnPostgres;

before(async () => {
  for (const name of ['blobs/ab', 'blobs/incoming', 'keys', 'usage'])
    mkdirSync(join(dataDir, name), { recursive: true });
  writeFileSync(join(dataDir, 'blobs/ab/model'), 'weights');
  writeFileSync(join(dataDir, 'blobs/incoming/half'), 'wei');
  writeFileSync(join(dataDir, 'keys/seal.hex'), 'secret');
  writeFileSync(join(dataDir, 'usage/node-1'), 'three calls');
  postgres = await startPostgres(dataDir, log);
});
after(async () => {
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function ask(url: string, text: string): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return Number((await client.query<{ n: string }>(text)).rows[0]?.n ?? 0);
  } finally {
    await client.end();
  }
}

test('a backup that is made while rows are written holds all that were committed before its end, and none by half', async () => {
  await ask(postgres.url, 'create table pairs (id bigint primary key, twin bigint not null)');
  const writer = new pg.Client({ connectionString: postgres.url });
  await writer.connect();
  let written = 0;
  let stop = false;
  const writing = (async () => {
    while (!stop) {
      await writer.query('insert into pairs select i, -i from generate_series($1::int, $2::int) i', [
        written * 1000 + 1,
        (written + 1) * 1000,
      ]);
      written++;
    }
  })();
  while (written < 20) await new Promise((resolve) => setTimeout(resolve, 10));
  const certain = written * 1000;
  const to = join(folder, 'while-writing.tar');
  const made = await backup(dataDir, { to, ownDatabaseUrl: postgres.url, keys: true, blobs });
  stop = true;
  await writing;
  await writer.end();
  assert.equal(made.database, 'in this archive');
  assert.equal(statSync(to).mode & 0o777, 0o600);

  const copy = join(folder, 'copy');
  await restore(to, copy);
  assert.equal(readFileSync(join(copy, 'blobs/ab/model'), 'utf8'), 'weights');
  assert.equal(readFileSync(join(copy, 'usage/node-1'), 'utf8'), 'three calls');
  assert.equal(readFileSync(join(copy, 'keys/seal.hex'), 'utf8'), 'secret');
  assert.deepEqual(readdirSync(join(copy, 'blobs/incoming')), []);
  const again = await startPostgres(copy, log);
  try {
    const rows = await ask(again.url, 'select count(*) as n from pairs');
    assert.ok(rows >= certain, `${rows} of at least ${certain}`);
    assert.equal(rows % 1000, 0, 'a statement by half');
    assert.equal(await ask(again.url, 'select count(*) as n from pairs where id <> -twin'), 0);
  } finally {
    await again.stop();
  }
});

test('without keys the archive has none, and with a database elsewhere no database', async () => {
  const to = join(folder, 'bare.tar');
  await backup(dataDir, { to, ownDatabaseUrl: undefined, keys: false, blobs });
  const names = execFileSync('tar', ['-tf', to]).toString().split('\n');
  assert.ok(names.includes('blobs/ab/model'));
  assert.ok(!names.some((name) => name.startsWith('keys') || name.startsWith('postgres/')));
});

test('blobs that are in a bucket are left to the bucket, and the archive says so', async () => {
  const to = join(folder, 'bucket.tar');
  await backup(dataDir, { to, ownDatabaseUrl: undefined, keys: false, blobs: 'elsewhere' });
  const names = execFileSync('tar', ['-tf', to]).toString();
  assert.ok(!names.includes('blobs/'));
  assert.equal((await restore(to, join(folder, 'from-bucket'))).blobs, 'elsewhere');
});

test('nothing is overwritten: neither an older backup nor a folder in use', async () => {
  const to = join(folder, 'bare.tar');
  const before = statSync(to).mtimeMs;
  await assert.rejects(backup(dataDir, { to, ownDatabaseUrl: undefined, keys: true, blobs }), /exists/);
  assert.equal(statSync(to).mtimeMs, before);
  await assert.rejects(restore(to, dataDir), /is not empty/);
});

test('what is no backup, or only a part of one, leaves no folder', async () => {
  const target = join(folder, 'none');
  const some = join(folder, 'some.tar');
  execFileSync('tar', ['-cf', some, '-C', dataDir, 'blobs']);
  await assert.rejects(restore(some, target), /not a backup of Souk/);
  writeFileSync(
    join(folder, 'cut.tar'),
    readFileSync(join(folder, 'while-writing.tar')).subarray(0, 900_000),
  );
  await assert.rejects(restore(join(folder, 'cut.tar'), target), /no whole backup/);
  await assert.rejects(restore(join(folder, 'nothing.tar'), target), /no file/);
  assert.ok(!existsSync(target));
  assert.ok(!readdirSync(folder).some((name) => name.endsWith('.restoring') || name.endsWith('.part')));
});

test('a backup that fails leaves no file of its name', async () => {
  const to = join(folder, 'failed.tar');
  const gone = 'postgres://souk:wrong@127.0.0.1:1/souk';
  await assert.rejects(backup(dataDir, { to, ownDatabaseUrl: gone, keys: true, blobs }));
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.includes('failed') || name.startsWith('.souk-backup')),
    [],
  );
});
