import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apiKeyPattern, hashApiKey, hintOf, isApiKey, newApiKey } from './api-keys.ts';

const characters = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

test('a new key is a key, and no two are the same', () => {
  const keys = Array.from({ length: 1000 }, newApiKey);
  assert.ok(keys.every(isApiKey));
  assert.equal(new Set(keys).size, keys.length);
});

test('a key with any one character changed is no key', () => {
  const key = newApiKey();
  for (let at = 0; at < key.length; at++)
    for (const other of `${characters}_ é`)
      if (other !== key[at])
        assert.equal(isApiKey(key.slice(0, at) + other + key.slice(at + 1)), false, `${other} at ${at}`);
});

test('a key that is cut, lengthened or wrapped in space is no key', () => {
  const key = newApiKey();
  for (const wrong of [key.slice(0, -1), `${key}0`, ` ${key}`, `${key}\n`, key.toUpperCase(), ''])
    assert.equal(isApiKey(wrong), false);
});

test('keys are found in text, and only whole ones', () => {
  const [one, two] = [newApiKey(), newApiKey()];
  const text = `KEY=${one}\ncurl -H "authorization: Bearer ${two}" x${two} ${one.slice(0, 20)} ${one}AAAA`;
  assert.deepEqual(text.match(apiKeyPattern), [one, two]);
});

test('a stored key cannot be read, and its hint shows four characters', () => {
  const key = newApiKey();
  assert.match(hashApiKey(key), /^[0-9a-f]{64}$/);
  assert.equal(hintOf(key), `souk_…${key.slice(-4)}`);
});

test('keys that were made once stay keys: the checksum is CRC-32, written in 62 letters and digits', () => {
  assert.ok(isApiKey('souk_Example0Example1Example2Example34Ny5kH'));
  assert.ok(!isApiKey('souk_Example0Example1Example2Example34Ny5kI'));
});
