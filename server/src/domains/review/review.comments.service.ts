import type { SubmissionComment } from '@souk/contract';
import type { Member } from '../../platform/authorize.ts';
import { inTx } from '../../platform/db.ts';
import { fail } from '../../platform/errors.ts';
import { newId } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import { audit } from '../audit/index.ts';
import * as store from './review.comments.sql.ts';
import type { ReviewedSubmission, ReviewNeeds } from './review.service.ts';

/** What reviewer and publisher say to each other about a submission. */
export function newComments(
  { db, events, clock, authorizer }: Platform,
  needs: Pick<ReviewNeeds, 'submission'>,
) {
  /** Own account's submission, or any for those who review. */
  async function get(caller: Member, id: string): Promise<ReviewedSubmission> {
    const s = await needs.submission(id);
    if (!s || (s.accountId !== caller.accountId && !authorizer.may(caller, 'review:read')))
      return fail('submission.missing', { submissionId: id });
    return s;
  }

  return {
    async list(caller: Member, submissionId: string): Promise<SubmissionComment[]> {
      await get(caller, submissionId);
      return (await store.listComments(db, submissionId)).map((c) => ({ ...c, at: c.at.toISOString() }));
    },
    async add(
      caller: Member,
      submissionId: string,
      { text, pointer = null }: { text: string; pointer?: string | null },
    ): Promise<SubmissionComment> {
      const s = await get(caller, submissionId);
      const comment = {
        id: newId('cmt'),
        submissionId,
        pointer,
        text,
        side: s.accountId === caller.accountId ? ('publisher' as const) : ('operator' as const),
        by: caller.email,
        at: clock.now(),
      };
      await inTx(db, async (tx) => {
        await store.insertComment(tx, comment);
        await events.publish(tx, {
          type: 'submission.commented',
          subject: submissionId,
          accountId: s.accountId,
          data: { side: comment.side, by: caller.email, text: text.slice(0, 1000), pointer },
        });
        await audit(tx, caller, 'submission.commented', submissionId, { comment: comment.id });
      });
      return { ...comment, at: comment.at.toISOString() };
    },
  };
}
