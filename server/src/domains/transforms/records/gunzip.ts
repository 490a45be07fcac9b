import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { fail } from '../../../platform/errors.ts';

/** Deflate reaches 1032:1; tables of numbers reach some 20:1. */
const ratioMax = 200;
const harmlessBytes = 100 * 1024 * 1024;

/** Unpacks while it is read, a few hundred kilobytes at a time, and says what is wrong with what is no gzip. */
export async function* gunzip(content: Readable, uri: string): AsyncGenerator<Buffer> {
  let packedBytes = 0;
  let unpackedBytes = 0;
  const unzip = createGunzip();
  content.on('data', (chunk: Buffer) => {
    packedBytes += chunk.length;
  });
  content.once('error', (error) => unzip.destroy(error));
  content.pipe(unzip);
  try {
    for await (const chunk of unzip as AsyncIterable<Buffer>) {
      unpackedBytes += chunk.length;
      if (unpackedBytes > harmlessBytes && unpackedBytes > packedBytes * ratioMax)
        fail('transform.gzip_bomb', { uri, ratio: ratioMax, unpackedBytes, packedBytes });
      yield chunk;
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'Z_BUF_ERROR' && packedBytes === 0)
      fail('transform.not_gzip', { uri, problem: 'it is empty.' });
    if (code === 'Z_BUF_ERROR') fail('transform.gzip_cut_off', { uri });
    if (code === 'Z_DATA_ERROR')
      fail('transform.not_gzip', {
        uri,
        problem: unpackedBytes === 0 ? `${message}.` : `${message}, after ${unpackedBytes} unpacked bytes.`,
      });
    throw error;
  } finally {
    content.destroy();
    unzip.destroy();
  }
}
