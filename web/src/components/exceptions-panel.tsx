import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { reviewQueries } from '../api/queries/review.ts';
import type { RuleException } from '../api/types.ts';
import { type Column, DataTable } from './data-table.tsx';
import { Panel } from './panel.tsx';
import { EmptyState, QueryView } from './states.tsx';
import { StatusBadge } from './status-badge.tsx';
import { RelativeTime } from './time.tsx';

/** Exceptions that appeals have brought: for whom, from what, for which thing. */
export function ExceptionsPanel({ action }: { action?: (exception: RuleException) => ReactNode }) {
  const query = useQuery(reviewQueries.exceptions());
  const columns: readonly Column<RuleException>[] = [
    {
      key: 'code',
      header: 'Rule',
      value: (e) => e.code,
      cell: (e) => (
        <>
          <span className="mono break">{e.code}</span>
          <span className="tiny muted break" style={{ display: 'block' }}>
            {e.place}
          </span>
        </>
      ),
    },
    { key: 'who', header: 'Publisher', value: (e) => e.publisher, cell: (e) => e.publisher ?? e.accountId },
    {
      key: 'reason',
      header: 'Reason',
      value: (e) => e.reason,
      cell: (e) => <span className="small break">{e.revokedReason ?? e.reason}</span>,
    },
    {
      key: 'granted',
      header: 'Granted',
      value: (e) => e.grantedAt,
      cell: (e) => <RelativeTime at={e.grantedAt} />,
    },
    {
      key: 'state',
      header: 'State',
      value: (e) => (e.revokedAt ? 'revoked' : 'active'),
      cell: (e) => <StatusBadge state={e.revokedAt ? 'revoked' : 'active'} />,
    },
    ...(action ? [{ key: 'action', header: 'Actions', cell: action }] : []),
  ];
  return (
    <Panel title="Exceptions" note="Each holds for one publisher, one rule and exactly one thing" flush>
      <QueryView query={query}>
        {({ items }) => (
          <DataTable
            label="Exceptions"
            columns={columns}
            rows={items}
            rowKey={(e) => e.id}
            exportName="exceptions"
            empty={<EmptyState title="No exceptions">A dispute that is granted brings one.</EmptyState>}
          />
        )}
      </QueryView>
    </Panel>
  );
}
