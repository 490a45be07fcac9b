import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError, folders, readConfig } from './config.ts';

test('what serves is bounded as before unless the operator says otherwise, and never by nothing', () => {
  const of = (env: Record<string, string> = {}) => readConfig(env).serving;
  assert.deepEqual(of(), { diskBytesMax: 10 * 1024 ** 3, processesMax: 1000, logBytesPerSecond: 256 * 1024 });
  const given = of({ SOUK_SERVING_DISK_MB: '500', SOUK_SERVING_PROCESSES: '64' });
  assert.deepEqual([given.diskBytesMax, given.processesMax], [500 * 1024 ** 2, 64]);
  assert.throws(
    () => of({ SOUK_SERVING_PROCESSES: '0' }),
    /SOUK_SERVING_PROCESSES must be a whole number from 10/,
  );
});

test('nothing need be set: everything has a default, and nothing listens to other machines', () => {
  const config = readConfig({});
  assert.deepEqual(
    [config.host, config.port, config.publicUrl, config.databaseUrl, config.logLevel, config.nodeName],
    ['127.0.0.1', 4600, 'http://127.0.0.1:4600', undefined, 'warn', 'node-1'],
  );
  assert.ok(config.dataDir.startsWith('/') && config.dataDir.endsWith('/.souk'));
  assert.deepEqual([config.regions, config.oidc, config.outboundAllow], [['souk-home-1'], [], []]);
});

test('an empty variable is one that is not set', () => {
  const names = [
    'SOUK_PORT',
    'SOUK_DATA',
    'SOUK_URL',
    'DATABASE_URL',
    'SOUK_LOG',
    'SOUK_REGIONS',
    'SOUK_OIDC',
    'SOUK_CLAMD',
    'SOUK_SEAL_KEY',
  ];
  assert.deepEqual(readConfig(Object.fromEntries(names.map((n) => [n, '']))), readConfig({}));
});

test('what is set is taken as it is meant', () => {
  const config = readConfig({
    SOUK_PORT: '8080',
    SOUK_URL: 'https://souk.example.org/market//',
    SOUK_REGIONS: ' eu-1, us-1 ,,eu-1',
    SOUK_SEAL_KEY: 'AB'.repeat(32),
    DATABASE_URL: 'postgresql://u:p@db/souk',
    SOUK_OIDC: '[{"id":"corp","issuer":"https://idp","clientId":"c","clientSecret":"s"}]',
  });
  assert.deepEqual(
    [config.port, config.publicUrl, config.regions, config.databaseUrl, config.oidc[0]?.name],
    [8080, 'https://souk.example.org/market', ['eu-1', 'us-1'], 'postgresql://u:p@db/souk', 'corp'],
  );
  const clamd = (text: string) => readConfig({ SOUK_CLAMD: text }).clamd;
  assert.deepEqual(clamd('scanner:3310'), { host: 'scanner', port: 3310 });
  assert.deepEqual(clamd('[::1]:3310'), { host: '::1', port: 3310 });
  assert.deepEqual(clamd('/run/clamd.sock'), { socket: '/run/clamd.sock' });
});

test('what cannot be meant is refused in words that name the variable and what it must be', () => {
  for (const [name, values] of Object.entries({
    SOUK_PORT: ['http', '-1', '65536', '80.5', '1e9'],
    SOUK_CALL_TIMEOUT_MS: ['0', 'soon'],
    SOUK_UPLOAD_BYTES_MAX: ['0', '20GB'],
    SOUK_URL: ['souk.example.org', 'ftp://x', 'https://x/?a=b', 'https://'],
    SOUK_LOG: ['verbose', 'WARN'],
    SOUK_REGIONS: ['eu 1', 'EU-1', 'a,b/c'],
    SOUK_PARTITION: ['a:b', 'AWS'],
    SOUK_NODE: ['../node', 'a b'],
    SOUK_CLAMD: ['scanner', 'scanner:', ':3310', 'scanner:99999', 'a:b:c'],
    SOUK_SEAL_KEY: ['secret-word', 'ab'.repeat(31), 'zz'.repeat(32)],
    DATABASE_URL: ['mysql://u:secret-word@db/x', 'db'],
    SOUK_OIDC: ['{', '{}', '[{"id":"x"}]'],
  }))
    for (const value of values)
      assert.throws(
        () => readConfig({ [name]: value }),
        (error: unknown) =>
          error instanceof ConfigError &&
          error.message.startsWith(`${name} must be`) &&
          !/secret-word/.test(error.message),
        `${name}=${value}`,
      );
});

test('sockets go to a short folder of their own when the data folder lies deep', () => {
  const deep = `/srv/${'d'.repeat(100)}`;
  assert.equal(folders('/srv/souk').sockets, '/srv/souk/run');
  assert.ok(folders(deep).sockets.length < 70);
  assert.equal(folders(deep).sockets, folders(deep).sockets);
  assert.notEqual(folders(deep).sockets, folders(`${deep}2`).sockets);
});
