import { useQuery } from '@tanstack/react-query';
import { endpointQueries } from '../../../api/queries/endpoints.ts';
import type { AsyncInference } from '../../../api/types.ts';
import { type Column, DataTable } from '../../../components/data-table.tsx';
import { Panel } from '../../../components/panel.tsx';
import { EmptyState, QueryView } from '../../../components/states.tsx';
import { StatusBadge } from '../../../components/status-badge.tsx';
import { RelativeTime } from '../../../components/time.tsx';

const columns: readonly Column<AsyncInference>[] = [
  {
    key: 'id',
    header: 'Inference',
    value: (i) => i.id,
    cell: (i) => <span className="mono break">{i.id}</span>,
  },
  { key: 'state', header: 'State', value: (i) => i.state, cell: (i) => <StatusBadge state={i.state} /> },
  {
    key: 'outcome',
    header: 'Answer',
    value: (i) => i.failure ?? i.outputLocation,
    cell: (i) => (
      <span className={i.failure ? 'break' : 'mono break'}>
        {i.failure ?? (i.state === 'Completed' ? i.outputLocation : '')}
      </span>
    ),
  },
  {
    key: 'callback',
    header: 'Callback',
    value: (i) => i.callback?.state ?? null,
    cell: (i) =>
      i.callback ? (
        <span className="break">
          {i.callback.state}
          {i.callback.failure ? `: ${i.callback.failure}` : ''}
        </span>
      ) : null,
  },
  {
    key: 'created',
    header: 'Began',
    align: 'end',
    value: (i) => i.createdAt,
    cell: (i) => <RelativeTime at={i.createdAt} />,
  },
];

/** Calls whose answers are fetched later. They are begun by programs, so here they are only looked at. */
export function EndpointInferences({ name }: { name: string }) {
  const query = useQuery(endpointQueries.inferences(name));
  return (
    <Panel title="Asynchronous inferences" note="Answers lie in your files." flush>
      <QueryView query={query}>
        {({ items }) => (
          <DataTable
            label="Asynchronous inferences"
            columns={columns}
            rows={items}
            rowKey={(i) => i.id}
            empty={
              <EmptyState title="None in the last 7 days">
                Begin one with souk endpoints start-inference {name}, or over the API.
              </EmptyState>
            }
          />
        )}
      </QueryView>
    </Panel>
  );
}
