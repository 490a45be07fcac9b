import type { Purpose } from './uploads.ts';

export const mediaBytesMax = 5 * 1024 * 1024;
export const uploadDaysKept = 7;

/** An upload's limit in bytes; a package's is the operator's to set. */
export const sizeBytesMax = (purpose: Purpose, config: { readonly uploadBytesMax: number }): number =>
  purpose === 'model' ? config.uploadBytesMax : mediaBytesMax;

/** The last part of what a client calls the file: the rest tells about the client's own disk. */
export const plainFileName = (name: string): string =>
  [...(name.split(/[\\/]/).at(-1) ?? '')]
    .filter((c) => (c.codePointAt(0) ?? 0) > 31 && c !== '\u007f')
    .join('') || 'file';

/** Bytes at the start of a file that are enough to tell an image. */
export const headSizeBytes = 16;

/**
 * The type of an image by its content, and null for everything else. SVG is not here on purpose: it is a document that can
 * carry scripts, and media are served from the marketplace's own address.
 */
export function imageType(head: Uint8Array): 'image/png' | 'image/jpeg' | 'image/gif' | null {
  const text = Buffer.from(head).toString('latin1');
  if (text.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png';
  if (text.startsWith('\xff\xd8\xff')) return 'image/jpeg';
  if (/^GIF8[79]a/.test(text)) return 'image/gif';
  return null;
}
