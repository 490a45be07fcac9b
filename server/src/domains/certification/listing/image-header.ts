/** What a picture's file says of itself, read from its structure without unpacking it. */
export type ImageHeader = {
  readonly type: 'png' | 'jpeg' | 'gif';
  readonly width: number;
  readonly height: number;
  /** More than one frame: an animated GIF or PNG. */
  readonly animated: boolean;
  /** Colours mixed for print; browsers and screens show them wrongly or not at all. */
  readonly cmyk: boolean;
};

export type ReadHeader =
  | { readonly ok: true; readonly image: ImageHeader }
  | { readonly ok: false; readonly reason: 'unknown' | 'damaged' | 'svg' };

export function readImageHeader(bytes: Buffer): ReadHeader {
  try {
    const image = png(bytes) ?? gif(bytes) ?? jpeg(bytes);
    if (image !== null) return { ok: true, image };
    return { ok: false, reason: isSvg(bytes) ? 'svg' : 'unknown' };
  } catch (error) {
    if (error instanceof RangeError) return { ok: false, reason: 'damaged' };
    throw error;
  }
}

/** A drawing as text, whatever stands in front of it; also packed, as .svgz is. */
const isSvg = (bytes: Buffer) => /<(?:[a-z]+:)?svg[\s>]/i.test(bytes.toString('latin1', 0, 4096));

/** The last chunk's name with its checksum. */
const pngEnd = Buffer.from('IEND\xae\x42\x60\x82', 'latin1');

function png(bytes: Buffer): ImageHeader | null {
  if (bytes.toString('latin1', 0, 8) !== '\x89PNG\r\n\x1a\n') return null;
  if (bytes.toString('latin1', 12, 16) !== 'IHDR' || !bytes.subarray(-12).includes(pngEnd))
    throw new RangeError('no header or no end');
  return {
    type: 'png',
    width: bytes.readUInt32BE(16),
    height: bytes.readUInt32BE(20),
    animated: isAnimatedPng(bytes),
    cmyk: false,
  };
}

/** An animation announces itself by the chunk `acTL` in front of the picture data. */
function isAnimatedPng(bytes: Buffer): boolean {
  for (let at = 8; at + 8 <= bytes.length; at += 12 + bytes.readUInt32BE(at)) {
    const type = bytes.toString('latin1', at + 4, at + 8);
    if (type === 'acTL') return true;
    if (type === 'IDAT') return false;
  }
  return false;
}

function gif(bytes: Buffer): ImageHeader | null {
  if (!/^GIF8[79]a/.test(bytes.toString('latin1', 0, 6))) return null;
  if (bytes.at(-1) !== 0x3b) throw new RangeError('no end');
  const frames = gifFrames(bytes);
  if (frames === 0) throw new RangeError('no picture');
  return {
    type: 'gif',
    width: bytes.readUInt16LE(6),
    height: bytes.readUInt16LE(8),
    animated: frames > 1,
    cmyk: false,
  };
}

/** Two are enough to know. */
function gifFrames(bytes: Buffer): number {
  const tableBytes = (flags: number) => (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0);
  const subBlocks = (from: number) => {
    let at = from;
    for (let size = bytes.readUInt8(at); size > 0; size = bytes.readUInt8(at)) at += size + 1;
    return at + 1;
  };
  let frames = 0;
  for (let at = 13 + tableBytes(bytes.readUInt8(10)); frames < 2; ) {
    const kind = bytes.readUInt8(at);
    if (kind === 0x3b) break;
    if (kind === 0x21) at = subBlocks(at + 2);
    else if (kind === 0x2c) {
      frames++;
      at = subBlocks(at + 11 + tableBytes(bytes.readUInt8(at + 9)));
    } else throw new RangeError('no block');
  }
  return frames;
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
      if (!bytes.includes(Buffer.from([0xff, 0xd9]), at)) throw new RangeError('no end');
      const [height, width] = [bytes.readUInt16BE(at + 5), bytes.readUInt16BE(at + 7)];
      return { type: 'jpeg', width, height, animated: false, cmyk: bytes.readUInt8(at + 9) === 4 };
    }
    const length = bytes.readUInt16BE(at + 2);
    if (marker === 0xd9 || marker === 0xda || length < 2) throw new RangeError('no frame');
    at += 2 + length;
  }
}
