import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Keeps a process and its children below so many bytes. The kernel does it where this process may make a control group
 * (version 2, memory delegated); elsewhere we look at /proc and end the tree ourselves, which a very fast allocation can
 * outrun by one look.
 */
export interface MemoryGroup {
  /** The command that joins the group before it becomes the given one. */
  joining(file: string, args: readonly string[]): { file: string; args: string[] };
  /** True when the kernel ended something in it for want of memory. */
  wasExceeded(): boolean;
  remove(): void;
}

let groups = 0;

export function openMemoryGroup(bytesMax: number, root = '/sys/fs/cgroup'): MemoryGroup | undefined {
  const folder = join(root, `souk-${process.pid}-${++groups}`);
  try {
    if (!readFileSync(join(root, 'cgroup.subtree_control'), 'utf8').split(/\s+/).includes('memory'))
      return undefined;
    mkdirSync(folder);
    writeFileSync(join(folder, 'memory.max'), `${bytesMax}`);
    writeFileSync(join(folder, 'memory.oom.group'), '1');
  } catch {
    return undefined;
  }
  return {
    joining: (file, args) => ({
      file: '/bin/sh',
      args: ['-c', 'echo $$ > "$0/cgroup.procs" && exec "$@"', folder, file, ...args],
    }),
    wasExceeded() {
      const events = readText(join(folder, 'memory.events'));
      return /^oom_kill [1-9]/m.test(events);
    },
    remove() {
      try {
        rmdirSync(folder);
      } catch {
        // The kernel keeps it until the last process is gone; an empty group costs nothing.
      }
    },
  };
}

/** Watches the tree below `pid` and calls back once when it is over the limit. Returns what ends the watch. */
export function watchMemory(pid: number, bytesMax: number, exceeded: (bytes: number) => void): () => void {
  let timer: NodeJS.Timeout;
  const look = () => {
    const bytes = residentBytes(pid);
    if (bytes > bytesMax) return exceeded(bytes);
    // Looking costs about 0.1 ms: seldom while there is room, often when it gets close.
    timer = setTimeout(look, bytes < bytesMax / 2 ? 500 : 50);
    timer.unref();
  };
  look();
  return () => clearTimeout(timer);
}

/** Memory of a process and all its descendants; 0 when it is gone or the system has no /proc. */
export function residentBytes(pid: number): number {
  let bytes = 0;
  for (const id of processTree(pid)) {
    const found = /^VmRSS:\s+(\d+) kB/m.exec(readText(`/proc/${id}/status`));
    bytes += Number(found?.[1] ?? 0) * 1024;
  }
  return bytes;
}

export function processTree(pid: number): number[] {
  const tree = [pid];
  for (let i = 0; i < tree.length; i++) {
    const children = readText(`/proc/${tree[i]}/task/${tree[i]}/children`);
    for (const child of children.split(' ')) if (child !== '') tree.push(Number(child));
  }
  return tree;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
