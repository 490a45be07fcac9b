import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Blobs } from '../../platform/blobs.ts';
import type { Db } from '../../platform/db.ts';
import { hexOf, tarEnd, tarHeaderOf } from '../certification/index.ts';
import * as store from './images.sql.ts';

export interface ArchiveParts {
  readonly db: Db;
  readonly imageParts: Blobs;
}

/** The archive of an image that is kept, as `podman load` and `podman pull oci-archive:` take it. The same image, the same bytes. */
export async function* archiveOf(parts: ArchiveParts, digest: string): AsyncGenerator<Buffer> {
  const contents = await store.findContents(parts.db, digest);
  if (!contents) throw new Error(`there is no image ${digest}`);
  const { mediaType, manifestBytes, configDigest, layers } = contents;
  const index = {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: [{ mediaType, digest, size: manifestBytes }],
  };
  const documents = { 'oci-layout': { imageLayoutVersion: '1.0.0' }, 'index.json': index };
  for (const [name, value] of Object.entries(documents)) {
    const content = Buffer.from(JSON.stringify(value));
    yield* entry(name, content.length, [content]);
  }
  for (const part of new Set([digest, configDigest, ...layers.map((l) => l.digest)])) {
    const sha256 = hexOf(part);
    const sizeBytes = await parts.imageParts.sizeOf(sha256);
    yield* entry(`blobs/sha256/${sha256}`, sizeBytes, parts.imageParts.read(sha256));
  }
  yield tarEnd;
}

async function* entry(
  name: string,
  sizeBytes: number,
  content: Iterable<Buffer> | AsyncIterable<Buffer>,
): AsyncGenerator<Buffer> {
  yield tarHeaderOf(name, sizeBytes);
  for await (const chunk of content) yield chunk;
  yield Buffer.alloc((512 - (sizeBytes % 512)) % 512);
}

/** Writes that archive into a new file. */
export async function writeArchive(parts: ArchiveParts, digest: string, path: string): Promise<void> {
  await pipeline(
    Readable.from(archiveOf(parts, digest)),
    createWriteStream(path, { flags: 'wx', mode: 0o600 }),
  );
}
