import { blockBytes } from './tar-header.ts';

/** One plain file as a tar has it: header, content, padding. Names are short and ours. */
export function tarEntryOf(name: string, content: Buffer): Buffer {
  return Buffer.concat([
    tarHeaderOf(name, content.length),
    content,
    Buffer.alloc((blockBytes - (content.length % blockBytes)) % blockBytes),
  ]);
}

/** No owner and no time, so that the same files make the same archive. */
export function tarHeaderOf(name: string, sizeBytes: number): Buffer {
  if (Buffer.byteLength(name) > 99) throw new Error(`too long a name for this kind of tar: ${name}`);
  const header = Buffer.alloc(blockBytes);
  header.write(name, 0);
  header.write('0000644\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  // Eleven octal digits hold 8 GiB; what is larger is written in base 256, as GNU tar does.
  if (sizeBytes < 8 ** 11) header.write(`${sizeBytes.toString(8).padStart(11, '0')}\0`, 124);
  else {
    header.writeUInt8(0x80, 124);
    header.writeBigUInt64BE(BigInt(sizeBytes), 128);
  }
  header.write('00000000000\0', 136);
  header.write('        ', 148);
  header.write('0', 156);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}

/** What ends a tar. */
export const tarEnd: Buffer = Buffer.alloc(2 * blockBytes);
