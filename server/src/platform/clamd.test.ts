import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type ClamdClient,
  ClamdFault,
  clamdClient,
  identifyScanner,
  type RunningClamd,
  startClamd,
} from './clamd.ts';

// The scanners' common test file, in parts: whole, it would have this source file itself quarantined.
const eicar = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$', 'EICAR-STANDARD-', 'ANTIVIRUS-TEST-', 'FILE!$H+H*'].join('');

const folder = mkdtempSync(join(tmpdir(), 'souk-clamd-test-'));
let running: RunningClamd;
let client: ClamdClient;

before(async () => {
  const started = await startClamd({ dataDir: join(folder, 'data'), databaseDir: join(folder, 'none') });
  assert.ok(started, 'clamd is not installed: apt-get install clamav-daemon');
  running = started;
  client = clamdClient({ address: { socket: running.socket } });
});
after(async () => {
  await running?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function* chunks(...parts: (string | Uint8Array)[]) {
  for (const part of parts) yield Buffer.from(part);
}

test('a scanner without a database knows the test signature, and says that it knows no more', async () => {
  await client.ping();
  assert.match(await client.version(), /^ClamAV \d/);
  assert.equal(running.signatures.signatureCount, 1);
  assert.match(running.signatures.version, /^souk\.hdb:[0-9a-f]{12}$/);
  const identity = await identifyScanner(client, { socket: running.socket });
  assert.deepEqual(identity.signatures, running.signatures);
});

test('the test file is found as a stream, in pieces, as a file and inside a tar.gz', async () => {
  const found = { outcome: 'malware', signature: 'Souk.Test.EICAR.UNOFFICIAL' };
  assert.deepEqual(await client.scanStream(chunks(eicar)), found);
  assert.deepEqual(await client.scanStream(chunks(...eicar)), found);
  const path = join(folder, 'note.txt');
  writeFileSync(path, eicar);
  assert.deepEqual(await client.scanFile(path), found);
  execFileSync('tar', ['czf', join(folder, 'p.tar.gz'), '-C', folder, 'note.txt']);
  assert.deepEqual(await client.scanFile(join(folder, 'p.tar.gz')), found);
});

test('clean content is clean, also empty and larger than one chunk', async () => {
  assert.deepEqual(await client.scanStream(chunks('hello')), { outcome: 'clean' });
  assert.deepEqual(await client.scanStream(chunks()), { outcome: 'clean' });
  assert.deepEqual(await client.scanStream(chunks(...Array<Buffer>(40).fill(Buffer.alloc(100_000, 'ab')))), {
    outcome: 'clean',
  });
});

test('scans run side by side', async () => {
  const results = await Promise.all(
    Array.from({ length: 20 }, (_, i) => client.scanStream(chunks(i % 2 ? eicar : `text ${i}`))),
  );
  assert.deepEqual(
    results.map((r) => r.outcome),
    Array.from({ length: 20 }, (_, i) => (i % 2 ? 'malware' : 'clean')),
  );
});

/** A server that answers as the test says: clamd's refusals are hard to provoke from clamd itself. */
async function answering(answer: string | null): Promise<{ client: ClamdClient; close: () => void }> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => {
      if (answer !== null) socket.end(`${answer}\0`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  return {
    client: clamdClient({ address: { host: '127.0.0.1', port: address.port }, timeoutMs: 200 }),
    close: () => server.close(),
  };
}

test('a limit of the scanner is neither clean nor malware, also when it answers before everything is sent', async () => {
  for (const answer of [
    'INSTREAM size limit exceeded. ERROR',
    'stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND',
  ]) {
    const fake = await answering(answer);
    const endless = (async function* () {
      for (let i = 0; i < 10_000; i++) {
        yield Buffer.alloc(64 * 1024);
        await sleep(1);
      }
    })();
    assert.equal((await fake.client.scanStream(endless)).outcome, 'limited', answer);
    fake.close();
  }
});

test('silence, nonsense and absence are faults of their own kinds, never a verdict', async () => {
  const silent = await answering(null);
  await assert.rejects(silent.client.scanStream(chunks('a')), { name: 'ClamdFault', kind: 'timeout' });
  silent.close();
  const odd = await answering('stream: what?');
  await assert.rejects(odd.client.scanStream(chunks('a')), { name: 'ClamdFault', kind: 'protocol' });
  odd.close();
  const absent = clamdClient({ address: { socket: join(folder, 'nobody') } });
  await assert.rejects(absent.ping(), (error) => error instanceof ClamdFault && error.kind === 'unreachable');
});

test('the scanner ends when the process that started it is killed outright', async () => {
  const dataDir = join(folder, 'orphan');
  const program = `
    import { startClamd } from ${JSON.stringify(join(import.meta.dirname, 'clamd.ts'))};
    await startClamd({ dataDir: ${JSON.stringify(dataDir)}, databaseDir: '/nowhere' });
    console.log('up'); setInterval(() => {}, 1000);`;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((resolve) => parent.stdout.once('data', resolve));
  const pid = Number(readFileSync(join(dataDir, 'clamd.pid'), 'utf8'));
  process.kill(pid, 0);
  parent.kill('SIGKILL');
  const alive = () => {
    try {
      process.kill(pid, 0);
      return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
    } catch {
      return false;
    }
  };
  for (let i = 0; i < 100 && alive(); i++) await sleep(50);
  assert.equal(alive(), false);
});
