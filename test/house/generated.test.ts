import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { openApi, operations } from '@souk/contract';
import { accessPage } from '../../scripts/access.ts';

test('docs/access.md is what the policies and the routes say now (npm run generate)', async () => {
  assert.equal(readFileSync('docs/access.md', 'utf8'), await accessPage());
});

test('contract/openapi.gen.json is what the contract says now (npm run generate)', () => {
  const now = openApi(Object.values(operations), { version: '0.1.0', serverUrl: 'http://127.0.0.1:4600' });
  assert.deepEqual(
    JSON.parse(readFileSync('contract/openapi.gen.json', 'utf8')),
    JSON.parse(JSON.stringify(now)),
  );
});
