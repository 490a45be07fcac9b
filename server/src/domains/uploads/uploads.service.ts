import { mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { Upload } from '@souk/contract';
import type { Member } from '../../platform/authorize.ts';
import { folders } from '../../platform/config.ts';
import { type Db, inTx, type Tx } from '../../platform/db.ts';
import { fail } from '../../platform/errors.ts';
import { newId } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import { noteMade } from '../access/index.ts';
import { newAppend } from './uploads.append.ts';
import { newPictures } from './uploads.pictures.ts';
import { plainFileName, sizeBytesMax, uploadDaysKept } from './uploads.rules.ts';
import * as store from './uploads.sql.ts';
import type { OwnedFile, PictureRow, Purpose, UploadRow } from './uploads.ts';

const dayMs = 24 * 3600 * 1000;

export type Uploads = ReturnType<typeof newUploadsService>;

export function newUploadsService(platform: Platform) {
  const { db, config, clock } = platform;
  /** Data go to the account's own files: they can be removed, which blobs that others may name cannot. */
  const blobsFor = (purpose: Purpose) =>
    purpose === 'data' ? platform.accountFiles : purpose === 'image' ? platform.imageParts : platform.blobs;
  const folder = folders(config.dataDir).uploads;
  const pathOf = (id: string) => join(folder, id);

  async function own(caller: Member, uploadId: string): Promise<UploadRow> {
    const found = await store.find(db, caller.accountId, uploadId, clock.now());
    return found ?? fail('upload.missing', { uploadId });
  }

  /** How much of a file is here. The file is the truth, not its row: a kill loses nothing that was written. */
  async function offsetOf(u: UploadRow): Promise<number> {
    if (u.state === 'complete') return u.sizeBytes;
    const size = await sizeOf(pathOf(u.id));
    if (size !== undefined) return size;
    // Killed after the file moved into the blobs: all of it is here, and an empty part completes it.
    return u.sha256 !== null && (await blobsFor(u.purpose).has(u.sha256)) ? u.sizeBytes : 0;
  }

  const pictures = newPictures(platform);
  const append = newAppend(platform, pathOf, offsetOf, pictures, blobsFor);

  async function told(upload: UploadRow, offset: number): Promise<Upload> {
    const picture =
      upload.purpose === 'media' && upload.sha256 !== null && upload.state === 'complete'
        ? await pictures.find(db, upload.sha256)
        : undefined;
    return view(upload, offset, picture);
  }

  async function create(
    caller: Member,
    given: { fileName: string; purpose: Purpose; sizeBytes: number; sha256?: string },
  ): Promise<Upload> {
    const limitBytes = sizeBytesMax(given.purpose, config);
    if (given.sizeBytes > limitBytes) fail('upload.too_large', { purpose: given.purpose, limitBytes });
    // What the account itself has sent before need not travel again. Others' files count for nothing: whoever only knows a
    // digest must not come by the file.
    const [known] = given.sha256
      ? await store.findOwned(db, caller.accountId, given.purpose, [given.sha256])
      : [];
    const here = known?.sizeBytes === given.sizeBytes && (await blobsFor(given.purpose).has(known.sha256));
    const upload: UploadRow = {
      id: newId('upl'),
      accountId: caller.accountId,
      fileName: plainFileName(given.fileName),
      purpose: given.purpose,
      sizeBytes: given.sizeBytes,
      offsetBytes: here ? given.sizeBytes : 0,
      expectedSha256: given.sha256 ?? null,
      state: here ? 'complete' : 'receiving',
      sha256: here ? known.sha256 : null,
      expiresAt: new Date(clock.now().getTime() + uploadDaysKept * dayMs),
    };
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await inTx(db, async (tx) => {
      await store.insert(tx, upload);
      await noteMade(tx, caller, upload.id);
    });
    return told(upload, upload.offsetBytes);
  }

  async function get(caller: Member, uploadId: string): Promise<Upload> {
    const upload = await own(caller, uploadId);
    const offset = await offsetOf(upload);
    if (offset !== upload.offsetBytes) await inTx(db, (tx) => store.followFile(tx, uploadId, offset));
    return told(upload, offset);
  }

  return {
    create,
    get,
    append: async (caller: Member, uploadId: string, offset: number, source: Readable): Promise<Upload> => {
      const ended = await append(await own(caller, uploadId), offset, source);
      return told(ended, ended.offsetBytes);
    },
    /** A finished upload of the account, as what it was sent for; else the declared refusal. */
    async finished(reader: Db, accountId: string, uploadId: string, purpose: Purpose): Promise<OwnedFile> {
      const found = await store.find(reader, accountId, uploadId, clock.now());
      if (found?.purpose !== purpose) return fail('upload.missing', { uploadId });
      if (found.state !== 'complete' || found.sha256 === null)
        return fail('upload.incomplete', { offset: await offsetOf(found), sizeBytes: found.sizeBytes });
      return { sha256: found.sha256, sizeBytes: found.sizeBytes, fileName: found.fileName };
    },
    /** Those of the digests that are not media of the account. */
    async missingMedia(reader: Db, accountId: string, digests: readonly string[]): Promise<string[]> {
      if (digests.length === 0) return [];
      const owned = await store.findOwned(reader, accountId, 'media', digests);
      return digests.filter((d) => !owned.some((o) => o.sha256 === d));
    },
    /** The account's sample files among the digests. */
    ownSamples: (reader: Db, accountId: string, digests: readonly string[]): Promise<OwnedFile[]> =>
      digests.length === 0 ? Promise.resolve([]) : store.findOwned(reader, accountId, 'sample', digests),
    picture: pictures.find,
    media: async (sha256: string) => (await pictures.find(db, sha256)) ?? fail('blob.missing'),
    /** A sample file of the account itself. */
    async ownSample(caller: Member, sha256: string): Promise<OwnedFile> {
      const [owned] = await store.findOwned(db, caller.accountId, 'sample', [sha256]);
      return owned ?? fail('blob.missing');
    },
    /** Removes uploads that were given up, and files without a row (a kill between the two removals leaves one). */
    async removeExpired(files: readonly string[]): Promise<void> {
      const expired = await inTx(db, (tx) => store.removeExpired(tx, clock.now()));
      const known = new Set((await store.knownIds(db, files)).map((u) => u.id));
      for (const id of new Set([...expired.map((u) => u.id), ...files.filter((f) => !known.has(f))]))
        await rm(pathOf(id), { force: true });
    },
    /** Digests of data that were sent and not made a file of in time; the uploads go with them. */
    unusedData: async (tx: Tx): Promise<string[]> =>
      (await store.removeUnused(tx, 'data', clock.now())).map((u) => u.sha256),
    /** The same of archives of images; those that became an image are taken apart by then. */
    unusedImages: async (tx: Tx): Promise<string[]> =>
      (await store.removeUnused(tx, 'image', clock.now())).map((u) => u.sha256),
    folder,
  };
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

const view = (u: UploadRow, offset: number, picture: PictureRow | undefined): Upload => ({
  id: u.id,
  fileName: u.fileName,
  purpose: u.purpose,
  sizeBytes: u.sizeBytes,
  offset,
  // Only of a finished file: before that it is what we found, not what is promised.
  sha256: u.state === 'complete' ? u.sha256 : null,
  state: u.state,
  expiresAt: u.expiresAt.toISOString(),
  ...(picture
    ? {
        media: {
          sha256: picture.servedSha256,
          contentType: picture.contentType,
          width: picture.width,
          height: picture.height,
        },
      }
    : {}),
});
