import { execFile } from 'node:child_process';
import { existsSync, lstatSync, readlinkSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

/**
 * Runs a command that handles other people's files with as little as possible around it: no network, no environment, its
 * own processes, a file system of the few folders it was given. Done by bubblewrap where that is installed and works;
 * where not, the status says why, and whoever starts the command records it.
 */
export type Sandbox =
  | {
      readonly kind: 'bubblewrap';
      readonly path: string;
      readonly version: string;
      readonly flags: readonly string[];
    }
  | { readonly kind: 'none'; readonly reason: string };

export interface Confined {
  readonly command: readonly [string, ...string[]];
  /** Files and folders that exist inside, at their own paths, read-only. */
  readonly readOnly: readonly string[];
  readonly writable: readonly string[];
  /** Files and folders that exist inside under other paths. */
  readonly mounts?: readonly Mount[];
  /**
   * Nothing can be written outside the writable folders, not even into memory, where no limit on disk would see it. There is no
   * /tmp and no /dev/shm then unless they are among the mounts.
   */
  readonly sealed?: boolean;
  /** Where the command starts; else /tmp. */
  readonly workDir?: string;
  /** The whole environment; nothing is inherited. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface Mount {
  readonly from: string;
  readonly to: string;
  readonly writable?: boolean;
}

export interface Spawnable {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

const alone = [
  '--unshare-net',
  '--unshare-pid',
  '--unshare-ipc',
  '--unshare-uts',
  '--unshare-cgroup-try',
  '--hostname',
  'sandbox',
  '--new-session',
  '--die-with-parent',
  '--cap-drop',
  'ALL',
];

/** The best first: as nobody in a user namespace that allows no further one; without one, only root may do the rest. */
const levels: readonly (readonly string[])[] = [
  ['--unshare-user', '--uid', '65534', '--gid', '65534', '--disable-userns', ...alone],
  ['--unshare-user', '--uid', '65534', '--gid', '65534', ...alone],
  alone,
];

const run = promisify(execFile);
let probed: Promise<Sandbox> | undefined;

/** Looked for once per process: neither the tool nor the kernel's answer changes while we run. */
export function findSandbox(): Promise<Sandbox> {
  probed ??= probe(process.env.PATH ?? '');
  return probed;
}

export async function probe(searchPath: string): Promise<Sandbox> {
  if (process.platform !== 'linux')
    return { kind: 'none', reason: `bubblewrap needs Linux, this is ${process.platform}` };
  const path = searchPath
    .split(delimiter)
    .map((folder) => join(folder, 'bwrap'))
    .find((candidate) => existsSync(candidate));
  if (path === undefined)
    return { kind: 'none', reason: 'bubblewrap (bwrap) is not installed: install the package bubblewrap' };
  let refusal = '';
  for (const flags of levels)
    try {
      const { stdout } = await run(path, ['--version'], { timeout: 5000 });
      await run(path, [...flags, '--ro-bind', '/', '/', '--proc', '/proc', '--dev', '/dev', '/bin/true'], {
        timeout: 5000,
      });
      return { kind: 'bubblewrap', path, version: stdout.trim().replace('bubblewrap ', ''), flags };
    } catch (error) {
      const { stderr, message } = error as { stderr?: string; message: string };
      refusal = (stderr || message).trim();
    }
  return { kind: 'none', reason: `bubblewrap does not work here: ${refusal}` };
}

/** What to spawn so that the command runs confined, or plainly where there is no sandbox. */
export function confine(sandbox: Sandbox, confined: Confined): Spawnable {
  const { command, readOnly, writable, environment, mounts: others = [], sealed = false } = confined;
  const [file, ...args] = command;
  if (sandbox.kind === 'none') return { file, args, env: environment };
  const mounts = [
    ...systemLibraries(),
    '--proc',
    '/proc',
    '--dev',
    '/dev',
    ...(sealed ? [] : ['--tmpfs', '/tmp']),
    // After /tmp, so that folders below it can be given too.
    ...readOnly.flatMap((path) => ['--ro-bind', path, path]),
    ...writable.flatMap((path) => ['--bind', path, path]),
    ...others.flatMap(({ from, to, writable: mayWrite }) => [mayWrite ? '--bind' : '--ro-bind', from, to]),
    ...(sealed ? ['--remount-ro', '/dev', '--remount-ro', '/'] : []),
    '--chdir',
    confined.workDir ?? '/tmp',
  ];
  return { file: sandbox.path, args: [...sandbox.flags, ...mounts, '--', ...command], env: environment };
}

/** Shared libraries and their loader, wherever the distribution keeps them; links stay links. */
function systemLibraries(): string[] {
  const mounts: string[] = [];
  for (const path of [
    '/usr/lib',
    '/usr/lib64',
    '/usr/lib32',
    '/lib',
    '/lib64',
    '/etc/ld.so.cache',
    '/nix/store',
    // onnxruntime asks here what the processor can do.
    '/sys/devices/system/cpu',
  ]) {
    if (!existsSync(path)) continue;
    if (lstatSync(path).isSymbolicLink()) mounts.push('--symlink', readlinkSync(path), path);
    else mounts.push('--ro-bind', path, path);
  }
  return mounts;
}
