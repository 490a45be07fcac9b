import { readFile } from 'node:fs/promises';
import type { Finding } from '@souk/contract';
import { type Db, inTx } from '../../platform/db.ts';
import { fail } from '../../platform/errors.ts';
import type { Platform } from '../../platform/platform.ts';
import { found, readPicture } from '../certification/index.ts';
import { rewritePicture } from './uploads.rewrite.ts';
import * as store from './uploads.sql.ts';
import type { PictureRow } from './uploads.ts';

export type Pictures = ReturnType<typeof newPictures>;
export type Kept = { readonly picture: PictureRow } | { readonly findings: readonly Finding[] };

/** Pictures as they are served: each was unpacked and written anew once, and is known by both digests. */
export function newPictures({ db, blobs, log }: Pick<Platform, 'db' | 'blobs' | 'log'>) {
  const rewriting = new Map<string, Promise<Kept>>();

  /** The clean picture of a file, made at its first sight; or why the file is none. */
  async function keep(sha256: string, path: string, fileName: string): Promise<Kept> {
    const known = await store.findPicture(db, sha256);
    if (known) return { picture: known };
    const begun = rewriting.get(sha256) ?? make(sha256, path, fileName);
    rewriting.set(sha256, begun);
    try {
      return await begun;
    } finally {
      rewriting.delete(sha256);
    }
  }

  async function make(sha256: string, path: string, fileName: string): Promise<Kept> {
    const bytes = await readFile(path);
    const { image, findings } = readPicture(bytes, { fileName });
    if (image === null) return { findings };
    const { said, file } = await rewritePicture(bytes).catch((error: Error) => {
      log.error({ err: error.message }, 'pictures cannot be written anew');
      return fail('system.unavailable', { part: 'what reads pictures' });
    });
    if (!said.ok)
      return {
        findings: [
          found('image.damaged', {
            file: fileName,
            message: `The picture cannot be unpacked: ${said.message}`,
          }),
        ],
      };
    const clean = await blobs.put(file);
    const picture = { ...said, sha256, servedSha256: clean.sha256, sizeBytes: clean.sizeBytes };
    await inTx(db, (tx) => store.insertPicture(tx, picture));
    // Another process may have been first: what it gave is what counts.
    return { picture: (await store.findPicture(db, sha256)) ?? picture };
  }

  return {
    keep,
    /** Of a file that an account has sent as a picture; undefined for others, and for what turns out to be none. */
    async find(reader: Db, sha256: string): Promise<PictureRow | undefined> {
      const known = await store.findPicture(reader, sha256);
      if (known) return known;
      // Sent before pictures were written anew.
      const owner = await store.findMedia(reader, sha256);
      if (!owner || !(await blobs.has(sha256))) return undefined;
      const kept = await keep(sha256, await blobs.pathOf(sha256), owner.fileName);
      return 'picture' in kept ? kept.picture : undefined;
    },
  };
}
