import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { api, take } from '../../api/client.ts';
import { hasEnded } from '../../api/live-submission.ts';
import { newerSubmission } from '../../api/newer-submission.ts';
import { productQueries, submissionQueries } from '../../api/queries/publish.ts';
import { queryClient } from '../../api/query-client.ts';
import type { Submission } from '../../api/types.ts';
import { ConfirmDanger } from '../../components/confirm-danger.tsx';
import { toast } from '../../components/toast.ts';
import { useSession } from '../../session/session.ts';
import styles from './product-frame.module.css';

const keep = (submission: Submission) => {
  queryClient.setQueryData<Submission>(submissionQueries.submission(submission.id).queryKey, (known) =>
    newerSubmission(known, submission),
  );
  void queryClient.invalidateQueries({ queryKey: productQueries.product(submission.productId).queryKey });
};

/** What a person can do about a submission right now: test and sign off, retry, cancel. */
export function SubmissionActions({ submission }: { submission: Submission }) {
  const signingOff = submission.state === 'waiting' && submission.stage === 'sign-off';
  if (hasEnded(submission)) return null;
  return (
    <>
      <div className={styles.nextWords}>
        <p className={styles.nextTitle}>{nextTitle(submission)}</p>
        <p className="muted small">{nextText(submission)}</p>
      </div>
      <div className="row">
        <Cancel submission={submission} />
        {submission.state === 'held' ? <Retry submission={submission} /> : null}
        {signingOff ? (
          <>
            <Button
              component={Link}
              to={`/products/${submission.publisher}/${submission.productSlug}?slot=preview`}
              variant="default"
            >
              Open the preview
            </Button>
            <GoLive submission={submission} />
          </>
        ) : null}
      </div>
    </>
  );
}

function nextTitle(submission: Submission): string {
  if (submission.state === 'waiting' && submission.stage === 'sign-off') return 'Try it, then go live';
  if (submission.state === 'waiting') return 'In review';
  if (submission.state === 'held') return 'Held: a fault on our side, not yours';
  return 'Under way';
}

function nextText(submission: Submission): string {
  if (submission.state === 'waiting' && submission.stage === 'sign-off')
    return 'The preview is what buyers will get. You and your test accounts can subscribe to it and call it.';
  if (submission.state === 'waiting') return 'A person of the operator reads it; you are told by mail.';
  if (submission.state === 'held') return 'The operator is told. You can also try the stage again.';
  return 'You can leave this page; you are told when it needs you.';
}

function GoLive({ submission }: { submission: Submission }) {
  const { may } = useSession();
  const [asking, setAsking] = useState(false);
  const signOff = useMutation({
    mutationFn: () =>
      take(
        api.POST('/api/submissions/{submissionId}/sign-off', {
          params: { path: { submissionId: submission.id } },
          body: { revision: submission.revision },
        }),
      ),
    onSuccess: (next) => {
      setAsking(false);
      keep(next);
    },
  });
  if (!may('product:release')) return null;
  return (
    <>
      <Button onClick={() => setAsking(true)}>Go Live</Button>
      <ConfirmDanger
        opened={asking}
        onClose={() => setAsking(false)}
        title={`Put revision ${submission.revision} of ${submission.productTitle} live?`}
        action="Go Live"
        tone="accent"
        busy={signOff.isPending}
        error={signOff.error}
        onConfirm={() => signOff.mutate()}
      >
        It is released exactly as tested and appears in the catalogue. Visibility, plan ids and version
        numbers cannot change afterwards; everything else can, with a new submission.
      </ConfirmDanger>
    </>
  );
}

function Retry({ submission }: { submission: Submission }) {
  const { may } = useSession();
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
  if (!may('product:submit') && !may('review:decide')) return null;
  return (
    <Button loading={retry.isPending} onClick={() => retry.mutate()}>
      Try the stage again
    </Button>
  );
}

function Cancel({ submission }: { submission: Submission }) {
  const { may } = useSession();
  const [asking, setAsking] = useState(false);
  const cancel = useMutation({
    mutationFn: () =>
      take(
        api.POST('/api/submissions/{submissionId}/cancel', {
          params: { path: { submissionId: submission.id } },
        }),
      ),
    onSuccess: (next) => {
      setAsking(false);
      keep(next);
    },
  });
  if (!may('product:submit')) return null;
  return (
    <>
      <Button variant="subtle" color="gray" onClick={() => setAsking(true)}>
        Cancel submission
      </Button>
      <ConfirmDanger
        opened={asking}
        onClose={() => setAsking(false)}
        title={`Cancel the submission of revision ${submission.revision}?`}
        action="Cancel submission"
        busy={cancel.isPending}
        error={cancel.error}
        onConfirm={() => cancel.mutate()}
      >
        The checks stop and the preview is taken down; test accounts lose access to it. What is live now stays
        as it is, and so does your draft.
      </ConfirmDanger>
    </>
  );
}
