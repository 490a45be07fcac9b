import { Button } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link, useParams } from 'react-router';
import { api, take } from '../../api/client.ts';
import { reviewQueries } from '../../api/queries/review.ts';
import { queryClient } from '../../api/query-client.ts';
import type { Dispute } from '../../api/types.ts';
import { DisputedThing, DisputeFacts, disputedWords } from '../../components/dispute-facts.tsx';
import { Page } from '../../components/page.tsx';
import { PageQuery } from '../../components/page-query.tsx';
import { Notice } from '../../components/states.tsx';
import { StatusBadge } from '../../components/status-badge.tsx';
import { toast } from '../../components/toast.ts';
import { useSession } from '../../session/session.ts';
import styles from './product-frame.module.css';

export function DisputePage() {
  const { disputeId = '' } = useParams();
  const query = useQuery(reviewQueries.dispute(disputeId));
  return (
    <PageQuery query={query} title="Dispute">
      {(dispute) => (
        <Page
          title={`Dispute of ${disputedWords(dispute)}`}
          trail={[{ label: 'Disputes', to: '/publish/disputes' }]}
          beside={<StatusBadge state={`dispute-${dispute.state}`} />}
          actions={dispute.state === 'open' ? <Withdraw dispute={dispute} /> : null}
        >
          <Next dispute={dispute} />
          <div className={styles.columns}>
            <div className="stack" style={{ '--gap': '20px' }}>
              <DisputedThing dispute={dispute} />
            </div>
            <DisputeFacts dispute={dispute} />
          </div>
        </Page>
      )}
    </PageQuery>
  );
}

const subjectOf = (d: Dispute) =>
  d.submissionId
    ? `/publish/products/${d.productId}/submissions/${d.submissionId}`
    : d.algorithm
      ? `/publish/algorithms/${d.algorithm}`
      : `/publish/models/${d.modelPackage}`;

function Next({ dispute }: { dispute: Dispute }) {
  const back = (
    <Link to={subjectOf(dispute)} className="small nowrap">
      {dispute.submissionId
        ? 'To the submission'
        : dispute.algorithm
          ? 'To the algorithm'
          : 'To the model package'}
    </Link>
  );
  if (dispute.state === 'granted')
    return (
      <Notice tone="good" title="Granted: this rule does not stop the same thing again" actions={back}>
        {dispute.submissionId ? 'Submit again.' : 'Register the same file again.'} What passed is carried
        over.
      </Notice>
    );
  if (dispute.state === 'corrected')
    return (
      <Notice tone="good" title="You were right: the check was wrong and is mended" actions={back}>
        {dispute.submissionId ? 'Submit again' : 'Register the file again'}; it is examined anew.
      </Notice>
    );
  if (dispute.state === 'declined')
    return <Notice tone="warn" title="Declined: it stays as it is" actions={back} />;
  if (dispute.state !== 'open') return null;
  return (
    <Notice tone="info" title="A person of the operator answers; you are told by mail" actions={back}>
      {dispute.grantable
        ? null
        : 'No exception is made of this code: it protects everybody, or says what cannot work. Where the check is wrong, it is mended.'}
    </Notice>
  );
}

function Withdraw({ dispute }: { dispute: Dispute }) {
  const { may } = useSession();
  const withdraw = useMutation({
    mutationFn: () =>
      take(api.POST('/api/disputes/{disputeId}/withdraw', { params: { path: { disputeId: dispute.id } } })),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: reviewQueries.all() }),
    onError: toast.failed,
  });
  if (!may('product:submit')) return null;
  return (
    <Button variant="default" loading={withdraw.isPending} onClick={() => withdraw.mutate()}>
      Withdraw
    </Button>
  );
}
