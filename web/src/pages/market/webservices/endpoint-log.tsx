import { useQuery } from '@tanstack/react-query';
import { webServiceQueries } from '../../../api/queries/web-services.ts';
import type { WebServiceEndpoint } from '../../../api/types.ts';
import { CopyableId } from '../../../components/copy.tsx';
import { type Column, DataTable } from '../../../components/data-table.tsx';
import { EmptyState, QueryView } from '../../../components/states.tsx';
import { RelativeTime } from '../../../components/time.tsx';
import { formatDuration } from '../../../format/format.ts';

type Entry = Awaited<
  ReturnType<NonNullable<ReturnType<typeof webServiceQueries.log>['queryFn']>>
>['items'][number];
const logColumns: readonly Column<Entry>[] = [
  { key: 'at', header: 'When', cell: (l) => <RelativeTime at={l.at} />, value: (l) => l.at },
  { key: 'status', header: 'Status', align: 'end', cell: (l) => String(l.status), value: (l) => l.status },
  {
    key: 'took',
    header: 'Took',
    align: 'end',
    cell: (l) => formatDuration(l.durationMs),
    value: (l) => l.durationMs,
  },
  { key: 'message', header: 'What', cell: (l) => <span className="break">{l.message}</span> },
  {
    key: 'request',
    header: 'Request',
    cell: (l) => <CopyableId id={l.requestId} what="the request id" short />,
  },
];

export function EndpointLog({ id, endpoint }: { id: string; endpoint: WebServiceEndpoint }) {
  const query = useQuery(webServiceQueries.log(id, endpoint.name));
  return (
    <QueryView query={query}>
      {({ items }) => (
        <DataTable
          label="Log"
          columns={logColumns}
          rows={items}
          rowKey={(l) => `${l.requestId} ${l.at}`}
          exportName={`log-${endpoint.name}`}
          empty={
            <EmptyState title="Nothing logged">
              {endpoint.logging === 'None'
                ? 'Logging is off: change it to Error or All.'
                : 'No call was logged yet.'}
            </EmptyState>
          }
        />
      )}
    </QueryView>
  );
}
