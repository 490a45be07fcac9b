import { Button, Radio, Textarea } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useParams } from 'react-router';
import { api, take } from '../../api/client.ts';
import { hasEnded, useLiveSubmission } from '../../api/live-submission.ts';
import { newerSubmission } from '../../api/newer-submission.ts';
import { submissionQueries } from '../../api/queries/publish.ts';
import { reviewQueries } from '../../api/queries/review.ts';
import { queryClient } from '../../api/query-client.ts';
import type { Submission } from '../../api/types.ts';
import { CopyableId } from '../../components/copy.tsx';
import { Page } from '../../components/page.tsx';
import { PageQuery } from '../../components/page-query.tsx';
import { Fact, Facts, Panel } from '../../components/panel.tsx';
import { PipelineTimeline } from '../../components/pipeline-timeline.tsx';
import { ErrorNotice, Notice } from '../../components/states.tsx';
import { StatusBadge } from '../../components/status-badge.tsx';
import { RelativeTime } from '../../components/time.tsx';
import { toast } from '../../components/toast.ts';
import { useSession } from '../../session/session.ts';
import { CommentsPanel } from '../publish/comments-panel.tsx';
import styles from '../publish/product-frame.module.css';
import { QueuePlace } from './queue-place.tsx';
import { ReviewedChanges } from './reviewed-changes.tsx';

export function ReviewPage() {
  const { submissionId = '' } = useParams();
  const query = useLiveSubmission(submissionId);
  return (
    <PageQuery query={query} title="Review">
      {(submission) => <Found submission={submission} />}
    </PageQuery>
  );
}

function Found({ submission }: { submission: Submission }) {
  const inReview = submission.state === 'waiting' && submission.stage === 'review';
  return (
    <Page
      title={`${submission.productTitle}, revision ${submission.revision}`}
      trail={[{ label: 'Queue', to: '/operate' }]}
      beside={<StatusBadge state={submission.state} />}
      lead={submission.message}
      actions={
        <Button
          component={Link}
          to={`/products/${submission.publisher}/${submission.productSlug}${hasEnded(submission) ? '' : '?slot=preview'}`}
          variant="default"
        >
          {hasEnded(submission) ? 'Open the product page' : 'Open the preview'}
        </Button>
      }
    >
      <div className={styles.columns}>
        <div className="stack" style={{ '--gap': '20px' }}>
          <ReviewedChanges submission={submission} />
          <Panel title="Pipeline" flush>
            <div style={{ paddingBottom: 12 }}>
              <PipelineTimeline stages={submission.stages} />
            </div>
          </Panel>
          <CommentsPanel submissionId={submission.id} note="The publisher is mailed, and answers here" />
        </div>
        <div className="stack" style={{ '--gap': '20px' }}>
          <QueuePlace submissionId={submission.id} />
          {inReview ? <Decision submission={submission} /> : null}
          {submission.state === 'held' ? <Held submission={submission} /> : null}
          <Panel title="Submission">
            <Facts>
              <Fact name="Publisher">
                <Link to={`/publishers/${submission.publisher}`}>{submission.publisher}</Link>
              </Fact>
              <Fact name="Account">
                <CopyableId id={submission.accountId} what="account id" />
              </Fact>
              <Fact name="Submitted">
                <RelativeTime at={submission.submittedAt} />
              </Fact>
              <Fact name="By">{submission.submittedBy}</Fact>
              <Fact name="Read because">{submission.review?.why}</Fact>
              <Fact name="Approved by">{submission.review?.approvals.map((a) => a.by).join(', ')}</Fact>
              <Fact name="Digest">
                <CopyableId id={submission.revisionSha256} what="SHA-256 of the revision" short />
              </Fact>
              <Fact name="Id">
                <CopyableId id={submission.id} what="submission id" short />
              </Fact>
            </Facts>
          </Panel>
        </div>
      </div>
    </Page>
  );
}

const keep = (submission: Submission) => {
  queryClient.setQueryData<Submission>(submissionQueries.submission(submission.id).queryKey, (known) =>
    newerSubmission(known, submission),
  );
  void queryClient.invalidateQueries({ queryKey: reviewQueries.all() });
};

function Decision({ submission }: { submission: Submission }) {
  const { may, session } = useSession();
  const [decision, setDecision] = useState<'approve' | 'reject' | null>(null);
  const [comment, setComment] = useState('');
  const decide = useMutation({
    mutationFn: (chosen: 'approve' | 'reject') =>
      take(
        api.POST('/api/submissions/{submissionId}/review', {
          params: { path: { submissionId: submission.id } },
          body: { decision: chosen, comment: comment.trim() },
        }),
      ),
    onSuccess: keep,
  });
  if (!may('review:decide')) return null;
  const missing = (submission.review?.reviewers ?? 1) - (submission.review?.approvals.length ?? 0);
  const approved = submission.review?.approvals.some((a) => a.by === session.person?.email);
  if (approved) return <Notice tone="info" title="You have approved it: another person decides next." />;
  if (submission.submittedBy === session.person?.email)
    return (
      <Notice tone="warn">Nobody reviews what they submitted themselves: another reviewer decides.</Notice>
    );
  if (submission.accountId === session.account?.id)
    return (
      <Notice tone="warn">Nobody reviews what their own account submitted: another reviewer decides.</Notice>
    );
  return (
    <Panel title="Decide">
      <form
        className="stack"
        style={{ '--gap': '16px' }}
        onSubmit={(event) => {
          event.preventDefault();
          if (decision) decide.mutate(decision);
        }}
      >
        <Radio.Group
          aria-label="Decision"
          value={decision ?? ''}
          onChange={(value) => setDecision(value as 'approve' | 'reject')}
        >
          <div className="stack" style={{ '--gap': '8px' }}>
            <Radio
              value="approve"
              label="Approve"
              description={
                missing > 1
                  ? `${missing} different people must approve; then it goes on to the release.`
                  : 'It goes on to the release.'
              }
            />
            <Radio
              value="reject"
              label="Reject"
              description="It goes back to the publisher with your words."
            />
          </div>
        </Radio.Group>
        <Textarea
          label="Reason"
          description="The publisher reads it."
          rows={5}
          maxLength={10_000}
          value={comment}
          onChange={(event) => setComment(event.currentTarget.value)}
        />
        <ErrorNotice error={decide.error} />
        <Button
          type="submit"
          loading={decide.isPending}
          disabled={decision === null || comment.trim() === ''}
        >
          {decision === 'reject' ? 'Reject' : 'Approve'}
        </Button>
      </form>
    </Panel>
  );
}

function Held({ submission }: { submission: Submission }) {
  const retry = useMutation({
    mutationFn: () =>
      take(
        api.POST('/api/submissions/{submissionId}/retry', {
          params: { path: { submissionId: submission.id } },
        }),
      ),
    onSuccess: keep,
    onError: toast.failed,
  });
  if (hasEnded(submission)) return null;
  return (
    <Panel title="Held by a fault">
      <div className="stack">
        <p className="muted">
          The stage’s log says what failed. Mend it (Health names the parts), then run the stage again;
          nothing that passed is repeated.
        </p>
        <div className="row">
          <Button loading={retry.isPending} onClick={() => retry.mutate()}>
            Run the stage again
          </Button>
          <Link to="/operate/health" className="small">
            Health
          </Link>
        </div>
      </div>
    </Panel>
  );
}
