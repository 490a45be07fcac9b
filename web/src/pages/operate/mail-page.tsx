import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { operateQueries } from '../../api/queries/operate.ts';
import type { Mail } from '../../api/types.ts';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { EmptyState, QueryView } from '../../components/states.tsx';
import { StatusBadge } from '../../components/status-badge.tsx';
import { RelativeTime } from '../../components/time.tsx';

const columns: readonly Column<Mail>[] = [
  {
    key: 'subject',
    header: 'Subject',
    value: (m) => m.subject,
    cell: (m) => (
      <Link to={`/operate/mail/${m.id}`} style={{ fontWeight: 500 }}>
        {m.subject}
      </Link>
    ),
  },
  { key: 'to', header: 'To', value: (m) => m.to, cell: (m) => m.to },
  { key: 'state', header: 'State', value: (m) => m.state, cell: (m) => <StatusBadge state={m.state} /> },
  {
    key: 'created',
    header: 'Written',
    align: 'end',
    value: (m) => m.createdAt,
    cell: (m) => <RelativeTime at={m.createdAt} />,
  },
];

export function MailPage() {
  const query = useInfiniteQuery(operateQueries.mail());
  return (
    <Page
      title="Mail"
      lead="Everything that Souk wrote. Without an SMTP server it stays in the outbox, and can be read here."
    >
      <Panel flush>
        <QueryView query={query}>
          {({ pages }) => (
            <DataTable
              label="Mail"
              columns={columns}
              rows={pages.flatMap((p) => p.items)}
              rowKey={(m) => m.id}
              exportName="mail"
              more={
                query.hasNextPage
                  ? { busy: query.isFetchingNextPage, load: () => void query.fetchNextPage() }
                  : undefined
              }
              empty={
                <EmptyState title="No mail yet">Resets, invitations and news are listed here.</EmptyState>
              }
            />
          )}
        </QueryView>
      </Panel>
    </Page>
  );
}
