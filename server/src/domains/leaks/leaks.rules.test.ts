import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newApiKey } from '../../platform/api-keys.ts';
import { cleanPlace, trimmedKey } from './leaks.rules.ts';

test('what is said about the place is one line, without invisible characters and without the key', () => {
  const key = newApiKey();
  assert.equal(
    cleanPlace(` https://a.example/?k=${key}&x=1\r\nSubject: x\u202e `),
    `https://a.example/?k=souk_…${key.slice(-4)}&x=1 Subject: x`,
  );
  assert.deepEqual([cleanPlace(undefined), cleanPlace(' \n')], [null, null]);
});

test('a key is taken as people paste it', () => {
  const key = newApiKey();
  for (const text of [key, ` ${key}\n`, `"${key}",`, `'${key}';`]) assert.equal(trimmedKey(text), key);
});
