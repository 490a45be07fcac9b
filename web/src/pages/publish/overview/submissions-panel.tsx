import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { productQueries } from '../../../api/queries/publish.ts';
import type { Submission } from '../../../api/types.ts';
import { type Column, DataTable } from '../../../components/data-table.tsx';
import { Panel } from '../../../components/panel.tsx';
import { StatusBadge } from '../../../components/status-badge.tsx';
import { Elapsed, RelativeTime } from '../../../components/time.tsx';

const columns: readonly Column<Submission>[] = [
  {
    key: 'revision',
    header: 'Revision',
    value: (s) => s.revision,
    cell: (s) => (
      <Link to={`/publish/products/${s.productId}/submissions/${s.id}`} style={{ fontWeight: 500 }}>
        Revision {s.revision}
      </Link>
    ),
  },
  { key: 'state', header: 'State', value: (s) => s.state, cell: (s) => <StatusBadge state={s.state} /> },
  { key: 'by', header: 'By', value: (s) => s.submittedBy, cell: (s) => s.submittedBy },
  {
    key: 'took',
    header: 'Took',
    cell: (s) => <Elapsed from={s.submittedAt} to={s.endedAt} />,
  },
  {
    key: 'at',
    header: 'Submitted',
    align: 'end',
    value: (s) => s.submittedAt,
    cell: (s) => <RelativeTime at={s.submittedAt} />,
  },
];

/** Everything that was ever submitted, newest first. */
export function SubmissionsPanel({ productId }: { productId: string }) {
  const query = useInfiniteQuery(productQueries.submissions(productId));
  const rows = query.data?.pages.flatMap((p) => p.items) ?? [];
  if (rows.length === 0) return null;
  return (
    <Panel title="All submissions" flush>
      <DataTable
        label="Submissions"
        columns={columns}
        rows={rows}
        rowKey={(s) => s.id}
        empty={null}
        more={
          query.hasNextPage
            ? { busy: query.isFetchingNextPage, load: () => void query.fetchNextPage() }
            : undefined
        }
      />
    </Panel>
  );
}
