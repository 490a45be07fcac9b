import { readFile } from 'node:fs/promises';
import type { ProductDocument } from '@souk/contract';
import type { Finding } from '@souk/contract/findings';
import type { CheckedDocument } from './check-paths.ts';
import { listingTextFindings } from './listing/listing-findings.ts';
import { logoFindings } from './listing/logo.ts';

/** A product document as its file was read, with what reading it has found. */
export interface ReadDocument {
  readonly document: ProductDocument;
  readonly findings: readonly Finding[];
  /** Models that the document names, relative to its folder. */
  readonly models: readonly string[];
  /** Path of the logo's file. */
  readonly logo: string | null;
}

/** Everything that certification says about a listing, where it lies on somebody's desk. */
export async function checkReadDocument(read: ReadDocument): Promise<CheckedDocument> {
  return {
    modelPaths: read.models,
    findings: [
      ...read.findings,
      ...listingTextFindings(read.document),
      ...(read.logo === null ? [] : logoFindings(await readFile(read.logo), { pointer: '/promotion/logo' })),
    ],
  };
}
