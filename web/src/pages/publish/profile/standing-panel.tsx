import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api, take } from '../../../api/client.ts';
import { isApiError } from '../../../api/errors.ts';
import { payeeQueries } from '../../../api/queries/payee.ts';
import { queryClient } from '../../../api/query-client.ts';
import type { PublisherStanding } from '../../../api/types.ts';
import { FindingList } from '../../../components/finding.tsx';
import { TextField } from '../../../components/form-field.tsx';
import { Fact, Facts, Panel } from '../../../components/panel.tsx';
import { ErrorNotice, Notice } from '../../../components/states.tsx';
import { StatusBadge } from '../../../components/status-badge.tsx';
import { RelativeTime } from '../../../components/time.tsx';
import { toast } from '../../../components/toast.ts';
import { useSession } from '../../../session/session.ts';

const needed = {
  nothing: 'This marketplace asks for it nowhere; buyers see the mark.',
  paid: 'Needed for paid plans and payouts. Free products do not need it.',
  everything: 'Needed before anything is published.',
};

export function StandingPanel({ standing }: { standing: PublisherStanding }) {
  const { verification: v, payouts, missingForPaid, missingForFree } = standing;
  return (
    <div className="stack" style={{ '--gap': '20px' }}>
      <Panel title="Verification" note={needed[v.neededFor]} actions={<StatusBadge state={v.state} />}>
        <div className="stack">
          {v.text && v.state !== 'unverified' ? (
            <Notice tone={v.state === 'verified' ? 'good' : v.state === 'pending' ? 'info' : 'warn'}>
              {v.text}
            </Notice>
          ) : null}
          {v.state === 'unverified' || v.state === 'more-needed' || v.state === 'rejected' ? (
            <AskForm again={v.state !== 'unverified'} />
          ) : null}
          {v.state === 'pending' ? (
            <p className="muted">
              The operator looks at it; the answer comes by mail. Nothing is to be done.
            </p>
          ) : null}
        </div>
      </Panel>
      <Panel title="What is missing">
        <div className="stack">
          <Facts>
            <Fact name="Free products">
              {missingForFree.length === 0 ? 'Nothing: publish when you like.' : null}
            </Fact>
            <Fact name="Paid plans">
              {missingForPaid.length === 0 ? 'Nothing.' : `${missingForPaid.length} to do`}
            </Fact>
            <Fact name="Payouts">
              <StatusBadge state={payouts.state} /> {payouts.reason}
            </Fact>
          </Facts>
          <FindingList findings={missingForFree.length > 0 ? missingForFree : missingForPaid} />
        </div>
      </Panel>
      <History history={v.history} />
    </div>
  );
}

export const eventWords: Record<PublisherStanding['verification']['history'][number]['event'], string> = {
  requested: 'Asked',
  approved: 'Verified',
  'more-asked': 'More was asked for',
  rejected: 'Declined',
  changed: 'Changed',
};

export function History({ history }: { history: PublisherStanding['verification']['history'] }) {
  if (history.length === 0) return null;
  return (
    <Panel title="History">
      <Facts>
        {history.map((h) => (
          <Fact key={`${h.at}${h.event}`} name={eventWords[h.event]}>
            <span className="break">{h.text || 'Without a message.'}</span>
            <span className="small faint" style={{ display: 'block' }}>
              {h.by}, <RelativeTime at={h.at} />
            </span>
          </Fact>
        ))}
      </Facts>
    </Panel>
  );
}

function AskForm({ again }: { again: boolean }) {
  const { may } = useSession();
  const [message, setMessage] = useState('');
  const ask = useMutation({
    mutationFn: () => take(api.POST('/api/publisher/verification', { body: { message } })),
    onSuccess: (next) => {
      queryClient.setQueryData(payeeQueries.standing().queryKey, next);
      toast.done('The operator was asked.');
    },
  });
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        ask.mutate();
      }}
    >
      <TextField
        label={again ? 'Your answer' : 'Message to the operator'}
        description="What helps to make sure who you are: a register, an address, somebody who knows you."
        rows={3}
        charsMax={2000}
        value={message}
        onChange={setMessage}
      />
      <ErrorNotice error={ask.error} />
      <FindingList findings={isApiError(ask.error) ? ask.error.findings : []} />
      <div>
        <Button type="submit" loading={ask.isPending} disabled={!may('publisher:update')}>
          {again ? 'Answer and ask again' : 'Ask to be verified'}
        </Button>
      </div>
    </form>
  );
}
