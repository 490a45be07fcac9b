import { ArchiveProblem, damaged } from './archive-problem.ts';
import { decodeName } from './entry.ts';

export const blockBytes = 512;

export type TarHeader = {
  readonly path: string;
  readonly sizeBytes: number;
  readonly type: string;
  readonly target: string;
  /** Permission bits, with set-uid, set-gid and sticky. */
  readonly mode: number;
};

/** One 512-byte header, with its checksum verified; null for the zero block that ends an archive. */
export function readHeader(block: Buffer): TarHeader | null {
  if (block.every((byte) => byte === 0)) return null;
  if (!hasTarChecksum(block)) throw damaged('A header’s checksum is wrong; the archive is damaged.');
  const type = String.fromCharCode(block[156] ?? 0);
  // Only POSIX archives carry a path prefix; GNU's older format keeps times in the same place.
  const prefix = block.toString('latin1', 257, 263) === 'ustar\0' ? field(block, 345, 155) : '';
  const name = field(block, 0, 100);
  return {
    path: prefix === '' ? name : `${prefix}/${name}`,
    sizeBytes: readNumber(block.subarray(124, 136)),
    type: type === '\0' ? '0' : type,
    target: field(block, 157, 100),
    mode: readNumber(block.subarray(100, 108)) & 0o7777,
  };
}

/** True when the block's stated checksum is the sum of its bytes: how old tar files without a magic are recognised. */
export function hasTarChecksum(block: Buffer): boolean {
  if (block.length < blockBytes) return false;
  const stated = Number.parseInt(block.toString('latin1', 148, 156).replace(/\0.*$/s, '').trim(), 8);
  let sum = 8 * 0x20; // the checksum's own bytes count as blanks
  for (let i = 0; i < blockBytes; i++) if (i < 148 || i >= 156) sum += block[i] ?? 0;
  return stated === sum;
}

function field(block: Buffer, at: number, length: number): string {
  const bytes = block.subarray(at, at + length);
  const end = bytes.indexOf(0);
  return nameOf(end < 0 ? bytes : bytes.subarray(0, end));
}

export function nameOf(bytes: Uint8Array): string {
  const name = decodeName(bytes);
  if (name === null) {
    const shown = JSON.stringify(Buffer.from(bytes).toString('latin1').slice(0, 200));
    throw new ArchiveProblem('archive.path_invalid', `The name ${shown} is not UTF-8.`);
  }
  return name;
}

/** Octal digits, or GNU's base 256 for what does not fit. */
function readNumber(bytes: Buffer): number {
  const first = bytes[0] ?? 0;
  if (first >= 0x80) {
    if (first !== 0x80) throw damaged('A header states a negative or impossible size.');
    let value = 0;
    for (const byte of bytes.subarray(1)) value = value * 256 + byte;
    if (!Number.isSafeInteger(value)) throw damaged('A header states an impossible size.');
    return value;
  }
  const digits = bytes.toString('latin1').replace(/\0.*$/s, '').trim();
  if (!/^[0-7]*$/.test(digits)) throw damaged('A header’s size is not a number.');
  return digits === '' ? 0 : Number.parseInt(digits, 8);
}

/** Pax records: `length key=value\n`, the length counting itself. */
export function readPax(body: Buffer): Map<string, string> {
  const records = new Map<string, string>();
  let at = 0;
  while (at < body.length) {
    const blank = body.indexOf(0x20, at);
    const length = blank < 0 ? Number.NaN : Number(body.toString('latin1', at, blank));
    if (
      !Number.isInteger(length) ||
      length < 5 ||
      at + length > body.length ||
      body[at + length - 1] !== 0x0a
    )
      throw damaged('An extended header is malformed.');
    const record = body.subarray(blank + 1, at + length - 1);
    const equals = record.indexOf(0x3d);
    if (equals < 1) throw damaged('An extended header is malformed.');
    const key = record.toString('latin1', 0, equals);
    const value = record.subarray(equals + 1);
    // Names are read as names; an extended attribute, such as a capability of a program, is any bytes.
    records.set(key, key === 'path' || key === 'linkpath' ? nameOf(value) : value.toString('latin1'));
    at += length;
  }
  return records;
}
