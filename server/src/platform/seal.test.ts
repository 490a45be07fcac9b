import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { newSealer, ownKeys } from './seal.ts';

const folder = mkdtempSync(join(tmpdir(), 'souk-keys-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const sealer = newSealer(randomBytes(32));

test('what was sealed opens to the same text, and twice sealed looks different', () => {
  for (const secret of ['', 'x', 'påsswörd 🔑', 'x'.repeat(100_000)]) {
    const sealed = sealer.seal(secret, 'keys:1');
    assert.equal(sealer.open(sealed, 'keys:1'), secret);
    assert.notEqual(sealer.seal(secret, 'keys:1'), sealed);
  }
});

test('a sealed value does not open elsewhere, under another key, or with a single bit changed', () => {
  const sealed = sealer.seal('secret', 'bank:1');
  assert.throws(() => sealer.open(sealed, 'bank:2'));
  assert.throws(() => newSealer(randomBytes(32)).open(sealed, 'bank:1'));
  const bytes = Buffer.from(sealed.slice(3), 'base64url');
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const changed = Buffer.from(bytes);
    changed.writeUInt8((changed[bit >> 3] ?? 0) ^ (1 << (bit & 7)), bit >> 3);
    assert.throws(() => sealer.open(`v1.${changed.toString('base64url')}`, 'bank:1'), `bit ${bit}`);
  }
});

test('a value that was cut short never opens, whatever is left of it', () => {
  const bytes = Buffer.from(sealer.seal('', 'bank:1').slice(3), 'base64url');
  for (let length = 0; length < bytes.length; length++)
    assert.throws(
      () => sealer.open(`v1.${bytes.subarray(0, length).toString('base64url')}`, 'bank:1'),
      `${length} bytes`,
    );
});

test('a key that is no key is refused', () => {
  for (const key of [Buffer.alloc(0), Buffer.alloc(31), Buffer.alloc(33)])
    assert.throws(() => newSealer(key), /32 bytes/);
});

test('the marketplace’s keys are made once, for its own eyes, and stay the same', () => {
  const dataDir = join(folder, 'once');
  const first = ownKeys(dataDir, undefined);
  assert.deepEqual(ownKeys(dataDir, undefined).seal, first.seal);
  assert.equal(ownKeys(dataDir, undefined).session, first.session);
  assert.equal(ownKeys(dataDir, undefined).signing.keyId, first.signing.keyId);
  assert.deepEqual([first.seal.length, first.session.length], [32, 64]);
  assert.deepEqual(ownKeys(dataDir, 'ab'.repeat(32)).seal, Buffer.alloc(32, 0xab));
  assert.deepEqual(readdirSync(join(dataDir, 'keys')).sort(), ['seal.hex', 'session.hex', 'signing.pem']);
  for (const file of readdirSync(join(dataDir, 'keys')))
    assert.equal(statSync(join(dataDir, 'keys', file)).mode & 0o777, 0o600);
  assert.equal(statSync(join(dataDir, 'keys')).mode & 0o777, 0o700);
});

test('processes that start at the same moment on a new folder have the same keys', async () => {
  const dataDir = join(folder, 'many');
  const script = `import('${new URL('./seal.ts', import.meta.url)}').then(({ ownKeys }) => {
    const k = ownKeys(${JSON.stringify(dataDir)}, undefined);
    process.stdout.write(k.seal.toString('hex') + k.session + k.signing.keyId);
  })`;
  const keys = await Promise.all(
    Array.from({ length: 4 }, async () => {
      const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
      let text = '';
      child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
      const [code] = (await once(child, 'close')) as [number];
      assert.equal(code, 0);
      return text;
    }),
  );
  assert.equal(new Set(keys).size, 1);
  assert.equal(keys[0]?.length, 64 + 64 + 16);
  assert.equal(readdirSync(join(dataDir, 'keys')).length, 3);
  assert.ok(readFileSync(join(dataDir, 'keys', 'signing.pem'), 'utf8').includes('PRIVATE KEY'));
});
