import { Button, SegmentedControl, Textarea } from '@mantine/core';
import { useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api, take } from '../../api/client.ts';
import { reviewQueries } from '../../api/queries/review.ts';
import { queryClient } from '../../api/query-client.ts';
import type { RuleException } from '../../api/types.ts';
import { ConfirmDanger } from '../../components/confirm-danger.tsx';
import { DisputesTable } from '../../components/disputes-table.tsx';
import { ExceptionsPanel } from '../../components/exceptions-panel.tsx';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { QueryView } from '../../components/states.tsx';
import { useSession } from '../../session/session.ts';

/** All disputes, and the exceptions that hold: listed, and revocable. */
export function OperatorDisputesPage() {
  const [open, setOpen] = useState(true);
  const query = useInfiniteQuery(reviewQueries.disputes('all', open ? 'open' : undefined));
  return (
    <Page title="Disputes" lead="Where publishers disagree. Nobody answers about a decision of their own.">
      <SegmentedControl
        aria-label="State"
        value={open ? 'open' : 'all'}
        data={[
          { value: 'open', label: 'Open' },
          { value: 'all', label: 'All' },
        ]}
        onChange={(value) => setOpen(value === 'open')}
        style={{ alignSelf: 'flex-start' }}
      />
      <Panel flush>
        <QueryView query={query}>
          {({ pages }) => (
            <DisputesTable
              disputes={pages.flatMap((p) => p.items)}
              at="/operate/disputes"
              empty="Publishers dispute findings on their status page; the queue shows what is open."
              more={
                query.hasNextPage
                  ? { busy: query.isFetchingNextPage, load: () => void query.fetchNextPage() }
                  : undefined
              }
            />
          )}
        </QueryView>
      </Panel>
      <ExceptionsPanel action={(exception) => <Revoke exception={exception} />} />
    </Page>
  );
}

function Revoke({ exception }: { exception: RuleException }) {
  const { may } = useSession();
  const [asking, setAsking] = useState(false);
  const [reason, setReason] = useState('');
  const revoke = useMutation({
    mutationFn: () =>
      take(
        api.POST('/api/operator/exceptions/{exceptionId}/revoke', {
          params: { path: { exceptionId: exception.id } },
          body: { reason: reason.trim() || 'It no longer holds.' },
        }),
      ),
    onSuccess: () => {
      setAsking(false);
      void queryClient.invalidateQueries({ queryKey: reviewQueries.all() });
    },
  });
  if (exception.revokedAt || !may('review:decide')) return null;
  return (
    <>
      <Button size="compact-sm" variant="default" onClick={() => setAsking(true)}>
        Revoke
      </Button>
      <ConfirmDanger
        opened={asking}
        onClose={() => setAsking(false)}
        title={`Revoke the exception to ${exception.code}?`}
        action="Revoke exception"
        busy={revoke.isPending}
        error={revoke.error}
        onConfirm={() => revoke.mutate()}
      >
        From now on the rule holds again for {exception.place}. What is live stays as it is; the next
        submission is stopped. The publisher is told.
        <Textarea
          mt={12}
          label="Reason"
          description="The publisher reads it."
          value={reason}
          maxLength={10_000}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
      </ConfirmDanger>
    </>
  );
}
