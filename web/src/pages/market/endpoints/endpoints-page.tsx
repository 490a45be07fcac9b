import { Button } from '@mantine/core';
import { PlusIcon } from '@radix-ui/react-icons';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { endpointQueries } from '../../../api/queries/endpoints.ts';
import type { EndpointSummary } from '../../../api/types.ts';
import { type Column, DataTable } from '../../../components/data-table.tsx';
import { Page } from '../../../components/page.tsx';
import { Panel } from '../../../components/panel.tsx';
import { EmptyState, QueryView } from '../../../components/states.tsx';
import { StatusBadge } from '../../../components/status-badge.tsx';
import { RelativeTime } from '../../../components/time.tsx';
import { formatCount } from '../../../format/format.ts';
import { useSession } from '../../../session/session.ts';

const columns: readonly Column<EndpointSummary>[] = [
  {
    key: 'name',
    header: 'Name',
    value: (e) => e.name,
    cell: (e) => (
      <Link to={`/endpoints/${e.name}`} style={{ fontWeight: 500 }} className="break">
        {e.name}
      </Link>
    ),
  },
  {
    key: 'state',
    header: 'State',
    value: (e) => e.state,
    cell: (e) => <StatusBadge state={e.asleep ? 'asleep' : e.state} />,
  },
  {
    key: 'runs',
    header: 'Runs',
    value: (e) => (e.serving ?? e.coming)?.name ?? '',
    cell: (e) => {
      const variant = e.serving ?? e.coming;
      return variant ? (
        <>
          <Link to={`/subscriptions/${variant.subscriptionId}`} className="break">
            {variant.name}
          </Link>
          <span className="tiny faint" style={{ display: 'block' }}>
            {variant.instanceType}
          </span>
        </>
      ) : null;
    },
  },
  {
    key: 'instances',
    header: 'Instances',
    align: 'end',
    value: (e) => e.instancesReady,
    cell: (e) => `${e.instancesReady} of ${e.instancesWanted}`,
  },
  {
    key: 'calls',
    header: 'Calls now',
    align: 'end',
    value: (e) => e.callsUnderWay,
    cell: (e) => formatCount(e.callsUnderWay),
  },
  {
    key: 'created',
    header: 'Created',
    align: 'end',
    value: (e) => e.createdAt,
    cell: (e) => <RelativeTime at={e.createdAt} />,
  },
];

export function EndpointsPage() {
  const { may } = useSession();
  const query = useQuery(endpointQueries.list());
  const create = may('endpoint:manage') ? (
    <Button component={Link} to="/endpoints/new" leftSection={<PlusIcon />}>
      New endpoint
    </Button>
  ) : null;
  return (
    <Page
      title="Endpoints"
      lead="Products on instances of your own: they scale, sleep and are updated without dropping a call."
      actions={create}
    >
      <Panel flush>
        <QueryView query={query}>
          {({ items }) => (
            <DataTable
              label="Endpoints"
              columns={columns}
              rows={items}
              rowKey={(e) => e.id}
              exportName="endpoints"
              empty={
                <EmptyState title="No endpoints yet" actions={create}>
                  Subscribed products answer calls without one. An endpoint gives you instances that nobody
                  else calls, paid for while they run.
                </EmptyState>
              }
            />
          )}
        </QueryView>
      </Panel>
    </Page>
  );
}
