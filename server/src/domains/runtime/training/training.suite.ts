import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TrainingBackend, TrainingCode, TrainingEnd, TrainingLimits, TrainingRun } from './training.ts';

/** What every training backend keeps: one suite for all of them. The program is a shell script that is called with `train`. */
export interface TrainingUnderTest {
  readonly kind: string;
  /** Why it cannot run here, with the command that changes it; null where it can. */
  readonly missing: string | null;
  readonly backend: TrainingBackend;
  /** Where work folders are made. */
  readonly root: string;
  /** Makes a program of a shell script in a folder of its own. */
  program(script: string, folder: string): TrainingCode;
  /** Backends that start each one slowly run several at once. */
  readonly concurrency?: number;
}

const limits: TrainingLimits = {
  timeMs: 120_000,
  diskBytesMax: 50_000_000,
  logBytesMax: 300_000,
  processesMax: 60,
};

export interface Trained {
  readonly end: TrainingEnd;
  readonly lines: readonly string[];
  readonly model: Readonly<Record<string, string>>;
}

let made = 0;

export function runOf(subject: TrainingUnderTest, script: string, over: Partial<TrainingRun> = {}) {
  const top = mkdtempSync(join(subject.root, 'train-'));
  const [folder, data, workDir] = [join(top, 'program'), join(top, 'data'), join(top, 'work')];
  for (const each of [folder, data, workDir]) mkdirSync(each);
  writeFileSync(join(data, 'a.csv'), '1,2\n');
  writeFileSync(join(data, 'b.csv'), '3,4\n');
  const lines: string[] = [];
  const run: TrainingRun = {
    id: `t${process.pid}-${++made}`,
    jobName: 'sample',
    jobArn: 'arn:aws:sagemaker:souk-home-1:111111111111:training-job/sample',
    program: subject.program(script, folder),
    channels: [
      { name: 'train', contentType: 'text/csv', compression: 'None', inputMode: 'File', folder: data },
    ],
    hyperParameters: { epochs: '3', rate: '0.5' },
    hosts: 1,
    checkpoints: null,
    instance: { name: 'ml.m5.large', cpus: 1, memoryMb: 256 },
    limits,
    workDir,
    onLines: (some) => lines.push(...some),
    signal: new AbortController().signal,
    ...over,
  };
  return { run, lines, top, data };
}

export function trainingSuite(subject: TrainingUnderTest): void {
  const skip = subject.missing === null ? false : `NOT RUN: ${subject.kind}: ${subject.missing}`;
  if (skip !== false) console.log(skip);

  async function train(script: string, over: Partial<TrainingRun> = {}): Promise<Trained> {
    const { run, lines, top } = runOf(subject, script, over);
    try {
      const end = await subject.backend.run(run);
      const model = Object.fromEntries(
        readdirSync(end.modelFolder).map((name) => [name, readFileSync(join(end.modelFolder, name), 'utf8')]),
      );
      return { end, lines, model };
    } finally {
      rmSync(top, { recursive: true, force: true });
    }
  }

  suite(`a training on the backend ${subject.kind}`, { skip, concurrency: subject.concurrency ?? 1 }, () => {
    test('finds channels, hyperparameters as text and its hosts, and what it leaves in model is kept', async () => {
      const { end, lines, model } = await train(
        `echo "called with $1"
cat /opt/ml/input/config/hyperparameters.json; echo
cat /opt/ml/input/config/resourceconfig.json; echo
cat /opt/ml/input/data/train/*.csv > /opt/ml/model/rows
echo kept > /opt/ml/output/data/note`,
      );
      assert.deepEqual([end.kind, end.exitCode], ['completed', 0], lines.join('\n'));
      assert.deepEqual(model, { rows: '1,2\n3,4\n' });
      assert.equal(lines[0], 'called with train');
      assert.deepEqual(JSON.parse(lines[1] ?? ''), { epochs: '3', rate: '0.5' });
      assert.deepEqual(JSON.parse(lines[2] ?? '').hosts, ['algo-1']);
      assert.ok(end.memoryPeakBytes >= 0 && end.sandbox.length > 3);
    });

    test('that fails is told by its exit code and its failure file', async () => {
      const { end } = await train(`echo 'column label is missing' > /opt/ml/output/failure; exit 3`);
      assert.deepEqual([end.kind, end.exitCode, end.failure], ['failed', 3, 'column label is missing']);
    });

    test('reaches no network and changes neither program nor data', async () => {
      const { lines } = await train(
        `try() { if (eval "$1") 2>/dev/null; then echo "could: $1"; else echo no; fi; }
try 'echo > /opt/ml/input/data/train/a.csv'
try 'echo > /opt/ml/input/config/hyperparameters.json'
try 'ls /root/.ssh'
ls /sys/class/net 2>/dev/null | grep -v '^lo$' || echo no`,
      );
      assert.deepEqual(lines, ['no', 'no', 'no', 'no']);
    });

    test('whose time is up is asked first, and what it saves in its grace is kept', async () => {
      const { end, model, lines } = await train(
        `trap 'echo saved > /opt/ml/model/m; exit 0' TERM; echo begun; while :; do sleep 0.1; done`,
        { limits: { ...limits, timeMs: 1500, stopGraceMs: 20_000 } },
      );
      assert.equal(end.kind, 'time', lines.join('\n'));
      assert.deepEqual(model, { m: 'saved\n' });
    });

    test('that is stopped ends as cancelled, with everything that it started', async () => {
      const stopping = new AbortController();
      const { end } = await train(`echo begun; sleep 300 & sleep 300 & wait`, {
        stop: stopping.signal,
        onLines: () => stopping.abort(),
      });
      assert.equal(end.kind, 'cancelled');
    });

    test('that floods the log, fills the disk, forks without end or eats memory is ended, each by its name', async () => {
      const ends = [];
      for (const script of [
        'while :; do echo "all work and no play makes a dull log and nothing else to be read"; done',
        'cat /dev/zero > /opt/ml/model/fill',
        'for i in $(seq 200); do sleep 300 & done; wait',
        `x=$(head -c 60000000 /dev/zero | tr '\\0' x); y=$x$x$x$x; sleep 300`,
      ])
        ends.push((await train(script)).end.kind);
      assert.deepEqual(ends, ['log', 'disk', 'processes', 'memory']);
    });

    test('reads a piped channel epoch after epoch', async () => {
      const { run, lines, top, data } = runOf(
        subject,
        `for e in 0 1 2; do cat /opt/ml/input/data/train_$e | tr '\\n' ';'; echo; done`,
      );
      try {
        const end = await subject.backend.run({
          ...run,
          channels: [
            { name: 'train', contentType: undefined, compression: 'None', inputMode: 'Pipe', folder: data },
          ],
        });
        assert.equal(end.kind, 'completed', lines.join('\n'));
        assert.deepEqual(lines, ['1,2;3,4;', '1,2;3,4;', '1,2;3,4;']);
      } finally {
        rmSync(top, { recursive: true, force: true });
      }
    });

    test('finds the checkpoints of the attempt before it', async () => {
      const folder = mkdtempSync(join(subject.root, 'checkpoints-'));
      const checkpoints = { folder, path: '/opt/ml/checkpoints' };
      const script = 'cat /opt/ml/checkpoints/at 2>/dev/null; echo epoch-7 > /opt/ml/checkpoints/at; exit 1';
      assert.deepEqual((await train(script, { checkpoints })).lines, []);
      assert.deepEqual((await train(script, { checkpoints })).lines, ['epoch-7']);
      rmSync(folder, { recursive: true });
    });

    test('whose asker ends ends too, or goes on and is found again', async () => {
      const asker = new AbortController();
      const { run, lines, top } = runOf(
        subject,
        `echo begun; while [ ! -e /opt/ml/checkpoints/go ]; do sleep 0.1; done; echo done > /opt/ml/model/m`,
        { signal: asker.signal },
      );
      const folder = mkdtempSync(join(subject.root, 'checkpoints-'));
      const job = { ...run, checkpoints: { folder, path: '/opt/ml/checkpoints' } };
      try {
        const first = subject.backend.run(job);
        while (lines.length === 0) await sleep(20);
        asker.abort();
        assert.equal((await first).kind, 'cancelled');
        if (!subject.backend.durable) return;
        writeFileSync(join(folder, 'go'), '');
        const again = await subject.backend.run({ ...job, signal: new AbortController().signal });
        assert.equal(again.kind, 'completed');
        assert.deepEqual(
          lines.filter((line) => line === 'begun').length,
          2,
          'each asker hears the log from its first line',
        );
        assert.ok(existsSync(join(again.modelFolder, 'm')));
      } finally {
        rmSync(top, { recursive: true, force: true });
        rmSync(folder, { recursive: true, force: true });
      }
    });
  });
}
