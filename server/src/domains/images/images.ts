import type { Finding, ImageStatus } from '@souk/contract';
import type { ExaminedImage } from '../certification/index.ts';

export type Source =
  | { readonly kind: 'upload'; readonly fileName: string }
  | { readonly kind: 'registry'; readonly reference: string };

export interface ImageRow {
  readonly id: string;
  readonly accountId: string;
  readonly name: string;
  readonly source: Source;
  readonly archiveSha256: string | null;
  readonly credentialsSealed: string | null;
  readonly status: ImageStatus;
  readonly statusMessage: string | null;
  readonly failureReason: string | null;
  readonly digest: string | null;
  readonly verdictKey: string | null;
  readonly findings: Finding[];
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface Part {
  readonly digest: string;
  readonly mediaType: string;
  readonly sizeBytes: number;
}

/** What an image is made of. Its parts lie among `imageParts`, each under its digest. */
export interface ImageContents {
  readonly digest: string;
  readonly mediaType: string;
  readonly manifestBytes: number;
  readonly configDigest: string;
  readonly layers: readonly Part[];
  readonly sizeBytes: number;
}

export interface ImageVerdict {
  readonly key: string;
  readonly examined: ExaminedImage;
}

export type ImageEvent = 'checks-begun' | 'checks-passed' | 'refused';

/** An image that failed is never repaired: it is pushed anew. */
export const imageTransitions: Readonly<
  Record<ImageStatus, Readonly<Partial<Record<ImageEvent, ImageStatus>>>>
> = {
  Pending: { 'checks-begun': 'Scanning' },
  Scanning: { 'checks-passed': 'Completed', refused: 'Failed' },
  Completed: {},
  Failed: {},
};

/** An image that passed, as whoever runs it needs it. */
export interface KeptImage {
  readonly digest: string;
  readonly name: string;
  readonly sizeBytes: number;
  readonly platform: string;
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  readonly environment: readonly string[];
  readonly user: string;
  readonly exposedPorts: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}
