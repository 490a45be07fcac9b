import { limits } from '@souk/contract';
import type { Purpose } from './uploads.ts';

export const uploadDaysKept = 7;

/** An upload's limit in bytes; a package's is the operator's to set. */
export const sizeBytesMax = (purpose: Purpose, config: { readonly uploadBytesMax: number }): number =>
  ({
    model: config.uploadBytesMax,
    media: limits.mediaBytes,
    sample: limits.sampleFileBytes,
    data: config.uploadBytesMax,
    image: config.uploadBytesMax,
  })[purpose];

/** The last part of what a client calls the file: the rest tells about the client's own disk. */
export const plainFileName = (name: string): string =>
  [...(name.split(/[\\/]/).at(-1) ?? '')]
    .filter((c) => (c.codePointAt(0) ?? 0) > 31 && c !== '\u007f')
    .join('') || 'file';

/** A stranger's file is saved under its name, and never opened on our address. */
export const downloadHeaders = (fileName: string, sizeBytes: number): Record<string, string> => ({
  'content-disposition': `attachment; filename="${fileName.replace(/[^\x20-\x7e]|["\\%]/g, '_')}"; filename*=UTF-8''${encodeURIComponent(fileName).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)}`,
  'content-length': String(sizeBytes),
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; sandbox",
});
