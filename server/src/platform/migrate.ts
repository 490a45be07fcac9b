import { runMigrations as migrateJobs } from 'graphile-worker';
import pg from 'pg';
import type { Log } from './log.ts';
import { type Migration, migrations } from './migrations.ts';

export { migrations };

// Any constant will do as long as nobody else uses it on this database.
const lockKey = 7_685_107;

/**
 * Applies what is missing, each file in its own transaction. Ten processes may do so at once: an advisory lock lets one at a
 * time in, and the others then find nothing to do. A file that was applied must never change: that is an error.
 */
export async function migrate(databaseUrl: string, log: Log): Promise<string[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const applied: string[] = [];
  try {
    await requireVersion(client);
    await client.query('select pg_advisory_lock($1)', [lockKey]);
    await client.query(
      'create table if not exists souk_migrations (name text primary key, sha256 text not null, applied_at timestamptz not null default now())',
    );
    await migrateJobs({ connectionString: databaseUrl, noPreparedStatements: true });
    const { rows } = await client.query<{ name: string; sha256: string }>(
      'select name, sha256 from souk_migrations',
    );
    const done = new Map(rows.map((r) => [r.name, r.sha256]));
    for (const migration of migrations()) {
      const sha256 = done.get(migration.name);
      if (sha256 === migration.sha256) continue;
      if (sha256)
        throw new Error(
          `The migration ${migration.name} was changed after it was applied: put it back and add a new file.`,
        );
      await apply(client, migration);
      applied.push(migration.name);
      log.info({ migration: migration.name }, 'migrated');
    }
  } finally {
    await client.end();
  }
  return applied;
}

async function apply(client: pg.Client, migration: Migration) {
  await client.query('begin');
  try {
    await client.query(migration.text);
    await client.query('insert into souk_migrations (name, sha256) values ($1, $2)', [
      migration.name,
      migration.sha256,
    ]);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw new Error(`The migration ${migration.name} failed: ${(error as Error).message}`, { cause: error });
  }
}

async function requireVersion(client: pg.Client) {
  const { rows } = await client.query<{ version: number }>(
    "select current_setting('server_version_num')::int as version",
  );
  const version = rows[0]?.version ?? 0;
  if (version < 150_000) throw new Error(`Souk needs PostgreSQL 15 or later; this server is ${version}.`);
}
