import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SoukError } from '../../platform/errors.ts';
import { locationOf } from './files.rules.ts';

const me = '123456789012';
const code = (uri: string) => {
  try {
    locationOf(me, uri);
    return 'taken';
  } catch (error) {
    return (error as SoukError).code;
  }
};

test('locations are read, prefixes and whole accounts and buckets too', () => {
  assert.deepEqual(locationOf(me, `souk://${me}/a/b.csv`), {
    scheme: 'souk',
    authority: me,
    path: 'a/b.csv',
  });
  for (const uri of [
    `souk://${me}`,
    `souk://${me}/`,
    `souk://${me}/a/`,
    's3://my-bucket',
    's3://my.bucket/a//b',
  ])
    assert.equal(code(uri), 'taken', uri);
  assert.equal(locationOf(me, `souk://${me}/Größe/日本.csv`).path, 'Größe/日本.csv');
});

test('what is no location is refused by name, and another account’s before anything is looked up', () => {
  for (const uri of [
    '',
    '/etc/passwd',
    'file:///etc/passwd',
    'https://example.test/a',
    'souk://12/a',
    `souk://${me}//a`,
    `souk://${me}/../a`,
    `souk://${me}/a/./b`,
    `souk://${me}/a\nb`,
    `souk://${me}/${'a'.repeat(1025)}`,
    's3://',
    's3://UPPER/a',
    's3://a/b',
  ])
    assert.equal(code(uri), 'location.invalid', uri);
  assert.equal(code('souk://999999999999/a.csv'), 'location.foreign');
});
