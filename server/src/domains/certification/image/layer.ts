import { createHash } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Finding } from '@souk/contract/findings';
import { ArchiveProblem } from '../archive/archive-problem.ts';
import type { Budget } from '../archive/budget.ts';
import type { ArchiveEntry, EntrySink } from '../archive/entry.ts';
import { linkTarget } from '../archive/entry-path.ts';
import { walkTar } from '../archive/walk-tar.ts';
import { FileInspector } from '../content/file-inspector.ts';
import { found } from '../rules.ts';
import { unpackedChunks } from './compressed.ts';
import type { ImageScans } from './image-scans.ts';
import { insideFindings, needsLookInside } from './inside.ts';
import { tellsOwners } from './owned-paths.ts';
import { osReleasePath, packageFileBytesMax, tellsPackages } from './packages.ts';
import type { RootTree } from './root-tree.ts';

/** What is gathered over all layers. */
export type Gathering = {
  readonly tree: RootTree;
  readonly budget: Budget;
  readonly scans: ImageScans;
  readonly findings: Finding[];
  /** Databases of packages and the few files that the lint reads, as the topmost layer has them. */
  readonly texts: Map<string, Buffer>;
  /** For files that are too large to hold. */
  readonly workDir: string;
};

export type ReadLayer = { readonly diffId: string; readonly unpackedBytes: number; readonly files: number };

/** Held in memory while it is looked at; what is larger lies on disk for as long. */
const heldBytesMax = 2 ** 20;
const whiteout = '.wh.';
const opaque = '.wh..wh..opq';

/** Reads one layer to its end. Nothing of it is unpacked: files pass by, at most one at a time on disk under a name of ours. */
export async function readLayer(path: string, layer: number, to: Gathering): Promise<ReadLayer> {
  const hash = createHash('sha256');
  let unpackedBytes = 0;
  let files = 0;
  async function* hashed() {
    for await (const chunk of unpackedChunks(path)) {
      hash.update(chunk);
      unpackedBytes += chunk.length;
      yield chunk;
    }
  }
  await walkTar(hashed(), async (entry) => {
    files++;
    return visit(entry, layer, to);
  });
  return { diffId: `sha256:${hash.digest('hex')}`, unpackedBytes, files };
}

async function visit(entry: ArchiveEntry, layer: number, to: Gathering): Promise<EntrySink | null> {
  const { budget, findings, tree } = to;
  const path = pathOf(entry, to);
  budget.entry(path ?? entry.path.slice(0, 200), entry.kind === 'file' ? entry.sizeBytes : 0);
  if (path === null || path === '') return null;
  const slash = path.lastIndexOf('/');
  const name = path.slice(slash + 1);
  const folder = path.slice(0, Math.max(slash, 0));
  if (name === opaque) {
    tree.clear(folder, layer);
    return null;
  }
  if (name.startsWith(whiteout)) {
    const gone = `${folder === '' ? '' : `${folder}/`}${name.slice(whiteout.length)}`;
    tree.remove(gone, layer);
    return null;
  }
  if (entry.kind === 'special') {
    findings.push(
      found('archive.special_file', {
        file: path,
        message: `“${path}” in layer ${layer + 1} is ${entry.what}.`,
        remedy: 'Leave it out (`tar --exclude=./dev/*`): a container gets its own /dev.',
      }),
    );
    return null;
  }
  const { mode = 0o644, sizeBytes } = entry;
  if (entry.kind === 'hard link') return hardLink(entry, path, layer, to);
  if (entry.kind === 'symbolic link') {
    tree.put(path, { kind: 'link', mode, sizeBytes: 0, target: entry.target, layer });
    return null;
  }
  tree.put(path, { kind: entry.kind, mode, sizeBytes, target: '', layer });
  to.texts.delete(path);
  return entry.kind === 'file' ? fileSink(path, sizeBytes, to) : null;
}

function hardLink(entry: ArchiveEntry, path: string, layer: number, to: Gathering): null {
  const target = linkTarget(path, entry.target.replace(/^\.?\/+/, ''), 'hard link');
  const node = target === null ? undefined : to.tree.find(target);
  const shown = JSON.stringify(entry.target.slice(0, 200));
  if (target === null) {
    const message = `The hard link “${path}” points out of the image, to ${shown}.`;
    to.findings.push(found('archive.link_escapes', { file: path, message }));
  } else if (node === undefined || node.kind === 'folder') {
    const message = `The hard link “${path}” points at ${shown}, which is no file of the image.`;
    to.findings.push(found('archive.link_dangling', { file: path, message }));
  } else {
    to.tree.put(path, { ...node, layer });
    const text = to.texts.get(target);
    if (text !== undefined) to.texts.set(path, text);
  }
  return null;
}

const control = /\p{Cc}/u;

/** Relative and without `.`; null, and a finding, where it cannot be one. Odd names that Linux allows are let pass. */
function pathOf(entry: ArchiveEntry, { budget, findings }: Gathering): string | null {
  const shown = JSON.stringify(entry.path.slice(0, 200));
  const refuse = (code: 'archive.path_escapes' | 'archive.path_invalid', why: string) => {
    findings.push(found(code, { file: entry.path.slice(0, 200), message: `The entry ${shown} ${why}.` }));
    return null;
  };
  if (entry.path.startsWith('/')) return refuse('archive.path_escapes', 'has an absolute path');
  const parts = entry.path.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) return refuse('archive.path_escapes', 'climbs out of its folder with “..”');
  if (control.test(entry.path)) return refuse('archive.path_invalid', 'has control characters in its name');
  const { pathDepthMax, pathBytesMax } = budget.limits;
  if (parts.length > pathDepthMax || Buffer.byteLength(entry.path) > pathBytesMax)
    return refuse('archive.path_invalid', 'lies too deep, or has a name that is too long');
  return parts.join('/');
}

/** Of a program the first line is enough, to see what interprets it. */
const startBytes = 256;

async function fileSink(path: string, sizeBytes: number, to: Gathering): Promise<EntrySink> {
  const inspector = new FileInspector(path);
  const spoolPath = join(to.workDir, 'file');
  const handle = sizeBytes > heldBytesMax && to.scans.wanted ? await open(spoolPath, 'w', 0o600) : null;
  let late: Awaited<ReturnType<typeof open>> | null = null;
  const parts: Buffer[] = [];
  let held = 0;
  const whole =
    (tellsPackages(path) || tellsOwners(path) || path === 'etc/passwd') && sizeBytes <= packageFileBytesMax;
  const close = async () => {
    await handle?.close();
    await late?.close();
  };
  return {
    async write(chunk) {
      to.budget.content(path, chunk.length);
      // Even without a scanner, what may hold pickles is looked into.
      if (handle === null && sizeBytes > heldBytesMax && held === 0 && needsLookInside(path, chunk))
        late = await open(spoolPath, 'w', 0o600);
      const written = (handle ?? late)?.appendFile(chunk);
      if (sizeBytes <= heldBytesMax || whole || held < startBytes) parts.push(Buffer.from(chunk));
      held += chunk.length;
      inspector.feed(chunk);
      await written;
    },
    async end() {
      await close();
      const content = Buffer.concat(parts);
      if (whole || osReleasePath.test(path)) to.texts.set(path, content);
      else if (content.toString('latin1', 0, 2) === '#!')
        to.texts.set(path, Buffer.from(content.subarray(0, startBytes)));
      to.findings.push(...inspector.end().filter((f) => f.rule === 'secrets'));
      const onDisk = handle !== null || late !== null;
      const bytes = onDisk ? { path: spoolPath } : content;
      if ((onDisk || sizeBytes <= heldBytesMax) && needsLookInside(path, content))
        to.findings.push(...(await insideFindings(path, bytes, to)));
      if (handle !== null) await to.scans.large(path, spoolPath, sizeBytes);
      else if (sizeBytes <= heldBytesMax) await to.scans.small(path, content);
      if (onDisk) await rm(spoolPath, { force: true });
    },
    abort: close,
  };
}

/** A whole image is refused by one layer that cannot be read; its findings so far stay. */
export const problemFinding = (error: unknown, layer: number): Finding => {
  if (!(error instanceof ArchiveProblem)) throw error;
  const finding = error.toFinding();
  return { ...finding, message: `Layer ${layer + 1}: ${finding.message}` };
};
