import type { ProductDocument, ProductType, SubmissionState } from '@souk/contract';

export interface ProductRow {
  readonly id: string;
  readonly accountId: string;
  readonly publisher: string;
  readonly slug: string;
  readonly type: ProductType;
  readonly draft: ProductDocument;
  readonly draftVersion: number;
  readonly draftSha256: string;
  readonly draftSavedAt: Date;
  readonly testAccounts: string[];
  readonly previewRevisionId: string | null;
  readonly previewRevision: number | null;
  readonly liveRevisionId: string | null;
  readonly liveRevision: number | null;
  readonly liveDocument: ProductDocument | null;
  /** The newest submitted revision; null before the first submission. */
  readonly newestSha256: string | null;
  readonly newestDocument: ProductDocument | null;
  readonly submissionId: string | null;
  readonly submissionState: SubmissionState | null;
  readonly submissionStage: string | null;
  /** Why it is not sold, where that is so. */
  readonly removalState: 'leaving' | 'removed' | 'down' | null;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}
