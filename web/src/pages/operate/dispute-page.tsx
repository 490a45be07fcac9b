import { Button, Radio, Textarea } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useParams } from 'react-router';
import { api, take } from '../../api/client.ts';
import { reviewQueries } from '../../api/queries/review.ts';
import { queryClient } from '../../api/query-client.ts';
import type { Dispute } from '../../api/types.ts';
import { DisputedThing, DisputeFacts, disputedWords } from '../../components/dispute-facts.tsx';
import { Page } from '../../components/page.tsx';
import { PageQuery } from '../../components/page-query.tsx';
import { Panel } from '../../components/panel.tsx';
import { ErrorNotice } from '../../components/states.tsx';
import { StatusBadge } from '../../components/status-badge.tsx';
import { useSession } from '../../session/session.ts';
import styles from '../publish/product-frame.module.css';

export function OperatorDisputePage() {
  const { disputeId = '' } = useParams();
  const query = useQuery(reviewQueries.dispute(disputeId));
  return (
    <PageQuery query={query} title="Dispute">
      {(dispute) => (
        <Page
          title={`${dispute.product ?? dispute.modelPackage}: ${disputedWords(dispute)}`}
          trail={[{ label: 'Disputes', to: '/operate/disputes' }]}
          beside={<StatusBadge state={`dispute-${dispute.state}`} />}
          actions={
            dispute.submissionId ? (
              <Button component={Link} to={`/operate/submissions/${dispute.submissionId}`} variant="default">
                Open the submission
              </Button>
            ) : null
          }
        >
          <div className={styles.columns}>
            <div className="stack" style={{ '--gap': '20px' }}>
              <DisputedThing dispute={dispute} />
            </div>
            <div className="stack" style={{ '--gap': '20px' }}>
              {dispute.state === 'open' ? <Answer dispute={dispute} /> : null}
              <DisputeFacts dispute={dispute} />
            </div>
          </div>
        </Page>
      )}
    </PageQuery>
  );
}

type Choice = 'granted' | 'declined' | 'corrected';

function Answer({ dispute }: { dispute: Dispute }) {
  const { may } = useSession();
  const [choice, setChoice] = useState<Choice | null>(null);
  const [text, setText] = useState('');
  const answer = useMutation({
    mutationFn: (chosen: Choice) =>
      take(
        api.POST('/api/operator/disputes/{disputeId}/answer', {
          params: { path: { disputeId: dispute.id } },
          body: { answer: chosen, text: text.trim() },
        }),
      ),
    onSuccess: (next) => {
      queryClient.setQueryData(reviewQueries.dispute(dispute.id).queryKey, next);
      void queryClient.invalidateQueries({ queryKey: reviewQueries.all() });
    },
  });
  if (!may('review:decide')) return null;
  return (
    <Panel title="Answer">
      <form
        className="stack"
        style={{ '--gap': '16px' }}
        onSubmit={(event) => {
          event.preventDefault();
          if (choice) answer.mutate(choice);
        }}
      >
        <Radio.Group
          aria-label="Answer"
          value={choice ?? ''}
          onChange={(value) => setChoice(value as Choice)}
        >
          <div className="stack" style={{ '--gap': '8px' }}>
            <Radio
              value="granted"
              label="Grant"
              disabled={!dispute.grantable}
              description={
                dispute.grantable
                  ? 'This rule no longer stops exactly this thing of this publisher.'
                  : 'No exception is made of this code.'
              }
            />
            <Radio value="declined" label="Decline" description="It stays as it is." />
            <Radio
              value="corrected"
              label="Corrected"
              description="The check was wrong and you have mended it: the thing is examined anew."
            />
          </div>
        </Radio.Group>
        <Textarea
          label="Reason"
          description="The publisher reads it."
          rows={5}
          maxLength={10_000}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <ErrorNotice error={answer.error} />
        <Button type="submit" loading={answer.isPending} disabled={choice === null || text.trim() === ''}>
          Answer
        </Button>
      </form>
    </Panel>
  );
}
