import type { Evidence, StageName } from '@souk/contract';
import type { Tx } from '../../platform/db.ts';
import { enqueue } from '../../platform/jobs.ts';
import type { Platform } from '../../platform/platform.ts';
import { audit } from '../audit/index.ts';
import { type Review, revisionThing } from '../review/index.ts';
import { stageDefinition } from './pipeline.ts';
import { changesTexts } from './publishing.changes.ts';
import { drawnBefore, planReview, releasedBefore } from './publishing.review.sql.ts';
import { nextStage, stageJob } from './publishing.rules.ts';
import * as store from './publishing.sql.ts';
import type { SubmissionEvent, SubmissionRow } from './publishing.ts';

export interface ArrivalNeeds {
  /** Who reads it, by the operator's policy, and where it waits for them. */
  readonly review: Pick<Review, 'plan' | 'excepted' | 'queue'>;
  setSlot(tx: Tx, productId: string, slot: 'preview' | 'live', revisionId: string | null): Promise<void>;
  /** Stops versions that were never released and are in no slot. */
  stopUnused(tx: Tx, productId: string): Promise<void>;
}

/** What happens when a submission arrives somewhere, inside the transaction of what brought it there. */
export interface Arrivals {
  arriveAt(tx: Tx, s: SubmissionRow, stage: StageName, event: SubmissionEvent, actor: string): Promise<void>;
  refused(tx: Tx, s: SubmissionRow, stage: StageName): Promise<void>;
  /** `reason` is for people, `detail` for the operator. */
  held(tx: Tx, s: SubmissionRow, stage: StageName, reason: string, detail: string): Promise<void>;
  released(tx: Tx, s: SubmissionRow): Promise<void>;
  /** Nothing that nobody may sign off stays in preview: neither this revision nor one that it superseded. */
  leavePreview(tx: Tx, s: SubmissionRow): Promise<void>;
}

export function newArrivals({ events }: Platform, needs: ArrivalNeeds): Arrivals {
  const tell = (tx: Tx, s: SubmissionRow, type: string, data: Record<string, unknown> = {}) =>
    events.publish(tx, {
      type,
      subject: s.id,
      accountId: s.accountId,
      data: { productId: s.productId, revision: s.revision, ...data },
    });
  const queued = (s: SubmissionRow, kind: 'review' | 'held', why: string) => ({
    kind,
    subject: s.id,
    accountId: s.accountId,
    title: `${s.publisher}/${s.productSlug}, revision ${s.revision}`,
    product: `${s.publisher}/${s.productSlug}`,
    why,
  });

  /** Whether somebody must read it; null when it goes on. Decided here once, and kept with the submission. */
  async function reviewBegins(tx: Tx, s: SubmissionRow): Promise<string | null> {
    const appeal = await needs.review.excepted(
      s.accountId,
      'review.rejected',
      revisionThing(s.revisionSha256),
    );
    if (appeal) {
      await store.setStage(tx, s.id, 'review', {
        state: 'passed',
        summary:
          'Approved on appeal: exactly this document was rejected before, and the dispute was granted.',
        evidence: [{ name: 'Appeal', value: appeal.disputeId }],
      });
      return null;
    }
    const before = await releasedBefore(tx, s.productId, s.id);
    const plan = await needs.review.plan({
      productType: s.productType,
      revisionSha256: s.revisionSha256,
      textsOnly: before !== undefined && changesTexts(before.document, s.document),
      drawnBefore: await drawnBefore(tx, s.productId, s.id),
    });
    await planReview(tx, s.id, plan.reviewers, plan.why);
    if (plan.reviewers > 0) return plan.why;
    await store.setStage(tx, s.id, 'review', { state: 'not-run', summary: plan.why });
    return null;
  }

  const arrivals: Arrivals = {
    /** The system's stages run as jobs, the others wait for a person, and a review that no policy asks for is passed by. */
    async arriveAt(tx, s, stage, event, actor) {
      const next = () => nextStage(s.productType, stage) ?? 'release';
      if (stage === 'sign-off' && s.signedOffBy !== null) {
        await store.setStage(tx, s.id, stage, {
          state: 'passed',
          summary: `Signed off by ${s.signedOffBy} together with submitting it: it changes texts and prices only.`,
          evidence: signedOff(s),
        });
        return arrivals.arriveAt(tx, s, next(), event, actor);
      }
      const why = stage === 'review' ? await reviewBegins(tx, s) : null;
      if (stage === 'review' && why === null) return arrivals.arriveAt(tx, s, next(), event, actor);
      await store.move(tx, s, event, stage, actor);
      if (stage !== 'sign-off' && stage !== 'review')
        return enqueue(tx, stageJob, { submissionId: s.id, stage });
      await store.setStage(tx, s.id, stage, {
        state: 'waiting',
        summary: stage === 'sign-off' ? 'In preview for its audience.' : `Waits for a reviewer. ${why}`,
      });
      if (why !== null) await needs.review.queue.open(tx, queued(s, 'review', why));
      await store.move(tx, { ...s, state: 'running' }, 'wait', stage, actor);
      await tell(tx, s, stage === 'sign-off' ? 'submission.in-preview' : 'submission.in-review');
    },

    async refused(tx, s, stage) {
      await needs.review.queue.close(tx, s.id);
      await store.cancelOpenStages(tx, s.id);
      await arrivals.leavePreview(tx, s);
      await tell(tx, s, 'submission.refused', { stage });
    },

    async held(tx, s, stage, reason, detail) {
      await store.move(tx, s, 'hold', stage, 'system:pipeline', detail.slice(0, 1000));
      await needs.review.queue.open(tx, queued(s, 'held', `${stageDefinition(stage).title}: ${reason}`));
      await tell(tx, s, 'submission.held', { stage, reason });
    },

    async released(tx, s) {
      await store.move(tx, s, 'released', null, 'system:pipeline');
      await events.publish(tx, {
        type: 'submission.released',
        subject: s.productId,
        accountId: s.accountId,
        data: { submissionId: s.id, revision: s.revision },
      });
      await audit(
        tx,
        'system:pipeline',
        'product.released',
        s.productId,
        { revision: s.revision, sha256: s.revisionSha256 },
        { accountId: s.accountId },
      );
    },

    async leavePreview(tx, s) {
      await needs.setSlot(tx, s.productId, 'preview', null);
      await needs.stopUnused(tx, s.productId);
    },
  };
  return arrivals;
}

/** What goes live, named by number and digest: the same that was shown to who signed it off. */
export const signedOff = (s: SubmissionRow): Evidence[] => [
  { name: 'Revision', value: s.revision },
  { name: 'Digest of the revision', value: s.revisionSha256 },
];
