import { type ChildProcess, spawn } from 'node:child_process';
import type { Log } from './log.ts';

export interface ChildOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
  /** How long an orderly end may take before the child is killed. */
  readonly stopTimeoutMs: number;
}

export interface KeptChild {
  stop(): Promise<void>;
  pid(): number | undefined;
}

const healthyAfterMs = 3000;
const pauseMsMax = 10_000;
/** Somebody else ended it, the kernel for want of memory perhaps: a long pause would only make the outage longer. */
const pauseMsMaxOfKilled = 500;

/**
 * Keeps a process of ours running: started again when it ends, with growing pauses while it keeps failing. Its standard
 * input is a pipe from us that never carries anything: when we end, however we end, it closes, and the child ends too.
 */
export function keepChild(options: ChildOptions): KeptChild {
  const { name, log } = options;
  let child: ChildProcess | undefined;
  let exited: Promise<void> = Promise.resolve();
  let stopping = false;
  let failures = 0;

  function start() {
    const startedAt = Date.now();
    const next = spawn(options.command, [...options.args], {
      env: options.env as NodeJS.ProcessEnv,
      // What we say on standard output is for people; children speak through the log.
      stdio: ['pipe', 'ignore', 'inherit'],
    });
    child = next;
    next.stdin?.on('error', () => {});
    exited = new Promise((resolve) => {
      let over = false;
      const gone = (why: string, longestMs: number) => {
        resolve();
        // A child may report an error and then its exit; it is started again once.
        if (over || stopping) return;
        over = true;
        failures = Date.now() - startedAt > healthyAfterMs ? 0 : failures + 1;
        const pauseMs = failures === 0 ? 0 : Math.min(100 * 2 ** failures, longestMs);
        log.error({ process: name, why, pauseMs }, 'a process ended; starting it again');
        setTimeout(() => !stopping && start(), pauseMs);
      };
      next.once('error', (error) => gone(error.message, pauseMsMax));
      next.once('exit', (code, signal) =>
        gone(signal ?? `exit code ${code}`, signal === 'SIGKILL' ? pauseMsMaxOfKilled : pauseMsMax),
      );
    });
  }

  start();
  return {
    pid: () => child?.pid,
    async stop() {
      stopping = true;
      child?.kill('SIGTERM');
      const timer = setTimeout(() => child?.kill('SIGKILL'), options.stopTimeoutMs);
      await exited;
      clearTimeout(timer);
    },
  };
}

/** Enough for what is under way to be written down; what hangs by then waits for a database that ended with the keeper. */
const orphanMsMax = 10_000;

/**
 * For the child's side: calls `end` when the process that keeps it is gone. Then nobody is left who would kill it if its
 * orderly end hung, so it does that itself.
 */
export function endWithParent(end: () => void, endMsMax = orphanMsMax): void {
  const orphaned = () => {
    setTimeout(() => process.exit(1), endMsMax).unref();
    end();
  };
  process.stdin.resume();
  process.stdin.once('end', orphaned);
  process.stdin.once('error', orphaned);
  process.stdin.unref?.();
}
