import type { Descriptor } from './manifest.ts';

/** An image whose parts all lie in one folder, each under the hexadecimal digits of its digest. */
export type OpenedImage = {
  /** The image's digest: that of its manifest. */
  readonly digest: string;
  readonly manifest: Buffer;
  readonly config: Buffer;
  readonly layers: readonly Pick<Descriptor, 'mediaType' | 'digest' | 'sizeBytes'>[];
  /** What its sender calls it. */
  readonly name: string | null;
};

/** The outer archive: small documents at hand, and what else there is. */
export type Contents = {
  readonly documents: ReadonlyMap<string, Buffer>;
  readonly sizes: ReadonlyMap<string, number>;
  /** The path that a name leads to, through links as `docker save` once wrote them; null where there is nothing. */
  resolve(path: string): string | null;
};

export type Spooled = { readonly digest: string; readonly sizeBytes: number; readonly mediaType: string };
export type Spool = (wanted: ReadonlySet<string>) => Promise<ReadonlyMap<string, Spooled>>;
