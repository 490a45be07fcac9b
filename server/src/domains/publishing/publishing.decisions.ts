import type { Evidence, StageName, Submission } from '@souk/contract';
import type { Caller, Member } from '../../platform/authorize.ts';
import { inTx, type Tx } from '../../platform/db.ts';
import { fail } from '../../platform/errors.ts';
import { enqueue } from '../../platform/jobs.ts';
import type { Platform } from '../../platform/platform.ts';
import { audit } from '../audit/index.ts';
import type { Review } from '../review/index.ts';
import { type Arrivals, signedOff } from './publishing.arrivals.ts';
import { insertReview, reviewsOf } from './publishing.review.sql.ts';
import { firstStage, nextStage, stageJob } from './publishing.rules.ts';
import * as store from './publishing.sql.ts';
import { type ReviewRow, type SubmissionEvent, type SubmissionRow, statesFor } from './publishing.ts';

interface Parts {
  readonly queue: Pick<Review['queue'], 'close' | 'handOn'>;
  isMember(personId: string, accountId: string): Promise<boolean>;

  /** Own account's submission, or any for those who review. */
  get(caller: Caller, id: string): Promise<SubmissionRow>;
  view(id: string): Promise<Submission>;
}

/** What people decide about a submission that is under way. */
export function newDecisions(
  { db, events }: Platform,
  arrivals: Arrivals,
  { get, view, queue, isMember }: Parts,
) {
  async function cancel(caller: Member, id: string): Promise<Submission> {
    const s = await own(caller, id);
    await inTx(db, async (tx) => {
      const current = await expect(tx, s, 'cancelled', 'cancelling');
      await store.move(tx, current, 'cancelled', current.stage, caller.email);
      await store.cancelOpenStages(tx, id);
      await queue.close(tx, id);
      await arrivals.leavePreview(tx, current);
      await events.publish(tx, {
        type: 'submission.cancelled',
        subject: id,
        accountId: s.accountId,
        data: { productId: s.productId },
      });
      await audit(tx, caller, 'submission.cancelled', id, { productId: s.productId });
    });
    return view(id);
  }

  /** For a product that is taken off sale, in the transaction that does it: whatever is under way ends. */
  async function cancelOf(tx: Tx, productId: string, by: string, reason: string): Promise<void> {
    const found = await store.underWay(tx, productId);
    const s = found && (await store.lock(tx, found.id));
    if (!s || !statesFor('cancelled').includes(s.state)) return;
    await store.move(tx, s, 'cancelled', s.stage, by, reason);
    await store.cancelOpenStages(tx, s.id);
    await arrivals.leavePreview(tx, s);
    await events.publish(tx, {
      type: 'submission.cancelled',
      subject: s.id,
      accountId: s.accountId,
      data: { productId },
    });
  }

  async function retry(caller: Caller, id: string): Promise<Submission> {
    const s = await get(caller, id);
    await inTx(db, async (tx) => {
      const current = await expect(tx, s, 'retried', 'retrying');
      const stage = current.stage ?? firstStage(current.productType);
      await store.tryAgain(tx, id, stage);
      await queue.close(tx, id);
      await store.move(tx, current, 'retried', stage, caller.email ?? '');
      await enqueue(tx, stageJob, { submissionId: id, stage });
      await audit(tx, caller, 'submission.retried', id, { stage });
    });
    return view(id);
  }

  async function signOff(caller: Member, id: string, revision: number): Promise<Submission> {
    const s = await own(caller, id);
    await inTx(db, async (tx) => {
      const current = await expect(tx, s, 'signed-off', 'signing off', 'sign-off');
      // What goes live is exactly what was tested: the revision in preview, named by the one who tested it.
      if (current.revision !== revision)
        fail('submission.outdated', { preview: current.revision, given: revision });
      await store.setStage(tx, id, 'sign-off', {
        state: 'passed',
        summary: `Signed off by ${caller.email}.`,
        evidence: signedOff(current),
      });
      await arrivals.arriveAt(
        tx,
        current,
        nextStage(current.productType, 'sign-off') ?? 'release',
        'signed-off',
        caller.email,
      );
      await audit(tx, caller, 'submission.signed-off', id, { revision, sha256: current.revisionSha256 });
    });
    return view(id);
  }

  async function review(
    caller: Member,
    id: string,
    decision: 'approve' | 'reject',
    comment: string,
  ): Promise<Submission> {
    const s = await get(caller, id);
    if (s.accountId === caller.accountId || (await isMember(caller.personId, s.accountId)))
      fail('submission.own_review');
    if (s.submittedBy === caller.email) fail('submission.own_submission');
    await inTx(db, async (tx) => {
      const current = await expect(
        tx,
        s,
        decision === 'approve' ? 'approved' : 'rejected',
        'deciding',
        'review',
      );
      const said = { personId: caller.personId, email: caller.email, decision, comment };
      if (!(await insertReview(tx, id, said)))
        fail('submission.reviewed_already', { needed: current.reviewersNeeded });
      const approvals = (await reviewsOf(tx, id)).filter((r) => r.decision === 'approve');
      await audit(tx, caller, decision === 'approve' ? 'submission.approved' : 'submission.rejected', id, {
        comment,
        approvals: approvals.length,
        needed: current.reviewersNeeded,
      });
      if (decision === 'reject') return reject(tx, current, caller, comment);
      if (approvals.length >= current.reviewersNeeded) return approve(tx, current, caller, approvals);
      await store.setStage(tx, id, 'review', {
        state: 'waiting',
        summary: `Approved by ${approvals.length} of ${current.reviewersNeeded}; waits for another reviewer. ${current.reviewWhy}`,
        evidence: approvalsOf(approvals),
      });
      // The next one is somebody else's; the clock goes on.
      await queue.handOn(tx, id);
    });
    return view(id);
  }

  async function approve(tx: Tx, s: SubmissionRow, caller: Member, approvals: readonly ReviewRow[]) {
    await queue.close(tx, s.id);
    await store.setStage(tx, s.id, 'review', {
      state: 'passed',
      summary: `Approved by ${approvals.map((a) => `${a.email}: ${a.comment}`).join('; ')}`,
      evidence: approvalsOf(approvals),
    });
    await arrivals.arriveAt(tx, s, nextStage(s.productType, 'review') ?? 'release', 'approved', caller.email);
  }

  async function reject(tx: Tx, s: SubmissionRow, caller: Member, comment: string) {
    await store.setStage(tx, s.id, 'review', {
      state: 'refused',
      summary: `Rejected by the reviewer: ${comment}`,
    });
    await store.move(tx, s, 'rejected', 'review', caller.email, comment);
    await arrivals.refused(tx, s, 'review');
  }

  const approvalsOf = (approvals: readonly ReviewRow[]): Evidence[] =>
    approvals.map((a) => ({ name: `Approved by ${a.email}`, value: a.comment }));

  async function own(caller: Member, id: string): Promise<SubmissionRow> {
    const found = await store.find(db, id);
    return found?.accountId === caller.accountId ? found : fail('submission.missing', { submissionId: id });
  }

  /** The submission, locked, in a state that allows the event; else the declared error that says where it stands. */
  async function expect(
    tx: Tx,
    s: SubmissionRow,
    event: SubmissionEvent,
    action: string,
    stage?: StageName,
  ): Promise<SubmissionRow> {
    const current = (await store.lock(tx, s.id)) ?? fail('submission.missing', { submissionId: s.id });
    const allowed = statesFor(event);
    if (!allowed.includes(current.state) || (stage && current.stage !== stage))
      fail('submission.not_in_state', {
        state: stageText(current),
        action,
        expected: stage ? `waiting at ${stage}` : allowed.join(' or '),
      });
    return current;
  }
  const stageText = (s: SubmissionRow) =>
    s.stage && s.endedAt === null ? `${s.state} at ${s.stage}` : s.state;

  return { cancel, cancelOf, retry, signOff, review };
}
