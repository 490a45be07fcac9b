import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { operateQueries } from '../../api/queries/operate.ts';
import type { components } from '../../api/schema.gen.ts';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { EmptyState, QueryView } from '../../components/states.tsx';
import { StatusBadge } from '../../components/status-badge.tsx';
import { RelativeTime } from '../../components/time.tsx';

type QueueItem = components['schemas']['ReviewQueueItem'];

const columns: readonly Column<QueueItem>[] = [
  {
    key: 'product',
    header: 'Submission',
    value: ({ submission }) => submission.productTitle,
    cell: ({ submission }) => (
      <>
        <Link to={`/operate/submissions/${submission.id}`} style={{ fontWeight: 500 }}>
          {submission.productTitle}
        </Link>
        <span className="tiny faint" style={{ display: 'block' }}>
          {submission.publisher}/{submission.productSlug}, revision {submission.revision}
        </span>
      </>
    ),
  },
  {
    key: 'reason',
    header: 'Needs',
    value: (item) => item.reason,
    cell: (item) =>
      item.reason === 'held' ? (
        <StatusBadge state="held">A fault looked at</StatusBadge>
      ) : (
        <StatusBadge state="waiting">A review</StatusBadge>
      ),
  },
  {
    key: 'message',
    header: 'Why',
    value: ({ submission }) => submission.message,
    cell: ({ submission }) => <span className="muted">{submission.message}</span>,
  },
  {
    key: 'since',
    header: 'Waiting',
    align: 'end',
    value: (item) => item.waitingSince,
    cell: (item) => <RelativeTime at={item.waitingSince} />,
  },
];

/** What needs a human of the operator, oldest first. */
export function QueuePage() {
  const query = useQuery(operateQueries.queue());
  return (
    <Page title="Queue" lead="Submissions that wait for a person of the operator, oldest first.">
      <Panel flush>
        <QueryView query={query}>
          {({ items }) => (
            <DataTable
              label="Queue"
              columns={columns}
              rows={items}
              rowKey={(item) => item.submission.id}
              exportName="queue"
              empty={
                <EmptyState title="Nothing waits for you">
                  Reviews that your policies ask for, and submissions held by a fault, come here.
                </EmptyState>
              }
            />
          )}
        </QueryView>
      </Panel>
    </Page>
  );
}
