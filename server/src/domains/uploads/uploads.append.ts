import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { Blobs } from '../../platform/blobs.ts';
import { inTx } from '../../platform/db.ts';
import { fail } from '../../platform/errors.ts';
import type { Platform } from '../../platform/platform.ts';
import { RunningHashes } from './uploads.hashes.ts';
import type { Pictures } from './uploads.pictures.ts';
import { receive } from './uploads.receive.ts';
import * as store from './uploads.sql.ts';
import type { Purpose, UploadRow } from './uploads.ts';

const leaseMs = 30_000;
const renewMs = 10_000;
const idleMsMax = 60_000;
/** A writer that was silent for so long may be ended by another that comes to the same place. */
const quietMs = 2000;

interface Turn {
  readonly source: Readable;
  readonly done: Promise<void>;
  readonly end: () => void;
  heardAt: number;
}

interface Part {
  readonly upload: UploadRow;
  readonly offset: number;
  readonly broken: boolean;
}

type Append = (upload: UploadRow, offset: number, source: Readable) => Promise<UploadRow>;

/** Appends a part, and completes the upload with the last one. One writer at a time, in this process and among all of them. */
export function newAppend(
  platform: Platform,
  pathOf: (id: string) => string,
  offsetOf: (upload: UploadRow) => Promise<number>,
  pictures: Pictures,
  blobsFor: (purpose: Purpose) => Blobs,
): Append {
  const { db, config, log } = platform;
  const node = config.nodeName.replaceAll('/', '-');
  const writer = { node, name: `${node}/${randomUUID()}` };
  const hashes = new RunningHashes();
  const writing = new Map<string, Turn>();

  return async (upload, offset, source) => {
    if (upload.state === 'complete') {
      if (offset !== upload.sizeBytes)
        fail('upload.wrong_offset', { offset: upload.sizeBytes, given: offset });
      return upload;
    }
    const turn = await takeTurn(upload, offset, source);
    try {
      const part = await underLease(upload, offset, (mayWrite) => writePart(upload, offset, turn, mayWrite));
      // Mostly nobody is left to read this; a client that was ended in favour of another is.
      if (part.broken) fail('upload.wrong_offset', { offset: part.offset, given: offset });
      return { ...part.upload, offsetBytes: part.offset };
    } finally {
      writing.delete(upload.id);
      turn.end();
    }
  };

  /**
   * Returns when nobody else in this process writes the upload. A writer that was heard a moment ago stays. One that stands still
   * where the newcomer wants to go on has most likely lost its connection without our having noticed: it is ended in favour
   * of the client that came back.
   */
  async function takeTurn(upload: UploadRow, offset: number, source: Readable): Promise<Turn> {
    for (let other = writing.get(upload.id); other; other = writing.get(upload.id)) {
      if (other.source.destroyed || other.source.readableEnded) {
        // Only finishing; where it ends is seen when it has.
        await other.done;
        continue;
      }
      const at = await offsetOf(upload);
      if (at !== offset || performance.now() - other.heardAt < quietMs)
        fail('upload.wrong_offset', { offset: at, given: offset });
      other.source.destroy(new Error('the same upload goes on over another connection'));
      await other.done;
    }
    // In the same breath as the look before: two that waited for the same writer must not both go on.
    const { promise: done, resolve: end } = Promise.withResolvers<void>();
    const turn: Turn = { source, done, end, heardAt: performance.now() };
    writing.set(upload.id, turn);
    return turn;
  }

  /** Keeps this process the only writer among all of them. One that could not renew (paused, no database) stops writing. */
  async function underLease(
    upload: UploadRow,
    given: number,
    work: (mayWrite: () => void) => Promise<Part>,
  ): Promise<Part> {
    let until = performance.now() + leaseMs;
    if (!(await inTx(db, (tx) => store.claim(tx, upload.id, writer, leaseMs))))
      fail('upload.wrong_offset', { offset: await offsetOf(upload), given });
    const timer = setInterval(() => {
      const asked = performance.now();
      void inTx(db, (tx) => store.renew(tx, upload.id, writer.name, leaseMs)).then(
        (renewed) => {
          if (renewed) until = asked + leaseMs;
        },
        (error: Error) =>
          log.warn({ err: error.message, upload: upload.id }, 'an upload’s lease was not renewed'),
      );
    }, renewMs);
    let offset = upload.offsetBytes;
    try {
      const ended = await work(() => {
        if (performance.now() > until) throw new Error('the lease on the upload has run out');
      });
      offset = ended.offset;
      return ended;
    } finally {
      clearInterval(timer);
      await inTx(db, (tx) => store.release(tx, upload.id, writer.name, offset));
    }
  }

  async function writePart(
    upload: UploadRow,
    offset: number,
    turn: Turn,
    mayWrite: () => void,
  ): Promise<Part> {
    const { id, sizeBytes } = upload;
    const blobs = blobsFor(upload.purpose);
    const at = await offsetOf(upload);
    if (at !== offset) fail('upload.wrong_offset', { offset: at, given: offset });
    if (upload.sha256 !== null && (await blobs.has(upload.sha256)) && at === sizeBytes)
      return { upload: await settle(upload, upload.sha256), offset: sizeBytes, broken: false };
    const { hash, syncedTo } = await hashes.take(id, pathOf(id), offset);
    const part = await receive({
      path: pathOf(id),
      source: turn.source,
      from: offset,
      sizeBytesMax: sizeBytes,
      hash,
      syncedTo,
      mayWrite,
      idleMsMax,
      heard: () => {
        turn.heardAt = performance.now();
      },
    });
    if (part.ended === 'overrun') fail('upload.overrun', { sizeBytes });
    if (part.offset < sizeBytes) {
      hashes.giveBack(id, { hash, offset: part.offset, syncedTo: part.syncedTo });
      return { upload, offset: part.offset, broken: part.ended === 'broken' };
    }
    return { upload: await finish(upload, hash.digest('hex')), offset: sizeBytes, broken: false };
  }

  async function finish(upload: UploadRow, sha256: string): Promise<UploadRow> {
    const { id, expectedSha256 } = upload;
    if (expectedSha256 !== null && expectedSha256 !== sha256) {
      // Nobody can tell which byte is wrong, so there is nothing to continue from.
      await inTx(db, (tx) => store.remove(tx, id));
      await rm(pathOf(id), { force: true });
      fail('upload.digest_mismatch', { actual: sha256, expected: expectedSha256 });
    }
    if (upload.purpose === 'media') await seen(upload, sha256);
    await inTx(db, (tx) => store.setSha256(tx, id, sha256));
    await blobsFor(upload.purpose).adopt(pathOf(id), sha256);
    return settle(upload, sha256);
  }

  /** What is no picture ends here: it would be refused wherever it is used, and its sender is still there to be told. */
  async function seen({ id, fileName }: UploadRow, sha256: string): Promise<void> {
    const kept = await pictures.keep(sha256, pathOf(id), fileName);
    if ('picture' in kept) return;
    await inTx(db, (tx) => store.remove(tx, id));
    await rm(pathOf(id), { force: true });
    const [first] = kept.findings;
    fail('upload.picture_refused', { problem: first?.message ?? '' }, { findings: kept.findings });
  }

  /** The file is among the blobs; the account becomes one of its owners, and of the clean picture that was made of it. */
  async function settle(upload: UploadRow, sha256: string): Promise<UploadRow> {
    const { id, accountId, purpose: kind, fileName, sizeBytes } = upload;
    const picture = kind === 'media' ? await pictures.find(db, sha256) : undefined;
    await inTx(db, async (tx) => {
      await store.complete(tx, id);
      // Data are owned as files, once somebody says under which path; images as images.
      if (kind === 'data' || kind === 'image') return;
      const owner = { accountId, kind, fileName, contentType: picture?.contentType ?? null };
      await store.insertOwner(tx, { ...owner, sha256, sizeBytes });
      if (picture)
        await store.insertOwner(tx, { ...owner, sha256: picture.servedSha256, sizeBytes: picture.sizeBytes });
    });
    return { ...upload, sha256, state: 'complete' };
  }
}
