import { useQuery } from '@tanstack/react-query';
import { useParams, useSearchParams } from 'react-router';
import { hasEnded, useLiveSubmission } from '../../api/live-submission.ts';
import { submissionQueries } from '../../api/queries/publish.ts';
import type { Submission } from '../../api/types.ts';
import { CopyableId } from '../../components/copy.tsx';
import { DiffView } from '../../components/diff-view.tsx';
import { Page } from '../../components/page.tsx';
import { PageQuery } from '../../components/page-query.tsx';
import { Fact, Facts, Panel } from '../../components/panel.tsx';
import { PipelineTimeline } from '../../components/pipeline-timeline.tsx';
import { Notice } from '../../components/states.tsx';
import { StatusBadge } from '../../components/status-badge.tsx';
import { Elapsed, RelativeTime } from '../../components/time.tsx';
import { plural } from '../../format/format.ts';
import { AudiencePanel } from './audience-panel.tsx';
import { CommentsPanel } from './comments-panel.tsx';
import { DisputeDecision, useDisputeActions } from './dispute-finding.tsx';
import { editLink } from './edit-link.ts';
import styles from './product-frame.module.css';
import { productsTrail } from './product-frame.tsx';
import { SubmissionActions } from './submission-actions.tsx';

/** Live: the page changes while the pipeline works, and says what is waited for and from whom. */
export function SubmissionPage() {
  const { submissionId = '' } = useParams();
  const [parameters] = useSearchParams();
  const query = useLiveSubmission(submissionId);
  return (
    <PageQuery query={query} title="Submission">
      {(submission) => <Found submission={submission} openStage={parameters.get('stage')} />}
    </PageQuery>
  );
}

function Found({ submission, openStage }: { submission: Submission; openStage: string | null }) {
  const disputeActions = useDisputeActions({ submissionId: submission.id });
  const rejected = submission.stages.some((s) => s.stage === 'review' && s.state === 'refused');
  return (
    <Page
      title={`Revision ${submission.revision} of ${submission.productTitle}`}
      trail={[
        ...productsTrail,
        { label: submission.productTitle, to: `/publish/products/${submission.productId}` },
      ]}
      beside={<StatusBadge state={submission.state} />}
    >
      <div aria-live="polite">
        <Verdict submission={submission} />
      </div>
      {rejected ? (
        <div>
          <DisputeDecision submissionId={submission.id} />
        </div>
      ) : null}
      <div className={styles.columns}>
        <div className="stack" style={{ '--gap': '20px' }}>
          {hasEnded(submission) ? null : (
            <Panel>
              <div className={styles.next} style={{ padding: 0 }}>
                <SubmissionActions submission={submission} />
              </div>
            </Panel>
          )}
          <Panel title="Pipeline" flush>
            <div style={{ paddingBottom: 12 }}>
              <PipelineTimeline
                stages={submission.stages}
                linkTo={(pointer) => editLink(submission.productId, pointer)}
                openStage={openStage}
                findingActions={disputeActions}
              />
            </div>
          </Panel>
        </div>
        <div className="stack" style={{ '--gap': '20px' }}>
          <Panel title="Submission">
            <Facts>
              <Fact name="Submitted">
                <RelativeTime at={submission.submittedAt} />
              </Fact>
              <Fact name="By">{submission.submittedBy}</Fact>
              <Fact name={submission.endedAt ? 'Took' : 'Running for'}>
                <Elapsed from={submission.submittedAt} to={submission.endedAt} />
              </Fact>
              <Fact name="Revision">{submission.revision}</Fact>
              <Fact name="Answer by">
                {submission.answerBy ? <RelativeTime at={submission.answerBy} /> : null}
              </Fact>
              <Fact name="Read because">{submission.review?.why}</Fact>
              <Fact name="Approved">
                {submission.review
                  ? `${submission.review.approvals.length} of ${plural(submission.review.reviewers, 'reviewer')}`
                  : null}
              </Fact>
              <Fact name="Digest">
                <CopyableId id={submission.revisionSha256} what="SHA-256 of the revision" short />
              </Fact>
              <Fact name="Id">
                <CopyableId id={submission.id} what="submission id" short />
              </Fact>
            </Facts>
          </Panel>
          {hasEnded(submission) ? null : <AudiencePanel productId={submission.productId} />}
          <Changes submissionId={submission.id} />
          <CommentsPanel submissionId={submission.id} note="With the operator’s reviewers; they are mailed" />
        </div>
      </div>
    </Page>
  );
}

const tones = {
  running: 'info',
  waiting: 'warn',
  held: 'warn',
  refused: 'bad',
  cancelled: 'info',
  released: 'good',
  superseded: 'info',
} as const;

function Verdict({ submission }: { submission: Submission }) {
  return <Notice tone={tones[submission.state]} title={submission.message} />;
}

function Changes({ submissionId }: { submissionId: string }) {
  const query = useQuery(submissionQueries.diff(submissionId));
  const changes = query.data?.changes ?? [];
  if (changes.length === 0) return null;
  return (
    <Panel title="What changes" note={plural(changes.length, 'field')} flush>
      <DiffView changes={changes} />
    </Panel>
  );
}
