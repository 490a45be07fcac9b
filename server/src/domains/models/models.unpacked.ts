import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import type { Blobs } from '../../platform/blobs.ts';
import { type Config, folders } from '../../platform/config.ts';
import type { Db } from '../../platform/db.ts';
import {
  type CertifiedAs,
  extractPackage,
  type PackageFile,
  sha256Of,
  type TrainingProgram,
} from '../certification/index.ts';
import * as store from './models.sql.ts';

export interface UnpackedParts {
  readonly config: Config;
  readonly db: Db;
  readonly blobs: Blobs;
}

interface Content {
  readonly files: readonly PackageFile[];
  /** What is served or started. */
  readonly entry: string;
  readonly program: TrainingProgram | null;
}

// What is in an archive never changes, so it is asked once; a model can then start again while the database is away.
const contents = new Map<string, Content>();
const underWay = new Map<string, Promise<string>>();

/**
 * The folder of the package's model, unpacked and every file as it was certified: what a model server is given. Unpacked again
 * from the blob when it is missing, incomplete or changed. The digests are compared at each call, because what runs must be
 * what was signed, whatever happened to the disk meanwhile.
 */
export async function ensureUnpacked(parts: UnpackedParts, sha256: string): Promise<string> {
  const { entry } = await contentOf(parts.db, sha256, 'model');
  return join(await unpacked(parts, sha256, 'model'), dirname(entry));
}

/** The same of files that a container is given: all of them, as they lie in the archive. */
export const ensureUnpackedContents = (parts: UnpackedParts, sha256: string): Promise<string> =>
  unpacked(parts, sha256, 'contents');

/** The same of a training program: the folder of its entry, and what starts it. */
export async function ensureUnpackedProgram(
  parts: UnpackedParts,
  sha256: string,
): Promise<TrainingProgram & { folder: string; top: string }> {
  const { program } = await contentOf(parts.db, sha256, 'program');
  if (!program) throw new Error(`the program ${sha256} was not certified here`);
  const top = await unpacked(parts, sha256, 'program');
  const { entry, interpreter, args } = program;
  return { interpreter, args, entry: basename(entry), top, folder: join(top, dirname(entry)) };
}

function unpacked(parts: UnpackedParts, sha256: string, as: CertifiedAs): Promise<string> {
  const running = underWay.get(sha256);
  if (running) return running;
  const next = place(parts, sha256, as).finally(() => underWay.delete(sha256));
  underWay.set(sha256, next);
  return next;
}

async function place(parts: UnpackedParts, sha256: string, as: CertifiedAs): Promise<string> {
  const { files } = await contentOf(parts.db, sha256, as);
  const folder = packageFolder(parts.config, sha256);
  if (!(await holds(folder, files))) {
    const temporary = workFolder(parts.config);
    try {
      await extractPackage({ archivePath: await parts.blobs.pathOf(sha256), intoDir: temporary });
      if (!(await holds(temporary, files)))
        throw new Error(`the archive ${sha256} does not unpack to what was certified: its blob is damaged`);
      await keepUnpacked(parts.config, sha256, temporary, files);
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
  }
  return folder;
}

async function contentOf(db: Db, sha256: string, as: CertifiedAs): Promise<Content> {
  const key = `${as} ${sha256}`;
  const known = contents.get(key);
  if (known) return known;
  const { verdict } = (await store.findUnpacked(db, sha256, as)) ?? {};
  const entry = as === 'contents' ? '' : as === 'model' ? verdict?.modelPath : verdict?.program?.entry;
  if (!verdict || entry === undefined || entry === null)
    throw new Error(`the package ${sha256} was not certified here`);
  const content = { files: verdict.files, entry, program: verdict.program ?? null };
  contents.set(key, content);
  return content;
}

const packageFolder = (config: Config, sha256: string) => join(folders(config.dataDir).packages, sha256);

/** A folder to unpack into. Its name tells whose it is, so that what a killed process left is found by the next. */
export const workFolder = (config: Config, kind: 'package' | 'training' = 'package'): string =>
  join(folders(config.dataDir).work, `${kind}_${config.nodeName}_${process.pid}_${randomUUID()}`);

/**
 * Moves an unpacked package to its place: there entirely or not at all. Somebody else's whole one is left as it is; what is
 * damaged makes room first (a process that runs from it keeps its open files).
 */
export async function keepUnpacked(
  config: Config,
  sha256: string,
  from: string,
  files: readonly PackageFile[],
): Promise<void> {
  const folder = packageFolder(config, sha256);
  for (const file of files) await sync(join(from, file.path));
  await mkdir(dirname(folder), { recursive: true });
  for (let attempt = 1; ; attempt++) {
    try {
      await rename(from, folder);
      return await sync(dirname(folder));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if ((code !== 'ENOTEMPTY' && code !== 'EEXIST') || attempt > 3) throw error;
      if (await holds(folder, files)) return;
      const away = workFolder(config);
      await mkdir(dirname(away), { recursive: true });
      await rename(folder, away).catch(ignoreMissing);
      await rm(away, { recursive: true, force: true });
    }
  }
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r');
  await handle.sync().finally(() => handle.close());
}

/** Exactly these files with exactly this content, and nothing else. Sizes first: they cost nothing. */
async function holds(folder: string, files: readonly PackageFile[]): Promise<boolean> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const names = entries
      .filter((e) => !e.isDirectory())
      .map((e) => relative(folder, join(e.parentPath, e.name)));
    const expected = new Set(files.map((f) => f.path));
    if (names.length !== expected.size || !names.every((n) => expected.has(n.split(sep).join('/'))))
      return false;
    if (entries.some((e) => !e.isDirectory() && !e.isFile())) return false;
    for (const f of files) if ((await stat(join(folder, f.path))).size !== f.sizeBytes) return false;
    for (const f of files) if ((await sha256Of(join(folder, f.path))) !== f.sha256) return false;
    return true;
  } catch (error) {
    ignoreMissing(error);
    return false;
  }
}

function ignoreMissing(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}

/** Removes what earlier processes of this node were unpacking when they were killed. Called once at start. */
export async function removeLeftovers(config: Config): Promise<void> {
  const { work } = folders(config.dataDir);
  await mkdir(work, { recursive: true });
  for (const name of await readdir(work)) {
    const [kind, node, pid] = name.split('_');
    if (!/^(?:package|training)$/.test(kind ?? '') || node !== config.nodeName || isAnother(Number(pid)))
      continue;
    await rm(join(work, name), { recursive: true, force: true });
  }
}

/** A living process other than this one; the runner of models unpacks too, and goes on while this one starts again. */
function isAnother(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
