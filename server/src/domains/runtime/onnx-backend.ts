import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { confine, type Sandbox } from '../../platform/sandbox.ts';
import { openMemoryGroup, processTree, watchMemory } from './memory-limit.ts';
import type { Level, Log } from './model-server/log.ts';
import { ping } from './ping.ts';

export interface ModelServerOptions {
  /** A folder is given to the server whole, with weights kept beside the model; of a file, only the file. */
  readonly models: readonly { readonly name: string; readonly path: string }[];
  /** Of the whole process, of which the runtime itself takes about 120 MB. */
  readonly memoryBytesMax: number;
  readonly threads?: number;
  readonly defaultName?: string;
  readonly bodyBytesMax?: number;
  /** Calls that come at the same time are run together; null: each alone. */
  readonly batching?: { readonly windowMs: number; readonly recordsMax: number } | null;
  /** A folder of its own is made below it for the socket; the path must be short (a socket's has 107 bytes at most). */
  readonly socketDir: string;
  readonly sandbox: Sandbox;
  readonly log: Log;
  readonly readyTimeoutMs?: number;
}

export type ExitReason = 'stopped' | 'memory' | 'not-ready' | 'crashed';

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly reason: ExitReason;
  /** Why it was ended, or the last error it reported; empty when it ended without a word. */
  readonly message: string;
}

export interface ModelServer {
  readonly pid: number;
  readonly address: { readonly unix: string };
  /** Every model answers. Rejects with the server's own words when one cannot be loaded, or time is up. */
  readonly ready: Promise<void>;
  /** Never rejects. */
  readonly exited: Promise<Exit>;
  /** Answers what was begun, then ends. Kills after `graceMs`. */
  stop(graceMs?: number): Promise<Exit>;
}

const serverFolder = fileURLToPath(new URL('./model-server/', import.meta.url));
const socketPathBytesMax = 107;

/** Starts one model server as a child. Whether it is started again when it ends is the caller's decision. */
export function startModelServer(options: ModelServerOptions): ModelServer {
  const folder = mkdtempSync(join(resolve(options.socketDir), `m-${process.pid}-`));
  const unix = join(folder, 's');
  if (Buffer.byteLength(unix) > socketPathBytesMax) {
    rmSync(folder, { recursive: true });
    throw new Error(
      `the socket ${unix} is longer than ${socketPathBytesMax} bytes: choose a shorter data folder`,
    );
  }
  const confined = confine(options.sandbox, commandOf(options, folder, unix));
  const group = openMemoryGroup(options.memoryBytesMax);
  const { file, args } = group?.joining(confined.file, confined.args) ?? confined;
  // Standard input is the leash: the server ends when it closes, however we end.
  const child = spawn(file, args, { env: confined.env, stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.on('error', () => undefined);

  let reason: ExitReason = 'crashed';
  let message = '';
  const end = (why: ExitReason, words: string) => {
    if (reason === 'crashed') [reason, message] = [why, words];
    kill(child);
  };
  forward(child.stdout, child.stderr, (level, text) => {
    if (level === 'error' && reason === 'crashed') message = text;
    options.log(level, text);
  });
  const unwatch =
    group === undefined && child.pid !== undefined
      ? watchMemory(child.pid, options.memoryBytesMax, (bytes) =>
          end('memory', memoryWords(options.memoryBytesMax, bytes)),
        )
      : () => undefined;
  let wasReady = false;
  const exited = new Promise<Exit>((settle) => {
    const gone = (code: number | null, signal: NodeJS.Signals | null) => {
      unwatch();
      if (group?.wasExceeded() === true)
        [reason, message] = ['memory', memoryWords(options.memoryBytesMax, undefined)];
      if (reason === 'crashed' && !wasReady) reason = 'not-ready';
      group?.remove();
      rmSync(folder, { recursive: true, force: true });
      settle({ code, signal, reason, message });
    };
    child.once('close', gone);
    child.once('error', (error) => {
      message = error.message;
      gone(null, null);
    });
  });
  const ready = waitUntilReady(unix, exited, options.readyTimeoutMs ?? 120_000, (words) =>
    end('not-ready', words),
  );
  ready.then(
    () => {
      wasReady = true;
    },
    // Callers that only look at `exited` must not be ended by a rejection that nobody awaits.
    () => undefined,
  );
  return {
    pid: child.pid ?? 0,
    address: { unix },
    ready,
    exited,
    async stop(graceMs = 25_000) {
      if (reason === 'crashed') reason = 'stopped';
      child.stdin.end();
      const inTime = await Promise.race([exited, sleep(graceMs, undefined, { ref: false })]);
      if (inTime === undefined) kill(child);
      return await exited;
    },
  };
}

const cleared = new Set<string>();

/**
 * Removes the sockets of servers whose keeper was killed: it can no longer do so, and they themselves must not. Before this
 * process makes its first: in a container its predecessor may have had the same pid.
 */
export function removeSocketsLeft(socketDir: string): void {
  mkdirSync(socketDir, { recursive: true, mode: 0o700 });
  if (cleared.has(socketDir)) return;
  cleared.add(socketDir);
  for (const name of readdirSync(socketDir)) {
    const keeper = Number(/^m-(\d+)-/.exec(name)?.[1]);
    if (Number.isNaN(keeper) || (keeper !== process.pid && existsSync(`/proc/${keeper}`))) continue;
    rmSync(join(socketDir, name), { recursive: true, force: true });
  }
}

function commandOf(options: ModelServerOptions, folder: string, unix: string) {
  const models = options.models.map(({ name, path }) => ({ name, path: resolve(path) }));
  const runtime = dataPlaneRuntime();
  return {
    command: [
      runtime,
      join(serverFolder, 'main.ts'),
      ...models.flatMap(({ name, path }) => ['--model', `${name}=${path}`]),
      ...['--unix', unix],
      ...['--threads', `${options.threads ?? availableParallelism()}`],
      ...(options.defaultName === undefined ? [] : ['--default', options.defaultName]),
      ...(options.bodyBytesMax === undefined ? [] : ['--body-bytes-max', `${options.bodyBytesMax}`]),
      ...(options.batching
        ? [
            ...['--batch-window-ms', `${options.batching.windowMs}`],
            ...['--batch-records-max', `${options.batching.recordsMax}`],
          ]
        : []),
      '--exit-with-parent',
    ] as [string, ...string[]],
    readOnly: [
      runtime,
      serverFolder,
      // Node reads from it that these files are modules.
      fileURLToPath(new URL('../../../package.json', import.meta.url)),
      packageFolder('onnxruntime-node'),
      packageFolder('onnxruntime-common'),
      ...models.map(({ path }) => path),
    ],
    writable: [folder],
    environment: {
      // Bun would otherwise write what it transpiled into a home folder that is not there.
      BUN_RUNTIME_TRANSPILER_CACHE_PATH: '0',
      DO_NOT_TRACK: '1',
      ORT_DISABLE_TELEMETRY: '1',
      TZ: 'UTC',
    },
  };
}

/** Where npm put a package, found by walking up as Node does: some packages do not export their package.json. */
function packageFolder(name: string): string {
  const places = createRequire(import.meta.url).resolve.paths(name) ?? [];
  const found = places.map((place) => join(place, name)).find((folder) => existsSync(folder));
  if (found === undefined) throw new Error(`the package ${name} is not installed: run npm install`);
  return found;
}

/** Bun, which answers twice as many small calls a second; Node where npm could not install Bun. */
function dataPlaneRuntime(): string {
  const places = createRequire(import.meta.url).resolve.paths('bun') ?? [];
  const bun = places.map((place) => join(place, 'bun', 'bin', 'bun.exe')).find((file) => existsSync(file));
  return bun ?? process.execPath;
}

function forward(stdout: Readable, stderr: Readable, log: Log): void {
  createInterface({ input: stdout }).on('line', (line) => {
    try {
      const { level, message } = JSON.parse(line) as { level: Level; message: string };
      log(level, message);
    } catch {
      log('info', line);
    }
  });
  createInterface({ input: stderr }).on('line', (line) => log('warn', line));
}

/** The tree at once: a sandbox's first process takes the others along, a plain one's children would stay. */
function kill(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  for (const pid of processTree(child.pid).reverse())
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // Gone by itself.
    }
}

function memoryWords(bytesMax: number, bytes: number | undefined): string {
  const mb = (count: number) => `${Math.round(count / 1_000_000)} MB`;
  const used = bytes === undefined ? 'more memory' : mb(bytes);
  return `the model server used ${used}, where the instance type allows ${mb(bytesMax)}`;
}

async function waitUntilReady(
  unix: string,
  exited: Promise<Exit>,
  timeoutMs: number,
  giveUp: (words: string) => void,
): Promise<void> {
  let exit: Exit | undefined;
  void exited.then((e) => {
    exit = e;
  });
  const untilMs = performance.now() + timeoutMs;
  while (exit === undefined && performance.now() < untilMs) {
    if (await ping(unix)) return;
    await sleep(15);
  }
  if (exit === undefined) giveUp(`the model server was not ready after ${timeoutMs / 1000} s`);
  const { message, code, signal } = await exited;
  throw new Error(message || `the model server ended (${signal ?? `code ${code}`}) before it was ready`);
}
