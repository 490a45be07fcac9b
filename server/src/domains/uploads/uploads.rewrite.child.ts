/**
 * Unpacks one picture and writes it anew, in a process of its own: whatever a hostile file does to the decoder, it does here. The
 * picture comes on standard input; a line of JSON (a Rewritten), then the new file, go to standard output.
 */
import { createRequire } from 'node:module';
import type { Rewritten } from './uploads.rewrite.ts';

/** The part of sharp that is used here. Loaded when it runs, so that whoever sends no pictures can do without it. */
interface Sharp {
  metadata(): Promise<{ format?: string }>;
  autoOrient(): Sharp;
  toColourspace(space: 'srgb'): Sharp;
  ensureAlpha(): Sharp;
  raw(): Sharp;
  png(options: { compressionLevel: number; adaptiveFiltering: boolean }): Sharp;
  jpeg(options: { quality: number; chromaSubsampling: '4:4:4' }): Sharp;
  toBuffer(options: {
    resolveWithObject: true;
  }): Promise<{ data: Buffer; info: { width: number; height: number } }>;
}
interface SharpModule {
  (
    bytes: Buffer,
    options?: {
      failOn?: 'error';
      limitInputPixels?: number;
      raw?: { width: number; height: number; channels: 4 };
    },
  ): Sharp;
  cache(on: boolean): void;
  concurrency(threads: number): void;
  block(what: { operation: string[] }): void;
  unblock(what: { operation: string[] }): void;
}

const pixelsMax = 4096 * 4096;
const logoSideMax = 640;
const whiteEnough = 245;
const clearEnough = 10;
/** So many of the border's pixels may belong to the picture itself. */
const borderShare = 0.9;

async function main(): Promise<void> {
  const sharp = createRequire(import.meta.url)('sharp') as SharpModule;
  sharp.cache(false);
  sharp.concurrency(1);
  // Everything that libvips can read is closed, then the three kinds that we take are opened.
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({
    operation: ['VipsForeignLoadPngBuffer', 'VipsForeignLoadJpegBuffer', 'VipsForeignLoadNsgifBuffer'],
  });
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  try {
    const read = () => sharp(bytes, { failOn: 'error', limitInputPixels: pixelsMax });
    const { format } = await read().metadata();
    // Turned as the camera says, in the colours of screens; profiles, comments and what hangs behind the picture stay behind.
    const upright = read().autoOrient().toColourspace('srgb');
    const jpeg = format === 'jpeg';
    const { data, info } = await (jpeg
      ? upright.jpeg({ quality: 90, chromaSubsampling: '4:4:4' })
      : upright.png({ compressionLevel: 9, adaptiveFiltering: true })
    ).toBuffer({ resolveWithObject: true });
    const small = info.width <= logoSideMax && info.height <= logoSideMax;
    const pixels = small
      ? (await sharp(data).ensureAlpha().raw().toBuffer({ resolveWithObject: true })).data
      : null;
    answer(
      {
        ok: true,
        contentType: jpeg ? 'image/jpeg' : 'image/png',
        width: info.width,
        height: info.height,
        ground: pixels ? groundOf(pixels, info.width, info.height) : 'undecided',
      },
      data,
    );
  } catch (error) {
    answer({ ok: false, message: error instanceof Error ? error.message : String(error) });
  }
}

function answer(said: Rewritten, file: Buffer = Buffer.alloc(0)): void {
  process.stdout.write(Buffer.concat([Buffer.from(`${JSON.stringify(said)}\n`), file]));
}

/** Whether the outermost pixels are transparent or white, so that the picture stands well on any page. */
function groundOf(rgba: Buffer, width: number, height: number): 'clear' | 'coloured' {
  let [clear, all] = [0, 0];
  const look = (x: number, y: number) => {
    const at = (y * width + x) * 4;
    const [r = 0, g = 0, b = 0, alpha = 0] = rgba.subarray(at, at + 4);
    all++;
    if (alpha <= clearEnough || Math.min(r, g, b) >= whiteEnough) clear++;
  };
  for (let x = 0; x < width; x++) {
    look(x, 0);
    look(x, height - 1);
  }
  for (let y = 1; y < height - 1; y++) {
    look(0, y);
    look(width - 1, y);
  }
  return clear >= all * borderShare ? 'clear' : 'coloured';
}

await main();
