import { Button } from '@mantine/core';
import { PlusIcon } from '@radix-ui/react-icons';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { webServiceQueries } from '../../../api/queries/web-services.ts';
import type { WebServiceSummary } from '../../../api/types.ts';
import { type Column, DataTable } from '../../../components/data-table.tsx';
import { Page } from '../../../components/page.tsx';
import { Panel } from '../../../components/panel.tsx';
import { EmptyState, QueryView } from '../../../components/states.tsx';
import { StatusBadge } from '../../../components/status-badge.tsx';
import { RelativeTime } from '../../../components/time.tsx';
import { formatCount } from '../../../format/format.ts';
import { useSession } from '../../../session/session.ts';

const columns: readonly Column<WebServiceSummary>[] = [
  {
    key: 'name',
    header: 'Name',
    value: (s) => s.name,
    cell: (s) => (
      <Link to={`/web-services/${s.id}`} style={{ fontWeight: 500 }} className="break">
        {s.name}
      </Link>
    ),
  },
  { key: 'state', header: 'State', value: (s) => s.state, cell: (s) => <StatusBadge state={s.state} /> },
  {
    key: 'runs',
    header: 'Runs',
    value: (s) => s.runs,
    cell: (s) => <span className="break">{s.runs}</span>,
  },
  {
    key: 'endpoints',
    header: 'Endpoints',
    align: 'end',
    value: (s) => s.endpointCount,
    cell: (s) => formatCount(s.endpointCount),
  },
  {
    key: 'created',
    header: 'Created',
    align: 'end',
    value: (s) => s.createdAt,
    cell: (s) => <RelativeTime at={s.createdAt} />,
  },
];

export function WebServicesPage() {
  const { may } = useSession();
  const query = useQuery(webServiceQueries.list());
  const create = may('webservice:manage') ? (
    <Button component={Link} to="/web-services/new" leftSection={<PlusIcon />}>
      New web service
    </Button>
  ) : null;
  return (
    <Page
      title="Web services"
      lead="Models with named columns, called over Azure ML’s wire, OData or in batch, with keys for each customer."
      actions={create}
    >
      <Panel flush>
        <QueryView query={query}>
          {({ items }) => (
            <DataTable
              label="Web services"
              columns={columns}
              rows={items}
              rowKey={(s) => s.id}
              exportName="web-services"
              empty={
                <EmptyState title="No web services yet" actions={create}>
                  Deploy one from a product that you subscribe to, or a model that you trained. Its columns
                  are inferred from the model.
                </EmptyState>
              }
            />
          )}
        </QueryView>
      </Panel>
    </Page>
  );
}
