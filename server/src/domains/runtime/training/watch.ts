import { readFileSync } from 'node:fs';
import { processTree } from '../memory-limit.ts';
import { bytesBelow } from './opt-ml.ts';
import type { TrainingEndKind } from './training.ts';

export interface Watched {
  readonly pid: number;
  /** Everything that it may write to. */
  readonly folders: readonly string[];
  readonly memoryBytesMax: number;
  readonly diskBytesMax: number;
  readonly processesMax: number;
  /** What the kernel has refused, where it holds them. */
  readonly refused?: (() => 'memory' | 'processes' | undefined) | undefined;
}

/** Looking costs about 0.2 ms for ten processes: often enough that a fast program overshoots by little. */
const lookMs = 50;
const lookAtDiskMs = 200;

/**
 * Looks at memory, processes and disk of a training and calls back once when one is over its limit. Where there is a control
 * group (`control-group.ts`) the kernel holds memory and processes, and this only hears of it; elsewhere looking is all there is, since the
 * limit of a user's processes does not bind a sandbox that root started.
 */
export function watchTraining(watched: Watched, exceeded: (kind: TrainingEndKind) => void) {
  let ended = false;
  let peak = 0;
  const end = (kind?: TrainingEndKind) => {
    if (ended) return;
    ended = true;
    clearTimeout(timer);
    clearTimeout(diskTimer);
    if (kind) exceeded(kind);
  };
  const look = () => {
    const refused = watched.refused?.();
    if (refused) return end(refused);
    const tree = processTree(watched.pid);
    if (tree.length > watched.processesMax) return end('processes');
    const bytes = tree.reduce((sum, pid) => sum + residentBytesOf(pid), 0);
    peak = Math.max(peak, bytes);
    if (bytes > watched.memoryBytesMax) return end('memory');
    timer = setTimeout(look, lookMs);
  };
  const lookAtDisk = async () => {
    let bytes = 0;
    for (const folder of watched.folders) bytes += await bytesBelow(folder);
    if (bytes > watched.diskBytesMax) return end('disk');
    if (!ended) diskTimer = setTimeout(() => void lookAtDisk(), lookAtDiskMs);
  };
  let timer: NodeJS.Timeout = setTimeout(look, 0);
  let diskTimer: NodeJS.Timeout = setTimeout(() => void lookAtDisk(), lookAtDiskMs);
  return { stop: () => end(), peakBytes: () => peak };
}

function residentBytesOf(pid: number): number {
  try {
    const [, pages = '0'] = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ');
    return Number(pages) * 4096;
  } catch {
    return 0;
  }
}
