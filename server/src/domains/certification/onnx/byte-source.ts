import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** Random access to bytes without holding them: a model may be gigabytes of weights around kilobytes of structure. */
export type ByteSource = {
  readonly sizeBytes: number;
  /** Exactly `length` bytes from `at`; valid until the next call. Throws a RangeError beyond the end. */
  read(at: number, length: number): Buffer;
  close(): void;
};

export function openFile(path: string): ByteSource {
  const handle = openSync(path, 'r');
  const sizeBytes = fstatSync(handle).size;
  // A small window: structure is read in order, and each skipped tensor would waste the rest of a large one.
  const window = Buffer.allocUnsafe(8 * 1024);
  let start = 0;
  let filled = 0;
  return {
    sizeBytes,
    read(at, length) {
      if (at < 0 || length < 0 || at + length > sizeBytes) throw new RangeError('beyond the end of the file');
      if (at >= start && at + length <= start + filled)
        return window.subarray(at - start, at - start + length);
      const target = length > window.length ? Buffer.allocUnsafe(length) : window;
      const got = readFully(handle, target, at, Math.min(target.length, sizeBytes - at));
      if (got < length) throw new RangeError('the file became shorter while it was read');
      if (target !== window) return target;
      start = at;
      filled = got;
      return window.subarray(0, length);
    },
    close: () => closeSync(handle),
  };
}

export function fromBytes(bytes: Uint8Array): ByteSource {
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    sizeBytes: whole.length,
    read(at, length) {
      if (at < 0 || length < 0 || at + length > whole.length)
        throw new RangeError('beyond the end of the bytes');
      return whole.subarray(at, at + length);
    },
    close: () => undefined,
  };
}

function readFully(handle: number, target: Buffer, at: number, length: number): number {
  let got = 0;
  while (got < length) {
    const more = readSync(handle, target, got, length - got, at + got);
    if (more === 0) break;
    got += more;
  }
  return got;
}
