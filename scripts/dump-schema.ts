import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { newLog } from '../server/src/platform/log.ts';
import { migrate } from '../server/src/platform/migrate.ts';
import { startPostgres } from '../server/src/platform/postgres.ts';
import { dumpSchema } from '../server/src/platform/schema-dump.ts';

/** Writes server/schema.sql from the migrations, in a database of its own. */
const folder = mkdtempSync(join(tmpdir(), 'souk-schema-'));
const log = newLog('schema', 'error');
const postgres = await startPostgres(folder, log);
try {
  await migrate(postgres.url, log);
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  writeFileSync('server/schema.sql', await dumpSchema(client));
  await client.end();
} finally {
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}
