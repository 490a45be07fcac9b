import type { Hash } from 'node:crypto';
import { constants, type FileHandle, open } from 'node:fs/promises';
import type { Readable } from 'node:stream';

const batchSizeBytes = 1 << 20;
/** What a power cut may take along of an unfinished upload. Small parts that each wait for the disk take twice the time together. */
const unsyncedBytesMax = 64 << 20;

export interface Receiving {
  readonly path: string;
  readonly source: Readable;
  /** The file's size now; writing goes on there. */
  readonly from: number;
  /** The file must not become longer. */
  readonly sizeBytesMax: number;
  /** Has taken in everything before `from`. */
  readonly hash: Hash;
  readonly syncedTo: number;
  /** Called before each write; throws when the file is no longer ours. */
  readonly mayWrite: () => void;
  /** A connection that sends nothing for so long counts as lost; its client may be long gone. */
  readonly idleMsMax: number;
  /** Told of each chunk. */
  readonly heard: () => void;
}

export interface Received {
  /** The file's size. */
  readonly offset: number;
  readonly syncedTo: number;
  /** `broken`: the connection ended early or was ended; what came is kept. `overrun`: more came than there is room for; nothing is kept. */
  readonly ended: 'whole' | 'broken' | 'overrun';
}

/**
 * Writes a stream behind what a file has. A batch is written while it is hashed, so the time is that of the slower of the two,
 * and at most one batch, the stream's own buffer and the kernel's are held in memory. A write that fails is thrown.
 */
export async function receive(receiving: Receiving): Promise<Received> {
  const { path, source, from, sizeBytesMax, hash, syncedTo, mayWrite, idleMsMax, heard } = receiving;
  const idle = setTimeout(() => source.destroy(new Error('nothing came for too long')), idleMsMax);
  const file = await open(path, constants.O_WRONLY | constants.O_CREAT, 0o600);
  const writer = batchWriter(file, from, hash, mayWrite);
  try {
    let ended: Received['ended'] = 'whole';
    let room = sizeBytesMax - from;
    try {
      for await (const chunk of source as AsyncIterable<Buffer>) {
        idle.refresh();
        heard();
        room -= chunk.length;
        if (room < 0) {
          ended = 'overrun';
          break;
        }
        if (writer.add(chunk)) await writer.flush();
      }
    } catch (error) {
      if (writer.failed) throw error;
      ended = 'broken';
    }
    await writer.flush();
    await writer.done();
    if (ended === 'overrun') {
      await file.truncate(from);
      return { offset: from, syncedTo, ended };
    }
    // The end of the file is synced when it moves into the blobs.
    const sync = writer.position - syncedTo >= unsyncedBytesMax && writer.position < sizeBytesMax;
    if (sync) await file.datasync();
    return { offset: writer.position, syncedTo: sync ? writer.position : syncedTo, ended };
  } finally {
    clearTimeout(idle);
    // A write under way would otherwise go to a descriptor that is closed, or be somebody else's by then.
    await writer.done().catch(() => undefined);
    await file.close();
  }
}

function batchWriter(file: FileHandle, from: number, hash: Hash, mayWrite: () => void) {
  let position = from;
  let batch: Buffer[] = [];
  let batchBytes = 0;
  let writing: Promise<void> = Promise.resolve();
  let failed = false;
  return {
    get position() {
      return position;
    },
    get failed() {
      return failed;
    },
    done: () => writing,
    /** True when there is a whole batch. */
    add(chunk: Buffer): boolean {
      batch.push(chunk);
      batchBytes += chunk.length;
      return batchBytes >= batchSizeBytes;
    },
    /** Waits for the batch before, then begins to write this one and hashes it meanwhile. */
    async flush(): Promise<void> {
      await writing;
      if (batchBytes === 0) return;
      const chunks = batch;
      const at = position;
      position += batchBytes;
      batch = [];
      batchBytes = 0;
      try {
        mayWrite();
      } catch (error) {
        failed = true;
        throw error;
      }
      writing = writeAll(file, chunks, at);
      // Noted at once: a rejection that waits for the next flush would end the process as unhandled.
      writing.catch(() => {
        failed = true;
      });
      for (const chunk of chunks) hash.update(chunk);
    },
  };
}

/** A write may take less than it was given (a full disk, a signal); the rest is written again until it fails. */
async function writeAll(file: FileHandle, chunks: readonly Buffer[], at: number): Promise<void> {
  const wanted = chunks.reduce((n, c) => n + c.length, 0);
  let { bytesWritten: done } = await file.writev(chunks, at);
  if (done === wanted) return;
  const all = Buffer.concat(chunks);
  while (done < wanted) done += (await file.write(all, done, wanted - done, at + done)).bytesWritten;
}
