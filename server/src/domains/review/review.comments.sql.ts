import type { SubmissionComment } from '@souk/contract';
import { type Db, rows, sql, type Tx } from '../../platform/db.ts';

export interface CommentRow extends Omit<SubmissionComment, 'at'> {
  readonly at: Date;
}

export const insertComment = (tx: Tx, c: CommentRow) =>
  sql`insert into submission_comments (id, submission_id, pointer, text, side, by, at)
    values (${c.id}, ${c.submissionId}, ${c.pointer}, ${c.text}, ${c.side}, ${c.by}, ${c.at})`.execute(tx);

export const listComments = (db: Db, submissionId: string) =>
  rows<CommentRow>(
    db,
    sql`select id, submission_id as "submissionId", pointer, text, side, by, at from submission_comments
      where submission_id = ${submissionId} order by id`,
  );
