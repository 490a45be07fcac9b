import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { slurmMissing, startCluster, type TestCluster } from '../../../../../test/slurm.ts';
import { findSandbox } from '../../../../platform/sandbox.ts';
import type { SlurmSettings } from '../../slurm/slurm.ts';
import { isAlive, slurmCommands } from '../../slurm/slurm-commands.ts';
import { runOf, type TrainingUnderTest, trainingSuite } from '../training.suite.ts';
import type { TrainingRun } from '../training.ts';
import { slurmBackend } from './slurm-backend.ts';

const sandbox = await findSandbox();
const missing = sandbox.kind === 'none' ? sandbox.reason : slurmMissing();
let running: TestCluster | undefined;
if (missing === null) running = await startCluster();
after(() => running?.stop());
const nowhere = mkdtempSync(join(tmpdir(), 'no-cluster-'));
const folder = running?.folder ?? nowhere;
const env = running?.env ?? {};
const settings: SlurmSettings = {
  folder,
  partition: null,
  account: null,
  network: 'cluster',
  hostsMax: 2,
  environment: env,
};
const cluster = slurmCommands(env);
const backendWith = (more: Partial<SlurmSettings> = {}, over = cluster) =>
  slurmBackend({ settings: { ...settings, ...more }, cluster: over, pollMs: 100 });

const subject: TrainingUnderTest = {
  kind: 'slurm',
  missing,
  backend: backendWith(),
  root: folder,
  program: (script, programFolder) => {
    writeFileSync(join(programFolder, 'train'), script);
    return { kind: 'process', folder: programFolder, entry: 'train', interpreter: 'sh', args: [] };
  },
  concurrency: 5,
};
trainingSuite(subject);

const finished = (run: TrainingRun) => readFileSync(join(run.workDir, 'slurm', 'ended'), 'utf8').trim();
const submitted = () =>
  Number(
    execFileSync('squeue', ['--states=all', '--noheader', '--format=%i'], { env, encoding: 'utf8' })
      .split('\n')
      .filter(Boolean).length,
  );

suite('a training on a cluster', { skip: missing !== null, concurrency: 4 }, () => {
  test('on two hosts runs on two nodes at once, which find each other by name and leave one model', async () => {
    const { run, lines } = runOf(
      subject,
      `import json, socket, sys, time
config = json.load(open('/opt/ml/input/config/resourceconfig.json'))
me = config['current_host']
port = 20000 + ${process.pid} % 20000
if me == 'algo-1':
    server = socket.create_server(('', port))
    peer, _ = server.accept()
    print('heard', peer.recv(100).decode(), flush=True)
else:
    for i in range(600):
        try:
            peer = socket.create_connection(('algo-1', port)); break
        except OSError: time.sleep(0.1)
    peer.sendall(me.encode()); peer.close()
open('/opt/ml/model/' + me, 'w').write(json.dumps(config['hosts']))`,
      { hosts: 2 },
    );
    assert.ok(run.program.kind === 'process');
    const end = await subject.backend.run({ ...run, program: { ...run.program, interpreter: 'python3' } });
    assert.equal(end.kind, 'completed', lines.join('\n'));
    assert.ok(lines.includes('heard algo-2'), lines.join('\n'));
    for (const host of ['algo-1', 'algo-2'])
      assert.equal(readFileSync(join(end.modelFolder, host), 'utf8'), '["algo-1", "algo-2"]');
  });

  test('of which one host fails ends on the others, and the one that failed gives the reason', async () => {
    const { run } = runOf(
      subject,
      `grep -q '"current_host":"algo-2"' /opt/ml/input/config/resourceconfig.json || sleep 300
echo 'the second gave up' > /opt/ml/output/failure; exit 4`,
      { hosts: 2 },
    );
    const end = await subject.backend.run(run);
    assert.deepEqual([end.kind, end.exitCode, end.failure], ['failed', 4, 'the second gave up']);
  });

  test('has no network and so one host unless the operator says so', async () => {
    const alone = backendWith({ network: 'none' });
    assert.equal(alone.hostsMax, 1);
    await assert.rejects(alone.run(runOf(subject, 'true', { hosts: 2 }).run), /at most 1 hosts, not 2/);
  });

  test('whose keeper is killed right after sbatch, before anything is written down, runs once and is found again by its name', async () => {
    const { run, top, lines } = runOf(
      subject,
      `echo begun; echo run >> /opt/ml/checkpoints/runs; while [ ! -e /opt/ml/checkpoints/go ]; do sleep 0.1; done; echo x > /opt/ml/model/m`,
    );
    const kept = mkdtempSync(join(folder, 'checkpoints-'));
    const job = { ...run, checkpoints: { folder: kept, path: '/opt/ml/checkpoints' } };
    const file = join(top, 'job.json');
    writeFileSync(file, JSON.stringify({ settings, job }));
    for (let kills = 0; kills < 2; kills++) {
      const keeper = spawn(
        process.execPath,
        [fileURLToPath(new URL('./slurm.kill.child.ts', import.meta.url)), file],
        { env, stdio: ['ignore', 'pipe', 'inherit'] },
      );
      // It says so where sbatch has answered, and is killed before its answer is used.
      await new Promise((resolve) => keeper.stdout.once('data', resolve));
      keeper.kill('SIGKILL');
      await new Promise((resolve) => keeper.once('exit', resolve));
    }
    writeFileSync(join(kept, 'go'), '');
    const end = await subject.backend.run(job);
    assert.equal(end.kind, 'completed', lines.join('\n'));
    assert.deepEqual(lines, ['begun']);
    assert.equal(readFileSync(join(kept, 'runs'), 'utf8'), 'run\n');
  });

  test('that was submitted twice all the same runs once: the second job ends at its first words', async () => {
    const { run, lines } = runOf(subject, 'echo begun; sleep 1; echo x >> /opt/ml/model/m');
    const first = subject.backend.run(run);
    const ended = first.catch(() => undefined);
    const claim = join(run.workDir, 'slurm', 'claim', 'job');
    while (!existsSync(claim)) await sleep(20);
    const name = `souk-${run.id}`;
    const second = await cluster.submit([
      `--job-name=${name}`,
      '--output=/dev/null',
      join(run.workDir, 'slurm', 'job.sh'),
    ]);
    await ended;
    while ((await cluster.jobs(name)).some((j) => isAlive(j.state))) await sleep(100);
    const end = await first;
    assert.equal(end.kind, 'completed');
    assert.notEqual(finished(run), second);
    assert.deepEqual(lines, ['begun']);
    assert.equal(readFileSync(join(end.modelFolder, 'm'), 'utf8'), 'x\n');
  });

  test('that ended while nobody watched is found ended, with its log and its limits kept', async () => {
    const asker = new AbortController();
    const { run, lines } = runOf(subject, 'echo begun; sleep 300', {
      limits: { timeMs: 1500, diskBytesMax: 50_000_000, logBytesMax: 100_000, processesMax: 50 },
      signal: asker.signal,
    });
    const first = subject.backend.run(run);
    while (lines.length === 0) await sleep(20);
    asker.abort();
    await first;
    for (;;) {
      try {
        finished(run);
        break;
      } catch {
        await sleep(100);
      }
    }
    const before = submitted();
    const end = await subject.backend.run({ ...run, signal: new AbortController().signal });
    assert.equal(end.kind, 'time');
    assert.equal(submitted(), before, 'nothing was submitted again');
  });

  test('that waits for a node says so, and is stopped there without having begun', async () => {
    const stopping = new AbortController();
    const stages: string[] = [];
    const { run } = runOf(subject, 'echo begun', {
      // More than any node has free while it has some: it waits for somebody to end.
      instance: { name: 'large', cpus: 1, memoryMb: 256 },
      stop: stopping.signal,
      onStage: (stage) => {
        stages.push(stage);
        stopping.abort();
      },
    });
    const later = {
      ...cluster,
      submit: (args: readonly string[]) => cluster.submit(['--begin=now+1hour', ...args]),
    };
    const end = await backendWith({}, later).run(run);
    assert.deepEqual([stages, end.kind], [['queued'], 'cancelled']);
    assert.deepEqual(
      (await cluster.jobs(`souk-${run.id}`)).map((j) => j.state),
      ['CANCELLED'],
    );
  });

  test('asks for the processors, memory and time of its instance type and limits, and carries no secret of Souk', async () => {
    const seen: string[][] = [];
    const noting = {
      ...cluster,
      submit: (args: readonly string[]) => {
        seen.push([...args]);
        return cluster.submit(args);
      },
    };
    process.env.DATABASE_URL_OF_TEST = 'postgres://secret';
    const { run, lines } = runOf(subject, 'env', {
      instance: { name: 'ml.m5.xlarge', cpus: 3.5, memoryMb: 640 },
    });
    await backendWith({ partition: 'main' }, noting).run(run);
    for (const option of [
      '--partition=main',
      '--cpus-per-task=4',
      '--mem=640M',
      '--time=4',
      '--nodes=1',
      '--no-requeue',
    ])
      assert.ok(seen[0]?.includes(option), `${option} in ${seen[0]?.join(' ')}`);
    assert.ok(!lines.some((line) => /DATABASE_URL|SLURM_/.test(line)), lines.join('\n'));
  });

  test('cannot begin where the cluster cannot, and the reason says what would change it', async () => {
    assert.match(
      (await slurmBackend({ settings: null }).unavailable()) ?? '',
      /no cluster is configured .* SOUK_SLURM_FOLDER/,
    );
    assert.match((await backendWith({ folder: '/nonexistent' }).unavailable()) ?? '', /cannot be written to/);
    assert.match((await backendWith({ partition: 'gpu' }).unavailable()) ?? '', /no partition gpu, but main/);
    const away = slurmCommands({ ...env, SLURM_CONF: '/dev/null' });
    assert.match(
      (await backendWith({}, away).unavailable()) ?? '',
      /does not answer: sinfo: .* scontrol ping/,
    );
    assert.equal(await backendWith().unavailable(), null);
    const tooLarge = runOf(subject, 'true', { instance: { name: 'huge', cpus: 1, memoryMb: 1_000_000 } });
    await assert.rejects(subject.backend.run(tooLarge.run), {
      code: 'cluster.too_large',
      message: /No node of the cluster has what huge asks for: sbatch: /,
    });
    // It would be taken, and wait for ever.
    const tooLong = backendWith({ partition: 'short' }).run(runOf(subject, 'true').run);
    await assert.rejects(tooLong, { code: 'cluster.time_limit' });
    const elsewhere = { ...runOf(subject, 'true').run, workDir: '/tmp' };
    await assert.rejects(subject.backend.run(elsewhere), /does not lie in the shared folder/);
  });
});

after(() => rmSync(nowhere, { recursive: true, force: true }));
