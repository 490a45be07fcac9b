import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import pg from 'pg';
import { type Database, openDatabase } from '../src/platform/db.ts';
import { newLog } from '../src/platform/log.ts';
import { migrate, migrations } from '../src/platform/migrate.ts';
import { startTestPostgres } from './postgres.ts';

const log = newLog('test', 'error');

/**
 * A database of this test file's own: a clone of a template that holds the migrated schema, named after the migrations' hash.
 * The test runner starts one PostgreSQL for all files (SOUK_TEST_POSTGRES); a file run alone starts its own.
 */
export async function testDatabase(): Promise<{ url: string } & Database> {
  const server = await testServer();
  const template = `template_${createHash('sha256')
    .update(
      migrations()
        .map((m) => m.sha256)
        .join(),
    )
    .digest('hex')
    .slice(0, 16)}`;
  const admin = new pg.Client({ connectionString: server.url });
  await admin.connect();
  await admin.query('select pg_advisory_lock(1)');
  const { rowCount } = await admin.query('select 1 from pg_database where datname = $1', [template]);
  if (!rowCount) {
    await admin.query(`create database ${template}_new`);
    await migrate(server.url.replace(/\/\w+$/, `/${template}_new`), log);
    await admin.query(`alter database ${template}_new rename to ${template}`);
  }
  const name = `test_${process.pid}_${Date.now().toString(36)}_${Math.random().toString(36).slice(2, 6)}`;
  // Its files as they are, not page by page through the log: a third of the time.
  await admin.query(`create database ${name} template ${template} strategy file_copy`);
  await admin.query('select pg_advisory_unlock(1)');
  const url = server.url.replace(/\/\w+$/, `/${name}`);
  const database = openDatabase(url, log);
  after(async () => {
    await database.close();
    await admin.query(`drop database ${name} with (force)`);
    await admin.end();
    await server.release();
  });
  return { url, ...database };
}

async function testServer(): Promise<{ url: string; release: () => Promise<void> }> {
  const shared = process.env.SOUK_TEST_POSTGRES;
  if (shared) return { url: shared, release: async () => {} };
  const folder = mkdtempSync(join(tmpdir(), 'souk-test-'));
  const own = await startTestPostgres(folder);
  return {
    url: own.url,
    release: async () => {
      await own.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
