import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setPriority } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { confine, findSandbox, type Mount, type Sandbox } from '../../../platform/sandbox.ts';
import { processTree } from '../memory-limit.ts';
import { findInterpreter, type Interpreter, type InterpreterName } from './interpreters.ts';
import { folderOf, layOut, readFailure } from './opt-ml.ts';
import type { TrainingBackend, TrainingEnd, TrainingEndKind, TrainingRun } from './training.ts';
import { watchTraining } from './watch.ts';

const programFolder = '/opt/ml/code';
const lineCharsMax = 8192;
const niceness = 10;
/** Read in one piece while everything else on this server waits for its turn. */
const linesAtOnce = 500;

/** Training programs as processes of this computer, in the sandbox and nowhere else. */
export function processBackend(find: () => Promise<Sandbox> = findSandbox): TrainingBackend {
  return {
    async unavailable() {
      const sandbox = await find();
      return sandbox.kind === 'none' ? sandbox.reason : null;
    },
    async run(run) {
      const sandbox = await find();
      if (sandbox.kind === 'none') throw new Error(`there is no sandbox to train in: ${sandbox.reason}`);
      const interpreter = await findInterpreter(run.program.interpreter as InterpreterName);
      if (!interpreter) throw new Error(`this computer has no ${run.program.interpreter}`);
      await layOut(run);
      return await runConfined(sandbox, interpreter, run);
    },
  };
}

async function runConfined(
  sandbox: Extract<Sandbox, { kind: 'bubblewrap' }>,
  interpreter: Interpreter,
  run: TrainingRun,
): Promise<TrainingEnd> {
  const began = performance.now();
  const { file, args, env } = confine(sandbox, confinedRun(interpreter, run));
  const child = spawn(file, args, { env: { ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  // What buyers call goes first.
  if (child.pid !== undefined) setPriority(child.pid, niceness);
  let why: TrainingEndKind | undefined;
  const stop = (kind: TrainingEndKind) => {
    why ??= kind;
    // The first process of the sandbox takes all others along, however fast they fork.
    for (const pid of child.pid === undefined ? [] : processTree(child.pid).slice(0, 3).reverse()) kill(pid);
  };
  const watch = watchTraining(
    {
      pid: child.pid ?? 0,
      workDir: run.workDir,
      memoryBytesMax: run.instance.memoryMb * 1024 * 1024,
      diskBytesMax: run.limits.diskBytesMax,
      processesMax: run.limits.processesMax,
    },
    stop,
  );
  const timer = setTimeout(() => stop('time'), run.limits.timeMs);
  const cancel = () => stop('cancelled');
  run.signal.addEventListener('abort', cancel, { once: true });
  if (run.signal.aborted) cancel();
  let logBytes = 0;
  const counted = (bytes: number) => {
    logBytes += bytes;
    if (logBytes > run.limits.logBytesMax) stop('log');
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
      kind: why ?? (ended.code === 0 ? 'completed' : 'failed'),
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
    clearTimeout(timer);
    watch.stop();
    run.signal.removeEventListener('abort', cancel);
  }
}

function confinedRun(interpreter: Interpreter, run: TrainingRun) {
  const { workDir, program, instance } = run;
  const own = (part: Parameters<typeof folderOf>[1], to: string, writable: boolean): Mount => ({
    from: folderOf(workDir, part),
    to,
    writable,
  });
  return {
    command: [interpreter.file, ...program.args, join(programFolder, program.entry), 'train'] as [
      string,
      ...string[],
    ],
    readOnly: ['/usr/bin', '/bin', '/etc/alternatives'].filter((path) => existsSync(path)),
    writable: [],
    mounts: [
      ...interpreter.mounts,
      { from: program.folder, to: programFolder },
      own('config', '/opt/ml/input/config', false),
      ...run.channels.map((c) => ({ from: c.folder, to: `/opt/ml/input/data/${c.name}` })),
      own('model', '/opt/ml/model', true),
      own('output', '/opt/ml/output', true),
      own('tmp', '/tmp', true),
      own('shm', '/dev/shm', true),
    ],
    sealed: true,
    workDir: programFolder,
    environment: {
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

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone by itself.
  }
}

/** Lines as they come; a line without an end is cut, so that nothing grows without bound here. */
async function readLines(
  stream: Readable,
  onLines: (lines: readonly string[]) => void,
  counted: (bytes: number) => boolean,
): Promise<void> {
  let rest = '';
  let cut = false;
  for await (const chunk of stream.setEncoding('utf8')) {
    const text = chunk as string;
    // Read on without looking until it is dead: a full pipe would keep it from ending in good order.
    if (!counted(Buffer.byteLength(text))) continue;
    const pieces = (rest + text).split('\n');
    rest = pieces.pop() ?? '';
    if (cut && pieces.length > 0) {
      pieces.shift();
      cut = false;
    }
    for (let i = 0; i < pieces.length; i += linesAtOnce)
      onLines(pieces.slice(i, i + linesAtOnce).map((line) => line.slice(0, lineCharsMax)));
    if (rest.length > lineCharsMax) {
      if (!cut) onLines([rest.slice(0, lineCharsMax)]);
      cut = true;
      rest = '';
    }
  }
  if (rest !== '' && !cut) onLines([rest]);
}
