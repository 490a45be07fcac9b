import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { access, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/**
 * Files by the SHA-256 of their content. Written beside their place and renamed into it once they are whole and on disk, so
 * a blob is there entirely or not at all, and writing one twice is harmless.
 */
export interface Blobs {
  put(content: Readable | Uint8Array): Promise<{ sha256: string; sizeBytes: number }>;
  /** Takes over a finished file whose digest is known (an upload); it is moved, not copied. */
  adopt(path: string, sha256: string): Promise<void>;
  has(sha256: string): Promise<boolean>;
  read(sha256: string, range?: { start: number; end: number }): Readable;
  /** A path on this machine for tools that need one; read only, and fetched first where blobs are kept elsewhere. */
  pathOf(sha256: string): Promise<string>;
  sizeOf(sha256: string): Promise<number>;
  /** Removes a blob that nobody has written since; true when it is gone. Writing it again makes it young, also where it was there. */
  removeUnlessNewer(sha256: string, than: Date): Promise<boolean>;
}

/** Where a blob lies below whatever keeps blobs: the same in a folder and in a bucket, so that one can be copied to the other. */
export function keyOf(sha256: string): string {
  // What is no digest could lead out of the folder.
  if (!/^[0-9a-f]{64}$/.test(sha256)) throw new Error(`not a SHA-256: ${sha256.slice(0, 80)}`);
  return `${sha256.slice(0, 2)}/${sha256.slice(2)}`;
}

export function localBlobs(folder: string): Blobs {
  const placeOf = (sha256: string) => join(folder, keyOf(sha256));
  const has = async (sha256: string) => {
    const path = placeOf(sha256);
    return access(path).then(
      () => true,
      () => false,
    );
  };
  async function adopt(path: string, sha256: string) {
    const place = placeOf(sha256);
    await mkdir(dirname(place), { recursive: true });
    const file = await open(path, 'r');
    await file.sync();
    await file.close();
    await rename(path, place);
    // The name too must survive a power cut: a row that speaks of the blob is committed next.
    const shelf = await open(dirname(place), 'r');
    await shelf.sync().finally(() => shelf.close());
  }
  return {
    pathOf: async (sha256) => placeOf(sha256),
    has,
    adopt,
    async put(content) {
      const temporary = join(folder, 'incoming', randomUUID());
      await mkdir(dirname(temporary), { recursive: true });
      try {
        const { sha256, sizeBytes } = await hashedInto(content, temporary);
        await adopt(temporary, sha256);
        return { sha256, sizeBytes };
      } catch (error) {
        await rm(temporary, { force: true });
        throw error;
      }
    },
    read: (sha256, range) => createReadStream(placeOf(sha256), range),
    sizeOf: async (sha256) => (await stat(placeOf(sha256))).size,
    async removeUnlessNewer(sha256, than) {
      const found = await stat(placeOf(sha256)).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined;
        throw error;
      });
      if (found && found.ctime >= than) return false;
      await rm(placeOf(sha256), { force: true });
      return true;
    },
  };
}

/** Writes a file and says what it holds. */
export async function hashedInto(
  content: Readable | Uint8Array,
  path: string,
): Promise<{ sha256: string; sizeBytes: number }> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  await pipeline(
    content instanceof Uint8Array ? Readable.from([content]) : content,
    async function* (chunks: AsyncIterable<Uint8Array>) {
      for await (const chunk of chunks) {
        hash.update(chunk);
        sizeBytes += chunk.length;
        yield chunk;
      }
    },
    createWriteStream(path, { mode: 0o600 }),
  );
  return { sha256: hash.digest('hex'), sizeBytes };
}

export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }))
    hash.update(chunk as Uint8Array);
  return hash.digest('hex');
}
