import { useQuery } from '@tanstack/react-query';
import { serverQueries } from '../../../api/queries/servers.ts';
import { type Column, DataTable } from '../../../components/data-table.tsx';
import { Panel } from '../../../components/panel.tsx';
import { EmptyState, QueryView } from '../../../components/states.tsx';
import { Badge } from '../../../components/status-badge.tsx';

const words: Readonly<Record<string, string>> = {
  onnx: 'ONNX models on this computer',
  container: 'Container images (podman)',
  process: 'Programs in the sandbox',
  remote: 'Servers that already run',
  slurm: 'Slurm cluster',
};

interface Backend {
  readonly kind: string;
  readonly use: string;
  readonly available: boolean;
  readonly detail: string;
  readonly hostsMax: number | null;
}

const columns: readonly Column<Backend>[] = [
  {
    key: 'kind',
    header: 'Backend',
    value: (b) => b.kind,
    cell: (b) => (
      <>
        <span style={{ fontWeight: 500 }}>{words[b.kind] ?? b.kind}</span>
        <span className="tiny faint" style={{ display: 'block' }}>
          {b.kind}, {b.use}
          {b.hostsMax === null ? '' : `, up to ${b.hostsMax} host${b.hostsMax === 1 ? '' : 's'}`}
        </span>
      </>
    ),
  },
  {
    key: 'state',
    header: 'State',
    value: (b) => (b.available ? 'available' : 'not available'),
    cell: (b) =>
      b.available ? (
        <Badge tone="good" shape="check">
          Available
        </Badge>
      ) : (
        <Badge tone="neutral" shape="dash">
          Not available
        </Badge>
      ),
  },
  { key: 'detail', header: 'What is missing', value: (b) => b.detail, cell: (b) => b.detail },
];

/** What this place can start things with; each is asked when somebody looks. */
export function BackendsPanel() {
  const query = useQuery(serverQueries.backends());
  return (
    <Panel title="Backends" note="Where this marketplace serves and trains." flush>
      <QueryView query={query}>
        {({ items }) => (
          <DataTable
            label="Backends"
            columns={columns}
            rows={items}
            rowKey={(b) => `${b.kind} ${b.use}`}
            empty={<EmptyState title="No backends">Nothing can run.</EmptyState>}
          />
        )}
      </QueryView>
    </Panel>
  );
}
