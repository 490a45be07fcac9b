import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Podman } from '../../../platform/podman.ts';
import type { Mount } from '../../../platform/sandbox.ts';

/** How a container is held: everything that podman is told about it. */
export interface Confinement {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly image: string;
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly mounts: readonly Mount[];
  readonly hostname: string;
  /** Names that resolve; of the container itself, and of its peers where it has any. */
  readonly hosts: Readonly<Record<string, string>>;
  /** `none`, or a network namespace that has no way out either. */
  readonly network: string;
  readonly cpus: number;
  readonly memoryMb: number;
  readonly processesMax: number;
  readonly diskBytesMax: number;
  readonly pidFile: string;
}

/** What a stock nginx and gunicorn need to change their user and open their files, and nothing beyond it. */
const capabilities = 'CHOWN,DAC_OVERRIDE,FOWNER,SETUID,SETGID,KILL,NET_BIND_SERVICE';
const filesMax = 65_536;
/** Of a user, over all containers: podman itself goes down to 32,768 and, where it may not raise it again, takes no more. */
const userProcessesMax = 30_000;

export function runArguments(podman: Podman, c: Confinement): string[] {
  return [
    'run',
    ...['--detach', '--name', c.name, '--pidfile', c.pidFile, '--pull', 'never'],
    ...Object.entries(c.labels).flatMap(([key, value]) => ['--label', `${key}=${value}`]),
    // Its output is our pipe: nothing of podman stands between, and nothing is kept on disk.
    ...['--log-driver', 'passthrough', '--no-healthcheck', '--sdnotify', 'ignore'],
    ...['--network', c.network, '--hostname', c.hostname, '--http-proxy=false'],
    ...Object.entries(c.hosts).flatMap(([host, address]) => ['--add-host', `${host}:${address}`]),
    ...['--ipc', 'private', '--uts', 'private', '--pid', 'private'],
    ...['--cap-drop', 'all', '--cap-add', capabilities, '--security-opt', 'no-new-privileges'],
    ...['--memory', `${c.memoryMb}m`, '--memory-swap', `${c.memoryMb}m`, '--cpus', `${c.cpus}`],
    ...['--shm-size', `${Math.max(64, Math.floor(c.memoryMb / 2))}m`],
    // Above the limit that ends it: refused processes look like any other failure, and are not told apart everywhere.
    ...['--pids-limit', `${c.processesMax * 2}`],
    ...['--ulimit', both('nofile', Math.min(filesMax, hardLimit('open files')))],
    ...[
      '--ulimit',
      both('nproc', Math.min(userProcessesMax, hardLimit('processes'))),
      '--ulimit',
      'core=0:0',
    ],
    // One file at least cannot be larger than all of them together may be.
    ...['--ulimit', both('fsize', c.diskBytesMax)],
    // A volume of the image would lie outside the root that is watched, and outlive the container.
    ...['--image-volume', 'ignore'],
    ...Object.entries(c.environment).flatMap(([key, value]) => ['--env', `${key}=${value}`]),
    ...['--volume', `${resolvConf(podman.runDir)}:/etc/resolv.conf:ro`],
    ...c.mounts.flatMap(({ from, to, writable }) => ['--volume', `${from}:${to}:${writable ? 'rw' : 'ro'}`]),
    c.image,
    ...c.command,
  ];
}

const both = (name: string, limit: number) => `${name}=${limit}:${limit}`;

/** What we were given ourselves: a container cannot be given more. */
function hardLimit(what: 'open files' | 'processes'): number {
  const line = new RegExp(`^Max ${what}\\s+\\S+\\s+(\\S+)`, 'm').exec(
    readFileSync('/proc/self/limits', 'utf8'),
  );
  const limit = Number(line?.[1]);
  return Number.isInteger(limit) ? limit : 1_048_576;
}

/**
 * An address that is nobody's (RFC 5737), so that looking up a name fails at once and is counted. Without a file of ours the image's
 * own would be used, or the name server assumed on the loopback, where tries are not seen.
 */
function resolvConf(runDir: string): string {
  const path = join(runDir, 'resolv.conf');
  writeFileSync(path, 'nameserver 192.0.2.53\noptions timeout:1 attempts:1\n', { mode: 0o644 });
  return path;
}
