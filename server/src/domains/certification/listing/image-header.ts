/** What a picture's file says of itself, read from its first and last bytes without unpacking it. */
export type ImageHeader = {
  readonly type: 'png' | 'jpeg' | 'gif';
  readonly width: number;
  readonly height: number;
};

export type ReadHeader =
  | { readonly ok: true; readonly image: ImageHeader }
  | { readonly ok: false; readonly reason: 'unknown' | 'damaged' };

export function readImageHeader(bytes: Buffer): ReadHeader {
  try {
    const image = png(bytes) ?? gif(bytes) ?? jpeg(bytes);
    return image === null ? { ok: false, reason: 'unknown' } : { ok: true, image };
  } catch (error) {
    if (error instanceof RangeError) return { ok: false, reason: 'damaged' };
    throw error;
  }
}

function png(bytes: Buffer): ImageHeader | null {
  if (bytes.toString('latin1', 0, 8) !== '\x89PNG\r\n\x1a\n') return null;
  if (bytes.toString('latin1', 12, 16) !== 'IHDR' || !bytes.subarray(-12).includes('IEND'))
    throw new RangeError('no header or no end');
  return { type: 'png', width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
}

function gif(bytes: Buffer): ImageHeader | null {
  if (!/^GIF8[79]a/.test(bytes.toString('latin1', 0, 6))) return null;
  if (bytes.at(-1) !== 0x3b) throw new RangeError('no end');
  return { type: 'gif', width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) };
}

/** JPEG keeps its size in the first frame header, behind any number of other segments. */
function jpeg(bytes: Buffer): ImageHeader | null {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8 || bytes[2] !== 0xff) return null;
  for (let at = 2; ; ) {
    if (bytes.readUInt8(at) !== 0xff) throw new RangeError('no marker');
    const marker = bytes.readUInt8(at + 1);
    if (marker === 0xff) {
      at++;
      continue;
    }
    // All frame headers, except three markers of the same range that are tables.
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      if (!bytes.subarray(-64).includes(Buffer.from([0xff, 0xd9]))) throw new RangeError('no end');
      return { type: 'jpeg', height: bytes.readUInt16BE(at + 5), width: bytes.readUInt16BE(at + 7) };
    }
    const length = bytes.readUInt16BE(at + 2);
    if (marker === 0xd9 || marker === 0xda || length < 2) throw new RangeError('no frame');
    at += 2 + length;
  }
}
