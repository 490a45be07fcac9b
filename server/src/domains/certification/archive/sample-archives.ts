/** Writes archives for tests, sound and hostile ones: real tools refuse to make the latter. */
import { crc32, deflateRawSync } from 'node:zlib';

export type SampleEntry = {
  readonly path: string;
  readonly content?: Buffer | string;
  readonly type?: string;
  readonly target?: string;
  /** What the header claims, where that is not the truth. */
  readonly statedBytes?: number;
};

export function tarHeader({ path, content = '', type = '0', target = '', statedBytes }: SampleEntry): Buffer {
  const header = Buffer.alloc(512);
  header.write(path, 0, 100);
  header.write('0000644\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  header.write(`${(statedBytes ?? Buffer.byteLength(content)).toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0', 136);
  header.write('        ', 148);
  header.write(type, 156);
  header.write(target, 157, 100);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}

export function tarEntry(entry: SampleEntry): Buffer {
  const body = Buffer.from(entry.content ?? '');
  return Buffer.concat([tarHeader(entry), body, Buffer.alloc((512 - (body.length % 512)) % 512)]);
}

export function tar(...entries: readonly SampleEntry[]): Buffer {
  return Buffer.concat([...entries.map(tarEntry), Buffer.alloc(1024)]);
}

/** An extended header in front of an entry: one record per pair. */
export function pax(records: Readonly<Record<string, string>>, type: 'x' | 'g' = 'x'): SampleEntry {
  const lines = Object.entries(records).map(([key, value]) => {
    const rest = ` ${key}=${value}\n`;
    let length = Buffer.byteLength(rest) + 1;
    while (String(length).length + Buffer.byteLength(rest) !== length) length++;
    return `${length}${rest}`;
  });
  return { path: 'pax', type, content: lines.join('') };
}

export type SampleZipEntry = {
  readonly path: string;
  readonly content?: Buffer | string;
  /** The name in the entry's own header, where it is to differ from the list's. */
  readonly localPath?: string;
  readonly mode?: number;
  readonly encrypted?: boolean;
  readonly method?: number;
  readonly statedBytes?: number;
};

export function zip(...entries: readonly SampleZipEntry[]): Buffer {
  const files: Buffer[] = [];
  const list: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const content = Buffer.from(entry.content ?? '');
    const packed = deflateRawSync(content);
    const flags = 0x800 | (entry.encrypted === true ? 1 : 0);
    const fixed = (name: Buffer) => {
      const header = Buffer.alloc(26);
      header.writeUInt16LE(20, 0);
      header.writeUInt16LE(flags, 2);
      header.writeUInt16LE(entry.method ?? 8, 4);
      header.writeUInt32LE(crc32(content), 10);
      header.writeUInt32LE(packed.length, 14);
      header.writeUInt32LE(entry.statedBytes ?? content.length, 18);
      header.writeUInt16LE(name.length, 22);
      return header;
    };
    const localName = Buffer.from(entry.localPath ?? entry.path);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), fixed(localName), localName, packed]);
    const name = Buffer.from(entry.path);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(((entry.mode ?? 0o100644) << 16) >>> 0, 6);
    tail.writeUInt32LE(offset, 10);
    list.push(
      Buffer.concat([Buffer.from('PK\x01\x02', 'latin1'), Buffer.from([20, 3]), fixed(name), tail, name]),
    );
    files.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(list);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 0, 'latin1');
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...files, directory, end]);
}
