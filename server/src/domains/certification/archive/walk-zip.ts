import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { ArchiveProblem, damaged } from './archive-problem.ts';
import { type ArchiveEntry, decodeName, type EntryVisitor, fill } from './entry.ts';

/** A symbolic link's target is the content of its entry; longer than a path can be, it is something else. */
const targetBytesMax = 4096;

/**
 * Visits every entry of a zip file. The list at the file's end counts, and each entry must say the same of itself: tools
 * that read from the front and tools that read from the end then see the same package.
 */
export async function walkZip(path: string, visit: EntryVisitor): Promise<void> {
  let zip: ZipFile;
  try {
    zip = await openPromise(path, {
      lazyEntries: true,
      autoClose: false,
      decodeStrings: false,
      validateEntrySizes: true,
    });
  } catch (error) {
    throw damaged(`The zip file cannot be read: ${reason(error)}.`);
  }
  try {
    let packedBytes = 0;
    for await (const entry of zip.eachEntry()) {
      packedBytes += entry.compressedSize;
      // Entries that share the same packed bytes are how small zip files become enormous ones.
      if (packedBytes > zip.fileSize) throw damaged('Entries of the zip file overlap.');
      await visitOne(zip, entry, visit);
    }
  } catch (error) {
    throw error instanceof ArchiveProblem || isOurs(error)
      ? error
      : damaged(`The zip file is damaged: ${reason(error)}.`);
  } finally {
    zip.close();
  }
}

/** Faults of disk and program must not be shown as the publisher's mistake. */
function isOurs(error: unknown): boolean {
  if (!(error instanceof Error)) return true;
  const code = 'code' in error ? String(error.code) : '';
  return error instanceof TypeError || /^E[A-Z]+$/.test(code);
}

function reason(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\.$/, '');
}

async function visitOne(zip: ZipFile, raw: Entry, visit: EntryVisitor): Promise<void> {
  const nameBytes = raw.fileNameRaw;
  const path = decodeName(nameBytes);
  if (path === null) {
    const shown = JSON.stringify(Buffer.from(nameBytes).toString('latin1').slice(0, 200));
    throw new ArchiveProblem('archive.path_invalid', `The name ${shown} is not UTF-8.`);
  }
  if (raw.isEncrypted()) throw new ArchiveProblem('archive.encrypted', `“${path}” is encrypted.`, path);
  if (!raw.canDecodeFileData())
    throw damaged(
      `“${path}” is packed by method ${raw.compressionMethod}; only stored and deflated are read.`,
      path,
    );
  const local = await zip.readLocalFileHeaderPromise(raw);
  if (!Buffer.from(local.fileName).equals(nameBytes))
    throw damaged(`“${path}” has another name in its own header than in the zip file’s list.`, path);
  const kind = kindOf(raw, path);
  const entry: ArchiveEntry = {
    path,
    kind: kind.kind,
    sizeBytes: raw.uncompressedSize,
    target: kind.kind === 'symbolic link' ? await readTarget(zip, raw, path) : '',
    what: kind.what,
  };
  const sink = await visit(entry);
  if (sink === null) return;
  await fill(sink, async () => {
    if (entry.kind !== 'file') return;
    for await (const chunk of await zip.openReadStreamPromise(raw)) await sink.write(chunk as Buffer);
  });
}

async function readTarget(zip: ZipFile, raw: Entry, path: string): Promise<string> {
  if (raw.uncompressedSize > targetBytesMax) throw damaged(`The link “${path}” is too long.`, path);
  const parts: Buffer[] = [];
  for await (const chunk of await zip.openReadStreamPromise(raw)) parts.push(chunk as Buffer);
  return Buffer.concat(parts).toString('utf8');
}

/** Unix modes are kept in the upper half of the external attributes when a Unix tool made the file. */
function kindOf(raw: Entry, path: string): Pick<ArchiveEntry, 'kind' | 'what'> {
  const mode = raw.versionMadeBy >> 8 === 3 ? (raw.externalFileAttributes >>> 16) & 0o170000 : 0;
  if (mode === 0o120000) return { kind: 'symbolic link', what: '' };
  if (mode !== 0 && mode !== 0o100000 && mode !== 0o040000)
    return { kind: 'special', what: 'a device or pipe' };
  return { kind: path.endsWith('/') || mode === 0o040000 ? 'folder' : 'file', what: '' };
}
