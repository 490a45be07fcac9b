import type { Policies, StageName } from '@souk/contract';
import type { Tx } from '../../platform/db.ts';
import { enqueue } from '../../platform/jobs.ts';
import type { Platform } from '../../platform/platform.ts';
import { audit } from '../audit/index.ts';
import { nextStage, stageJob } from './publishing.rules.ts';
import * as store from './publishing.sql.ts';
import type { SubmissionEvent, SubmissionRow } from './publishing.ts';

export interface ArrivalNeeds {
  policies(): Promise<Policies>;
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
  const isReviewed = async (productType: string) =>
    (await needs.policies()).review[productType as keyof Policies['review']] === 'required';

  const arrivals: Arrivals = {
    /** The system's stages run as jobs, the others wait for a person, and a review that no policy asks for is passed by. */
    async arriveAt(tx, s, stage, event, actor) {
      if (stage === 'review' && !(await isReviewed(s.productType))) {
        await store.setStage(tx, s.id, stage, {
          state: 'not-run',
          summary: 'The operator’s policy asks for no review of this type.',
        });
        return arrivals.arriveAt(tx, s, nextStage(s.productType, stage) ?? 'release', event, actor);
      }
      await store.move(tx, s, event, stage, actor);
      if (stage !== 'sign-off' && stage !== 'review')
        return enqueue(tx, stageJob, { submissionId: s.id, stage });
      await store.setStage(tx, s.id, stage, {
        state: 'waiting',
        summary: stage === 'sign-off' ? 'In preview for its audience.' : 'Waits for a reviewer.',
      });
      await store.move(tx, { ...s, state: 'running' }, 'wait', stage, actor);
      await tell(tx, s, stage === 'sign-off' ? 'submission.in-preview' : 'submission.in-review');
    },

    async refused(tx, s, stage) {
      await store.cancelOpenStages(tx, s.id);
      await arrivals.leavePreview(tx, s);
      await tell(tx, s, 'submission.refused', { stage });
    },

    async held(tx, s, stage, reason, detail) {
      await store.move(tx, s, 'hold', stage, 'system:pipeline', detail.slice(0, 1000));
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
