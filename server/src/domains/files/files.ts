import type { Readable } from 'node:stream';
import type { Tx } from '../../platform/db.ts';

export interface FileRow {
  readonly accountId: string;
  readonly path: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly contentType: string;
  readonly createdBy: string;
  readonly createdAt: Date;
}

/** A file somewhere: `souk://<account>/<path>` or `s3://<bucket>/<key>`. */
export interface LocatedFile {
  readonly uri: string;
  readonly sizeBytes: number;
}

/** Written whole, and not yet to be seen (souk://); `commit` makes it so in the caller's transaction. */
export interface StagedFile {
  readonly uri: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  commit(tx: Tx, by: string): Promise<void>;
}

/** One kind of place, for one account. Paths are what stands behind `scheme://authority/`. */
export interface Store {
  /** In order of their paths, at least from `prefix` on; read page by page. */
  list(prefix: string): AsyncIterable<{ readonly path: string; readonly sizeBytes: number }>;
  /** Undefined where there is none. */
  open(path: string): Promise<Readable | undefined>;
  stage(path: string, content: Readable): Promise<Omit<StagedFile, 'uri'>>;
}

export type Location =
  | { readonly scheme: 'souk'; readonly authority: string; readonly path: string }
  | { readonly scheme: 's3'; readonly authority: string; readonly path: string };
