import { useQuery } from '@tanstack/react-query';
import { endpointQueries } from '../../../api/queries/endpoints.ts';
import type { EndpointEvent } from '../../../api/types.ts';
import { CodeBlock } from '../../../components/code.tsx';
import { type Column, DataTable } from '../../../components/data-table.tsx';
import { Panel } from '../../../components/panel.tsx';
import { EmptyState, QueryView } from '../../../components/states.tsx';
import { RelativeTime } from '../../../components/time.tsx';
import { formatAbsolute } from '../../../format/format.ts';

/** What the instances wrote; only the account reads it. */
export function EndpointLogs({ name }: { name: string }) {
  const query = useQuery(endpointQueries.logs(name));
  return (
    <Panel title="Logs" note="The last lines of all instances. The publisher never sees them.">
      <QueryView query={query}>
        {({ items }) =>
          items.length > 0 ? (
            <CodeBlock
              title="Log"
              capped
              wrap
              code={items
                .map(
                  (l) =>
                    `${formatAbsolute(l.at)}  ${l.instanceId.slice(-6)}  ${l.level.padEnd(5)}  ${l.text}`,
                )
                .join('\n')}
            />
          ) : (
            <EmptyState title="Nothing was written yet">Lines appear as the instances write them.</EmptyState>
          )
        }
      </QueryView>
    </Panel>
  );
}

const columns: readonly Column<EndpointEvent>[] = [
  { key: 'at', header: 'When', width: '160px', value: (e) => e.at, cell: (e) => <RelativeTime at={e.at} /> },
  {
    key: 'message',
    header: 'What',
    value: (e) => e.message,
    cell: (e) => <span className="break">{e.message}</span>,
  },
];

export function EndpointEvents({ name }: { name: string }) {
  const query = useQuery(endpointQueries.events(name));
  return (
    <Panel title="What happened" flush>
      <QueryView query={query}>
        {({ items }) => (
          <DataTable
            label="What happened"
            columns={columns}
            rows={items}
            rowKey={(e) => String(e.id)}
            empty={<EmptyState title="Nothing yet" />}
          />
        )}
      </QueryView>
    </Panel>
  );
}
