import { existsSync, mkdirSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Confined, confine, findSandbox, type Mount, type Sandbox } from '../../../platform/sandbox.ts';
import { type ControlGroup, openControlGroup } from '../control-group.ts';
import { ping } from '../ping.ts';
import type { EndKind } from '../runtime.ts';
import type { Servable, ServeRequest, ServingBackend } from '../servable.ts';
import { ownFolder, serveAsChild } from '../served-child.ts';
import { findInterpreter, type Interpreter, interpreterNames } from '../training/interpreters.ts';
import { watchTraining } from '../training/watch.ts';

export interface ProgramServing {
  /** The unpacked, verified files of a model. */
  readonly packagePath: (sha256: string) => Promise<string>;
  /** The folder of an unpacked, verified program that its entry lies in. */
  readonly programPath: (sha256: string) => Promise<string>;
  readonly socketDir: string;
  readonly sandbox?: () => Promise<Sandbox>;
  readonly limits?: Partial<ProgramLimits>;
}

export interface ProgramLimits {
  readonly startTimeoutMs: number;
  /** Without an answer to /ping for so long it is ended and started again. */
  readonly hungAfterMs: number;
  readonly pingEveryMs: number;
  readonly stopGraceMs: number;
  readonly diskBytesMax: number;
  readonly processesMax: number;
}

/** As of a container. */
export const programLimits: ProgramLimits = {
  startTimeoutMs: 8 * 60_000,
  hungAfterMs: 90_000,
  pingEveryMs: 5000,
  stopGraceMs: 30_000,
  diskBytesMax: 10 * 1024 ** 3,
  processesMax: 1000,
};

type OfProcess = Extract<Servable, { kind: 'process' }>;

const port = 8080;
const codeFolder = '/opt/ml/code';
const socketFolder = '/run/souk';
const ownFolderInside = '/opt/souk';
const node = '/usr/local/bin/node';
const forwarder = fileURLToPath(new URL('./forwarder.main.ts', import.meta.url));
// Node reads from it that the forwarder is a module.
const manifest = fileURLToPath(new URL('../../../../package.json', import.meta.url));
/** What the forwarder itself takes at most: a program has the whole memory of its instance. */
const forwarderBytes = 96 * 1024 * 1024;
/** Between the program's end by force and that of its sandbox. */
const sandboxEndsMs = 2000;

/** Serves programs in the sandbox and nowhere else: argument `serve`, port 8080, /opt/ml/model, and no network around it. */
export function programBackend(parts: ProgramServing): ServingBackend {
  const limits = { ...programLimits, ...parts.limits };
  const find = parts.sandbox ?? findSandbox;
  return {
    kind: 'process',
    async unavailable() {
      const sandbox = await find();
      return sandbox.kind === 'none' ? `programs are served in a sandbox only: ${sandbox.reason}` : null;
    },
    async start(request) {
      const { servable, instance, onLog } = request;
      if (servable.kind !== 'process') throw new Error(`the sandbox serves programs, not ${servable.kind}`);
      const sandbox = await find();
      if (sandbox.kind === 'none') throw new Error(`there is no sandbox to serve in: ${sandbox.reason}`);
      const name = interpreterNames.find((known) => known === servable.interpreter);
      const interpreter = name && (await findInterpreter(name));
      if (!interpreter) throw new Error(`this computer has no ${servable.interpreter}`);
      const code = await parts.programPath(servable.programSha256);
      const model = request.unpacked ?? (await parts.packagePath(servable.packageSha256));
      const { folder, unix } = ownFolder(parts.socketDir);
      try {
        for (const own of ['tmp', 'shm']) mkdirSync(join(folder, own));
        const confined = confinedServing(interpreter, request, servable, { code, model, folder, limits });
        const bounds = {
          memoryBytesMax: instance.memoryMb * 1024 * 1024 + forwarderBytes,
          processesMax: limits.processesMax,
        };
        const group = openControlGroup(bounds);
        const plain = confine(sandbox, confined);
        const running = serveAsChild({
          spawnable: group?.joining(plain) ?? plain,
          folder,
          sandbox: `bubblewrap ${sandbox.version}`,
          onLog: (_level, line) => onLog?.(line),
          readyTimeoutMs: request.startTimeoutMs ?? limits.startTimeoutMs,
          stopGraceMs: limits.stopGraceMs + sandboxEndsMs,
          watch: (pid, end) => watchExcess({ pid, folder, instance, limits, bounds, group }, end),
          watchReady: (end) => watchPing(unix, limits, end),
        });
        void running.exited.then(() => group?.remove());
        return running;
      } catch (error) {
        rmSync(folder, { recursive: true, force: true });
        throw error;
      }
    },
  };
}

interface Places {
  readonly code: string;
  readonly model: string;
  readonly folder: string;
  readonly limits: ProgramLimits;
}

function confinedServing(
  interpreter: Interpreter,
  { instance, environment }: ServeRequest,
  servable: OfProcess,
  { code, model, folder, limits }: Places,
): Confined {
  const mounts: Mount[] = [
    ...interpreter.mounts.filter((mount) => mount.to !== node),
    { from: realpathSync(process.execPath), to: node },
    { from: forwarder, to: `${ownFolderInside}/forwarder.ts` },
    { from: manifest, to: `${ownFolderInside}/package.json` },
    { from: code, to: codeFolder },
    { from: model, to: '/opt/ml/model' },
    { from: folder, to: socketFolder, writable: true },
    { from: join(folder, 'tmp'), to: '/tmp', writable: true },
    { from: join(folder, 'shm'), to: '/dev/shm', writable: true },
  ];
  return {
    command: [
      node,
      ...['--max-old-space-size=64', '--disable-warning=ExperimentalWarning'],
      `${ownFolderInside}/forwarder.ts`,
      ...[`${socketFolder}/s`, `${port}`, `${limits.stopGraceMs}`],
      ...[interpreter.file, ...servable.args, join(codeFolder, servable.entry), 'serve'],
    ],
    readOnly: ['/usr/bin', '/bin', '/etc/alternatives'].filter((path) => existsSync(path)),
    writable: [],
    mounts,
    sealed: true,
    workDir: codeFolder,
    environment: {
      ...servable.environment,
      ...environment,
      PATH: ['/usr/local/bin', ...interpreter.searched, '/usr/bin', '/bin'].join(':'),
      HOME: '/tmp',
      LANG: 'C.UTF-8',
      TZ: 'UTC',
      PYTHONUNBUFFERED: '1',
      PYTHONDONTWRITEBYTECODE: '1',
      OMP_NUM_THREADS: `${Math.max(1, Math.floor(instance.cpus))}`,
    },
  };
}

interface Watched {
  readonly pid: number;
  readonly folder: string;
  readonly instance: ServeRequest['instance'];
  readonly limits: ProgramLimits;
  readonly bounds: { readonly memoryBytesMax: number; readonly processesMax: number };
  readonly group: ControlGroup | undefined;
}

/** Looks from outside at what it takes; returns what ends the watch. */
function watchExcess(
  { pid, folder, instance, limits, bounds, group }: Watched,
  end: (kind: EndKind, words: string) => void,
): () => void {
  const excess = watchTraining(
    {
      pid,
      folders: [folder],
      ...bounds,
      diskBytesMax: limits.diskBytesMax,
      refused: group?.excess,
    },
    (kind) => {
      if (kind === 'memory')
        end(kind, `the program needed more memory than the ${instance.memoryMb} MB of ${instance.name}`);
      if (kind === 'disk')
        end(
          kind,
          `the program wrote more than ${Math.round(limits.diskBytesMax / 1_000_000)} MB to its disk`,
        );
      if (kind === 'processes') end(kind, `the program started more than ${limits.processesMax} processes`);
    },
  );
  return () => excess.stop();
}

/** Asks one that is ready whether it still answers. It has answered once, if only to be ready: silence counts from there. */
function watchPing(
  unix: string,
  limits: ProgramLimits,
  end: (kind: EndKind, words: string) => void,
): () => void {
  let answeredAt = performance.now();
  let timer: NodeJS.Timeout;
  let over = false;
  const look = async () => {
    if (await ping(unix)) answeredAt = performance.now();
    if (over) return;
    if (performance.now() - answeredAt > limits.hungAfterMs)
      return end(
        'hung',
        `the program stopped answering GET /ping with 200 (for ${limits.hungAfterMs / 1000} s)`,
      );
    next();
  };
  const next = () => {
    timer = setTimeout(() => void look(), limits.pingEveryMs);
    timer.unref();
  };
  next();
  return () => {
    over = true;
    clearTimeout(timer);
  };
}
