import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { confine, type Sandbox } from '../../../platform/sandbox.ts';
import type { LoadAnswer } from './load-attempt.child.ts';

export type LoadResult =
  | { readonly outcome: 'loaded' }
  | { readonly outcome: 'refused'; readonly message: string }
  | { readonly outcome: 'timeout'; readonly timeoutMs: number }
  | { readonly outcome: 'memory'; readonly memoryBytesMax: number }
  | { readonly outcome: 'crashed'; readonly how: string }
  /** The runtime itself does not start here: says nothing about the model. */
  | { readonly outcome: 'unavailable'; readonly message: string };

export type ModelLoader = {
  /** Loads one model; calls queue up, one at a time. */
  load(path: string): Promise<LoadResult>;
  /** Starts the child ahead of need, so that its start-up runs beside other work. */
  warm(): void;
  close(): void;
};

export type ModelLoaderOptions = {
  readonly timeoutMs?: number;
  readonly memoryBytesMax?: number;
  /** Runs the child confined, seeing nothing but the runtime and these folders, in which the models lie. */
  readonly confined?: { readonly sandbox: Sandbox; readonly folders: readonly string[] };
};

const childPath = join(import.meta.dirname, 'load-attempt.child.ts');
const memoryCheckMs = 40;
/** The runtime takes 90 MB; it starts again in a fifth of a second. */
const idleMs = 10_000;

/** Asks the shipped onnxruntime to load models, in a child process with limits on time and resident memory. */
export function createModelLoader(options: ModelLoaderOptions = {}): ModelLoader {
  const timeoutMs = options.timeoutMs ?? 60_000;
  const memoryBytesMax = options.memoryBytesMax ?? 8 * 2 ** 30;
  let child: ChildProcess | null = null;
  let queue: Promise<unknown> = Promise.resolve();
  let idle: NodeJS.Timeout | undefined;

  function current(): ChildProcess {
    clearTimeout(idle);
    if (child !== null && child.exitCode === null && child.signalCode === null) return child;
    const { file, args, env } = commandOf(options.confined);
    const started = spawn(file, args, { env, stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    started.on('error', () => undefined); // reported by whoever waits for an answer
    started.unref();
    started.channel?.unref();
    child = started;
    return started;
  }

  function end() {
    clearTimeout(idle);
    if (child?.connected) child.disconnect();
    child?.kill('SIGKILL');
    child = null;
  }

  function attempt(path: string): Promise<LoadResult> {
    const asked = current();
    asked.ref();
    asked.channel?.ref();
    return new Promise((resolve) => {
      let reason: LoadResult | null = null;
      const stop = (why: LoadResult) => {
        reason ??= why;
        asked.kill('SIGKILL');
      };
      const timer = setTimeout(() => stop({ outcome: 'timeout', timeoutMs }), timeoutMs);
      const meter = setInterval(() => {
        if (residentBytes(asked.pid) > memoryBytesMax) stop({ outcome: 'memory', memoryBytesMax });
      }, memoryCheckMs);
      const done = (result: LoadResult) => {
        clearTimeout(timer);
        clearInterval(meter);
        asked.off('message', onMessage).off('exit', onExit).off('error', onError);
        asked.unref();
        asked.channel?.unref();
        idle = setTimeout(end, idleMs).unref();
        resolve(result);
      };
      const onMessage = (answer: unknown) => {
        const { loaded, ...rest } = answer as LoadAnswer;
        done(
          loaded
            ? { outcome: 'loaded' }
            : { outcome: 'refused', message: 'message' in rest ? rest.message : '' },
        );
      };
      const onExit = (code: number | null, signal: string | null) => {
        done(reason ?? ended(code, signal));
      };
      const onError = (error: Error) => done({ outcome: 'unavailable', message: error.message });
      asked.on('message', onMessage).on('exit', onExit).on('error', onError);
      asked.send(path, (error) => {
        if (error !== null && reason === null && asked.exitCode === null && asked.signalCode === null)
          stop({ outcome: 'unavailable', message: error.message });
      });
    });
  }

  return {
    load(path) {
      const result = queue.then(() => attempt(path));
      queue = result;
      return result;
    },
    warm: () => void current(),
    close: end,
  };
}

function commandOf(confined: ModelLoaderOptions['confined']) {
  const environment = { ORT_DISABLE_TELEMETRY: '1', TZ: 'UTC' };
  const sandbox: Sandbox = confined?.sandbox ?? { kind: 'none', reason: 'not asked for' };
  return confine(sandbox, {
    command: [process.execPath, childPath],
    readOnly: [
      process.execPath,
      childPath,
      // Node reads from it that the child is a module.
      join(import.meta.dirname, '../../../../package.json'),
      packageFolder('onnxruntime-node'),
      packageFolder('onnxruntime-common'),
      ...(confined?.folders ?? []),
    ],
    writable: [],
    environment,
  });
}

/** Where npm put a package, found by walking up as Node does. */
function packageFolder(name: string): string {
  const places = createRequire(import.meta.url).resolve.paths(name) ?? [];
  const folder = places.map((place) => join(place, name)).find((path) => existsSync(path));
  return folder ?? join(import.meta.dirname, name);
}

/** A child that ends by itself with code 1 could not import the runtime; everything else is the model's doing. */
function ended(code: number | null, signal: string | null): LoadResult {
  if (code === 1) return { outcome: 'unavailable', message: 'the process with ONNX Runtime does not start' };
  return { outcome: 'crashed', how: signal ?? `exit code ${code}` };
}

/** Resident memory of a process and its children (a sandbox puts itself in between); 0 where /proc does not say. */
function residentBytes(pid: number | undefined): number {
  if (pid === undefined) return 0;
  try {
    const pages = Number(readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1]);
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim();
    const below = children === '' ? [] : children.split(' ').map(Number);
    return pages * 4096 + below.reduce((sum, one) => sum + residentBytes(one), 0);
  } catch {
    return 0;
  }
}
