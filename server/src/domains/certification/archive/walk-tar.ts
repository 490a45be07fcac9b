import { damaged } from './archive-problem.ts';
import { ChunkReader } from './chunk-reader.ts';
import { type ArchiveEntry, type EntryVisitor, fill } from './entry.ts';
import { blockBytes, nameOf, readHeader, readPax, type TarHeader } from './tar-header.ts';

/** Names and attributes are short; a header of megabytes is there to fill memory. */
const extendedBytesMax = 64 * 1024;

type Overrides = { path?: string; target?: string; sizeBytes?: number };

/** Visits every entry of a tar stream in order. Stricter than tar itself: what two readers could read differently is refused. */
export async function walkTar(chunks: AsyncIterable<Buffer>, visit: EntryVisitor): Promise<void> {
  const reader = new ChunkReader(chunks);
  try {
    await walk(reader, visit);
  } catch (error) {
    if (error instanceof RangeError) throw damaged('The archive ends in the middle of an entry.');
    throw error;
  } finally {
    await reader.close();
  }
}

async function walk(reader: ChunkReader, visit: EntryVisitor): Promise<void> {
  let next: Overrides = {};
  for (;;) {
    const block = await reader.take(blockBytes);
    if (block === null) throw damaged('The archive has no end mark; it was probably cut short.');
    const header = readHeader(block);
    if (header === null) return mustEnd(reader);
    if (header.type === 'x' || header.type === 'g' || header.type === 'L' || header.type === 'K') {
      next = { ...next, ...(await readExtended(reader, header)) };
      continue;
    }
    const entry = toEntry(header, next);
    next = {};
    const hasContent = entry.kind === 'file' || entry.kind === 'special';
    if (!hasContent && entry.sizeBytes > 0)
      throw damaged(`The ${entry.kind} “${entry.path}” claims to have content.`, entry.path);
    const sink = await visit(entry);
    await fill(sink, async () => {
      await reader.pass(entry.sizeBytes, (chunk) => sink?.write(chunk));
      await reader.pass(padding(entry.sizeBytes), () => undefined);
    });
  }
}

/** After the end mark only zeros may follow: some tools read on behind it, so something could hide there. */
async function mustEnd(reader: ChunkReader): Promise<void> {
  for (let chunk = await reader.rest(); chunk !== null; chunk = await reader.rest()) {
    if (chunk.some((byte) => byte !== 0)) throw damaged('More data follow behind the archive’s end mark.');
  }
}

async function readExtended(reader: ChunkReader, header: TarHeader): Promise<Overrides> {
  if (header.sizeBytes > extendedBytesMax) throw damaged('An extended header is too long.');
  const body = (await reader.take(header.sizeBytes)) ?? Buffer.alloc(0);
  await reader.pass(padding(header.sizeBytes), () => undefined);
  if (header.type === 'L') return { path: withoutZeros(body) };
  if (header.type === 'K') return { target: withoutZeros(body) };
  const records = readPax(body);
  if ([...records.keys()].some((key) => key.startsWith('GNU.sparse')))
    throw damaged('The archive holds sparse files; build it without --sparse.');
  const [path, target, size] = ['path', 'linkpath', 'size'].map((key) => records.get(key));
  if (header.type === 'g') {
    // Git writes a global comment; a global name or size would apply to every entry and serves only to confuse.
    if (path !== undefined || target !== undefined || size !== undefined)
      throw damaged('A global header sets names or sizes.');
    return {};
  }
  if (size !== undefined && !/^\d{1,15}$/.test(size))
    throw damaged('An extended header states an impossible size.');
  return {
    ...(path === undefined ? {} : { path }),
    ...(target === undefined ? {} : { target }),
    ...(size === undefined ? {} : { sizeBytes: Number(size) }),
  };
}

function withoutZeros(body: Buffer): string {
  const end = body.indexOf(0);
  return nameOf(end < 0 ? body : body.subarray(0, end));
}

const special: Readonly<Record<string, string>> = {
  3: 'a character device',
  4: 'a block device',
  6: 'a pipe',
  S: 'a sparse file',
  V: 'a volume label',
  M: 'a part of another volume',
};

function toEntry(header: TarHeader, next: Overrides): ArchiveEntry {
  const path = next.path ?? header.path;
  const target = next.target ?? header.target;
  const sizeBytes = next.sizeBytes ?? header.sizeBytes;
  const plain = { path, sizeBytes, target, what: '', mode: header.mode };
  switch (header.type) {
    case '0':
    case '7':
      // Before 1988 a folder was a file whose name ends with a slash.
      return { ...plain, kind: path.endsWith('/') ? 'folder' : 'file' };
    case '1':
      return { ...plain, kind: 'hard link' };
    case '2':
      return { ...plain, kind: 'symbolic link' };
    case '5':
      return { ...plain, kind: 'folder' };
    default:
      return {
        ...plain,
        kind: 'special',
        what: special[header.type] ?? `of the unknown type “${header.type}”`,
      };
  }
}

function padding(sizeBytes: number): number {
  return (blockBytes - (sizeBytes % blockBytes)) % blockBytes;
}
