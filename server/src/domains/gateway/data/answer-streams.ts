import { Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createGzip, createInflate } from 'node:zlib';
import type { Deadline } from '../calls.deadlines.ts';

/** The bytes of an answer on their way, and what may go wrong on it that is the service's doing. */
export class TooLarge extends Error {}

export type Bytes = AsyncIterable<Uint8Array>;

/** A service that sends nothing for `stallMs` is given up; one that its buyer reads slowly is not, within `totalMs`. */
export async function* read(
  body: Uint8Array | ReadableStream<Uint8Array>,
  deadline: Deadline,
  stallMs: number,
  totalMs: number,
): AsyncGenerator<Uint8Array> {
  if (!(body instanceof ReadableStream)) {
    yield body;
    return;
  }
  const until = performance.now() + totalMs;
  const reader = body.getReader();
  try {
    for (;;) {
      const left = until - performance.now();
      deadline.extend(Math.min(stallMs, left));
      const { value, done } = await reader.read();
      if (done) return;
      deadline.extend(left);
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

const unpackers = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
} as const;
export type Encoding = keyof typeof unpackers;
export const isEncoding = (text: string): text is Encoding => text in unpackers;

export const unpacked = (bytes: Bytes, encoding: Encoding): Bytes => through(bytes, unpackers[encoding]());
export const packed = (bytes: Bytes): Bytes => through(bytes, createGzip());

async function* through(bytes: Bytes, packer: NodeJS.ReadWriteStream & { destroy(error?: Error): void }) {
  const source = Readable.from(bytes, { objectMode: false });
  source.on('error', (error) => packer.destroy(error));
  source.pipe(packer);
  try {
    for await (const part of packer) yield part as unknown as Uint8Array;
  } finally {
    source.destroy();
    packer.destroy();
  }
}

/** Counts what comes out, so that a small packed answer cannot grow without end. */
export async function* bounded(bytes: Bytes, bytesMax: number): AsyncGenerator<Uint8Array> {
  let count = 0;
  for await (const part of bytes) {
    count += part.length;
    if (count > bytesMax) throw new TooLarge(`longer than ${bytesMax} bytes`);
    yield part;
  }
}

export interface Changing {
  push(bytes: Uint8Array): Uint8Array;
  end(): Uint8Array | undefined;
}

export async function* changed(bytes: Bytes, change: Changing): AsyncGenerator<Uint8Array> {
  for await (const part of bytes) {
    const out = change.push(part);
    if (out.length > 0) yield out;
  }
  const rest = change.end();
  if (rest && rest.length > 0) yield rest;
}

/** Up to so many bytes are held back: most answers are over by then, and their head can say what they cost. */
const heldBytesMax = 65_536;

/** All of a short answer, or the beginning of a long one and an iterator of its rest. */
export async function beginningOf(
  bytes: Bytes,
): Promise<{ readonly held: Uint8Array[]; readonly rest: AsyncIterator<Uint8Array> | undefined }> {
  const iterator = bytes[Symbol.asyncIterator]();
  const held: Uint8Array[] = [];
  for (let count = 0; count <= heldBytesMax; ) {
    const { value, done } = await iterator.next();
    if (done) return { held, rest: undefined };
    held.push(value);
    count += value.length;
  }
  return { held, rest: iterator };
}
