import { constants } from 'node:fs';
import { chmod, lstat, mkdir, open, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TrainingRun } from './training.ts';

/** What a training finds below /opt/ml and leaves there, laid out in its work folder. */
export const failureCharsMax = 1024;

/** `data` is the folder of the channels: their mount points, and the pipes of those that are piped. */
export type WorkPart = 'config' | 'data' | 'model' | 'output' | 'tmp' | 'shm';
const parts: readonly WorkPart[] = ['config', 'data', 'model', 'output', 'tmp', 'shm'];

export const folderOf = (workDir: string, part: WorkPart) => join(workDir, part);

export const hostNames = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => `algo-${i + 1}`);

export interface HostNetwork {
  /** Which of the hosts this layout is for, from 1. */
  readonly host?: number;
  /** By which its peers reach it; `lo` where there are none. */
  readonly interface?: string;
}

/**
 * Lays out what a training finds, for one of its hosts. Every value of a hyperparameter is text, whatever its type: programs that run
 * elsewhere rely on it.
 */
export async function layOut(
  run: Pick<TrainingRun, 'workDir' | 'channels' | 'hyperParameters' | 'hosts'>,
  network: HostNetwork = {},
) {
  for (const part of parts) await mkdir(folderOf(run.workDir, part), { recursive: true });
  await mkdir(join(folderOf(run.workDir, 'output'), 'data'), { recursive: true });
  for (const c of run.channels)
    if (c.inputMode !== 'Pipe') await mkdir(join(folderOf(run.workDir, 'data'), c.name), { recursive: true });
  const config = (name: string, content: unknown) =>
    writeFile(join(folderOf(run.workDir, 'config'), name), JSON.stringify(content));
  await config('hyperparameters.json', run.hyperParameters);
  await config(
    'inputdataconfig.json',
    Object.fromEntries(
      run.channels.map((c) => [
        c.name,
        {
          ...(c.contentType === undefined ? {} : { ContentType: c.contentType }),
          TrainingInputMode: c.inputMode,
          CompressionType: c.compression,
          S3DistributionType: 'FullyReplicated',
          RecordWrapperType: 'None',
        },
      ]),
    ),
  );
  await config('resourceconfig.json', {
    current_host: `algo-${network.host ?? 1}`,
    hosts: hostNames(run.hosts),
    network_interface_name: network.interface ?? 'lo',
  });
}

/** The program may leave a link or a pipe under this name: neither is followed or waited for. */
export async function readFailure(outputFolder: string): Promise<string | null> {
  const path = join(outputFolder, 'failure');
  try {
    if (!(await lstat(path)).isFile()) return null;
    const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const { buffer, bytesRead } = await handle.read(
        Buffer.alloc(failureCharsMax * 4),
        0,
        failureCharsMax * 4,
      );
      const text = [...buffer.toString('utf8', 0, bytesRead)].slice(0, failureCharsMax).join('').trim();
      return text === '' ? null : text;
    } finally {
      await handle.close();
    }
  } catch {
    return null;
  }
}

/** Bytes on disk below a folder; what vanishes while it is counted is not there. */
export async function bytesBelow(folder: string): Promise<number> {
  let bytes = 0;
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) bytes += await bytesBelow(path);
    else {
      const found = await lstat(path).catch(() => null);
      // Blocks, not length: a file of holes takes no disk, a million empty ones do.
      bytes += found === null ? 0 : Math.max(found.blocks * 512, 512);
    }
  }
  return bytes;
}

/** A program may take away its own folders' permissions, which keeps all but root from removing them. */
export async function removeWorkDir(workDir: string): Promise<void> {
  try {
    await rm(workDir, { recursive: true, force: true });
  } catch {
    await openUp(workDir);
    await rm(workDir, { recursive: true, force: true });
  }
}

async function openUp(folder: string): Promise<void> {
  await chmod(folder, 0o700);
  for (const entry of await readdir(folder, { withFileTypes: true }))
    if (entry.isDirectory()) await openUp(join(folder, entry.name));
}
