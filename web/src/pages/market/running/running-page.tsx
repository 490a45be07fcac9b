import { Button } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { api, take } from '../../../api/client.ts';
import { runningQueries } from '../../../api/queries/running.ts';
import { queryClient } from '../../../api/query-client.ts';
import type { RunningThing } from '../../../api/types.ts';
import { ConfirmDanger } from '../../../components/confirm-danger.tsx';
import { type Column, DataTable } from '../../../components/data-table.tsx';
import { Money } from '../../../components/money.tsx';
import { Page } from '../../../components/page.tsx';
import { Panel } from '../../../components/panel.tsx';
import { EmptyState, Notice, QueryView } from '../../../components/states.tsx';
import { StatusBadge } from '../../../components/status-badge.tsx';
import { RelativeTime } from '../../../components/time.tsx';
import { toast } from '../../../components/toast.ts';
import { useSession } from '../../../session/session.ts';
import { kindWords, perHourText } from './words.ts';

/** Everything of the account that runs or waits to run, what it costs an hour, and how to stop it. */
export function RunningPage() {
  const { may } = useSession();
  const query = useQuery(runningQueries.ofAccount());
  const [stopping, setStopping] = useState<RunningThing | null>(null);
  const columns = may('subscription:manage') ? [...shown, stopColumn(setStopping)] : shown;
  return (
    <Page
      title="Running"
      lead="Endpoints and jobs of this account, with their instances. What runs costs by the second until it is stopped."
      beside={
        query.data && query.data.perHour.length > 0 ? (
          <strong>{perHourText(query.data.perHour)}</strong>
        ) : null
      }
    >
      <QueryView query={query}>
        {({ items }) => (
          <>
            {items.some((r) => r.state === 'unseen') ? (
              <Notice tone="warn" title="Something runs that its own page does not show">
                Its instances give signs of life and are billed. Stop it here; if it stays, tell the operator.
              </Notice>
            ) : null}
            <Panel flush>
              <DataTable
                label="What runs"
                columns={columns}
                rows={items}
                rowKey={(r) => `${r.kind} ${r.id}`}
                exportName="running"
                empty={
                  <EmptyState
                    title="Nothing runs"
                    actions={
                      <Button component={Link} to="/subscriptions" variant="default">
                        Your subscriptions
                      </Button>
                    }
                  >
                    Calls to a product need nothing here. Endpoints, batch and training jobs of your own
                    appear while they run.
                  </EmptyState>
                }
              />
            </Panel>
          </>
        )}
      </QueryView>
      {stopping ? <StopDialog key={stopping.id} thing={stopping} onClose={() => setStopping(null)} /> : null}
    </Page>
  );
}

const shown: readonly Column<RunningThing>[] = [
  {
    key: 'name',
    header: 'What',
    value: (r) => r.name,
    cell: (r) => (
      <>
        {r.page ? (
          <Link to={r.page} style={{ fontWeight: 500 }} className="break">
            {r.name}
          </Link>
        ) : (
          <span style={{ fontWeight: 500 }} className="break">
            {r.name}
          </span>
        )}
        <span className="tiny faint" style={{ display: 'block' }}>
          {kindWords[r.kind]}
        </span>
      </>
    ),
  },
  { key: 'state', header: 'State', value: (r) => r.state, cell: (r) => <StatusBadge state={r.state} /> },
  {
    key: 'product',
    header: 'Subscription',
    value: (r) => r.productTitle,
    cell: (r) => (
      <>
        <Link to={`/subscriptions/${r.subscriptionId}`}>{r.productTitle}</Link>
        {r.version ? (
          <span className="tiny faint" style={{ display: 'block' }}>
            version {r.version}
          </span>
        ) : null}
      </>
    ),
  },
  {
    key: 'instances',
    header: 'Instances',
    value: (r) => r.instances.map((i) => `${i.instances} x ${i.instanceType}`).join(', '),
    cell: (r) =>
      r.instances.length === 0 ? (
        <span className="faint">none now</span>
      ) : (
        r.instances.map((i) => (
          <span key={`${i.use} ${i.instanceType} ${i.since}`} style={{ display: 'block' }}>
            {i.instances} × {i.instanceType}
            <span className="tiny faint" style={{ display: 'block' }}>
              <Money amount={i.software.pricePerHour} currency={i.software.currency} />
              {i.infrastructure ? (
                <>
                  {' '}
                  + <Money amount={i.infrastructure.pricePerHour} currency={i.infrastructure.currency} />{' '}
                  instance
                </>
              ) : null}
            </span>
          </span>
        ))
      ),
  },
  {
    key: 'since',
    header: 'Since',
    value: (r) => r.instances[0]?.since ?? null,
    cell: (r) => (r.instances[0] ? <RelativeTime at={r.instances[0].since} /> : null),
  },
  {
    key: 'cost',
    header: 'Cost an hour',
    align: 'end',
    value: (r) => r.perHour.map((p) => `${p.amount} ${p.currency}`).join(' + '),
    cell: (r) =>
      r.perHour.length === 0 ? (
        <span className="faint">nothing</span>
      ) : (
        r.perHour.map((p) => <Money key={p.currency} amount={p.amount} currency={p.currency} />)
      ),
  },
];

const stopColumn = (onStop: (thing: RunningThing) => void): Column<RunningThing> => ({
  key: 'stop',
  header: '',
  align: 'end',
  cell: (r) => (
    <Button
      size="compact-sm"
      variant="subtle"
      color="red"
      aria-label={`Stop ${r.name}`}
      onClick={() => onStop(r)}
    >
      Stop
    </Button>
  ),
});

function StopDialog({ thing, onClose }: { thing: RunningThing; onClose: () => void }) {
  const stop = useMutation({
    mutationFn: () =>
      take(
        api.POST('/api/running/{kind}/{id}/stop', { params: { path: { kind: thing.kind, id: thing.id } } }),
      ),
    onSuccess: () => {
      void queryClient.invalidateQueries({ queryKey: runningQueries.all() });
      toast.done(`${thing.name} is being stopped.`);
      onClose();
    },
  });
  return (
    <ConfirmDanger
      opened
      onClose={onClose}
      title={`Stop ${kindWords[thing.kind].toLowerCase()} ${thing.name}?`}
      action="Stop it"
      busy={stop.isPending}
      error={stop.error}
      onConfirm={() => stop.mutate()}
    >
      <p>
        {thing.kind === 'endpoint'
          ? 'Calls to this endpoint are refused from then on; calls to the product itself go on.'
          : 'What it has not finished is lost; results that are written stay.'}{' '}
        Its instances are billed until they have stopped.
      </p>
    </ConfirmDanger>
  );
}
