import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bytesBelow } from '../training/opt-ml.ts';

export type Excess = 'memory' | 'disk' | 'processes';

export interface WatchedContainer {
  readonly pid: number;
  readonly memoryBytesMax: number;
  readonly processesMax: number;
  readonly diskBytesMax: number;
  /** Where it writes: the upper layer of its root, and what it was given to write to. */
  readonly folders: Promise<readonly string[]>;
}

export interface Seen {
  readonly memoryPeakBytes: number;
  readonly processesMax: number;
  /** How often something in it asked for an address outside; there is no way there. */
  readonly networkTries: number;
}

const lookMs = 100;
/** While its memory fills: how full it was is all that tells why the kernel has killed it, once it is gone. */
const lookCloselyMs = 10;
const lookAtDiskMs = 400;

/**
 * Looks at a container from outside, by the files that the kernel keeps of it. The kernel holds it to its memory; that something in
 * it was ended for that, its processes and its disk are seen here: control groups for processes are not everywhere, and a size
 * limit on the overlay needs a file system that few have.
 */
export function watchContainer(watched: WatchedContainer, exceeded: (excess: Excess) => void) {
  const group = memoryGroupOf(watched.pid);
  let seen: Seen = { memoryPeakBytes: 0, processesMax: 0, networkTries: 0 };
  let ended = false;
  const end = (excess?: Excess) => {
    if (ended) return;
    ended = true;
    clearTimeout(timer);
    clearTimeout(diskTimer);
    if (excess) exceeded(excess);
  };
  const look = () => {
    const before = seen.memoryPeakBytes;
    const processes = numberOfLines(readText(join(group, 'cgroup.procs')));
    seen = {
      memoryPeakBytes: Math.max(seen.memoryPeakBytes, peakBytes(group)),
      processesMax: Math.max(seen.processesMax, processes),
      networkTries: Math.max(seen.networkTries, networkTries(watched.pid)),
    };
    if (killedForMemory(group)) return end('memory');
    if (processes > watched.processesMax || refusedProcesses(watched.pid)) return end('processes');
    const filling = seen.memoryPeakBytes > watched.memoryBytesMax / 4 && seen.memoryPeakBytes > before;
    timer = setTimeout(look, filling ? lookCloselyMs : lookMs);
  };
  const lookAtDisk = async () => {
    let bytes = 0;
    for (const folder of await watched.folders) bytes += await bytesBelow(folder);
    if (bytes > watched.diskBytesMax) return end('disk');
    if (!ended) diskTimer = setTimeout(() => void lookAtDisk(), lookAtDiskMs);
  };
  let timer: NodeJS.Timeout = setTimeout(look, 0);
  let diskTimer: NodeJS.Timeout = setTimeout(() => void lookAtDisk(), lookAtDiskMs);
  return {
    stop: () => end(),
    /** What was seen so far; looks once more while it lives. */
    seen(): Seen {
      const tries = networkTries(watched.pid);
      seen = { ...seen, networkTries: Math.max(seen.networkTries, tries) };
      return seen;
    },
  };
}

/** The moment a process was started, in ticks since boot: together with its pid it names it for ever. Undefined: it is gone. */
export function startOf(pid: number): string | undefined {
  const stat = readText(`/proc/${pid}/stat`).split(') ')[1]?.split(' ');
  return stat === undefined || stat[0] === 'Z' ? undefined : stat[19];
}

/** Where the kernel counts this process's memory: version 2 has one tree, version 1 one per resource. */
function memoryGroupOf(pid: number): string {
  const lines = readText(`/proc/${pid}/cgroup`).split('\n');
  const first = lines.find((line) => /^\d+:([^:]*,)?memory(,[^:]*)?:/.test(line));
  if (first) return join('/sys/fs/cgroup/memory', first.split(':')[2] ?? '/');
  return join('/sys/fs/cgroup', lines.find((line) => line.startsWith('0::'))?.slice(3) ?? '/');
}

const killedForMemory = (group: string) =>
  /^oom_kill [1-9]/m.test(readText(join(group, 'memory.events'))) ||
  /^oom_kill [1-9]/m.test(readText(join(group, 'memory.oom_control')));

const peakBytes = (group: string) =>
  Number(
    readText(join(group, 'memory.peak')) ||
      readText(join(group, 'memory.max_usage_in_bytes')) ||
      readText(join(group, 'memory.current')) ||
      0,
  );

/** The kernel counts here how often it refused one more process. */
function refusedProcesses(pid: number): boolean {
  const line = readText(`/proc/${pid}/cgroup`)
    .split('\n')
    .find((l) => /^\d+:pids:/.test(l) || l.startsWith('0::'));
  const [, kind = '', path = ''] = line?.split(':') ?? [];
  const folder = join('/sys/fs/cgroup', kind, path);
  return /^max [1-9]/m.test(readText(join(folder, 'pids.events')));
}

/** Connections and datagrams that found no route, of both protocols. */
export function networkTries(pid: number): number {
  const [names = '', values = ''] = readText(`/proc/${pid}/net/snmp`)
    .split('\n')
    .filter((line) => line.startsWith('Ip:'));
  const four = values.split(' ')[names.split(' ').indexOf('OutNoRoutes')];
  const six = /^Ip6OutNoRoutes\s+(\d+)/m.exec(readText(`/proc/${pid}/net/snmp6`))?.[1];
  return Number(four ?? 0) + Number(six ?? 0);
}

const numberOfLines = (text: string) => text.split('\n').length - 1;

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
