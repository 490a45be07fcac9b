import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { damaged } from './archive-problem.ts';
import type { EntryVisitor } from './entry.ts';
import { blockBytes, hasTarChecksum } from './tar-header.ts';
import { walkTar } from './walk-tar.ts';
import { walkZip } from './walk-zip.ts';

/** What a file is by its content. `gzip` is compressed data of any kind; only reading on tells a tar from other things. */
export type ArchiveKind = 'tar' | 'gzip' | 'zip' | 'other';

const chunkBytes = 256 * 1024;

export function archiveKind(head: Buffer): ArchiveKind {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  const zipMark = head.toString('latin1', 0, 4);
  if (zipMark === 'PK\x03\x04' || zipMark === 'PK\x05\x06') return 'zip';
  if (head.length >= blockBytes && (head.toString('latin1', 257, 262) === 'ustar' || hasTarChecksum(head)))
    return 'tar';
  return 'other';
}

export async function readHead(path: string): Promise<Buffer> {
  let handle: FileHandle | null = null;
  try {
    handle = await open(path, 'r');
    const head = Buffer.alloc(blockBytes);
    const { bytesRead } = await handle.read(head, 0, head.length, 0);
    return head.subarray(0, bytesRead);
  } finally {
    await handle?.close();
  }
}

/** Visits every entry of an archive whose kind is known. */
export async function walkArchive(
  path: string,
  kind: 'tar' | 'gzip' | 'zip',
  visit: EntryVisitor,
): Promise<void> {
  if (kind === 'zip') return walkZip(path, visit);
  if (kind === 'tar') return walkTar(createReadStream(path, { highWaterMark: chunkBytes }), visit);
  return walkTar(unzipped(path), visit);
}

/** The content of a gzip file, in chunks. Damage is the publisher's; a disk that fails is ours. */
export async function* unzipped(path: string): AsyncGenerator<Buffer> {
  const file = createReadStream(path, { highWaterMark: chunkBytes });
  const gunzip = createGunzip({ chunkSize: chunkBytes });
  file.on('error', (error) => gunzip.destroy(error));
  try {
    for await (const chunk of file.pipe(gunzip)) yield chunk as Buffer;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    throw code.startsWith('Z_') ? damaged('The compressed data are damaged or cut short.') : error;
  } finally {
    file.destroy();
    gunzip.destroy();
  }
}
