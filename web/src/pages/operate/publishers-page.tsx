import { SegmentedControl } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { payeeQueries } from '../../api/queries/payee.ts';
import type { OperatorPublisher } from '../../api/types.ts';
import { CopyableId } from '../../components/copy.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { EmptyState, QueryView } from '../../components/states.tsx';
import { StatusBadge } from '../../components/status-badge.tsx';
import { RelativeTime } from '../../components/time.tsx';

const columns: readonly Column<OperatorPublisher>[] = [
  {
    key: 'name',
    header: 'Publisher',
    value: (p) => p.profile.displayName,
    cell: (p) => (
      <>
        <Link to={`/operate/publishers/${p.profile.accountId}`} style={{ fontWeight: 500 }}>
          {p.profile.displayName}
        </Link>
        <span className="tiny faint" style={{ display: 'block' }}>
          {p.profile.slug}
        </span>
      </>
    ),
  },
  {
    key: 'verification',
    header: 'Verification',
    value: (p) => p.verification,
    cell: (p) => <StatusBadge state={p.verification} />,
  },
  {
    key: 'products',
    header: 'Live',
    align: 'end',
    value: (p) => p.liveProducts,
    cell: (p) => `${p.liveProducts} of ${p.products}`,
  },
  {
    key: 'account',
    header: 'Account',
    value: (p) => p.profile.accountId,
    cell: (p) => <CopyableId id={p.profile.accountId} what="account id" />,
  },
  {
    key: 'contact',
    header: 'Contact',
    value: (p) => p.profile.contactEmail,
    cell: (p) => p.profile.contactEmail,
  },
  {
    key: 'since',
    header: 'Since',
    align: 'end',
    value: (p) => p.profile.createdAt,
    cell: (p) => <RelativeTime at={p.profile.createdAt} />,
  },
];

export function PublishersPage() {
  const [state, setState] = useState<'all' | 'pending'>('all');
  const query = useInfiniteQuery(payeeQueries.publishers(state === 'all' ? null : state));
  return (
    <Page
      title="Publishers"
      lead="Accounts with a publisher profile, and whether you know who they are."
      actions={
        <SegmentedControl
          aria-label="Show"
          data={[
            { value: 'all', label: 'All' },
            { value: 'pending', label: 'Waiting' },
          ]}
          value={state}
          onChange={(next) => setState(next === 'pending' ? 'pending' : 'all')}
        />
      }
    >
      <Panel flush>
        <QueryView query={query}>
          {({ pages }) => (
            <DataTable
              label="Publishers"
              columns={columns}
              rows={pages.flatMap((p) => p.items)}
              rowKey={(p) => p.profile.accountId}
              exportName="publishers"
              more={
                query.hasNextPage
                  ? { busy: query.isFetchingNextPage, load: () => void query.fetchNextPage() }
                  : undefined
              }
              empty={
                state === 'pending' ? (
                  <EmptyState title="Nobody waits to be verified" />
                ) : (
                  <EmptyState title="No publishers yet">
                    An account becomes one when it writes its publisher profile.
                  </EmptyState>
                )
              }
            />
          )}
        </QueryView>
      </Panel>
    </Page>
  );
}
