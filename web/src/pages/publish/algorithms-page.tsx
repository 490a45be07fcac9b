import { Button } from '@mantine/core';
import { PlusIcon } from '@radix-ui/react-icons';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { algorithmQueries } from '../../api/queries/algorithms.ts';
import type { AlgorithmSummary } from '../../api/types.ts';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { EmptyState, QueryView } from '../../components/states.tsx';
import { StatusBadge } from '../../components/status-badge.tsx';
import { RelativeTime } from '../../components/time.tsx';
import { formatBytes } from '../../format/format.ts';
import { useSession } from '../../session/session.ts';

const columns: readonly Column<AlgorithmSummary>[] = [
  {
    key: 'name',
    header: 'Name',
    value: (a) => a.name,
    cell: (a) => (
      <>
        <Link to={`/publish/algorithms/${a.name}`} style={{ fontWeight: 500 }}>
          {a.name}
        </Link>
        {a.description ? (
          <span className="tiny faint" style={{ display: 'block' }}>
            {a.description}
          </span>
        ) : null}
      </>
    ),
  },
  { key: 'status', header: 'Status', value: (a) => a.status, cell: (a) => <StatusBadge state={a.status} /> },
  { key: 'region', header: 'Region', value: (a) => a.region, cell: (a) => a.region },
  {
    key: 'size',
    header: 'Size',
    align: 'end',
    value: (a) => a.archive.sizeBytes,
    cell: (a) => formatBytes(a.archive.sizeBytes),
  },
  {
    key: 'created',
    header: 'Registered',
    align: 'end',
    value: (a) => a.createdAt,
    cell: (a) => <RelativeTime at={a.createdAt} />,
  },
];

export function AlgorithmsPage() {
  const { may } = useSession();
  const query = useInfiniteQuery(algorithmQueries.list());
  const register = may('model:manage') ? (
    <Button component={Link} to="/publish/algorithms/new" leftSection={<PlusIcon />}>
      Register an algorithm
    </Button>
  ) : null;
  return (
    <Page
      title="Algorithms"
      lead="Training programs that this account has registered. Each was trained with its sample; a registered one never changes."
      actions={register}
    >
      <Panel flush>
        <QueryView query={query}>
          {({ pages }) => (
            <DataTable
              label="Algorithms"
              columns={columns}
              rows={pages.flatMap((p) => p.items)}
              rowKey={(a) => a.arn}
              exportName="algorithms"
              more={
                query.hasNextPage
                  ? { busy: query.isFetchingNextPage, load: () => void query.fetchNextPage() }
                  : undefined
              }
              empty={
                <EmptyState title="No algorithms yet" actions={register}>
                  Upload a training program here, or use <span className="mono">souk algorithms push</span>.
                </EmptyState>
              }
            />
          )}
        </QueryView>
      </Panel>
    </Page>
  );
}
