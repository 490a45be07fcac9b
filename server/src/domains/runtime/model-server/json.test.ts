import assert from 'node:assert/strict';
import { test } from 'node:test';
import { notANumber, readJson } from './json.ts';

test('bare NaN and infinities are read wherever a value may stand, and nowhere else', () => {
  assert.deepEqual(readJson('{"a":[NaN,-Infinity,Infinity,1]}', false), {
    a: [notANumber, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, 1],
  });
  assert.deepEqual(readJson('["\\"NaN","\\\\",NaN]', false), ['"NaN', '\\', notANumber]);
  assert.throws(() => readJson('{"a":NaNa}', false), /not JSON/);
  assert.throws(() => readJson('{"a":undefined}', false), /not JSON/);
});

test('integers keep every digit where that is asked for', () => {
  assert.deepEqual(readJson('[9007199254740993,1,1e25]', true), [9007199254740993n, 1, 1e25]);
  assert.deepEqual(readJson('[NaN,-9223372036854775808]', true), [notANumber, -9223372036854775808n]);
});

test('an empty body is called empty', () => {
  assert.throws(() => readJson('', false), /the body is empty/);
});
