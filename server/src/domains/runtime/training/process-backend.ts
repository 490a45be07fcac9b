import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setPriority } from 'node:os';
import { join } from 'node:path';
import { type Confined, confine, findSandbox, type Mount, type Sandbox } from '../../../platform/sandbox.ts';
import { openControlGroup } from '../control-group.ts';
import { endInTime } from './ending.ts';
import { findInterpreter, type Interpreter, type InterpreterName } from './interpreters.ts';
import { readLines } from './lines.ts';
import { folderOf, layOut, readFailure, type WorkPart } from './opt-ml.ts';
import { startPipes } from './pipes.ts';
import { askToEnd, killSandboxed } from './signals.ts';
import type { TrainingBackend, TrainingCode, TrainingEnd, TrainingRun } from './training.ts';
import { watchTraining } from './watch.ts';

const programFolder = '/opt/ml/code';
const niceness = 10;
type ProcessCode = Extract<TrainingCode, { kind: 'process' }>;

/**
 * Training programs as processes of this computer, in the sandbox and nowhere else. One host each: a sandbox has a network of its own
 * and nobody else in it, and peers that cannot reach each other would not be the hosts that a program expects.
 */
export function processBackend(find: () => Promise<Sandbox> = findSandbox): TrainingBackend {
  return {
    kind: 'process',
    hostsMax: 1,
    durable: false,
    workRoot: null,
    async unavailable() {
      const sandbox = await find();
      return sandbox.kind === 'none' ? sandbox.reason : null;
    },
    async run(run) {
      const sandbox = await find();
      if (sandbox.kind === 'none') throw new Error(`there is no sandbox to train in: ${sandbox.reason}`);
      const { program: code } = run;
      if (code.kind !== 'process') throw new Error(`the sandbox runs programs, not a ${code.kind}`);
      if (run.hosts !== 1) throw new Error(`a program in the sandbox has one host, not ${run.hosts}`);
      const interpreter = await findInterpreter(code.interpreter as InterpreterName);
      if (!interpreter) throw new Error(`this computer has no ${code.interpreter}`);
      await layOut(run);
      const pipes = await startPipes(sandbox, run);
      try {
        return await runConfined(sandbox, confinedRun(interpreter, run, code), run);
      } finally {
        pipes.stop();
      }
    },
  };
}

async function runConfined(
  sandbox: Extract<Sandbox, { kind: 'bubblewrap' }>,
  confined: Confined,
  run: TrainingRun,
): Promise<TrainingEnd> {
  const began = performance.now();
  const bounds = {
    memoryBytesMax: run.instance.memoryMb * 1024 * 1024,
    processesMax: run.limits.processesMax,
  };
  const group = openControlGroup(bounds);
  const plain = confine(sandbox, confined);
  const { file, args, env } = group?.joining(plain) ?? plain;
  const child = spawn(file, args, { env: { ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  // What buyers call goes first.
  if (child.pid !== undefined) setPriority(child.pid, niceness);
  run.onStage?.('running');
  const ending = endInTime(run, { ask: () => askToEnd(child.pid), kill: () => killSandboxed(child.pid) });
  const watch = watchTraining(
    {
      pid: child.pid ?? 0,
      folders: [run.workDir, ...(run.checkpoints ? [run.checkpoints.folder] : [])],
      ...bounds,
      diskBytesMax: run.limits.diskBytesMax,
      refused: group?.excess,
    },
    ending.exceeded,
  );
  let logBytes = 0;
  const counted = (bytes: number) => {
    logBytes += bytes;
    if (logBytes > run.limits.logBytesMax) ending.exceeded('log');
    return logBytes <= run.limits.logBytesMax;
  };
  const reading = [child.stdout, child.stderr].map((stream) => readLines(stream, run.onLines, counted));
  try {
    const ended = await new Promise<{ code: number | null; signal: string | null }>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => resolve({ code, signal }));
    });
    await Promise.all(reading);
    const outputFolder = folderOf(run.workDir, 'output');
    return {
      // What the kernel ended may be gone before it was looked at.
      kind: ending.why() ?? group?.excess() ?? (ended.code === 0 ? 'completed' : 'failed'),
      exitCode: ended.code,
      signal: ended.signal,
      failure: await readFailure(outputFolder),
      modelFolder: folderOf(run.workDir, 'model'),
      outputFolder,
      durationMs: performance.now() - began,
      memoryPeakBytes: watch.peakBytes(),
      sandbox: `bubblewrap ${sandbox.version}`,
    };
  } finally {
    ending.done();
    watch.stop();
    group?.remove();
  }
}

/** `place`: where the parts of the work folder are; a training on several hosts has some of them for each. */
export function confinedRun(
  interpreter: Interpreter,
  run: TrainingRun,
  program: ProcessCode,
  place: (part: WorkPart) => string = (part) => folderOf(run.workDir, part),
): Confined {
  const { instance, checkpoints } = run;
  const own = (part: WorkPart, to: string, writable: boolean): Mount => ({
    from: place(part),
    to,
    writable,
  });
  return {
    command: [interpreter.file, ...program.args, join(programFolder, program.entry), 'train'],
    readOnly: ['/usr/bin', '/bin', '/etc/alternatives'].filter((path) => existsSync(path)),
    writable: [],
    mounts: [
      ...interpreter.mounts,
      { from: program.folder, to: programFolder },
      own('config', '/opt/ml/input/config', false),
      own('data', '/opt/ml/input/data', false),
      ...run.channels
        .filter((c) => c.inputMode !== 'Pipe')
        .map((c) => ({ from: c.folder, to: `/opt/ml/input/data/${c.name}` })),
      ...(checkpoints ? [{ from: checkpoints.folder, to: checkpoints.path, writable: true }] : []),
      own('model', '/opt/ml/model', true),
      own('output', '/opt/ml/output', true),
      own('tmp', '/tmp', true),
      own('shm', '/dev/shm', true),
    ],
    sealed: true,
    workDir: programFolder,
    environment: {
      ...program.environment,
      PATH: ['/usr/local/bin', ...interpreter.searched, '/usr/bin', '/bin'].join(':'),
      HOME: '/tmp',
      LANG: 'C.UTF-8',
      TZ: 'UTC',
      TRAINING_JOB_NAME: run.jobName,
      TRAINING_JOB_ARN: run.jobArn,
      // Metrics are read while it runs, not when a buffer happens to be full.
      PYTHONUNBUFFERED: '1',
      PYTHONDONTWRITEBYTECODE: '1',
      OMP_NUM_THREADS: `${Math.max(1, Math.floor(instance.cpus))}`,
    },
  };
}
