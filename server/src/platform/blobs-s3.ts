import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Blobs, hashedInto, keyOf } from './blobs.ts';
import { SoukError } from './errors.ts';
import type { S3 } from './s3.ts';
import { S3Error } from './s3-errors.ts';

interface S3Blobs {
  readonly s3: S3;
  readonly bucket: string;
  /** Empty, or ends with a slash. */
  readonly prefix: string;
  /** Copies of what tools needed a path for; may be emptied at any time. */
  readonly cacheFolder: string;
  readonly cacheBytesMax: number;
}

/** Longer than any tool takes from being given a path to opening it. */
const inUseMs = 3600 * 1000;

/**
 * Blobs as objects of a bucket, under the keys that the folder has. Content comes whole onto this machine's disk first: only then is its
 * digest, and so its key, known. An object is there whole or not at all, and writing one twice is harmless.
 */
export function s3Blobs({ s3, bucket, prefix, cacheFolder, cacheBytesMax }: S3Blobs): Blobs {
  const nameOf = (sha256: string) => prefix + keyOf(sha256);
  const cachePathOf = (sha256: string) => join(cacheFolder, keyOf(sha256));
  const incoming = async () => {
    await mkdir(join(cacheFolder, 'incoming'), { recursive: true });
    return join(cacheFolder, 'incoming', randomUUID());
  };
  const fetching = new Map<string, Promise<string>>();

  const inBucket = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw asOurs(error);
    }
  };
  const sizeInBucket = (sha256: string) =>
    inBucket(async () => (await s3.head(bucket, nameOf(sha256)))?.sizeBytes);
  const has = async (sha256: string) => (await sizeInBucket(sha256)) !== undefined;

  async function adopt(path: string, sha256: string) {
    const { size } = await stat(path);
    if (!(await makeYoung(sha256, size))) {
      await inBucket(() => s3.write(bucket, nameOf(sha256), createReadStream(path)));
      const written = await sizeInBucket(sha256);
      if (written !== size)
        throw new Error(`the bucket ${bucket} holds ${written} of the ${size} bytes of ${sha256}`);
    }
    // What was just brought is examined next: it stays at hand.
    await keep(path, sha256);
  }

  /** What is there already is made young, so that nobody takes it for forgotten; false where it must be sent again for that. */
  async function makeYoung(sha256: string, sizeBytes: number): Promise<boolean> {
    const name = nameOf(sha256);
    const before = await inBucket(() => s3.head(bucket, name));
    if (before?.sizeBytes !== sizeBytes) return false;
    try {
      await s3.touch(bucket, name);
      // Some servers copy an object onto itself without a word, and leave its time as it was.
      return (await s3.head(bucket, name))?.modifiedAt?.getTime() !== before.modifiedAt?.getTime();
    } catch {
      return false;
    }
  }

  async function keep(path: string, sha256: string): Promise<string> {
    const place = cachePathOf(sha256);
    await mkdir(dirname(place), { recursive: true });
    await rename(path, place).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EXDEV') throw error;
      await rm(path, { force: true });
    });
    await makeRoom(cacheFolder, cacheBytesMax);
    return place;
  }

  async function fetch(sha256: string): Promise<string> {
    const temporary = await incoming();
    try {
      await pipeline(read(sha256), createWriteStream(temporary, { mode: 0o600 }));
      return await keep(temporary, sha256);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }

  function read(sha256: string, range?: { start: number; end: number }): Readable {
    const name = nameOf(sha256);
    const through = range ? passed() : verified(sha256);
    inBucket(() => s3.open(bucket, name, range)).then(
      (body) => {
        body.on('error', (error) => through.destroy(asOurs(error)));
        through.on('close', () => body.destroy());
        body.pipe(through);
      },
      (error: Error) => through.destroy(error),
    );
    return through;
  }

  return {
    has,
    adopt,
    read,
    async put(content) {
      const temporary = await incoming();
      try {
        const { sha256, sizeBytes } = await hashedInto(content, temporary);
        await adopt(temporary, sha256);
        return { sha256, sizeBytes };
      } catch (error) {
        await rm(temporary, { force: true });
        throw error;
      }
    },
    async pathOf(sha256) {
      const place = cachePathOf(sha256);
      const now = new Date();
      const isHere = await utimes(place, now, now).then(
        () => true,
        () => false,
      );
      if (isHere) return place;
      const running = fetching.get(sha256) ?? fetch(sha256).finally(() => fetching.delete(sha256));
      fetching.set(sha256, running);
      return running;
    },
    async sizeOf(sha256) {
      const size = await sizeInBucket(sha256);
      if (size === undefined) throw missing(nameOf(sha256));
      return size;
    },
    async removeUnlessNewer(sha256, than) {
      const found = await inBucket(() => s3.head(bucket, nameOf(sha256)));
      // Its time is in whole seconds: of two in one second, it counts as the younger.
      if (found?.modifiedAt && found.modifiedAt.getTime() + 1000 > than.getTime()) return false;
      await inBucket(() => s3.remove(bucket, nameOf(sha256)));
      await rm(cachePathOf(sha256), { force: true });
      return true;
    },
  };
}

const passed = () => new Transform({ transform: (chunk, _encoding, done) => done(null, chunk) });

/** Fails at its end when it is not what its name says: disks of others are trusted no more than our own. */
function verified(sha256: string): Transform {
  const hash = createHash('sha256');
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
    flush(done) {
      const digest = hash.digest('hex');
      done(digest === sha256 ? null : new Error(`the blob ${sha256} is damaged: its content is ${digest}`));
    },
  });
}

/** Gives up the copies that were not asked for the longest, but none that a tool may be about to open. */
async function makeRoom(folder: string, bytesMax: number): Promise<void> {
  const files: { path: string; sizeBytes: number; usedAt: number }[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const found = await stat(path).catch(() => undefined);
    if (found) files.push({ path, sizeBytes: found.size, usedAt: found.mtimeMs });
  }
  let total = files.reduce((sum, f) => sum + f.sizeBytes, 0);
  for (const file of files.sort((a, b) => a.usedAt - b.usedAt)) {
    if (total <= bytesMax || Date.now() - file.usedAt < inUseMs) return;
    await rm(file.path, { force: true });
    total -= file.sizeBytes;
  }
}

function missing(name: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`there is no blob at ${name}`), { code: 'ENOENT' });
}

/** What callers know from a folder, and else a fault that passes: never the words of the operator's S3 server to a user. */
function asOurs(error: unknown): Error {
  if (!(error instanceof S3Error)) return error as Error;
  if (error.code === 's3.object_missing') return missing(error.message);
  return new SoukError('system.unavailable', { part: 'the store of files' }, { internal: error });
}
