import type { ComparedAnswer, ComparedSample, Comparison } from '@souk/contract';

/** A sample on its way through a comparison. */
export interface KeptSample {
  readonly contentType: string;
  readonly accept: string;
  readonly body: string;
  readonly encoding: 'text' | 'base64';
  /** What the recording has: used where the chosen version no longer answers. */
  readonly answer: ComparedAnswer | null;
}

export interface RecordedRow {
  readonly id: number;
  readonly at: Date;
  readonly version: string;
  readonly contentType: string;
  readonly accept: string;
  readonly body: Buffer;
  readonly status: number;
  readonly answerContentType: string;
  readonly answer: Buffer;
  readonly durationMs: number;
}

export interface ComparisonRow
  extends Pick<Comparison, 'source' | 'state' | 'tolerance' | 'failure' | 'createdBy'> {
  readonly id: string;
  readonly subscriptionId: string;
  readonly productId: string;
  readonly from: string;
  readonly to: string;
  readonly results: readonly ComparedSample[];
  readonly createdAt: Date;
  readonly endedAt: Date | null;
}
