import { type ExecFileException, execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { delimiter, join } from 'node:path';

/** Podman with a store of images and containers of its own: what else runs on this computer is neither seen nor touched. */
export interface Podman {
  readonly version: string;
  readonly runtime: string;
  readonly rootless: boolean;
  /** What this process keeps in its own folder: names, pid files. */
  readonly runDir: string;
  readonly file: string;
  /** For what is started beside it: where its parts are found, and whose it is. */
  readonly environment: Readonly<Record<string, string>>;
  args(args: readonly string[]): string[];
  /** Its answer; rejects with its own words. */
  run(args: readonly string[], timeoutMs?: number): Promise<string>;
}

export type FoundPodman = Podman | { readonly missing: string };

export class PodmanError extends Error {}

export const installCommand = 'sh scripts/system-deps.sh containers';
const versionMin = 4;
const commandTimeoutMs = 60_000;

/**
 * Looks for podman and whether it can hold a container to its limits here. `dataDir` holds the store; what must not survive a
 * restart of the computer goes below /run, or is thrown away when the computer has been started since.
 */
export async function findPodman(dataDir: string, searchPath = process.env.PATH ?? ''): Promise<FoundPodman> {
  if (process.platform !== 'linux') return { missing: `containers need Linux, this is ${process.platform}` };
  const path = `${searchPath}${delimiter}/usr/sbin${delimiter}/sbin`;
  const find = (name: string) =>
    path
      .split(delimiter)
      .map((folder) => join(folder, name))
      .find((file) => existsSync(file));
  const file = find('podman');
  if (file === undefined) return { missing: `podman is not installed: ${installCommand}` };
  if (find('nsenter') === undefined)
    return { missing: 'nsenter is not installed: apt-get install util-linux' };
  const store = join(dataDir, 'containers');
  const runDir = runFolder(dataDir, store);
  freshSinceBoot(runDir);
  const rootless = process.getuid?.() !== 0;
  const flags = [
    // crun refuses some kernels that runc takes; where only another is installed, podman knows it.
    ...(find('runc') === undefined ? [] : ['--runtime', 'runc']),
    ...['--storage-driver', 'overlay', '--root', join(store, 'root'), '--runroot', join(runDir, 'storage')],
    ...['--tmpdir', join(runDir, 'libpod'), '--events-backend', 'none', '--log-level', 'error'],
    ...(rootless && existsSync('/run/systemd/system') ? [] : ['--cgroup-manager', 'cgroupfs']),
  ];
  const args = (more: readonly string[]) => [...flags, ...more];
  const run = (more: readonly string[], timeoutMs = commandTimeoutMs) =>
    runPodman(file, args(more), timeoutMs);
  try {
    const info = JSON.parse(await run(['info', '--format', 'json'])) as PodmanInfo;
    const version = info.version.Version;
    if (Number(version.split('.')[0]) < versionMin)
      return { missing: `podman ${version} is too old: ${versionMin}.0 or newer is needed` };
    if (!info.host.cgroupControllers?.includes('memory'))
      return {
        missing:
          'podman cannot limit memory here (no memory control group): run Souk as root, or delegate control groups (version 2) to its user',
      };
    const environment = {
      PATH: path,
      HOME: homedir(),
      XDG_RUNTIME_DIR: join('/run/user', `${userInfo().uid}`),
    };
    return { version, runtime: info.host.ociRuntime.name, rootless, runDir, file, environment, args, run };
  } catch (error) {
    return { missing: `podman does not work here: ${(error as Error).message}` };
  }
}

interface PodmanInfo {
  readonly version: { readonly Version: string };
  readonly host: {
    readonly cgroupControllers?: readonly string[];
    readonly ociRuntime: { readonly name: string };
  };
}

function runPodman(file: string, args: readonly string[], timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(
      file,
      args,
      { timeout: timeoutMs, maxBuffer: 16 * 1024 * 1024 },
      (error: ExecFileException | null, stdout, stderr) => {
        if (!error) return resolve(stdout.trim());
        const words = stderr.trim().split('\n').at(-1) || error.message;
        reject(new PodmanError(error.killed ? `podman gave no answer within ${timeoutMs / 1000} s` : words));
      },
    );
  });
}

/** Short, since sockets lie below it. */
function runFolder(dataDir: string, store: string): string {
  const name = `souk-${createHash('sha256').update(dataDir).digest('hex').slice(0, 12)}`;
  for (const parent of ['/run', join('/run/user', `${userInfo().uid}`)])
    if (isWritable(parent)) return join(parent, name);
  return join(store, 'run');
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** What podman believes to run did not survive a restart of the computer; where /run did, it would never learn. */
function freshSinceBoot(runDir: string): void {
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  const mark = join(runDir, 'boot');
  if (existsSync(mark) && readFileSync(mark, 'utf8') !== boot)
    rmSync(runDir, { recursive: true, force: true });
  mkdirSync(runDir, { recursive: true, mode: 0o700 });
  if (!existsSync(mark)) writeFileSync(mark, boot);
}
