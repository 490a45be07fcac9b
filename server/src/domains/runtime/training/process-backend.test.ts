import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { findSandbox } from '../../../platform/sandbox.ts';
import { processBackend } from './process-backend.ts';
import type { TrainingLimits, TrainingRun } from './training.ts';

const sandbox = await findSandbox();
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
    jobName: 'sample',
    jobArn: 'arn:aws:sagemaker:souk-home-1:111111111111:training-job/sample',
    program: { folder, entry: 'train', interpreter, args: [] },
    channels: [
      { name: 'train', contentType: 'text/csv', compression: 'None', inputMode: 'File', folder: data },
    ],
    hyperParameters: { epochs: '3' },
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
async function train(interpreter: string, script: string, over: Partial<TrainingRun> = {}) {
  const { run, lines, top } = runOf(interpreter, script, over);
  try {
    const end = await processBackend(async () => sandbox).run(run);
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
      const { end } = await train('bash', 'f() { f | f & }; f; sleep 20');
      assert.equal(end.kind, 'processes');
      assert.ok(end.durationMs < 10_000, `${end.durationMs}`);
    });
  });
