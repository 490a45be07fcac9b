import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { storeCredential } from './credentials.ts';
import { readSettings } from './settings.ts';
import { temporaryFolder } from './testing/run-souk.ts';

const host = (cwd: string, env: Record<string, string> = {}) => {
  const stream = () => new PassThrough();
  const signal = new AbortController().signal;
  return { argv: [], env, cwd, stdin: stream(), stdout: stream(), stderr: stream(), signal };
};
const kept = (url: string, accountId: string) => ({
  url,
  accountId,
  accountName: 'Lab',
  email: 'ada@example.com',
  key: `souk_${accountId}`,
  keyId: null,
  cookie: null,
});

test('the address: a flag, then the environment, then where one signed in last, then this computer', async () => {
  using folder = temporaryFolder();
  const at = async (env: Record<string, string>, url?: string) =>
    (await readSettings(host(folder.path, { SOUK_DATA: folder.path, ...env }), url ? { url } : {})).url;
  assert.equal(await at({}), 'http://127.0.0.1:4600');
  await storeCredential(folder.path, kept('https://souk.example', '111111111111'));
  assert.equal(await at({}), 'https://souk.example');
  assert.equal(await at({ SOUK_PORT: '4700' }), 'http://127.0.0.1:4700');
  assert.equal(
    await at({ SOUK_PORT: '4700', SOUK_URL: 'http://env.example/souk/' }),
    'http://env.example/souk',
  );
  assert.equal(await at({ SOUK_URL: 'http://env.example' }, 'http://flag.example'), 'http://flag.example');
});

test('the account: a flag, then the environment, then the sign-in kept for that address and no other', async () => {
  using folder = temporaryFolder();
  const url = 'https://souk.example';
  await storeCredential(folder.path, kept(url, '111111111111'));
  await storeCredential(folder.path, kept(url, '222222222222'));
  await storeCredential(folder.path, kept('https://other.example', '333333333333'));
  const env = { SOUK_DATA: folder.path, SOUK_URL: url };
  const key = async (more: Record<string, string>, options = {}) =>
    (await readSettings(host(folder.path, { ...env, ...more }), options)).key;
  assert.equal(await key({}), 'souk_222222222222');
  assert.equal(await key({}, { account: '111111111111' }), 'souk_111111111111');
  assert.equal(await key({ SOUK_API_KEY: 'souk_env' }), 'souk_env');
  assert.equal(await key({ SOUK_API_KEY: 'souk_env' }, { key: 'souk_flag' }), 'souk_flag');
  assert.equal(await key({ SOUK_API_KEY: 'souk_env' }, { account: '111111111111' }), 'souk_111111111111');
  assert.equal(await key({ SOUK_URL: 'https://third.example' }), undefined);
});

test('the data folder is the nearest .souk above', async () => {
  using folder = temporaryFolder();
  const below = join(folder.path, 'a', 'b');
  mkdirSync(below, { recursive: true });
  mkdirSync(join(folder.path, '.souk'));
  writeFileSync(join(folder.path, 'a', '.souk'), 'a file of that name is not meant');
  const { dataFolder } = await readSettings(host(below), {});
  assert.equal(dataFolder, join(folder.path, '.souk'));
});
