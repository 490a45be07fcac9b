import { useQuery } from '@tanstack/react-query';
import { submissionQueries } from '../api/queries/publish.ts';
import type { Dispute } from '../api/types.ts';
import { CopyableId } from './copy.tsx';
import { EvidenceGrid } from './evidence.tsx';
import { FindingList } from './finding.tsx';
import { Fact, Facts, Panel } from './panel.tsx';
import { EmptyState } from './states.tsx';
import { Badge } from './status-badge.tsx';
import { RelativeTime } from './time.tsx';

/** A decision has a code only so that an exception can name it; people read words. */
export const disputedWords = (d: Dispute) => (d.of === 'decision' ? 'the reviewer’s decision' : d.code);

/** What is disputed, what the publisher says to it, and what the check rested on. */
export function DisputedThing({ dispute }: { dispute: Dispute }) {
  return (
    <>
      <Panel title={dispute.of === 'finding' ? 'The finding' : 'The decision'}>
        {dispute.finding ? (
          <FindingList findings={[dispute.finding]} />
        ) : (
          <Decision submissionId={dispute.submissionId} />
        )}
      </Panel>
      <Panel title="What the publisher says">
        {dispute.text ? (
          <p className="break" style={{ whiteSpace: 'pre-wrap' }}>
            {dispute.text}
          </p>
        ) : (
          <p className="muted">Nothing more than that they disagree.</p>
        )}
      </Panel>
      {dispute.answer ? (
        <Panel title="The answer">
          <p className="break" style={{ whiteSpace: 'pre-wrap' }}>
            {dispute.answer}
          </p>
          <p className="small muted">{dispute.answeredBy}</p>
        </Panel>
      ) : null}
      {dispute.of === 'finding' || dispute.evidence.length > 0 ? (
        <Panel title="Evidence" note="What the check rested on when it was disputed">
          {dispute.evidence.length > 0 ? (
            <EvidenceGrid evidence={dispute.evidence} />
          ) : (
            <EmptyState title="Nothing was measured">The finding itself says what was seen.</EmptyState>
          )}
        </Panel>
      ) : null}
    </>
  );
}

/** A rejection has no finding: it is disputed in the reviewer's own words. */
function Decision({ submissionId }: { submissionId: string | null }) {
  const query = useQuery({
    ...submissionQueries.submission(submissionId ?? ''),
    enabled: submissionId !== null,
  });
  const said = query.data?.stages.find((s) => s.stage === 'review' && s.state === 'refused')?.summary;
  return (
    <p className="break" style={{ whiteSpace: 'pre-wrap' }}>
      {said ?? 'A reviewer rejected the submission.'}
    </p>
  );
}

export function DisputeFacts({ dispute }: { dispute: Dispute }) {
  return (
    <Panel title="Dispute">
      <Facts>
        <Fact name="About">{dispute.product ?? dispute.modelPackage ?? dispute.algorithm}</Fact>
        <Fact name="Code">
          <span className="mono break">{dispute.code}</span>
        </Fact>
        <Fact name="Opened">
          <RelativeTime at={dispute.openedAt} />
        </Fact>
        <Fact name="By">{dispute.openedBy}</Fact>
        <Fact name="Answer by">
          {dispute.dueAt ? (
            <>
              <RelativeTime at={dispute.dueAt} />{' '}
              {dispute.overdue ? (
                <Badge tone="bad" shape="bang">
                  Overdue
                </Badge>
              ) : null}
            </>
          ) : null}
        </Fact>
        <Fact name="Answered">{dispute.answeredAt ? <RelativeTime at={dispute.answeredAt} /> : null}</Fact>
        <Fact name="Exception">{dispute.exceptionId}</Fact>
        <Fact name="Id">
          <CopyableId id={dispute.id} what="dispute id" short />
        </Fact>
      </Facts>
    </Panel>
  );
}
