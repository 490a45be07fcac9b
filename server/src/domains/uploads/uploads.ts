import type { Upload } from '@souk/contract';

export type Purpose = Upload['purpose'];

export interface UploadRow {
  readonly id: string;
  readonly accountId: string;
  readonly fileName: string;
  readonly purpose: Purpose;
  readonly sizeBytes: number;
  readonly offsetBytes: number;
  readonly expectedSha256: string | null;
  readonly state: 'receiving' | 'complete';
  readonly sha256: string | null;
  readonly expiresAt: Date;
}

/** A finished file that an account may use. */
export interface OwnedFile {
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly fileName: string;
}
