import { Button, SegmentedControl, Select } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { api, take } from '../../api/client.ts';
import { type QueueFilter, reviewQueries } from '../../api/queries/review.ts';
import { queryClient } from '../../api/query-client.ts';
import type { QueueItem } from '../../api/types.ts';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { EmptyState, QueryView } from '../../components/states.tsx';
import { Badge, StatusBadge } from '../../components/status-badge.tsx';
import { RelativeTime } from '../../components/time.tsx';
import { toast } from '../../components/toast.ts';
import { useSession } from '../../session/session.ts';

const kinds = { review: 'Review', held: 'Fault', dispute: 'Dispute' } as const;

const columns: readonly Column<QueueItem>[] = [
  {
    key: 'title',
    header: 'About',
    value: (item) => item.title,
    cell: (item) => (
      <>
        <Link to={item.link} style={{ fontWeight: 500 }}>
          {item.title}
        </Link>
        <span className="tiny muted break" style={{ display: 'block' }}>
          {item.why}
        </span>
      </>
    ),
  },
  {
    key: 'kind',
    header: 'Needs',
    value: (item) => kinds[item.kind],
    cell: (item) => (
      <StatusBadge state={item.kind === 'held' ? 'held' : 'waiting'}>{kinds[item.kind]}</StatusBadge>
    ),
  },
  {
    key: 'since',
    header: 'Waiting',
    value: (item) => item.waitingSince,
    cell: (item) => <RelativeTime at={item.waitingSince} />,
  },
  {
    key: 'due',
    header: 'Due',
    value: (item) => item.dueAt,
    cell: (item) => (
      <span className="row-nowrap" style={{ gap: 8 }}>
        {item.overdue ? (
          <Badge tone="bad" shape="bang">
            Overdue
          </Badge>
        ) : null}
        <RelativeTime at={item.dueAt} />
      </span>
    ),
  },
  {
    key: 'assignee',
    header: 'Taken by',
    value: (item) => item.assignee?.email ?? '',
    cell: (item) => <Assignee item={item} />,
  },
];

/** What needs a human of the operator: what is overdue leads, then by what is due next. */
export function QueuePage() {
  const [filter, setFilter] = useState<QueueFilter>({});
  const query = useQuery(reviewQueries.queue(filter));
  const filtered = Object.keys(filter).length > 0;
  return (
    <Page title="Queue" lead="What waits for a person of the operator. Overdue first, then what is due next.">
      <Filters filter={filter} onChange={setFilter} />
      <Panel flush>
        <QueryView query={query}>
          {({ items }) => (
            <DataTable
              label="Queue"
              columns={columns}
              rows={items}
              rowKey={(item) => item.id}
              exportName="queue"
              empty={
                <EmptyState title={filtered ? 'Nothing here matches' : 'Nothing waits for you'}>
                  Reviews that your policies ask for, submissions held by a fault, and disputes come here.
                </EmptyState>
              }
            />
          )}
        </QueryView>
      </Panel>
    </Page>
  );
}

function Filters({ filter, onChange }: { filter: QueueFilter; onChange: (filter: QueueFilter) => void }) {
  const { kind, assignee, overdue } = filter;
  const with_ = (change: Partial<Record<keyof QueueFilter, unknown>>) =>
    onChange(
      Object.fromEntries(
        Object.entries({ kind, assignee, overdue, ...change }).filter(([, v]) => v !== undefined && v !== ''),
      ) as QueueFilter,
    );
  return (
    <div className="row" style={{ '--gap': '12px' }}>
      <Select
        aria-label="Kind"
        w={150}
        value={kind ?? ''}
        allowDeselect={false}
        data={[
          { value: '', label: 'Every kind' },
          ...Object.entries(kinds).map(([value, label]) => ({ value, label })),
        ]}
        onChange={(value) => with_({ kind: value || undefined })}
      />
      <SegmentedControl
        aria-label="Taken by"
        value={assignee ?? ''}
        data={[
          { value: '', label: 'All' },
          { value: 'nobody', label: 'Not taken' },
          { value: 'me', label: 'Mine' },
        ]}
        onChange={(value) => with_({ assignee: value || undefined })}
      />
      <SegmentedControl
        aria-label="Clock"
        value={overdue ? 'overdue' : ''}
        data={[
          { value: '', label: 'Any time' },
          { value: 'overdue', label: 'Overdue' },
        ]}
        onChange={(value) => with_({ overdue: value ? true : undefined })}
      />
    </div>
  );
}

/** Who is at it; and to take it, or to give it back. */
export function Assignee({ item }: { item: QueueItem }) {
  const { may, session } = useSession();
  const act = useMutation({
    mutationFn: (verb: 'take' | 'release') => {
      const params = { path: { itemId: item.id } };
      return verb === 'take'
        ? take(api.POST('/api/operator/queue/{itemId}/take', { params }))
        : take(api.POST('/api/operator/queue/{itemId}/release', { params }));
    },
    onSettled: () => queryClient.invalidateQueries({ queryKey: reviewQueries.all() }),
    onError: toast.failed,
  });
  const mine = item.assignee?.email === session.person?.email;
  const mayRelease = item.assignee !== null && (mine || may('operator:manage'));
  const verb = item.assignee === null ? 'take' : 'release';
  return (
    <span className="row" style={{ gap: 8 }}>
      {item.assignee ? <span className="small break">{mine ? 'You' : item.assignee.email}</span> : null}
      {may('review:decide') && (item.assignee === null || mayRelease) ? (
        <Button
          size="compact-sm"
          variant="default"
          loading={act.isPending}
          aria-label={`${verb === 'take' ? 'Take' : 'Release'} ${item.title}`}
          onClick={() => act.mutate(verb)}
        >
          {verb === 'take' ? 'Take' : 'Release'}
        </Button>
      ) : null}
    </span>
  );
}
