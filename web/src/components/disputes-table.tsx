import { Link } from 'react-router';
import type { Dispute } from '../api/types.ts';
import { type Column, DataTable } from './data-table.tsx';
import { disputedWords } from './dispute-facts.tsx';
import { EmptyState } from './states.tsx';
import { Badge, StatusBadge, stateWord } from './status-badge.tsx';
import { RelativeTime } from './time.tsx';

interface Props {
  readonly disputes: readonly Dispute[];
  /** Where one is opened: `/publish/disputes`. */
  readonly at: string;
  readonly empty: string;
  readonly more?: { readonly busy: boolean; readonly load: () => void } | undefined;
}

const columns = (at: string): readonly Column<Dispute>[] => [
  {
    key: 'about',
    header: 'About',
    value: (d) => d.product ?? d.modelPackage,
    cell: (d) => (
      <>
        <Link to={`${at}/${d.id}`} style={{ fontWeight: 500 }} className="break">
          {d.product ?? d.modelPackage}
        </Link>
        <span className={`tiny muted break ${d.of === 'finding' ? 'mono' : ''}`} style={{ display: 'block' }}>
          {disputedWords(d)}
        </span>
      </>
    ),
  },
  {
    key: 'state',
    header: 'State',
    value: (d) => stateWord(`dispute-${d.state}`),
    cell: (d) => <StatusBadge state={`dispute-${d.state}`} />,
  },
  {
    key: 'opened',
    header: 'Opened',
    value: (d) => d.openedAt,
    cell: (d) => <RelativeTime at={d.openedAt} />,
  },
  {
    key: 'due',
    header: 'Answer by',
    value: (d) => d.dueAt,
    cell: (d) =>
      d.dueAt ? (
        <span className="row-nowrap" style={{ gap: 8 }}>
          {d.overdue ? (
            <Badge tone="bad" shape="bang">
              Overdue
            </Badge>
          ) : null}
          <RelativeTime at={d.dueAt} />
        </span>
      ) : (
        ''
      ),
  },
];

export function DisputesTable({ disputes, at, empty, more }: Props) {
  return (
    <DataTable
      label="Disputes"
      columns={columns(at)}
      rows={disputes}
      rowKey={(d) => d.id}
      exportName="disputes"
      more={more}
      empty={<EmptyState title="Nothing is disputed">{empty}</EmptyState>}
    />
  );
}
