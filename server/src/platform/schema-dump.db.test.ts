import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { testDatabase } from '../../test/database.ts';
import { newLog } from './log.ts';
import { migrate } from './migrate.ts';
import { dumpSchema } from './schema-dump.ts';

const { pool, url } = await testDatabase();

test('server/schema.sql is what the migrations make (npm run generate)', async () => {
  assert.equal(await dumpSchema(pool), readFileSync(new URL('../../schema.sql', import.meta.url), 'utf8'));
});

test('migrating again changes nothing, also when several do it at once', async () => {
  const log = newLog('test', 'error');
  const applied = await Promise.all(Array.from({ length: 5 }, () => migrate(url, log)));
  assert.deepEqual(applied.flat(), []);
});
