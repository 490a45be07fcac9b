import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../failure.ts';

/** A tar that is never written: where each byte comes from is enough to hash, send and resume it. */
export interface TarPlan {
  readonly sizeBytes: number;
  readonly names: readonly string[];
  /** Names that were left out because they begin with a dot. */
  readonly skipped: readonly string[];
  read(offset: number, length: number): Promise<Uint8Array>;
}

interface Segment {
  readonly from: number;
  readonly sizeBytes: number;
  readonly bytes?: Uint8Array;
  readonly path?: string;
}

const block = 512;

/**
 * The same files give the same bytes, on every computer and day: names in byte order, no owners, no times, mode 0644. So a
 * package's digest says whether the model changed, and an upload can go on tomorrow.
 */
export async function planTar(folder: string): Promise<TarPlan> {
  const { files, skipped } = await walk(folder);
  if (files.length === 0)
    throw new Failure({
      kind: 'invalid',
      code: 'cli.empty_folder',
      message: `There is nothing to pack in ${folder}.`,
      remedy: 'Give the folder that holds the model, or its file.',
    });
  const segments: Segment[] = [];
  let from = 0;
  const add = (segment: Omit<Segment, 'from'>) => {
    if (segment.sizeBytes > 0) segments.push({ from, ...segment });
    from += segment.sizeBytes;
  };
  for (const file of files) {
    const header = headerOf(file.name, file.sizeBytes);
    add({ bytes: header, sizeBytes: header.length });
    add({ path: file.path, sizeBytes: file.sizeBytes });
    const rest = (block - (file.sizeBytes % block)) % block;
    add({ bytes: new Uint8Array(rest), sizeBytes: rest });
  }
  add({ bytes: new Uint8Array(2 * block), sizeBytes: 2 * block });
  return {
    sizeBytes: from,
    names: files.map((f) => f.name),
    skipped,
    read: (offset, length) => readRange(segments, offset, Math.min(length, from - offset)),
  };
}

interface Found {
  readonly name: string;
  readonly path: string;
  readonly sizeBytes: number;
}

async function walk(root: string): Promise<{ files: Found[]; skipped: string[] }> {
  const files: Found[] = [];
  const skipped: string[] = [];
  const visit = async (folder: string, prefix: string): Promise<void> => {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      const name = prefix + entry.name;
      const path = join(folder, entry.name);
      if (entry.name.startsWith('.')) skipped.push(name);
      else if (entry.isDirectory()) await visit(path, `${name}/`);
      else if (entry.isFile()) files.push({ name, path, sizeBytes: await sizeOf(path) });
      else
        throw new Failure({
          kind: 'invalid',
          code: 'cli.not_a_file',
          message: `${path} is a link or a device; a package holds files only.`,
          remedy: 'Put a copy in its place.',
        });
    }
  };
  await visit(root, '');
  files.sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
  return { files, skipped: skipped.sort() };
}

async function sizeOf(path: string): Promise<number> {
  await using file = await open(path);
  return (await file.stat()).size;
}

async function readRange(segments: readonly Segment[], offset: number, length: number): Promise<Uint8Array> {
  const out = new Uint8Array(length);
  for (const s of segments) {
    const start = Math.max(offset, s.from);
    const end = Math.min(offset + length, s.from + s.sizeBytes);
    if (start >= end) continue;
    const part =
      s.bytes?.subarray(start - s.from, end - s.from) ??
      (await readExactly(s.path ?? '', start - s.from, end - start));
    out.set(part, start - offset);
  }
  return out;
}

export async function readExactly(path: string, position: number, length: number): Promise<Uint8Array> {
  await using file = await open(path);
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length; ) {
    const { bytesRead } = await file.read(bytes, done, length - done, position + done);
    if (bytesRead === 0)
      throw new Failure({
        kind: 'conflict',
        code: 'cli.file_changed',
        message: `${path} became shorter while it was read.`,
        remedy: 'Wait until it is written whole, then try again.',
      });
    done += bytesRead;
  }
  return bytes;
}

/** ustar; a name or size that it cannot hold gets a pax header before it. */
function headerOf(name: string, sizeBytes: number): Uint8Array {
  const split = splitName(name);
  if (split && sizeBytes < 8 ** 11) return ustar(split.name, split.prefix, sizeBytes, '0');
  const records = Buffer.from(paxRecord('path', name) + paxRecord('size', String(sizeBytes)));
  const padding = Buffer.alloc((block - (records.length % block)) % block);
  const short = Buffer.from(name).subarray(0, 60).toString('latin1');
  return Buffer.concat([
    ustar('pax-header', '', records.length, 'x'),
    records,
    padding,
    ustar(split?.name ?? short, split?.prefix ?? '', sizeBytes < 8 ** 11 ? sizeBytes : 0, '0'),
  ]);
}

function splitName(path: string): { name: string; prefix: string } | undefined {
  // ASCII only: readers disagree on the encoding of the rest, pax says that it is UTF-8.
  if (!/^[\x20-\x7e]+$/.test(path)) return undefined;
  if (path.length <= 100) return { name: path, prefix: '' };
  const at = path.indexOf('/', path.length - 101);
  if (at < 1 || at > 155 || at === path.length - 1) return undefined;
  return { name: path.slice(at + 1), prefix: path.slice(0, at) };
}

/** `<length> <key>=<value>\n`, where the length counts itself. */
function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  const size = Buffer.byteLength(rest);
  let length = size + String(size).length;
  if (size + String(length).length !== length) length = size + String(length).length;
  return `${length}${rest}`;
}

function ustar(name: string, prefix: string, sizeBytes: number, type: string): Buffer {
  const header = Buffer.alloc(block);
  const octal = (n: number, digits: number) => `${n.toString(8).padStart(digits, '0')}\0`;
  header.write(name, 0, 100, 'latin1');
  header.write(octal(0o644, 7), 100);
  header.write(octal(0, 7), 108);
  header.write(octal(0, 7), 116);
  header.write(octal(sizeBytes, 11), 124);
  header.write(octal(0, 11), 136);
  header.write(' '.repeat(8), 148);
  header.write(type, 156);
  header.write('ustar\x0000', 257, 'latin1');
  header.write(octal(0, 7), 329);
  header.write(octal(0, 7), 337);
  header.write(prefix, 345, 155, 'latin1');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return header;
}
