import pg from 'pg';
import { newLog } from '../src/platform/log.ts';
import { type OwnPostgres, startPostgres } from '../src/platform/postgres.ts';

/**
 * The PostgreSQL of tests that ask what is committed, not what outlives a loss of power: nothing waits for the disk. Whoever kills
 * PostgreSQL or reads what a crash left (backups, journeys) runs the real `souk serve`, which has none of this.
 */
const settings = ['fsync = off', 'synchronous_commit = off', 'full_page_writes = off', 'autovacuum = off'];

export async function startTestPostgres(folder: string): Promise<OwnPostgres> {
  const postgres = await startPostgres(folder, newLog('test', 'error'));
  const admin = new pg.Client({ connectionString: postgres.url });
  await admin.connect();
  for (const setting of settings) await admin.query(`alter system set ${setting}`);
  await admin.query('select pg_reload_conf()');
  await admin.end();
  return postgres;
}
