import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { findSandbox } from '../../../platform/sandbox.ts';
import { openControlGroup } from '../control-group.ts';
import { processBackend } from './process-backend.ts';
import type { TrainingLimits, TrainingRun } from './training.ts';

const sandbox = await findSandbox();
const unheld = await whyUnheld();
if (unheld) console.log(`NOT RUN: what a control group holds (${unheld})`);

/** False where a program that joins a group may have no more processes than it says: tried with one that forks four times. */
async function whyUnheld(): Promise<string | false> {
  const group = openControlGroup({ memoryBytesMax: 256_000_000, processesMax: 1 });
  if (!group)
    return 'no control groups of processes and memory may be made here: run it as root, or with delegated ones';
  const { file, args } = group.joining({
    file: 'bash',
    args: ['-c', 'for i in 1 2 3 4 5 6; do sleep 1 & done; wait'],
  });
  await new Promise((resolve) => spawn(file, args, { stdio: 'ignore' }).once('close', resolve));
  const isHeld = group.excess() === 'processes';
  group.remove();
  return isHeld ? false : 'the group did not hold four processes';
}

const limits: TrainingLimits = {
  timeMs: 20_000,
  diskBytesMax: 50_000_000,
  logBytesMax: 2_000_000,
  processesMax: 50,
};

test('without a sandbox nothing is trained, and the reason is said', async () => {
  const none = processBackend(async () => ({ kind: 'none', reason: 'bwrap is not installed' }));
  assert.equal(await none.unavailable(), 'bwrap is not installed');
  await assert.rejects(none.run(runOf('sh', 'true').run), /there is no sandbox to train in/);
});

function runOf(interpreter: string, script: string, over: Partial<TrainingRun> = {}) {
  const top = mkdtempSync(join(tmpdir(), 'souk-train-'));
  const [folder, data, workDir] = [join(top, 'program'), join(top, 'data'), join(top, 'work')];
  for (const made of [folder, data, workDir]) mkdirSync(made);
  writeFileSync(join(folder, 'train'), script);
  writeFileSync(join(data, 'rows.csv'), '1,2\n3,4\n');
  const lines: string[] = [];
  const run: TrainingRun = {
    id: 'sample-1',
    jobName: 'sample',
    jobArn: 'arn:aws:sagemaker:souk-home-1:111111111111:training-job/sample',
    program: { kind: 'process', folder, entry: 'train', interpreter, args: [] },
    channels: [
      { name: 'train', contentType: 'text/csv', compression: 'None', inputMode: 'File', folder: data },
    ],
    hyperParameters: { epochs: '3' },
    hosts: 1,
    checkpoints: null,
    instance: { name: 'ml.m5.large', cpus: 1, memoryMb: 256 },
    limits,
    workDir,
    onLines: (some) => lines.push(...some),
    signal: new AbortController().signal,
    ...over,
  };
  return { run, lines, top };
}

/** Trains and gives what was printed; the folder is gone afterwards. */
async function train(
  interpreter: string,
  script: string,
  over: Partial<TrainingRun> = {},
  prepared: (run: TrainingRun) => TrainingRun = (run) => run,
) {
  const { run, lines, top } = runOf(interpreter, script, over);
  try {
    const end = await processBackend(async () => sandbox).run(prepared(run));
    const model = Object.fromEntries(
      readdirSync(end.modelFolder).map((name) => [name, readFileSync(join(end.modelFolder, name), 'utf8')]),
    );
    return { end, lines, model };
  } finally {
    rmSync(top, { recursive: true });
  }
}

if (sandbox.kind === 'none') console.log(`NOT RUN: training in the sandbox (${sandbox.reason})`);
else
  suite('a training program', () => {
    test('finds the layout of /opt/ml, and what it leaves in model is kept', async () => {
      const { end, lines, model } = await train(
        'python3',
        `import json,os
read=lambda n: json.load(open('/opt/ml/input/config/'+n))
print(json.dumps(read('hyperparameters.json')))
print(json.dumps(read('inputdataconfig.json')['train']))
print(json.dumps(read('resourceconfig.json')))
print(open('/opt/ml/input/data/train/rows.csv').read().strip().splitlines()[1])
print(os.environ['TRAINING_JOB_NAME'], os.getcwd())
open('/opt/ml/model/out.txt','w').write('model')
`,
      );
      assert.deepEqual([end.kind, end.exitCode, lines.length], ['completed', 0, 5], lines.join('\n'));
      assert.deepEqual(JSON.parse(lines[0] ?? ''), { epochs: '3' });
      assert.deepEqual(JSON.parse(lines[1] ?? ''), {
        ContentType: 'text/csv',
        TrainingInputMode: 'File',
        CompressionType: 'None',
        S3DistributionType: 'FullyReplicated',
        RecordWrapperType: 'None',
      });
      assert.deepEqual(JSON.parse(lines[2] ?? '').hosts, ['algo-1']);
      assert.deepEqual(lines.slice(3), ['3,4', 'sample /opt/ml/code']);
      assert.deepEqual(model, { 'out.txt': 'model' });
    });

    test('runs on Node and on shells as on Python', async () => {
      const node = await train('node', `require('fs').writeFileSync('/opt/ml/model/m', process.argv[2])`);
      assert.deepEqual([node.end.kind, node.model], ['completed', { m: 'train' }], node.lines.join('\n'));
      const shell = await train('sh', 'echo "$1" > /opt/ml/model/m');
      assert.deepEqual([shell.end.kind, shell.model], ['completed', { m: 'train\n' }]);
    });

    test('reaches no network, changes neither program nor data, and writes nowhere but in its own folders', async () => {
      const { lines } = await train(
        'bash',
        `try() { if (eval "$1") 2>/dev/null; then echo "could: $1"; else echo no; fi; }
try 'echo > /opt/ml/code/train'
try 'echo > /opt/ml/input/data/train/rows.csv'
try 'echo > /opt/ml/input/config/hyperparameters.json'
try 'echo > /mine'
try 'echo > /dev/mine'
try 'echo > /opt/ml/mine'
try 'ls /etc/passwd'
try 'ls /root'
try 'echo > /dev/tcp/127.0.0.1/22'
echo > /tmp/mine && echo > /dev/shm/mine && echo > /opt/ml/output/data/mine && echo > /dev/null && echo fine`,
      );
      assert.deepEqual(lines, [...Array(9).fill('no'), 'fine']);
    });

    test('that fails is told by its exit code, and its failure file is read', async () => {
      const { end } = await train('sh', `echo 'column label is missing' > /opt/ml/output/failure; exit 3`);
      assert.deepEqual([end.kind, end.exitCode, end.failure], ['failed', 3, 'column label is missing']);
      const long = await train('python3', `open('/opt/ml/output/failure','w').write('é'*5000); exit(1)`);
      assert.equal(long.end.failure?.length, 1024);
    });

    test('cannot make the server read another file as its failure, nor wait for a pipe', async () => {
      const linked = await train('sh', 'ln -s /etc/hostname /opt/ml/output/failure; exit 1');
      assert.equal(linked.end.failure, null);
      const piped = await train('sh', 'mkfifo /opt/ml/output/failure; exit 1');
      assert.equal(piped.end.failure, null);
    });

    test('that never ends is ended when its time is up', async () => {
      const { end } = await train('sh', 'while true; do sleep 1; done', {
        limits: { ...limits, timeMs: 500 },
      });
      assert.deepEqual([end.kind, end.durationMs < 5000], ['time', true]);
    });

    test('that is cancelled ends at once, with everything it started', async () => {
      const cancelled = new AbortController();
      setTimeout(() => cancelled.abort(), 300);
      const { end } = await train('sh', 'sleep 60 & sleep 60 & wait', { signal: cancelled.signal });
      assert.deepEqual([end.kind, end.durationMs < 5000], ['cancelled', true]);
    });

    test('that floods the log is ended, and what was read of it is bounded', async () => {
      const { end, lines } = await train('sh', 'yes "all work and no play"');
      assert.equal(end.kind, 'log');
      assert.ok(lines.join('\n').length <= limits.logBytesMax);
    });

    test('that prints one endless line costs no memory', async () => {
      const { end, lines } = await train('sh', "yes | tr -d '\\n'");
      assert.equal(end.kind, 'log');
      assert.ok(lines.join('').length < 20_000, `${lines.join('').length}`);
    });

    test('that fills the disk is ended, wherever it writes', async () => {
      for (const folder of ['/opt/ml/model', '/tmp', '/dev/shm', '/opt/ml/output/data']) {
        const { end } = await train('sh', `cat /dev/zero > ${folder}/fill`);
        assert.equal(end.kind, 'disk', folder);
      }
      const many = await train('python3', `for i in range(10**7): open(f'/tmp/{i}','w').close()`, {
        limits: { ...limits, diskBytesMax: 2_000_000 },
      });
      assert.equal(many.end.kind, 'disk');
    });

    test('that takes too much memory is ended', async () => {
      const { end } = await train(
        'python3',
        'x=bytearray(400_000_000)\nfor i in range(0,len(x),4096): x[i]=1\nimport time; time.sleep(5)',
      );
      assert.equal(end.kind, 'memory');
    });

    test('that forks without end is ended whole', async () => {
      const { end } = await train('bash', 'while true; do sleep 20 & done');
      assert.equal(end.kind, 'processes');
      assert.ok(end.durationMs < 10_000, `${end.durationMs}`);
    });

    // Never without the kernel's word that it is held: it would take the computer along.
    test('that forks exponentially is held by its control group, and ended whole', {
      skip: unheld,
    }, async () => {
      const { end } = await train('bash', 'b() { b | b & }; b; sleep 30');
      assert.equal(end.kind, 'processes');
    });

    test('reads a piped channel epoch after epoch, all files of it in order, and its feeder ends with it', async () => {
      const piped = await train(
        'python3',
        `import os
print(sorted(os.listdir('/opt/ml/input/data')))
for epoch in range(3):
    with open(f'/opt/ml/input/data/train_{epoch}') as pipe: print(epoch, pipe.read().split())
`,
        {},
        (own) => {
          writeFileSync(join(own.channels[0]?.folder ?? '', 'second.csv'), '5,6\n');
          return { ...own, channels: own.channels.map((c) => ({ ...c, inputMode: 'Pipe' as const })) };
        },
      );
      assert.equal(piped.end.kind, 'completed', piped.lines.join('\n'));
      assert.deepEqual(
        piped.lines.slice(1),
        [0, 1, 2].map((epoch) => `${epoch} ['1,2', '3,4', '5,6']`),
      );
      assert.match(piped.lines[0] ?? '', /train_0/);
    });

    test('that closes its pipe early gets the next epoch all the same', async () => {
      const { end, lines } = await train(
        'python3',
        `for epoch in range(2):
    with open(f'/opt/ml/input/data/train_{epoch}','rb') as pipe: print(len(pipe.read(10)))
`,
        {},
        (own) => {
          writeFileSync(join(own.channels[0]?.folder ?? '', 'large'), Buffer.alloc(1_000_000));
          return { ...own, channels: own.channels.map((c) => ({ ...c, inputMode: 'Pipe' as const })) };
        },
      );
      assert.deepEqual([end.kind, lines], ['completed', ['10', '10']]);
    });

    test('finds the checkpoints of the attempt before it, and leaves its own', async () => {
      const kept = mkdtempSync(join(tmpdir(), 'souk-checkpoints-'));
      const checkpoints = { folder: kept, path: '/opt/ml/checkpoints' };
      const script = 'cat /opt/ml/checkpoints/* 2>/dev/null; echo "step $RANDOM" > /opt/ml/checkpoints/last';
      try {
        const first = await train('bash', script, { checkpoints });
        assert.deepEqual([first.end.kind, first.lines], ['completed', []]);
        const second = await train('bash', script, { checkpoints });
        assert.match(second.lines[0] ?? '', /^step \d+$/);
        const full = await train('sh', 'cat /dev/zero > /opt/ml/checkpoints/fill', { checkpoints });
        assert.equal(full.end.kind, 'disk');
      } finally {
        rmSync(kept, { recursive: true });
      }
    });

    const savesWhenAsked = `import signal,sys,time
def asked(*_):
    open('/opt/ml/model/half','w').write('half'); sys.exit(0)
signal.signal(signal.SIGTERM, asked); print('ready')
while True: time.sleep(0.05)
`;

    test('that is stopped is asked first, and what it saves in its grace is kept', async () => {
      const stop = new AbortController();
      const { end, model } = await train('python3', savesWhenAsked, {
        limits: { ...limits, stopGraceMs: 20_000 },
        stop: stop.signal,
        onLines: () => stop.abort(),
      });
      assert.deepEqual([end.kind, end.exitCode, model], ['cancelled', 0, { half: 'half' }]);
    });

    test('that is stopped before it has begun never runs to its end', async () => {
      const stop = new AbortController();
      stop.abort();
      const { end } = await train('sh', 'sleep 60', {
        limits: { ...limits, stopGraceMs: 1000 },
        stop: stop.signal,
      });
      assert.equal(end.kind, 'cancelled');
      assert.ok(end.durationMs < 15_000, `${end.durationMs}`);
    });

    test('whose time is up is asked too, and ends as that whatever its exit code', async () => {
      const { end, model } = await train('python3', savesWhenAsked, {
        limits: { ...limits, timeMs: 1500, stopGraceMs: 20_000 },
      });
      assert.deepEqual([end.kind, end.exitCode, model], ['time', 0, { half: 'half' }]);
    });

    test('that does not listen is killed when its grace is over', async () => {
      const stop = new AbortController();
      const { end } = await train('bash', "trap '' TERM; echo ready; while true; do sleep 0.1; done", {
        limits: { ...limits, stopGraceMs: 300 },
        stop: stop.signal,
        onLines: () => stop.abort(),
      });
      assert.equal(end.kind, 'cancelled');
      assert.notEqual(end.exitCode, 0);
    });

    test('has one host: more are refused, not pretended', async () => {
      await assert.rejects(train('sh', 'true', { hosts: 2 }), /has one host, not 2/);
    });
  });
