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

/** A picture as it is served. `sha256` is what it is asked for by: the file that was sent, or the clean one itself. */
export interface PictureRow {
  readonly sha256: string;
  readonly servedSha256: string;
  readonly contentType: 'image/png' | 'image/jpeg';
  readonly width: number;
  readonly height: number;
  readonly sizeBytes: number;
  readonly ground: 'clear' | 'coloured' | 'undecided';
}
