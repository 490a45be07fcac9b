import { createHash } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { copyFile, link, mkdir, open, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Finding } from '@souk/contract/findings';
import { FileInspector } from '../content/file-inspector.ts';
import { hiddenFileFindings } from '../content/hidden-files.ts';
import { readOnnxFile } from '../onnx/read-model.ts';
import { found } from '../rules.ts';
import { ArchiveProblem } from './archive-problem.ts';
import { Budget } from './budget.ts';
import type { ArchiveEntry, EntrySink } from './entry.ts';
import { linkTarget, SeenPaths, safePath } from './entry-path.ts';
import { type ArchiveLimits, defaultLimits } from './limits.ts';
import { inspectNested } from './nested.ts';
import { archiveKind, readHead, unzipped, walkArchive } from './open-archive.ts';

/** Where the only file of a package lies that is a model without an archive. */
export const bareModelPath = 'model.onnx';

export type PackageFile = {
  readonly path: string;
  readonly sizeBytes: number;
  readonly sha256: string;
};

export type ExtractedPackage = {
  readonly kind: 'tar' | 'tar.gz' | 'zip' | 'onnx' | 'unknown';
  /** False when reading stopped early; then `files` is empty and the folder is gone. */
  readonly complete: boolean;
  readonly files: readonly PackageFile[];
  readonly findings: readonly Finding[];
};

export type ExtractOptions = {
  readonly archivePath: string;
  /** Made if absent; must be empty. Removed again when the package is refused while reading it. */
  readonly intoDir: string;
  readonly limits?: ArchiveLimits;
  /** Called as soon as a file is whole on disk, so that others can look at it while unpacking goes on. */
  readonly onFile?: (path: string, sizeBytes: number) => void;
};

type Work = {
  readonly intoDir: string;
  readonly budget: Budget;
  readonly seen: SeenPaths;
  readonly files: Map<string, PackageFile>;
  readonly links: {
    readonly path: string;
    readonly target: string;
    readonly kind: 'symbolic link' | 'hard link';
  }[];
  readonly nested: string[];
  readonly findings: Finding[];
  readonly onFile: (path: string, sizeBytes: number) => void;
};

/**
 * Unpacks a package into an empty folder and looks at every file on the way: names, links, sizes, digests, unsafe
 * content, secrets. Only plain files and folders are ever made, so nothing in the archive can point anywhere.
 */
export async function extractPackage(options: ExtractOptions): Promise<ExtractedPackage> {
  const { archivePath, intoDir } = options;
  const limits = options.limits ?? defaultLimits;
  await mkdir(intoDir, { recursive: true });
  const refused = async (findings: readonly Finding[], kind: ExtractedPackage['kind']) => {
    await rm(intoDir, { recursive: true, force: true });
    return { kind, complete: false, files: [], findings };
  };
  const kind = await packageKind(archivePath);
  const findings: Finding[] = [];
  try {
    const work: Work = {
      intoDir,
      budget: new Budget(limits, (await stat(archivePath)).size),
      seen: new SeenPaths(),
      files: new Map(),
      links: [],
      nested: [],
      findings,
      onFile: options.onFile ?? (() => undefined),
    };
    if (kind === 'unknown') {
      const message = 'The file is neither tar, tar.gz, zip nor an ONNX model.';
      return await refused([found('archive.kind_unknown', { message })], kind);
    }
    if (kind === 'onnx') await takeBareModel(archivePath, work);
    else await walkArchive(archivePath, kind === 'tar.gz' ? 'gzip' : kind, (entry) => visit(entry, work));
    await makeLinks(work);
    for (const path of work.nested)
      findings.push(...(await inspectNested(join(intoDir, path), path, 1, work.budget)));
    findings.push(...hiddenFileFindings([...work.files.keys()]));
    return { kind, complete: true, files: [...work.files.values()], findings };
  } catch (error) {
    if (!(error instanceof ArchiveProblem)) throw error;
    return refused([...findings, error.toFinding()], kind);
  }
}

async function visit(entry: ArchiveEntry, work: Work): Promise<EntrySink | null> {
  const { budget, findings } = work;
  const safe = safePath(entry.path, budget.limits);
  if (!safe.ok) {
    budget.entry(entry.path, 0);
    findings.push(found(safe.code, { file: shown(entry.path), message: safe.message }));
    return null;
  }
  const { path } = safe;
  budget.entry(path, entry.kind === 'file' ? entry.sizeBytes : 0);
  // `tar -C folder .` writes the top itself as an entry.
  if (path === '') return null;
  const clash = work.seen.add(path, entry.kind === 'folder');
  if (clash !== null) {
    findings.push(found(clash.code, { file: path, message: clash.message }));
    return null;
  }
  if (entry.kind === 'special') {
    const message = `“${path}” is ${entry.what}.`;
    findings.push(found('archive.special_file', { file: path, message }));
    return null;
  }
  if (entry.kind === 'symbolic link' || entry.kind === 'hard link') {
    work.links.push({ path, target: entry.target, kind: entry.kind });
    return null;
  }
  const target = join(work.intoDir, path);
  if (entry.kind === 'folder') {
    await mkdir(target, { recursive: true });
    return null;
  }
  await mkdir(dirname(target), { recursive: true });
  return fileSink(path, target, work);
}

async function fileSink(path: string, target: string, work: Work): Promise<EntrySink> {
  const handle = await open(target, 'wx', 0o644); // fails rather than follows or overwrites anything
  const hash = createHash('sha256');
  const inspector = new FileInspector(path);
  let sizeBytes = 0;
  return {
    async write(chunk) {
      work.budget.content(path, chunk.length);
      sizeBytes += chunk.length;
      const written = handle.appendFile(chunk); // the disk works while we hash and look
      hash.update(chunk);
      inspector.feed(chunk);
      await written;
    },
    async end() {
      await handle.close();
      work.onFile(path, sizeBytes);
      work.files.set(path, { path, sizeBytes, sha256: hash.digest('hex') });
      work.findings.push(...inspector.end());
      noteKind(inspector, path, work);
    },
    abort: () => handle.close(),
  };
}

function noteKind(inspector: FileInspector, path: string, work: Work): void {
  if (inspector.kind?.kind === 'archive') work.nested.push(path);
  if (inspector.kind?.kind === 'packed') {
    const message = `“${path}” is packed with ${inspector.kind.what}, which is not looked into.`;
    work.findings.push(found('archive.nested_unreadable', { file: path, message }));
  }
}

/** A link inside the package becomes a second name of the same file; whatever else it is, is refused. */
async function makeLinks(work: Work): Promise<void> {
  const targets = new Map(work.links.map((one) => [one.path, one]));
  for (const one of work.links) {
    let path: string | null = one.path;
    for (let hops = 0; path !== null && targets.has(path) && hops < 16; hops++) {
      const next = targets.get(path);
      path = next === undefined ? null : linkTarget(next.path, next.target, next.kind);
    }
    const shownTarget = JSON.stringify(one.target.slice(0, 200));
    if (path === null) {
      const message = `The ${one.kind} “${one.path}” points outside the package, to ${shownTarget}.`;
      work.findings.push(found('archive.link_escapes', { file: one.path, message }));
      continue;
    }
    const file = work.files.get(path);
    if (file === undefined) {
      const message = `The ${one.kind} “${one.path}” points at ${shownTarget}, which is no file of the package.`;
      work.findings.push(found('archive.link_dangling', { file: one.path, message }));
      continue;
    }
    await mkdir(dirname(join(work.intoDir, one.path)), { recursive: true });
    await link(join(work.intoDir, path), join(work.intoDir, one.path));
    work.files.set(one.path, { ...file, path: one.path });
  }
}

async function takeBareModel(archivePath: string, work: Work): Promise<void> {
  const target = join(work.intoDir, bareModelPath);
  const { size } = await stat(archivePath);
  work.budget.entry(bareModelPath, size);
  const hash = createHash('sha256');
  const inspector = new FileInspector(bareModelPath);
  await copyFile(archivePath, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  work.onFile(bareModelPath, size);
  for await (const chunk of createReadStream(target, { highWaterMark: 256 * 1024 })) {
    hash.update(chunk as Buffer);
    inspector.feed(chunk as Buffer);
  }
  work.files.set(bareModelPath, { path: bareModelPath, sizeBytes: size, sha256: hash.digest('hex') });
  work.findings.push(...inspector.end());
}

/** By content. A gzip file is taken for a tar only if one is inside; everything else may be an ONNX model, or nothing. */
export async function packageKind(path: string): Promise<ExtractedPackage['kind']> {
  const head = await readHead(path);
  const kind = archiveKind(head);
  if (kind === 'tar' || kind === 'zip') return kind;
  if (kind === 'gzip') return (await holdsTar(path)) ? 'tar.gz' : 'unknown';
  // ModelProto starts with its format version, field 1: one byte 0x08, then a small number.
  return looksLikeOnnx(head) || readOnnxFile(path).ok ? 'onnx' : 'unknown';
}

function looksLikeOnnx(head: Buffer): boolean {
  return head.length >= 4 && head[0] === 0x08 && (head[1] ?? 0xff) < 0x80;
}

async function holdsTar(path: string): Promise<boolean> {
  let start = Buffer.alloc(0);
  try {
    for await (const chunk of unzipped(path)) {
      start = Buffer.concat([start, chunk]);
      if (start.length >= 512) break;
    }
  } catch (error) {
    // Damaged data are told apart when the archive is read; a tar that breaks later is still a tar.
    if (!(error instanceof ArchiveProblem)) throw error;
  }
  return archiveKind(start) === 'tar' || start.length === 0 || start.every((byte) => byte === 0);
}

function shown(path: string): string {
  return path.slice(0, 200);
}
