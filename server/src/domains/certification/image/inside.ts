import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createGunzip, inflateSync } from 'node:zlib';
import type { Finding } from '@souk/contract/findings';
import { ArchiveProblem } from '../archive/archive-problem.ts';
import type { Budget } from '../archive/budget.ts';
import { archiveKind, walkArchive } from '../archive/open-archive.ts';
import { kindByContent } from '../content/file-kind.ts';
import { isObjectArray, isPickle } from '../content/pickle.ts';
import { fromBytes, openFile } from '../onnx/byte-source.ts';
import { found } from '../rules.ts';
import { pickleFindings } from './pickle-findings.ts';

/** Unpacked, of a pickle that is compressed or lies in an archive. */
const innerBytesMax = 256 * 2 ** 20;
const pickleNames = /\.(?:pkl|pickle|joblib|dill|cloudpickle)(?:\.(?:gz|z|bz2|xz|lzma|lz4|zst))?$/i;
const modelNames = /\.(?:pt|pth|ckpt|npz|bin|model|sav)$/i;

/** What opening archives costs, and where large ones may lie meanwhile. */
export type Opening = { readonly budget: Budget; readonly workDir: string };

type Content = Buffer | { readonly path: string };

/** Whether a file may hold pickles: by what it begins with, or by what it is called. */
export function needsLookInside(path: string, start: Buffer): boolean {
  if (pickleNames.test(path) || isPickle(start) || isObjectArray(start)) return true;
  const kind = kindByContent(start.subarray(0, 1024));
  if (kind?.kind === 'archive') return kind.what === 'zip' || modelNames.test(path);
  return kind?.kind === 'packed' && modelNames.test(path);
}

/** What the pickles in a file name: of the file itself, of one that is compressed, and of those in a zip as torch and NumPy write. */
export async function insideFindings(path: string, content: Content, to: Opening): Promise<Finding[]> {
  const start = Buffer.isBuffer(content) ? content : await startOf(content.path);
  const kind = kindByContent(start.subarray(0, 1024));
  if (kind?.kind === 'archive' && kind.what === 'zip') return zipFindings(path, content, to);
  if (kind?.kind === 'archive' && kind.what === 'tar') return zipFindings(path, content, to);
  if (kind?.kind === 'archive') return compressedFindings(path, content, to);
  if (kind?.kind === 'packed')
    return [unclear(path, `it is packed with ${kind.what}, which is not looked into`)];
  const unpacked = zlibContent(start);
  if (unpacked) return pickleIn(path, unpacked);
  if (Buffer.isBuffer(content)) return pickleIn(path, content);
  const source = openFile(content.path);
  try {
    return pickleFindings(path, source, offsetOf(start), pickleNames.test(path));
  } finally {
    source.close();
  }
}

const unclear = (path: string, why: string) =>
  found('image.pickle_unclear', { file: path, message: `The pickle “${path}” cannot be followed: ${why}.` });

function pickleIn(path: string, content: Buffer): Finding[] {
  return pickleFindings(path, fromBytes(content), offsetOf(content), pickleNames.test(path));
}

/** A NumPy array of objects is a header, then a pickle. */
function offsetOf(start: Buffer): number {
  if (!isObjectArray(start)) return 0;
  return start[6] === 1 ? 10 + start.readUInt16LE(8) : 12 + start.readUInt32LE(8);
}

/** As joblib compresses by default. */
function zlibContent(start: Buffer): Buffer | null {
  if ((start[0] ?? 0) % 16 !== 8 || start.length < 2 || start.readUInt16BE(0) % 31 !== 0) return null;
  try {
    return inflateSync(start, { maxOutputLength: innerBytesMax });
  } catch {
    return null;
  }
}

async function startOf(path: string): Promise<Buffer> {
  const { size } = await stat(path);
  // A compressed pickle must be whole; of everything else the first kilobytes tell.
  return size <= 64 * 2 ** 20 ? readFile(path) : Buffer.from(openStart(path));
}

function openStart(path: string): Buffer {
  const source = openFile(path);
  try {
    return source.read(0, Math.min(source.sizeBytes, 64 * 1024));
  } finally {
    source.close();
  }
}

async function compressedFindings(path: string, content: Content, to: Opening): Promise<Finding[]> {
  const packed = Buffer.isBuffer(content) ? content : await readFile(content.path);
  const gunzip = createGunzip();
  gunzip.end(packed);
  const parts: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of gunzip) {
      bytes += (chunk as Buffer).length;
      to.budget.content(path, (chunk as Buffer).length);
      if (bytes > innerBytesMax) return [unclear(path, 'it is too large unpacked')];
      parts.push(chunk as Buffer);
    }
  } catch (error) {
    if (error instanceof ArchiveProblem) throw error;
    return [unclear(path, 'its compressed data are damaged')];
  }
  const inner = Buffer.concat(parts);
  return pickleNames.test(path) || isPickle(inner) ? pickleIn(path, inner) : [];
}

/** Entries are followed in memory, none is written. What a reader of zip files would not accept, Python’s might. */
async function zipFindings(path: string, content: Content, to: Opening): Promise<Finding[]> {
  let diskPath: string;
  if (Buffer.isBuffer(content)) {
    diskPath = join(to.workDir, 'archive');
    await writeFile(diskPath, content, { mode: 0o600 });
  } else diskPath = content.path;
  const findings: Finding[] = [];
  const kind = archiveKind(Buffer.isBuffer(content) ? content.subarray(0, 512) : openStart(content.path));
  try {
    if (kind === 'zip' || kind === 'tar')
      await walkArchive(diskPath, kind, async (entry) => {
        const inner = `${path}!/${entry.path}`.slice(0, 400);
        to.budget.entry(inner, entry.sizeBytes);
        return entry.kind === 'file' ? innerSink(inner, to, findings) : null;
      });
  } catch (error) {
    if (!(error instanceof ArchiveProblem)) throw error;
    if (/^archive\.(?:too_|file_too|ratio)/.test(error.code)) throw error;
    findings.push(
      modelNames.test(path) || pickleNames.test(path)
        ? unclear(path, `the archive that it is cannot be read (${error.message.replace(/\.$/, '')})`)
        : found('image.part_unread', {
            file: path,
            message: `“${path}” cannot be looked into: ${error.message}`,
          }),
    );
  }
  return findings;
}

function innerSink(path: string, to: Opening, findings: Finding[]) {
  const parts: Buffer[] = [];
  let bytes = 0;
  let wanted: boolean | null = null;
  return {
    write(chunk: Buffer) {
      to.budget.content(path, chunk.length);
      wanted ??= pickleNames.test(path) || isPickle(chunk) || isObjectArray(chunk);
      bytes += chunk.length;
      if (wanted && bytes <= innerBytesMax) parts.push(Buffer.from(chunk));
    },
    async end() {
      if (!wanted) return;
      if (bytes > innerBytesMax) findings.push(unclear(path, 'it is too large unpacked'));
      else findings.push(...pickleIn(path, Buffer.concat(parts)));
    },
    abort: async () => {},
  };
}
