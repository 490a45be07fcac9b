import { readdirSync, readFileSync } from 'node:fs';

export interface ProcessMemory {
  readonly pid: number;
  readonly command: string;
  readonly rssMb: number;
  /** Pages shared by several processes are counted in parts, so that the sum is what the machine gives. */
  readonly pssMb: number;
}

/** A process and everything below it. */
export function memoryOfTree(top: number): ProcessMemory[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc'))
    if (/^\d+$/.test(name)) {
      const parent = Number(/^PPid:\s*(\d+)$/m.exec(read(`/proc/${name}/status`))?.[1]);
      if (parent) parents.set(Number(name), parent);
    }
  const below = (pid: number): number[] => [
    pid,
    ...[...parents].filter(([, parent]) => parent === pid).flatMap(([child]) => below(child)),
  ];
  return below(top).map((pid) => {
    const rollup = read(`/proc/${pid}/smaps_rollup`);
    const mb = (field: string) =>
      Number(new RegExp(`^${field}:\\s*(\\d+) kB$`, 'm').exec(rollup)?.[1] ?? 0) / 1024;
    return {
      pid,
      command: read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim(),
      rssMb: mb('Rss'),
      pssMb: mb('Pss'),
    };
  });
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // It ended while we looked.
    return '';
  }
}
