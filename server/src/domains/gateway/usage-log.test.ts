import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { appendFileSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { testFolder } from '../../../test/gateway.ts';
import { readUsage, type UsageRow, usageFile, writerName } from './usage-file.ts';
import { type Ingest, UsageLog } from './usage-log.ts';

/** What takes the batches: each once, as the database does. */
function ledger() {
  const taken = new Set<string>();
  const units = new Map<string, number>();
  const log: [string, number][] = [];
  const ingest: Ingest = async (node, sequence, rows) => {
    log.push([node, sequence]);
    if (taken.has(`${node}/${sequence}`)) return false;
    taken.add(`${node}/${sequence}`);
    for (const r of rows) units.set(r.subscriptionId, (units.get(r.subscriptionId) ?? 0) + r.quantity);
    return true;
  };
  return { ingest, units, log };
}

interface Parts {
  readonly folder?: string;
  readonly ingest: Ingest;
  readonly isHopeless?: (error: unknown) => boolean;
  readonly ingested?: (rows: readonly UsageRow[], countedNow: boolean) => void;
}

function openLog({ folder = testFolder(), ingest, isHopeless, ingested }: Parts) {
  const warnings: string[] = [];
  const log = new UsageLog({
    folder,
    nodeName: 'node-1',
    ingest,
    isHopeless: isHopeless ?? (() => false),
    ingested: ingested ?? (() => {}),
    warn: (m) => warnings.push(m),
  });
  return { log, warnings, folder };
}

const logFiles = (folder: string) => readdirSync(folder).filter((f) => f.endsWith('.log'));

test('a call is in the file when its promise resolves', async () => {
  const { log, folder } = openLog(ledger());
  await Promise.all([
    log.count('s', 'd', 500, 200, 2, '1.0.0'),
    log.count('s', 'd', 500, 404, 1, '1.0.0'),
    log.count('t', 'd', 500, 500, 1, '1.0.0'),
  ]);
  const [file = ''] = logFiles(folder);
  assert.deepEqual(readUsage(join(folder, file)), [
    {
      subscriptionId: 's',
      dimension: 'd',
      hour: 500,
      quantity: 2,
      clientErrors: 1,
      serverErrors: 0,
      version: '1.0.0',
      calls: 2,
    },
    {
      subscriptionId: 't',
      dimension: 'd',
      hour: 500,
      quantity: 0,
      clientErrors: 0,
      serverErrors: 1,
      version: '1.0.0',
      calls: 1,
    },
  ]);
});

test('units are pending until the batch is known to be ingested, without a gap', async () => {
  const { ingest } = ledger();
  const seen: number[] = [];
  const { log } = openLog({ ingest, ingested: () => seen.push(log.pendingUnits('s')) });
  await log.count('s', 'd', 500, 200, 2, '1.0.0');
  log.rotate();
  await log.count('s', 'd', 500, 200, 3, '1.0.0');
  log.rotate();
  await log.flush();
  // The snapshot's quota is raised in the callback: before it the units must still be pending.
  assert.deepEqual(seen, [5, 3]);
  assert.equal(log.pendingUnits('s'), 0);
});

test('files that are ingested are deleted, and each batch has a name of its own', async () => {
  const book = ledger();
  const { log, folder } = openLog(book);
  for (let i = 0; i < 3; i++) {
    await log.count('s', 'd', 500 + i, 200, 1, '1.0.0');
    log.rotate();
    await log.flush();
  }
  assert.deepEqual(logFiles(folder), []);
  assert.equal(new Set(book.log.map(String)).size, 3);
  assert.equal(book.units.get('s'), 3);
});

test('a batch whose commit was not heard of is sent again under its name, and counts once', async () => {
  const book = ledger();
  let lost = true;
  const told: boolean[] = [];
  const { log } = openLog({
    async ingest(node, sequence, rows) {
      const counted = await book.ingest(node, sequence, rows);
      if (!lost) return counted;
      lost = false;
      throw new Error('connection terminated');
    },
    ingested: (_rows, countedNow) => told.push(countedNow),
  });
  await log.count('s', 'd', 500, 200, 4, '1.0.0');
  log.rotate();
  await log.flush();
  assert.equal(log.pendingUnits('s'), 4);
  await log.flush();
  assert.equal(book.units.get('s'), 4);
  assert.deepEqual(told, [false]);
  assert.equal(log.pendingUnits('s'), 0);
});

test('what a killed process left is ingested at the next start, in order, without its torn last line', async () => {
  const folder = testFolder();
  const node = 'node-1.999999999-1.abcdef';
  writeFileSync(usageFile(folder, node, 10).path, 's\td\t500\t1\t0\t0\ns\td\t500\t1');
  writeFileSync(usageFile(folder, node, 9).path, 's\td\t500\t2\t0\t0\ns\td\t500\t3\t1\t0\n');
  const book = ledger();
  const { log } = openLog({ ...book, folder });
  assert.equal(log.pendingUnits('s'), 6, 'known to quotas before the database is');
  await log.flush();
  assert.deepEqual(book.log, [
    [node, 9],
    [node, 10],
  ]);
  assert.equal(book.units.get('s'), 6);
});

test('the files of a process that still writes are left alone until it has ended', async () => {
  const folder = testFolder();
  const child = spawn('sleep', ['60']);
  const path = usageFile(folder, writerName('node-1', child.pid ?? 0, 'abc'), 1).path;
  writeFileSync(path, 's\td\t500\t1\t0\t0\n');
  const book = ledger();
  const { log } = openLog({ ...book, folder });
  await log.flush();
  assert.equal(book.units.get('s'), undefined);
  appendFileSync(path, 's\td\t500\t1\t0\t0\n');
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill();
  await ended;
  await log.flush();
  assert.equal(book.units.get('s'), 2);
});

test('lines that a failing disk spoilt are passed over', () => {
  const file = join(testFolder(), 'usage-x-1.log');
  writeFileSync(
    file,
    's\td\t500\t1\t0\t0\n\0\0\0\ns\td\tNaN\t1\t0\t0\ns\td\t500\t-1\t0\t0\ns\td\t500\t1\t0\t0\n',
  );
  assert.deepEqual(
    readUsage(file).map((r) => r.quantity),
    [2],
  );
});

test('a call that cannot be written is not answered as a success, and takes up no quota', async () => {
  const { log, folder } = openLog(ledger());
  renameSync(folder, `${folder}-away`);
  await assert.rejects(log.count('s', 'd', 500, 200, 5, '1.0.0'), { code: 'ENOENT' });
  assert.equal(log.pendingUnits('s'), 0);
  renameSync(`${folder}-away`, folder);
  await log.count('s', 'd', 500, 200, 5, '1.0.0');
  assert.equal(log.pendingUnits('s'), 5);
});

test('a disk that fills up in the middle of a line spoils no other line', () => {
  const folder = testFolder();
  // A limit of 1024 bytes for a file stands for the full disk: the last write takes a part and then fails.
  const program = `
    import { UsageLog } from ${JSON.stringify(new URL('./usage-log.ts', import.meta.url).href)};
    const log = new UsageLog({ folder: ${JSON.stringify(folder)}, nodeName: 'n', ingest: async () => true, isHopeless: () => false, ingested() {}, warn() {} });
    let written = 0, refused = 0;
    for (let i = 0; i < 50; i++) await log.count('subscription-' + i, 'inference.count', 500, 200, 1, '1.0.0').then(() => written++, () => refused++);
    console.log(JSON.stringify({ written, refused }));`;
  const { stdout, stderr } = spawnSync(
    'sh',
    ['-c', 'ulimit -f 1; exec "$0" --input-type=module -e "$1"', process.execPath, program],
    { encoding: 'utf8' },
  );
  assert.match(stdout, /written/, stderr);
  const { written, refused } = JSON.parse(stdout) as { written: number; refused: number };
  assert.ok(written > 5 && refused > 5, stdout);
  const [file = ''] = logFiles(folder);
  assert.equal(readUsage(join(folder, file)).length, written);
  assert.ok(readFileSync(join(folder, file), 'utf8').endsWith('\n'));
});

test('a batch that the database refuses for ever is set aside, and those behind it go on', async () => {
  const book = ledger();
  const { log, folder, warnings } = openLog({
    async ingest(node, sequence, rows) {
      if (sequence === 1) throw new Error('out of range');
      return book.ingest(node, sequence, rows);
    },
    isHopeless: () => true,
  });
  for (const units of [1, 2]) {
    await log.count('s', 'd', 500, 200, units, '1.0.0');
    log.rotate();
  }
  await log.flush();
  assert.equal(book.units.get('s'), 2);
  assert.equal(log.pendingUnits('s'), 0);
  assert.deepEqual(
    readdirSync(folder).map((f) => f.endsWith('-1.log.refused')),
    [true],
  );
  assert.match(warnings[0] ?? '', /set aside in .*: out of range/);
});

test('an outage, however long, leaves a bounded number of files, and then everything arrives', async () => {
  const book = ledger();
  let away = true;
  const { log, folder } = openLog({
    ingest: (node, sequence, rows) =>
      away ? Promise.reject(new Error('connection refused')) : book.ingest(node, sequence, rows),
  });
  for (let i = 0; i < 200; i++) {
    await log.count('s', 'd', 500 + (i % 3), 200, 1, '1.0.0');
    log.rotate();
    await log.flush();
  }
  assert.ok(logFiles(folder).length <= 61, `${logFiles(folder).length} files`);
  assert.equal(log.pendingUnits('s'), 200);
  away = false;
  await log.flush();
  log.rotate();
  await log.flush();
  assert.equal(book.units.get('s'), 200);
  assert.equal(log.backlog, 0);
});
