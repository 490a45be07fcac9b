import { Button, Modal, Textarea } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { Link } from 'react-router';
import { api, take } from '../../api/client.ts';
import { reviewQueries } from '../../api/queries/review.ts';
import { queryClient } from '../../api/query-client.ts';
import type { Dispute, Finding } from '../../api/types.ts';
import { ErrorNotice } from '../../components/states.tsx';
import { StatusBadge } from '../../components/status-badge.tsx';
import { useSession } from '../../session/session.ts';

interface Subject {
  readonly submissionId?: string;
  readonly modelPackage?: string;
  readonly algorithm?: string;
}

/** What stands beside each finding that stops something: to dispute it, or how the dispute stands. */
export function useDisputeActions(subject: Subject): (finding: Finding) => ReactNode {
  const { may } = useSession();
  const query = useQuery(reviewQueries.disputesOf(subject));
  const disputes = query.data?.items ?? [];
  return (finding) => {
    if (finding.severity !== 'error') return null;
    const own = disputes.find((d) => d.state !== 'withdrawn' && isSame(d.finding, finding));
    if (own) return <DisputeState dispute={own} />;
    return may('product:submit') ? <DisputeButton subject={subject} finding={finding} /> : null;
  };
}

const isSame = (a: Finding | null, b: Finding) =>
  a !== null && a.code === b.code && a.file === b.file && a.pointer === b.pointer && a.line === b.line;

/** The same for a reviewer's rejection. */
export function DisputeDecision({ submissionId }: { submissionId: string }) {
  const { may } = useSession();
  const query = useQuery(reviewQueries.disputesOf({ submissionId }));
  const own = query.data?.items.find((d) => d.of === 'decision' && d.state !== 'withdrawn');
  if (own) return <DisputeState dispute={own} />;
  return may('product:submit') ? <DisputeButton subject={{ submissionId }} finding={null} /> : null;
}

function DisputeState({ dispute }: { dispute: Dispute }) {
  return (
    <span className="row" style={{ gap: 8 }}>
      <StatusBadge state={`dispute-${dispute.state}`} />
      <Link to={`/publish/disputes/${dispute.id}`} className="small">
        {dispute.answer ? 'Read the answer' : 'Your dispute'}
      </Link>
    </span>
  );
}

function DisputeButton({ subject, finding }: { subject: Subject; finding: Finding | null }) {
  const [asking, setAsking] = useState(false);
  const [text, setText] = useState('');
  const open = useMutation({
    mutationFn: () =>
      take(
        api.POST('/api/disputes', {
          body: {
            ...subject,
            ...(finding
              ? {
                  finding: {
                    code: finding.code,
                    file: finding.file,
                    pointer: finding.pointer,
                    line: finding.line,
                  },
                }
              : {}),
            text: text.trim(),
          },
        }),
      ),
    onSuccess: () => {
      setAsking(false);
      void queryClient.invalidateQueries({ queryKey: reviewQueries.all() });
    },
  });
  return (
    <>
      <Button size="compact-xs" variant="default" onClick={() => setAsking(true)}>
        {finding ? 'Dispute' : 'Dispute the decision'}
      </Button>
      <Modal
        opened={asking}
        onClose={() => setAsking(false)}
        title={finding ? `Dispute ${finding.code}` : 'Dispute the reviewer’s decision'}
      >
        <form
          className="stack"
          style={{ '--gap': '16px' }}
          onSubmit={(event) => {
            event.preventDefault();
            open.mutate();
          }}
        >
          <p className="muted">
            {finding ? finding.message : 'The submission was rejected.'} Somebody of the operator who did not
            make this decision looks at it, with the evidence, and answers in writing.
          </p>
          <Textarea
            label="Why you disagree"
            description="Optional, and helpful."
            rows={4}
            maxLength={10_000}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <ErrorNotice error={open.error} />
          <div className="row" style={{ justifyContent: 'flex-end' }}>
            <Button variant="default" onClick={() => setAsking(false)}>
              Not now
            </Button>
            <Button type="submit" loading={open.isPending}>
              Send to the operator
            </Button>
          </div>
        </form>
      </Modal>
    </>
  );
}
