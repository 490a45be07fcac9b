import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { JobDefinition } from '../../platform/jobs.ts';
import type { Uploads } from './uploads.service.ts';

const dayMs = 24 * 3600 * 1000;

export function uploadJobs(uploads: Uploads): JobDefinition[] {
  return [
    {
      name: 'uploads-expire',
      cron: '17 3 * * *',
      run: async () => uploads.removeExpired(await oldFiles(uploads.folder)),
    },
  ];
}

/** Files that nothing was written to for a day: younger ones may belong to an upload that begins this moment. */
async function oldFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const old: string[] = [];
  for (const name of names) {
    const found = await stat(join(folder, name)).catch(() => undefined);
    if (found && Date.now() - found.mtimeMs > dayMs) old.push(name);
  }
  return old;
}
