import { createHash } from 'node:crypto';
import { mkdir, open, rename, stat } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { ArchiveProblem } from '../archive/archive-problem.ts';
import { Budget } from '../archive/budget.ts';
import type { ArchiveEntry, EntrySink } from '../archive/entry.ts';
import { safePath } from '../archive/entry-path.ts';
import type { ArchiveLimits } from '../archive/limits.ts';
import { archiveKind, readHead } from '../archive/open-archive.ts';
import { walkTar } from '../archive/walk-tar.ts';
import { packingOf, unpackedChunks } from './compressed.ts';
import { readDocker } from './docker-archive.ts';
import { hexOf, type Platform } from './manifest.ts';
import { readLayout } from './oci-layout.ts';
import type { Contents, OpenedImage, Spooled } from './opened-image.ts';

/** A document of JSON in an image; layers are never read as one. */
const documentBytesMax = 4 * 2 ** 20;
const documentsBytesMax = 32 * 2 ** 20;

/** Everything that is in an archive of an image; the first entry that is anything else tells that it is none. */
const ofImages =
  /^(?:oci-layout|repositories|blobs(?:\/sha256(?:\/[0-9a-f]{64})?)?|[\w.-]+\.json|[0-9a-f]{64}(?:\.tar|\/(?:layer\.tar|VERSION|json)?)?)?\/?$/;

/** Whether a file is a container image at all: so that anything else is told what it is instead. */
export async function looksLikeImage(path: string): Promise<boolean> {
  if (archiveKind(await firstBlock(path)) !== 'tar') return false;
  let is: boolean | null = null;
  const seenEnough = new ArchiveProblem('image.kind_unknown', 'seen enough');
  try {
    await walkTar(unpackedChunks(path), async (entry) => {
      const name = entry.path.replace(/^(?:\.\/)+/, '');
      if (/^(?:oci-layout|index\.json|manifest\.json)$/.test(name)) is = true;
      else if (!ofImages.test(name)) is = false;
      if (is !== null) throw seenEnough;
      return null;
    });
  } catch (error) {
    if (!(error instanceof ArchiveProblem)) throw error;
  }
  return is === true;
}

async function firstBlock(path: string): Promise<Buffer> {
  let start = Buffer.alloc(0);
  try {
    for await (const chunk of unpackedChunks(path)) {
      start = Buffer.concat([start, chunk]);
      if (start.length >= 512) break;
    }
  } catch (error) {
    if (!(error instanceof ArchiveProblem)) throw error;
  }
  return start.subarray(0, 512);
}

/**
 * Takes an archive of an image apart: first its documents are read, then only the layers that the image names are written
 * into the folder, each under the digest of what was written. Whatever is not as it says is thrown.
 */
export async function openImageArchive(
  path: string,
  intoDir: string,
  limits: ArchiveLimits,
  platform: Platform,
): Promise<OpenedImage> {
  if (archiveKind(await firstBlock(path)) !== 'tar')
    throw new ArchiveProblem(
      'image.kind_unknown',
      'The file is neither an OCI archive nor a Docker archive.',
    );
  const contents = await readContents(path, limits);
  await mkdir(intoDir, { recursive: true });
  const spool = (wanted: ReadonlySet<string>) => spoolParts(path, intoDir, wanted);
  if (contents.documents.has('index.json')) return readLayout(contents, spool, platform);
  if (contents.documents.has('manifest.json')) return readDocker(contents, spool);
  throw new ArchiveProblem(
    'image.kind_unknown',
    'The archive has neither the index.json of an OCI archive nor the manifest.json of a Docker archive.',
  );
}

async function readContents(path: string, limits: ArchiveLimits): Promise<Contents> {
  const budget = new Budget(limits, (await stat(path)).size);
  const documents = new Map<string, Buffer>();
  const sizes = new Map<string, number>();
  const links = new Map<string, string>();
  let documentsBytes = 0;
  await walkTar(unpackedChunks(path), async (entry) => {
    const name = pathIn(entry, limits);
    budget.entry(name, entry.kind === 'file' ? entry.sizeBytes : 0);
    if (entry.kind === 'special')
      throw new ArchiveProblem('archive.special_file', `“${name}” is ${entry.what}.`, name);
    if (entry.kind === 'symbolic link') links.set(name, posix.join(posix.dirname(name), entry.target));
    if (entry.kind === 'hard link') links.set(name, posix.normalize(entry.target));
    if (entry.kind !== 'file') return null;
    if (sizes.has(name))
      throw new ArchiveProblem('archive.path_duplicate', `“${name}” is in the archive twice.`, name);
    sizes.set(name, entry.sizeBytes);
    if (entry.sizeBytes > documentBytesMax) return counted(name, budget);
    return documentSink(name, budget, (content) => {
      documentsBytes += content.length;
      if (documentsBytes <= documentsBytesMax) documents.set(name, content);
    });
  });
  return {
    documents,
    sizes,
    resolve(given) {
      let at = posix.normalize(given);
      for (let hops = 0; hops < 8 && links.has(at); hops++) at = links.get(at) ?? at;
      return sizes.has(at) ? at : null;
    },
  };
}

function pathIn(entry: ArchiveEntry, limits: ArchiveLimits): string {
  const safe = safePath(entry.path, limits);
  if (!safe.ok) throw new ArchiveProblem(safe.code, safe.message, entry.path.slice(0, 200));
  return safe.path;
}

const counted = (name: string, budget: Budget): EntrySink => ({
  write: (chunk) => budget.content(name, chunk.length),
  end: async () => {},
  abort: async () => {},
});

function documentSink(name: string, budget: Budget, take: (content: Buffer) => void): EntrySink {
  const parts: Buffer[] = [];
  let isJson: boolean | null = null;
  return {
    write(chunk) {
      budget.content(name, chunk.length);
      isJson ??= chunk[0] === 0x7b || chunk[0] === 0x5b;
      // Copied: the chunk is a window of a larger one. A layer that is small is not kept as a document.
      if (isJson) parts.push(Buffer.from(chunk));
    },
    end: async () => {
      if (parts.length > 0) take(Buffer.concat(parts));
    },
    abort: async () => {},
  };
}

/** Writes the wanted entries into the folder, named by what they turn out to be. */
async function spoolParts(
  path: string,
  intoDir: string,
  wanted: ReadonlySet<string>,
): Promise<ReadonlyMap<string, Spooled>> {
  const spooled = new Map<string, Spooled>();
  await walkTar(unpackedChunks(path), async (entry) => {
    const name = posix.normalize(entry.path).replace(/^\.\//, '');
    if (entry.kind !== 'file' || !wanted.has(name)) return null;
    const temporary = join(intoDir, `incoming-${spooled.size}`);
    const handle = await open(temporary, 'wx', 0o600);
    const hash = createHash('sha256');
    return {
      async write(chunk) {
        const written = handle.appendFile(chunk);
        hash.update(chunk);
        await written;
      },
      async end() {
        await handle.close();
        const digest = `sha256:${hash.digest('hex')}`;
        const packing = packingOf(await readHead(temporary));
        await rename(temporary, join(intoDir, hexOf(digest)));
        const mediaType = `application/vnd.oci.image.layer.v1.tar${packing === 'plain' ? '' : `+${packing}`}`;
        spooled.set(name, { digest, sizeBytes: entry.sizeBytes, mediaType });
      },
      abort: () => handle.close(),
    };
  });
  return spooled;
}
