import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Podman } from '../../../platform/podman.ts';

export interface Keeper {
  /** It ended without being told to. */
  readonly lost: Promise<void>;
  end(): void;
}

const program = fileURLToPath(new URL('./keeper.main.ts', import.meta.url));

export interface KeptContainer {
  readonly pid: number;
  readonly started: string;
  readonly graceMs: number;
  readonly unix?: string;
  readonly port?: number;
}

/** Starts what stands between us and a container, in the container's own network. */
export async function startKeeper(podman: Podman, kept: KeptContainer): Promise<Keeper> {
  const command = [
    process.execPath,
    // It keeps bytes on their way and nothing else.
    ...['--max-old-space-size=64', '--max-semi-space-size=1', '--disable-warning=ExperimentalWarning'],
    program,
    ...['--pid', `${kept.pid}`, '--started', kept.started, '--grace', `${kept.graceMs}`],
    ...(kept.unix === undefined ? [] : ['--unix', kept.unix, '--port', `${kept.port ?? 8080}`]),
  ];
  const entering =
    kept.unix === undefined ? command : ['nsenter', `--net=/proc/${kept.pid}/ns/net`, ...command];
  // As another user the network belongs to podman's user namespace, which only podman can enter.
  const [file = '', ...args] =
    podman.rootless && kept.unix !== undefined
      ? [podman.file, ...podman.args(['unshare', ...entering])]
      : entering;
  const child = spawn(file, args, {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: podman.environment,
    // Ctrl-C is for us; it waits for what we make of it.
    detached: true,
  });
  child.stdin.on('error', () => undefined);
  let wanted = true;
  const gone = new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('exit', () => resolve());
  });
  await Promise.race([
    gone,
    new Promise<void>((resolve) => createInterface({ input: child.stdout }).once('line', () => resolve())),
  ]);
  return {
    lost: gone.then(() => (wanted ? undefined : new Promise<void>(() => undefined))),
    end() {
      wanted = false;
      child.stdin.end();
    },
  };
}
