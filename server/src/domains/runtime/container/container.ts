import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Podman, PodmanError } from '../../../platform/podman.ts';
import { readLines } from '../training/lines.ts';
import { type Confinement, runArguments } from './confinement.ts';
import { type Keeper, startKeeper } from './keeper.ts';
import { outputPipe } from './output-pipe.ts';
import { type Seen, startOf, watchContainer } from './watch.ts';

export interface ContainerOptions
  extends Omit<Confinement, 'name' | 'labels' | 'pidFile' | 'network' | 'hostname' | 'hosts'> {
  readonly network?: string;
  readonly hostname?: string;
  readonly hosts?: Readonly<Record<string, string>>;
  readonly onLines: (lines: readonly string[]) => void;
  /** False: it has written too much, and is ended. */
  readonly logAllowed: (bytes: number) => boolean;
  /** The socket that its port is reached by; without one it is not called. */
  readonly serve?: { readonly unix: string; readonly port: number };
  /** Between asking it to end and killing it. */
  readonly graceMs: number;
  /** Folders that count as disk beside its root. */
  readonly written?: readonly string[];
}

/** Why it ended: `itself`, `stopped` by its keeper, or ended for what it did. */
export type ContainerEndKind =
  | 'itself'
  | 'stopped'
  | 'memory'
  | 'disk'
  | 'processes'
  | 'log'
  | 'not-started'
  | 'killed';

export interface ContainerEnd {
  readonly kind: ContainerEndKind;
  readonly exitCode: number;
  /** Podman's words where it could not be started. */
  readonly words: string;
  readonly lastLine: string;
  readonly seen: Seen;
  /** It did not end within its grace after SIGTERM. */
  readonly ignoredTerm: boolean;
}

export interface Container {
  readonly pid: number;
  readonly name: string;
  readonly ended: Promise<ContainerEnd>;
  seen(): Seen;
  /** SIGTERM, and nothing after it. */
  ask(): void;
  /** SIGTERM, then SIGKILL after the grace. */
  stop(graceMs?: number): Promise<ContainerEnd>;
  /** At once, for a reason of the caller's own. */
  kill(): Promise<ContainerEnd>;
}

/** What it says when the kernel refuses it one more process, faster than we looked. */
const refusedFork = /can't fork|fork: .*resource temporarily unavailable/i;
const killedCode = 137;
const fullShare = 0.6;
const lastLineCharsMax = 300;
/** A pipe may be held open by what is being killed. */
const readingMsMax = 2000;
export const keeperLabel = 'souk.keeper';
/** This process, so that whoever finds its containers later can tell whether it still lives. */
export const keeperName = () => `${process.pid}-${startOf(process.pid) ?? ''}`;

/** An image's fault, not ours: it has no such program, or one for another computer. */
const ofTheImage =
  /exec format error|executable file|no command or entrypoint|exec user process|exec:? \S+ (no such file|permission denied|is a directory|not a directory)/i;

/** Starts one container. Rejects only for what breaks on our side; one that cannot be started ends as `not-started`. */
export async function startContainer(podman: Podman, options: ContainerOptions): Promise<Container> {
  const name = `souk-${randomUUID()}`;
  const pidFile = join(podman.runDir, `${name}.pid`);
  const confinement: Confinement = {
    hostname: 'algo-1',
    hosts: { 'algo-1': '127.0.0.1' },
    network: 'none',
    ...options,
    name,
    pidFile,
    labels: { [keeperLabel]: keeperName() },
  };
  const outputs = ['out', 'err'].map((stream) => outputPipe(join(podman.runDir, `${name}.${stream}`)));
  const client = spawn(podman.file, podman.args(runArguments(podman, confinement)), {
    // The container's monitor notes in the folder where it was started that memory ran out.
    cwd: podman.runDir,
    stdio: ['ignore', ...outputs.map((o) => o.to)],
    // A signal to our group is for us to pass on.
    detached: true,
  });
  for (const output of outputs) output.given();
  let lastLine = '';
  /** Podman's own, as long as nothing else can speak. */
  const words: string[] = [];
  let started = false;
  let over: ContainerEndKind | undefined;
  let keeper: Keeper | undefined;
  let ignoredTerm = false;
  const kill = (why: ContainerEndKind) => {
    over ??= why;
    send('SIGKILL');
  };
  /** To this process and no other that was given its number since. */
  const send = (which: 'SIGTERM' | 'SIGKILL') => {
    if (mark !== undefined && startOf(pid) === mark) signal(podman, name, pid, which);
  };
  const onLines = (some: readonly string[]) => {
    if (!started) words.push(...some);
    lastLine = some.findLast((line) => line.trim() !== '')?.slice(0, lastLineCharsMax) ?? lastLine;
    options.onLines(some);
  };
  const allowed = (bytes: number) => {
    const within = options.logAllowed(bytes);
    if (!within) kill('log');
    return within;
  };
  let pid = 0;
  let mark: string | undefined;
  const reading = outputs.map(({ from }) => readLines(from, onLines, allowed).catch(() => undefined));
  const code = await exitOf(client);
  pid = existsSync(pidFile) ? Number(readFileSync(pidFile, 'utf8')) : 0;
  rmSync(pidFile, { force: true });
  const nothing: Seen = { memoryPeakBytes: 0, processesMax: 0, networkTries: 0 };
  if (code !== 0) {
    await Promise.race([Promise.all(reading), sleep(1000)]);
    const said = words.filter((line) => !line.startsWith('time=')).at(-1) ?? `podman ended with code ${code}`;
    await podman.run(['rm', '--force', '--ignore', '--time', '0', name]).catch(() => undefined);
    if (!ofTheImage.test(said)) throw new PodmanError(said);
    const end = {
      kind: 'not-started' as const,
      exitCode: code,
      words: said,
      lastLine,
      seen: nothing,
      ignoredTerm,
    };
    const ended = Promise.resolve(end);
    return {
      pid: 0,
      name,
      ended,
      seen: () => nothing,
      ask: () => undefined,
      stop: () => ended,
      kill: () => ended,
    };
  }
  started = true;
  mark = startOf(pid);
  if (over !== undefined) kill(over);
  // Asked for while it is watched already: what forks fast does so in the meantime.
  const upper = podman
    .run(['container', 'inspect', '--format', '{{.GraphDriver.Data.UpperDir}}', name])
    .catch(() => undefined);
  const watch = watchContainer(
    {
      pid,
      memoryBytesMax: options.memoryMb * 1024 * 1024,
      processesMax: options.processesMax,
      diskBytesMax: options.diskBytesMax,
      folders: upper.then((folder) => [...(folder ? [folder] : []), ...(options.written ?? [])]),
    },
    kill,
  );
  if (mark !== undefined)
    keeper = await startKeeper(podman, { pid, started: mark, graceMs: options.graceMs, ...options.serve });
  // Without its keeper nobody could reach it, and nothing would end it with us.
  void keeper?.lost.then(() => startOf(pid) === mark && kill('killed'));

  const ended = (async (): Promise<ContainerEnd> => {
    while (mark !== undefined && startOf(pid) === mark) await sleep(50);
    const seen = watch.seen();
    watch.stop();
    keeper?.end();
    const state =
      over === undefined || over === 'stopped'
        ? await outcome(podman, name)
        : { exitCode: 137, outOfMemory: false };
    await Promise.race([Promise.all(reading), sleep(readingMsMax)]);
    await podman.run(['rm', '--force', '--ignore', '--time', '0', name]).catch(() => undefined);
    // What forks fast is over before it is looked at: then its own last words are all that tells.
    const forked = seen.processesMax >= options.processesMax || refusedFork.test(lastLine);
    // Nobody of us has killed it, and podman misses the kernel's word where its process is short of time.
    const outOfMemory =
      state.outOfMemory ||
      (state.exitCode === killedCode && seen.memoryPeakBytes > options.memoryMb * 1024 * 1024 * fullShare);
    // Where nothing more can be started, its keeper may be the one that goes first.
    const why = over === 'killed' && forked ? 'processes' : over;
    const kind = why ?? (outOfMemory ? 'memory' : forked ? 'processes' : 'itself');
    return { kind, exitCode: state.exitCode, words: '', lastLine, seen, ignoredTerm };
  })();

  return {
    pid,
    name,
    ended,
    seen: () => watch.seen(),
    ask: () => send('SIGTERM'),
    async stop(graceMs = options.graceMs) {
      over ??= 'stopped';
      send('SIGTERM');
      const inTime = await Promise.race([ended, sleep(graceMs, undefined, { ref: false })]);
      if (inTime !== undefined) return inTime;
      ignoredTerm = startOf(pid) === mark;
      send('SIGKILL');
      return await ended;
    },
    kill() {
      kill('killed');
      return ended;
    },
  };
}

function exitOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

/** Its first process takes all others along. As another user than root we are not always allowed to; podman then is. */
function signal(podman: Podman, name: string, pid: number, which: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, which);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EPERM')
      void podman.run(['kill', '--signal', which, name]).catch(() => undefined);
  }
}

async function outcome(podman: Podman, name: string): Promise<{ exitCode: number; outOfMemory: boolean }> {
  try {
    await podman.run(['wait', name]);
    const text = await podman.run([
      'container',
      'inspect',
      '--format',
      '{{.State.ExitCode}} {{.State.OOMKilled}}',
      name,
    ]);
    const [code, outOfMemory] = text.split(' ');
    return { exitCode: Number(code), outOfMemory: outOfMemory === 'true' };
  } catch {
    return { exitCode: -1, outOfMemory: false };
  }
}
