import { crc32, inflateSync } from 'node:zlib';

/** Whether the ground of a PNG, judged by its outermost pixels, is transparent or white. */
export type Ground = 'clear' | 'coloured' | 'damaged' | 'undecided';

type Header = {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly colour: number;
  readonly interlaced: boolean;
};

/** Samples per pixel by colour type: grey, RGB, palette, grey with alpha, RGB with alpha. */
const samples = new Map([
  [0, 1],
  [2, 3],
  [3, 1],
  [4, 2],
  [6, 4],
]);
const whiteEnough = 245;
const clearEnough = 10;
/** So many of the border's pixels may belong to the picture itself. */
const borderShare = 0.9;

/** The caller has checked that the picture is small: at most 640 x 640 pixels are ever unpacked. */
export function pngGround(bytes: Buffer): Ground {
  const parts = readChunks(bytes);
  if (parts === null) return 'damaged';
  const { header, palette, transparency, data } = parts;
  const perPixel = samples.get(header.colour);
  if (perPixel === undefined) return 'damaged';
  if (header.interlaced || header.depth === 16) return 'undecided';
  const bitsPerPixel = perPixel * header.depth;
  const lineBytes = Math.ceil((header.width * bitsPerPixel) / 8);
  const expected = header.height * (lineBytes + 1);
  let raw: Buffer;
  try {
    raw = inflateSync(data, { maxOutputLength: expected });
  } catch {
    return 'damaged';
  }
  if (raw.length !== expected) return 'damaged';
  const lines = unfilter(raw, header.height, lineBytes, Math.max(1, bitsPerPixel >> 3));
  if (lines === null) return 'damaged';
  const isClear = (x: number, y: number) =>
    clearPixel(lines, y * lineBytes, x, header, palette, transparency);
  let clear = 0;
  let all = 0;
  const look = (x: number, y: number) => {
    all++;
    if (isClear(x, y)) clear++;
  };
  for (let x = 0; x < header.width; x++) {
    look(x, 0);
    look(x, header.height - 1);
  }
  for (let y = 1; y < header.height - 1; y++) {
    look(0, y);
    look(header.width - 1, y);
  }
  return clear >= all * borderShare ? 'clear' : 'coloured';
}

function readChunks(bytes: Buffer) {
  let header: Header | null = null;
  let palette = Buffer.alloc(0);
  let transparency = Buffer.alloc(0);
  const data: Buffer[] = [];
  for (let at = 8; at + 12 <= bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    if (at + 12 + length > bytes.length) return null;
    const type = bytes.toString('latin1', at + 4, at + 8);
    if (crc32(bytes.subarray(at + 4, at + 8 + length)) !== bytes.readUInt32BE(at + 8 + length)) return null;
    const body = bytes.subarray(at + 8, at + 8 + length);
    if (type === 'IHDR' && length === 13) {
      header = {
        width: body.readUInt32BE(0),
        height: body.readUInt32BE(4),
        depth: body[8] ?? 0,
        colour: body[9] ?? 0,
        interlaced: body[12] !== 0,
      };
    } else if (type === 'PLTE') palette = Buffer.from(body);
    else if (type === 'tRNS') transparency = Buffer.from(body);
    else if (type === 'IDAT') data.push(body);
    else if (type === 'IEND') break;
    at += 12 + length;
  }
  return header === null ? null : { header, palette, transparency, data: Buffer.concat(data) };
}

/** Undoes the five filters of PNG, line by line. */
function unfilter(raw: Buffer, height: number, lineBytes: number, back: number): Buffer | null {
  const lines = Buffer.alloc(height * lineBytes);
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (lineBytes + 1)] ?? 0;
    if (filter > 4) return null;
    const to = y * lineBytes;
    for (let i = 0; i < lineBytes; i++) {
      const left = i >= back ? (lines[to + i - back] ?? 0) : 0;
      const up = y > 0 ? (lines[to + i - lineBytes] ?? 0) : 0;
      const corner = i >= back && y > 0 ? (lines[to + i - lineBytes - back] ?? 0) : 0;
      const predicted = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter] ?? 0;
      lines[to + i] = ((raw[y * (lineBytes + 1) + 1 + i] ?? 0) + predicted) & 0xff;
    }
  }
  return lines;
}

function paeth(left: number, up: number, corner: number): number {
  const estimate = left + up - corner;
  const [toLeft, toUp, toCorner] = [left, up, corner].map((value) => Math.abs(estimate - value)) as [
    number,
    number,
    number,
  ];
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}

function clearPixel(
  lines: Buffer,
  line: number,
  x: number,
  header: Header,
  palette: Buffer,
  transparency: Buffer,
): boolean {
  const { depth, colour } = header;
  const sample = (index: number) => {
    if (depth === 8) return lines[line + index] ?? 0;
    const bit = index * depth;
    return ((lines[line + (bit >> 3)] ?? 0) >> (8 - depth - (bit & 7))) & ((1 << depth) - 1);
  };
  const white = (...values: readonly number[]) => values.every((value) => value >= whiteEnough);
  switch (colour) {
    case 0: {
      const grey = sample(x);
      return (
        (transparency.length >= 2 && transparency.readUInt16BE(0) === grey) ||
        white((grey * 255) / ((1 << depth) - 1))
      );
    }
    case 2: {
      const [r, g, b] = [sample(x * 3), sample(x * 3 + 1), sample(x * 3 + 2)];
      const isKey =
        transparency.length >= 6 && [r, g, b].every((value, i) => transparency.readUInt16BE(i * 2) === value);
      return isKey || white(r ?? 0, g ?? 0, b ?? 0);
    }
    case 3: {
      const index = sample(x);
      const alpha = transparency[index] ?? 255;
      return alpha <= clearEnough || white(...palette.subarray(index * 3, index * 3 + 3));
    }
    case 4:
      return sample(x * 2 + 1) <= clearEnough || white(sample(x * 2));
    default:
      return sample(x * 4 + 3) <= clearEnough || white(sample(x * 4), sample(x * 4 + 1), sample(x * 4 + 2));
  }
}
