import { Button } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { api, take } from '../../api/client.ts';
import { operateQueries } from '../../api/queries/operate.ts';
import { queryClient } from '../../api/query-client.ts';
import type { Deployment } from '../../api/types.ts';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { EmptyState, QueryView } from '../../components/states.tsx';
import { StatusBadge } from '../../components/status-badge.tsx';
import { RelativeTime } from '../../components/time.tsx';
import { toast } from '../../components/toast.ts';
import { formatCount } from '../../format/format.ts';
import { useSession } from '../../session/session.ts';

const columns: readonly Column<Deployment>[] = [
  {
    key: 'product',
    header: 'Product',
    value: (d) => d.product,
    cell: (d) => (
      <>
        <span style={{ fontWeight: 500 }}>{d.product}</span>
        <span className="tiny faint" style={{ display: 'block' }}>
          {d.version} · {d.id}
        </span>
      </>
    ),
  },
  {
    key: 'state',
    header: 'State',
    value: (d) => d.state,
    cell: (d) => (
      <>
        <StatusBadge state={d.state} />
        {d.lastFailure ? (
          <span className="tiny muted" style={{ display: 'block', marginTop: 4 }}>
            {d.lastFailure}
          </span>
        ) : null}
      </>
    ),
  },
  {
    key: 'backend',
    header: 'Runs on',
    value: (d) => `${d.backend} ${d.instanceType}`,
    cell: (d) => (
      <>
        {d.backend}, {d.instanceType}
      </>
    ),
  },
  { key: 'sandbox', header: 'Sandbox', value: (d) => d.sandbox, cell: (d) => d.sandbox },
  {
    key: 'restarts',
    header: 'Restarts',
    align: 'end',
    value: (d) => d.restarts,
    cell: (d) => formatCount(d.restarts),
  },
  {
    key: 'ready',
    header: 'Ready since',
    align: 'end',
    value: (d) => d.readyAt,
    cell: (d) => (d.readyAt ? <RelativeTime at={d.readyAt} /> : null),
  },
  { key: 'restart', header: '', align: 'end', cell: (d) => <Restart deployment={d} /> },
];

export function DeploymentsPage() {
  const query = useQuery(operateQueries.deployments());
  return (
    <Page title="Deployments" lead="What runs, where, and how it is.">
      <Panel flush>
        <QueryView query={query}>
          {({ items }) => (
            <DataTable
              label="Deployments"
              columns={columns}
              rows={items}
              rowKey={(d) => d.id}
              exportName="deployments"
              empty={
                <EmptyState title="Nothing runs yet">
                  A product’s versions run from its preview on.
                </EmptyState>
              }
            />
          )}
        </QueryView>
      </Panel>
    </Page>
  );
}

function Restart({ deployment }: { deployment: Deployment }) {
  const { may } = useSession();
  const restart = useMutation({
    mutationFn: () =>
      take(
        api.POST('/api/operator/deployments/{deploymentId}/restart', {
          params: { path: { deploymentId: deployment.id } },
        }),
      ),
    onSuccess: () => {
      toast.done(`${deployment.product} ${deployment.version} restarts.`);
      void queryClient.invalidateQueries({ queryKey: operateQueries.deployments().queryKey });
    },
    onError: toast.failed,
  });
  if (!may('operator:manage')) return null;
  return (
    <Button
      size="compact-sm"
      variant="subtle"
      loading={restart.isPending}
      aria-label={`Restart ${deployment.product} ${deployment.version}`}
      onClick={() => restart.mutate()}
    >
      Restart
    </Button>
  );
}
