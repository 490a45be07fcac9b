import { createReadStream } from 'node:fs';
import type { Transform } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { damaged } from '../archive/archive-problem.ts';
import { readHead } from '../archive/open-archive.ts';

export type Packing = 'plain' | 'gzip' | 'zstd';

const chunkBytes = 256 * 1024;

/** By content: archives and layers come under names and kinds that do not always tell the truth. */
export function packingOf(head: Buffer): Packing {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  if (head.length >= 4 && head.readUInt32LE(0) === 0xfd2fb528) return 'zstd';
  return 'plain';
}

/** The content of a file, unpacked. Damage is the publisher's; a disk that fails is ours. */
export async function* unpackedChunks(path: string): AsyncGenerator<Buffer> {
  const packing = packingOf(await readHead(path));
  const file = createReadStream(path, { highWaterMark: chunkBytes });
  if (packing === 'plain') {
    yield* file as AsyncIterable<Buffer>;
    return;
  }
  const unpack: Transform =
    packing === 'gzip'
      ? createGunzip({ chunkSize: chunkBytes })
      : createZstdDecompress({ chunkSize: chunkBytes });
  file.on('error', (error) => unpack.destroy(error));
  try {
    for await (const chunk of file.pipe(unpack)) yield chunk as Buffer;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    throw /^(?:Z_|ZSTD_|ERR_ZLIB|ERR_ZSTD)/.test(code)
      ? damaged('The compressed data are damaged or cut short.')
      : error;
  } finally {
    file.destroy();
    unpack.destroy();
  }
}
