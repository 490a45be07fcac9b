import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A control group for a program that runs in the sandbox: the kernel holds its memory and how many it is, however fast it forks. What
 * it refuses is seen in `excess`. There is none where Souk may not make one; then `watchTraining` has only its looks.
 */
export interface ControlGroup {
  /** The command that joins the group before it becomes the given one. */
  joining<C extends { readonly file: string; readonly args: readonly string[] }>(command: C): C;
  /** What the kernel has refused it since it began. */
  excess(): 'memory' | 'processes' | undefined;
  /** Goes with its last process, which may take a moment after a kill. */
  remove(): void;
}

interface Bounds {
  readonly memoryBytesMax: number;
  readonly processesMax: number;
}

/**
 * The kernel counts threads as well, a looker processes: a program of numbers has a few threads each. What forks without end reaches this
 * within milliseconds all the same.
 */
const threadsOfEach = 4;
const removeAgainMs = 200;
const removeTriesMax = 50;

let groups = 0;

export function openControlGroup(bounds: Bounds, root = '/sys/fs/cgroup'): ControlGroup | undefined {
  const folders = foldersOf(root);
  if (!folders) return undefined;
  for (const parent of new Set(Object.values(folders))) removeLeft(parent);
  const name = `souk-run-${process.pid}-${++groups}`;
  const own = { pids: join(folders.pids, name), memory: join(folders.memory, name) };
  const all = [...new Set(Object.values(own))];
  const isOne = all.length === 1;
  const remove = (tries = 0) => {
    const left = all.filter((folder) => !removed(folder));
    if (left.length > 0 && tries < removeTriesMax) setTimeout(() => remove(tries + 1), removeAgainMs).unref();
  };
  try {
    for (const folder of all) mkdirSync(folder);
    writeFileSync(join(own.pids, 'pids.max'), `${bounds.processesMax * threadsOfEach}`);
    writeFileSync(
      join(own.memory, isOne ? 'memory.max' : 'memory.limit_in_bytes'),
      `${bounds.memoryBytesMax}`,
    );
    if (isOne) writeFileSync(join(own.memory, 'memory.oom.group'), '1');
  } catch {
    remove();
    return undefined;
  }
  const killed = isOne ? 'memory.events' : 'memory.oom_control';
  return {
    joining: (command) => ({
      ...command,
      file: '/bin/sh',
      args: [
        '-c',
        // One that cannot be joined is not the program's fault: it is looked at, as where there is none.
        `{ ${all.map((_, i) => `echo $$ > "$${i + 1}/cgroup.procs"`).join('; ')}; } 2>/dev/null; shift ${all.length}; exec "$@"`,
        'sh',
        ...all,
        command.file,
        ...command.args,
      ],
    }),
    excess() {
      if (/^oom_kill [1-9]/m.test(read(join(own.memory, killed)))) return 'memory';
      return /^max [1-9]/m.test(read(join(own.pids, 'pids.events'))) ? 'processes' : undefined;
    },
    remove: () => remove(),
  };
}

/** Where groups may be made: version 2 with both controllers handed down, or those of version 1 below our own. */
function foldersOf(root: string): { pids: string; memory: string } | undefined {
  const handedDown = read(join(root, 'cgroup.subtree_control')).trim().split(/\s+/);
  if (handedDown.includes('pids') && handedDown.includes('memory')) return { pids: root, memory: root };
  const own = read('/proc/self/cgroup').split('\n');
  const pathOf = (controller: string) => {
    const line = own.find((l) => l.split(':')[1]?.split(',').includes(controller));
    const folder = line && join(root, controller, line.split(':').slice(2).join(':'));
    return folder && existsSync(join(folder, 'cgroup.procs')) ? folder : undefined;
  };
  const [pids, memory] = [pathOf('pids'), pathOf('memory')];
  return pids && memory ? { pids, memory } : undefined;
}

/** Groups of a Souk that was killed: empty by now, since what ran in them ended with it. */
function removeLeft(parent: string): void {
  const names = (() => {
    try {
      return readdirSync(parent);
    } catch {
      return [];
    }
  })();
  for (const name of names) {
    const pid = /^souk-run-(\d+)-\d+$/.exec(name)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) removed(join(parent, name));
  }
}

function removed(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch {
    return !existsSync(folder);
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
