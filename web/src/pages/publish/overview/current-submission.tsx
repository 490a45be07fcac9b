import { Link } from 'react-router';
import { hasEnded, useLiveSubmission } from '../../../api/live-submission.ts';
import type { Product } from '../../../api/types.ts';
import { Panel } from '../../../components/panel.tsx';
import { PipelineTimeline } from '../../../components/pipeline-timeline.tsx';
import { LoadingLines, QueryView } from '../../../components/states.tsx';
import { StatusBadge } from '../../../components/status-badge.tsx';
import { editLink } from '../edit-link.ts';
import styles from '../product-frame.module.css';
import { SubmissionActions } from '../submission-actions.tsx';

/** The newest submission, live. */
export function CurrentSubmission({ submissionId, product }: { submissionId: string; product: Product }) {
  const query = useLiveSubmission(submissionId);
  return (
    <QueryView query={query} loading={<LoadingLines lines={8} />}>
      {(submission) => (
        <Panel
          title={
            <Link
              to={`/publish/products/${product.id}/submissions/${submission.id}`}
              style={{ color: 'inherit' }}
            >
              Submission of revision {submission.revision}
            </Link>
          }
          note={submission.message}
          actions={<StatusBadge state={submission.state} />}
          flush
        >
          {hasEnded(submission) ? null : (
            <div className={styles.next} style={{ borderBottom: '1px solid var(--line)' }}>
              <SubmissionActions submission={submission} />
            </div>
          )}
          <div style={{ paddingBottom: 12 }}>
            <PipelineTimeline
              stages={submission.stages}
              linkTo={(pointer) => editLink(product.id, pointer)}
            />
          </div>
        </Panel>
      )}
    </QueryView>
  );
}
