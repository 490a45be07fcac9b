/** Draws logo.png: an iris on a transparent square, as 400 x 400 RGBA. Each pixel averages 3 x 3 points for smooth edges. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';

const size = 400;
type Colour = readonly [red: number, green: number, blue: number];
type Petal = {
  readonly turn: number;
  readonly length: number;
  readonly width: number;
  readonly from: Colour;
  readonly to: Colour;
};

const upright: Petal = { turn: 0, length: 0.43, width: 0.13, from: [88, 60, 170], to: [150, 124, 224] };
const fall: Petal = { turn: 60, length: 0.46, width: 0.17, from: [92, 44, 150], to: [122, 82, 206] };
/** Painted in this order: the later lie on top. */
const petals: readonly Petal[] = [
  ...[60, 180, 300].map((turn) => ({ ...fall, turn })),
  ...[0, 120, 240].map((turn) => ({ ...upright, turn })),
];
const signal: Colour = [247, 196, 64];

/** Where a point lies along a petal (0 heart, 1 tip), or null when it lies outside. */
function along(petal: Petal, x: number, y: number): number | null {
  const angle = (petal.turn * Math.PI) / 180;
  const forward = x * Math.sin(angle) - y * Math.cos(angle);
  const aside = x * Math.cos(angle) + y * Math.sin(angle);
  const t = forward / petal.length;
  if (t <= 0 || t >= 1) return null;
  // Narrow at the heart, widest past the middle, rounded at the tip.
  const halfWidth = petal.width * Math.sin(Math.PI * t ** 1.25) ** 0.8;
  return Math.abs(aside) <= halfWidth ? t : null;
}

function colourAt(x: number, y: number): Colour | null {
  if (Math.hypot(x, y) < 0.045) return signal;
  let colour: Colour | null = null;
  for (const petal of petals) {
    const t = along(petal, x, y);
    if (t === null) continue;
    const stripe = along({ ...petal, width: petal.width * 0.16, length: petal.length * 0.5 }, x, y);
    colour = stripe === null ? mix(petal.from, petal.to, t) : mix(signal, petal.to, stripe);
  }
  return colour;
}

function mix(a: Colour, b: Colour, t: number): Colour {
  return [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t];
}

function pixel(column: number, row: number): readonly [number, number, number, number] {
  const sum = [0, 0, 0];
  let hits = 0;
  for (const dx of [1 / 6, 3 / 6, 5 / 6]) {
    for (const dy of [1 / 6, 3 / 6, 5 / 6]) {
      const colour = colourAt((column + dx) / size - 0.5, (row + dy) / size - 0.5);
      if (colour === null) continue;
      hits++;
      colour.forEach((channel, i) => {
        sum[i] = (sum[i] ?? 0) + channel;
      });
    }
  }
  const [r = 0, g = 0, b = 0] = sum.map((channel) => (hits === 0 ? 0 : Math.round(channel / hits)));
  return [r, g, b, Math.round((hits / 9) * 255)];
}

function chunk(type: string, body: Uint8Array): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), body]);
  const whole = Buffer.alloc(named.length + 8);
  whole.writeUInt32BE(body.length, 0);
  named.copy(whole, 4);
  whole.writeUInt32BE(crc32(named), named.length + 4);
  return whole;
}

export function drawLogo(): Buffer {
  const lines = Buffer.alloc(size * (size * 4 + 1)); // each line starts with filter 0
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      lines.set(pixel(column, row), row * (size * 4 + 1) + 1 + column * 4);
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header.set([8, 6], 8); // 8 bits, RGBA
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const body = deflateSync(lines, { level: 9 });
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', body),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

if (import.meta.main) writeFileSync(join(import.meta.dirname, 'logo.png'), drawLogo());
