import type { Dispute } from '../api/types.ts';
import { CopyableId } from './copy.tsx';
import { EvidenceGrid } from './evidence.tsx';
import { FindingList } from './finding.tsx';
import { Fact, Facts, Panel } from './panel.tsx';
import { EmptyState } from './states.tsx';
import { Badge } from './status-badge.tsx';
import { RelativeTime } from './time.tsx';

/** What is disputed, what the publisher says to it, and what the check rested on. */
export function DisputedThing({ dispute }: { dispute: Dispute }) {
  return (
    <>
      <Panel title={dispute.of === 'finding' ? 'The finding' : 'The decision'}>
        {dispute.finding ? (
          <FindingList findings={[dispute.finding]} />
        ) : (
          <p className="muted">A reviewer rejected the submission.</p>
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
      <Panel title="Evidence" note="What the check rested on when it was disputed">
        {dispute.evidence.length > 0 ? (
          <EvidenceGrid evidence={dispute.evidence} />
        ) : (
          <EmptyState title="Nothing was measured">The finding itself says what was seen.</EmptyState>
        )}
      </Panel>
    </>
  );
}

export function DisputeFacts({ dispute }: { dispute: Dispute }) {
  return (
    <Panel title="Dispute">
      <Facts>
        <Fact name="About">{dispute.product ?? dispute.modelPackage}</Fact>
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
