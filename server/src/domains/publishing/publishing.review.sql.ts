import type { ProductDocument } from '@souk/contract';
import { changed, type Db, row, rows, sql, type Tx } from '../../platform/db.ts';
import type { ReviewRow } from './publishing.ts';

/** How many must approve, decided once, when the submission arrives in review. */
export async function planReview(tx: Tx, id: string, reviewers: number, why: string): Promise<void> {
  await sql`update submissions set reviewers_needed = ${reviewers}, review_why = ${why} where id = ${id}`.execute(
    tx,
  );
}

/** 0 when this person has said something about it before. */
export const insertReview = (tx: Tx, submissionId: string, r: Omit<ReviewRow, 'at'>) =>
  changed(
    tx,
    sql`insert into submission_reviews (submission_id, person_id, email, decision, comment)
      values (${submissionId}, ${r.personId}, ${r.email}, ${r.decision}, ${r.comment}) on conflict do nothing`,
  );

export const reviewsOf = (db: Db, submissionId: string) =>
  rows<ReviewRow>(
    db,
    sql`select person_id as "personId", email, decision, comment, at from submission_reviews where submission_id = ${submissionId} order by at, email`,
  );

/** An earlier submission of the product asked for a reviewer, and none has been released since: nobody has let it pass yet. */
export const drawnBefore = async (db: Db, productId: string, submissionId: string): Promise<boolean> =>
  (await row(
    db,
    sql`select 1 from submissions s where s.product_id = ${productId} and s.id < ${submissionId} and s.reviewers_needed > 0
      and s.state <> 'released' and s.id > coalesce((select max(r.id) from submissions r where r.product_id = ${productId} and r.state = 'released'), '')`,
  )) !== undefined;

export interface Base {
  readonly revision: number;
  readonly document: ProductDocument;
}

/** What buyers saw before this submission: the one released last before it ended. */
export const releasedBefore = (db: Db, productId: string, submissionId: string) =>
  row<Base>(
    db,
    sql`select r.number as revision, r.document from submissions s join revisions r on r.id = s.revision_id
      where s.product_id = ${productId} and s.state = 'released' and s.id < ${submissionId} order by s.id desc limit 1`,
  );

/** What a reviewer read last before this submission, whatever they decided. */
export const reviewedBefore = (db: Db, productId: string, submissionId: string) =>
  row<Base>(
    db,
    sql`select r.number as revision, r.document from submissions s join revisions r on r.id = s.revision_id
      where s.product_id = ${productId} and s.id < ${submissionId} and exists (select 1 from submission_reviews v where v.submission_id = s.id)
      order by s.id desc limit 1`,
  );
