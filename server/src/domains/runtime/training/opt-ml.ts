import { constants } from 'node:fs';
import { chmod, lstat, mkdir, open, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TrainingRun } from './training.ts';

/** What a training finds below /opt/ml and leaves there, laid out in its work folder. */
export const failureCharsMax = 1024;
const host = 'algo-1';

export const folderOf = (workDir: string, part: 'config' | 'model' | 'output' | 'tmp' | 'shm') =>
  join(workDir, part);

/** Every value is text, whatever its type: programs that run elsewhere rely on it. */
export async function layOut(run: Pick<TrainingRun, 'workDir' | 'channels' | 'hyperParameters'>) {
  for (const part of ['config', 'model', 'output', 'tmp', 'shm'] as const)
    await mkdir(folderOf(run.workDir, part), { recursive: true });
  await mkdir(join(folderOf(run.workDir, 'output'), 'data'));
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
    current_host: host,
    hosts: [host],
    network_interface_name: 'lo',
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
