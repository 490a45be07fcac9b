import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Spawnable } from '../../platform/sandbox.ts';
import { eachLine } from './bounded-lines.ts';
import { processTree } from './memory-limit.ts';
import { ping } from './ping.ts';
import type { EndKind, RunningModel } from './runtime.ts';

export interface ServedChild {
  readonly spawnable: Spawnable;
  /** The folder of its own that `ownFolder` made; removed when the child has ended. */
  readonly folder: string;
  readonly sandbox: string;
  readonly onLog: (level: 'info' | 'warn' | 'error', line: string) => void;
  readonly readyTimeoutMs: number;
  readonly stopGraceMs: number;
  /** Told on its standard input, which stays open: it is the leash. */
  readonly firstLine?: string;
  /** Watches the process from outside and calls back once when it must end; returns what ends the watch. */
  readonly watch?: (pid: number, end: (kind: EndKind, words: string) => void) => () => void;
  /** The same from the moment that it is ready. */
  readonly watchReady?: (end: (kind: EndKind, words: string) => void) => () => void;
}

const socketPathBytesMax = 107;

/** A folder for one child with the path of its socket. Named after its keeper, so that what a killed one left can be removed. */
export function ownFolder(socketDir: string): { folder: string; unix: string } {
  mkdirSync(socketDir, { recursive: true, mode: 0o700 });
  const folder = mkdtempSync(join(socketDir, `m-${process.pid}-`));
  const unix = join(folder, 's');
  if (Buffer.byteLength(unix) <= socketPathBytesMax) return { folder, unix };
  rmSync(folder, { recursive: true });
  throw new Error(
    `the socket ${unix} is longer than ${socketPathBytesMax} bytes: choose a shorter data folder`,
  );
}

/** A model that a process of ours serves at a socket: started, waited for, watched, ended in good order or by force. */
export function serveAsChild(served: ServedChild): RunningModel {
  const { spawnable, folder, onLog } = served;
  const unix = join(folder, 's');
  const child = spawn(spawnable.file, spawnable.args, {
    env: { ...spawnable.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.on('error', () => undefined);
  if (served.firstLine !== undefined) child.stdin.write(`${served.firstLine}\n`);
  let kind: EndKind = 'crashed';
  let words = '';
  let lastSaid = '';
  const end = (why: EndKind, said: string) => {
    if (kind === 'crashed') [kind, words] = [why, said];
    killTree(child);
  };
  const forward = (level: 'info' | 'warn', stream: Readable) =>
    eachLine(stream, (line) => {
      const { level: own = level, message = line } = ourOwn(line);
      if (own !== 'info' && message.trim() !== '') lastSaid = message;
      onLog(own, message);
    });
  const reading = Promise.allSettled([forward('info', child.stdout), forward('warn', child.stderr)]);
  const unwatch = child.pid === undefined ? undefined : served.watch?.(child.pid, end);
  let unwatchReady: (() => void) | undefined;
  let wasReady = false;
  let isGone = false;
  const exited = new Promise<{ reason: string; kind: EndKind }>((resolve) => {
    const gone = async (said: string) => {
      isGone = true;
      unwatch?.();
      unwatchReady?.();
      rmSync(folder, { recursive: true, force: true });
      await reading;
      if (kind === 'crashed' && !wasReady) kind = 'not-ready';
      // Its own last word is the best reason that there is.
      const own = kind === 'not-ready' || kind === 'crashed' ? lastSaid : '';
      const ours = words || (own && own === lastSaid ? '' : said);
      resolve({ kind, reason: [ours, own].filter((part) => part !== '').join('; its last words: ') });
    };
    child.once('close', (code, signal) => void gone(`it ended (${signal ?? `exit code ${code}`})`));
    child.once('error', (error) => void gone(error.message));
  });
  const ready = untilReady(unix, exited, served.readyTimeoutMs, end);
  ready.then(
    () => {
      wasReady = true;
      if (!isGone) unwatchReady = served.watchReady?.(end);
    },
    // Callers that only look at `exited` must not be ended by a rejection that nobody awaits.
    () => undefined,
  );
  return {
    pid: child.pid ?? 0,
    address: { unix },
    sandbox: served.sandbox,
    ready,
    exited,
    async stop() {
      if (kind === 'crashed') [kind, words] = ['stopped', 'it was stopped'];
      child.stdin.end();
      const inTime = await Promise.race([exited, sleep(served.stopGraceMs, undefined, { ref: false })]);
      if (inTime === undefined) killTree(child);
      await exited;
    },
  };
}

/** Lines of our own programs carry their level. */
function ourOwn(line: string): { level?: 'info' | 'warn' | 'error'; message?: string } {
  if (!line.startsWith('{"level":')) return {};
  try {
    const { level, message } = JSON.parse(line) as Record<string, unknown>;
    if (level !== 'info' && level !== 'warn' && level !== 'error') return {};
    return typeof message === 'string' ? { level, message } : {};
  } catch {
    return {};
  }
}

async function untilReady(
  unix: string,
  exited: Promise<{ reason: string }>,
  timeoutMs: number,
  end: (kind: EndKind, words: string) => void,
): Promise<void> {
  let over = false;
  void exited.then(() => {
    over = true;
  });
  const untilMs = performance.now() + timeoutMs;
  for (let pauseMs = 15; !over && performance.now() < untilMs; pauseMs = Math.min(250, pauseMs * 1.5)) {
    if (await ping(unix)) return;
    await sleep(pauseMs);
  }
  if (!over) end('not-ready', `it did not answer /ping with 200 within ${timeoutMs / 1000} s`);
  throw new Error((await exited).reason);
}

/** The tree at once: the first process of a sandbox takes the others along, a plain one's children would stay. */
function killTree(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  for (const pid of processTree(child.pid).reverse())
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // Gone by itself.
    }
}
