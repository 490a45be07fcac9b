import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { batchQueries } from '../../../api/queries/batch.ts';
import type { TransformJob } from '../../../api/types.ts';
import { type Column, DataTable } from '../../../components/data-table.tsx';
import { Page } from '../../../components/page.tsx';
import { Panel } from '../../../components/panel.tsx';
import { EmptyState, QueryView } from '../../../components/states.tsx';
import { StatusBadge } from '../../../components/status-badge.tsx';
import { Elapsed, RelativeTime } from '../../../components/time.tsx';
import { formatCount } from '../../../format/format.ts';
import { useSession } from '../../../session/session.ts';

const columns: readonly Column<TransformJob>[] = [
  {
    key: 'name',
    header: 'Job',
    value: (j) => j.name,
    cell: (j) => (
      <span>
        <Link to={`/transforms/${j.name}`} style={{ fontWeight: 500 }} className="break">
          {j.name}
        </Link>
        <span className="tiny faint break" style={{ display: 'block' }}>
          {j.model.name}
        </span>
      </span>
    ),
  },
  { key: 'state', header: 'State', value: (j) => j.state, cell: (j) => <StatusBadge state={j.state} /> },
  {
    key: 'files',
    header: 'Files',
    align: 'end',
    value: (j) => j.progress.files.done,
    cell: (j) => `${formatCount(j.progress.files.done)} of ${j.progress.files.total ?? '…'}`,
  },
  {
    key: 'rows',
    header: 'Rows',
    align: 'end',
    value: (j) => j.progress.rows,
    cell: (j) => formatCount(j.progress.rows),
  },
  {
    key: 'took',
    header: 'Took',
    align: 'end',
    cell: (j) => (j.startedAt ? <Elapsed from={j.startedAt} to={j.endedAt} /> : '–'),
  },
  {
    key: 'begun',
    header: 'Begun',
    align: 'end',
    value: (j) => j.createdAt,
    cell: (j) => <RelativeTime at={j.createdAt} />,
  },
];

export function TransformsPage() {
  const { may } = useSession();
  const query = useInfiniteQuery(batchQueries.jobs());
  const begin = may('transform:manage') ? (
    <Button component={Link} to="/transforms/new">
      Run a batch
    </Button>
  ) : null;
  return (
    <Page
      title="Batch jobs"
      lead="A subscribed model over files of this account: X becomes X.out."
      actions={begin}
    >
      <Panel flush>
        <QueryView query={query}>
          {({ pages }) => (
            <DataTable
              label="Batch jobs"
              columns={columns}
              rows={pages.flatMap((p) => p.items)}
              rowKey={(j) => j.id}
              exportName="batch-jobs"
              more={
                query.hasNextPage
                  ? { busy: query.isFetchingNextPage, load: () => void query.fetchNextPage() }
                  : undefined
              }
              empty={
                <EmptyState title="No batch jobs yet" actions={begin}>
                  Put files under Files, choose a subscription, and read the results when the job has ended.
                </EmptyState>
              }
            />
          )}
        </QueryView>
      </Panel>
    </Page>
  );
}
