import type { Db } from '../../platform/db.ts';
import type { ReviewedSubmission } from '../review/index.ts';
import { reviewsOf } from './publishing.review.sql.ts';
import * as store from './publishing.sql.ts';

/** A submission with what was found in it and who decided about it: what appeals and comments are about. */
export async function reviewedSubmission(db: Db, id: string): Promise<ReviewedSubmission | undefined> {
  const found = await store.find(db, id);
  if (!found) return undefined;
  const { accountId, productId, publisher, productSlug, revision, revisionSha256, document } = found;
  return {
    id,
    accountId,
    productId,
    publisher,
    productSlug,
    revision,
    revisionSha256,
    document,
    stages: await store.stagesOf(db, id),
    reviewers: (await reviewsOf(db, id)).map((r) => r.personId),
  };
}
