import type { StageName, Submission } from '@souk/contract';
import { stageDefinition } from './pipeline.ts';
import { message, waitsFor } from './publishing.rules.ts';
import type { ReviewRow, StageRow, SubmissionRow } from './publishing.ts';

/** The submission as the API shows it: every stage of its type, with what is known of each. */
export function submissionView(
  s: SubmissionRow,
  stages: readonly StageRow[],
  estimates: ReadonlyMap<StageName, number>,
  reviews: readonly ReviewRow[] = [],
): Submission {
  return {
    id: s.id,
    productId: s.productId,
    productSlug: s.productSlug,
    productTitle: s.document.listing?.title ?? s.productSlug,
    publisher: s.publisher,
    accountId: s.accountId,
    revision: s.revision,
    revisionSha256: s.revisionSha256,
    state: s.state,
    stage: s.stage,
    waitsFor: waitsFor(s.state, s.stage),
    message: message(s, stages),
    answerBy: s.answerBy?.toISOString() ?? null,
    review:
      s.reviewersNeeded === 0
        ? null
        : {
            reviewers: s.reviewersNeeded,
            why: s.reviewWhy,
            approvals: reviews
              .filter((r) => r.decision === 'approve')
              .map((r) => ({ by: r.email, at: r.at.toISOString(), comment: r.comment })),
          },
    submittedBy: s.submittedBy,
    submittedAt: s.submittedAt.toISOString(),
    updatedAt: s.updatedAt.toISOString(),
    endedAt: s.endedAt?.toISOString() ?? null,
    stages: stages.map((x) => {
      const { title, acts, estimateMs, attemptsMax } = stageDefinition(x.stage);
      return {
        stage: x.stage,
        title,
        acts,
        attemptsMax,
        state: x.state,
        attempt: x.attempt - x.attemptsBefore,
        summary: x.summary,
        findings: x.findings,
        evidence: x.evidence,
        log: x.log,
        // People decide how fast they are; for them the table's estimate stays.
        estimateMs: acts === 'system' ? (estimates.get(x.stage) ?? estimateMs) : estimateMs,
        startedAt: x.startedAt?.toISOString() ?? null,
        endedAt: x.endedAt?.toISOString() ?? null,
      };
    }),
  };
}
