import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Snapshot, SnapshotData } from './snapshot.ts';

/** What is used of a quota, by subscription, as [end of its period, units]. */
type QuotasUsed = Record<string, readonly [number, number]>;

export interface KeptSnapshot {
  /** Fills the snapshot with what the last gateway knew, where there was one. */
  restore(): void;
  /** Writes the snapshot soon: changes come in groups. */
  save(): void;
  /** Writes at once what is used of these subscriptions' quotas. */
  saveQuotas(subscriptionIds: Iterable<string>): void;
  close(): void;
}

const saveAfterMs = 500;

/**
 * The snapshot on disk, so that a gateway that is started while the database is away serves from what the last one knew. It
 * holds hashes of keys only. What is used of quotas grows with each batch and is a small file beside it: without it a restart
 * would give units back.
 */
export function newKeptSnapshot(
  folder: string,
  snapshot: Snapshot,
  warn: (message: string) => void,
): KeptSnapshot {
  const file = join(folder, 'gateway-snapshot.json');
  const quotasFile = join(folder, 'gateway-quotas.json');
  let used: QuotasUsed = {};
  let timer: ReturnType<typeof setTimeout> | undefined;

  function write() {
    clearTimeout(timer);
    timer = undefined;
    try {
      replace(file, snapshot.data());
    } catch (error) {
      warn(`the snapshot could not be kept: ${(error as Error).message}`);
    }
  }

  return {
    restore() {
      try {
        const data = read<SnapshotData>(file);
        if (!data) return;
        snapshot.replaceAll(data);
        used = read<QuotasUsed>(quotasFile) ?? {};
      } catch (error) {
        warn(`the kept snapshot cannot be read: ${(error as Error).message}`);
      }
      for (const [subscriptionId, [resetsAt, units]] of Object.entries(used)) {
        const quota = snapshot.quota(subscriptionId);
        // Within a period units only grow, so of two the later is the larger.
        if (quota?.resetsAt === resetsAt) quota.used = Math.max(quota.used, units);
      }
    },
    save() {
      timer ??= setTimeout(write, saveAfterMs);
    },
    saveQuotas(subscriptionIds) {
      let changed = false;
      for (const id of subscriptionIds) {
        const quota = snapshot.quota(id);
        if (!quota) continue;
        used[id] = [quota.resetsAt, quota.used];
        changed = true;
      }
      if (changed) replace(quotasFile, used);
    },
    close() {
      if (timer) write();
    },
  };
}

function read<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Whole or not at all: a gateway that is killed here leaves the file before. */
function replace(file: string, value: unknown) {
  const next = `${file}.${process.pid}`;
  writeFileSync(next, JSON.stringify(value), { mode: 0o600 });
  renameSync(next, file);
}
