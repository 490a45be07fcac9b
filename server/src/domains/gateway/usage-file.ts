import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface UsageRow {
  readonly subscriptionId: string;
  readonly dimension: string;
  /** Hours since the epoch. */
  readonly hour: number;
  readonly quantity: number;
  readonly clientErrors: number;
  readonly serverErrors: number;
  /** Empty in a file of a gateway that did not tell versions apart. */
  readonly version: string;
  readonly calls: number;
}

/** Usage added up by subscription, dimension and hour. */
export class UsageSums {
  private readonly sums = new Map<string, { -readonly [K in keyof UsageRow]: UsageRow[K] }>();

  add(row: UsageRow): void {
    const key = `${row.subscriptionId}\t${row.dimension}\t${row.hour}\t${row.version}`;
    const sum = this.sums.get(key);
    if (!sum) {
      this.sums.set(key, { ...row });
      return;
    }
    sum.quantity += row.quantity;
    sum.clientErrors += row.clientErrors;
    sum.serverErrors += row.serverErrors;
    sum.calls += row.calls;
  }

  rows(): UsageRow[] {
    return [...this.sums.values()];
  }
}

export const lineOf = (r: UsageRow): string =>
  `${r.subscriptionId}\t${r.dimension}\t${r.hour}\t${r.quantity}\t${r.clientErrors}\t${r.serverErrors}\t${r.version}\t${r.calls}\n`;

const line = /^([^\t]+)\t([^\t]+)\t(\d+)\t(\d+)\t(\d+)\t(\d+)(?:\t([^\t]*)\t(\d+))?$/;

/**
 * A log file added up. The last line of a killed process may be torn: it was never answered, so it does not count. Nor does a
 * line that a failing disk made unreadable: one bad number must not keep the whole file from being ingested.
 */
export function readUsage(file: string): UsageRow[] {
  const sums = new UsageSums();
  for (const text of readFileSync(file, 'utf8').split('\n').slice(0, -1)) {
    const [, subscriptionId, dimension, hour, quantity, clientErrors, serverErrors, version = '', calls = 0] =
      line.exec(text) ?? [];
    if (!subscriptionId || !dimension) continue;
    sums.add({
      subscriptionId,
      dimension,
      hour: Number(hour),
      quantity: Number(quantity),
      clientErrors: Number(clientErrors),
      serverErrors: Number(serverErrors),
      version,
      calls: Number(calls),
    });
  }
  return sums.rows();
}

export interface UsageFile {
  readonly path: string;
  readonly node: string;
  readonly sequence: number;
}

export const usageFile = (folder: string, node: string, sequence: number): UsageFile => ({
  path: join(folder, `usage-${node}-${sequence}.log`),
  node,
  sequence,
});

/** The files in a folder, each writer's in the order in which they were written. */
export function listUsageFiles(folder: string): UsageFile[] {
  const files: UsageFile[] = [];
  for (const name of readdirSync(folder)) {
    const [, node, sequence] = /^usage-(.+)-(\d+)\.log$/.exec(name) ?? [];
    if (node && sequence) files.push(usageFile(folder, node, Number(sequence)));
  }
  return files.sort((a, b) => (a.node === b.node ? a.sequence - b.sequence : a.node < b.node ? -1 : 1));
}

/**
 * A process by pid and time of start, so that a later process with the same pid is told from it. One that is gone, a zombie or
 * unknown to this system has none.
 */
export function processOf(pid: number): string | undefined {
  try {
    const [state, ...fields] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return state === 'Z' || state === 'X' ? undefined : `${pid}-${fields[18]}`;
  } catch {
    return undefined;
  }
}

/** The name of a writer: this process's, and random so that it is never used again, even where /proc is missing. */
export const writerName = (node: string, pid: number, random: string): string =>
  `${node}.${processOf(pid) ?? pid}.${random}`;

/** True while the process that made this name may still write. */
export function isWriting(writer: string): boolean {
  const [identity = ''] = /\d+-\d+(?=\.[^.]*$)/.exec(writer) ?? [];
  return identity !== '' && processOf(Number.parseInt(identity, 10)) === identity;
}
