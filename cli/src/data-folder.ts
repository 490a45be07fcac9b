import { existsSync, statSync } from 'node:fs';
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Failure } from './failure.ts';

/**
 * Where souk keeps what it remembers: $SOUK_DATA, else the nearest `.souk` above, so that `souk push` in a product's folder
 * finds the sign-in made in the checkout's.
 */
export function findDataFolder(cwd: string, given: string | undefined): string {
  if (given) return resolve(cwd, given);
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    const path = join(folder, '.souk');
    if (existsSync(path) && statSync(path).isDirectory()) return path;
    if (folder === dirname(folder)) return resolve(cwd, '.souk');
  }
}

export async function readJson(path: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Failure({
      kind: 'invalid',
      code: 'cli.file_broken',
      message: `${path} is not JSON.`,
      remedy: 'Mend it, or remove it and sign in again.',
      cause,
    });
  }
}

/** Whole or not at all, and readable by its owner only: it may hold keys. */
export async function writePrivateJson(path: string, value: unknown): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  await chmod(temporary, 0o600);
  await rename(temporary, path);
}
