import { Button, Switch } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { api, take } from '../../../api/client.ts';
import { versionQueries } from '../../../api/queries/versions.ts';
import { queryClient } from '../../../api/query-client.ts';
import type { components } from '../../../api/schema.gen.ts';
import { type Column, DataTable } from '../../../components/data-table.tsx';
import { Panel } from '../../../components/panel.tsx';
import { EmptyState, QueryView } from '../../../components/states.tsx';
import { RelativeTime } from '../../../components/time.tsx';
import { toast } from '../../../components/toast.ts';
import { formatBytes, formatDuration } from '../../../format/format.ts';

type Recorded = components['schemas']['RecordedCalls'];
type Call = components['schemas']['RecordedCall'];

/** What the account lets be kept of its own calls; nobody else sees it. */
export function RecordedCalls({ subscriptionId }: { subscriptionId: string }) {
  const query = useQuery(versionQueries.recorded(subscriptionId));
  const path = { params: { path: { subscriptionId } } };
  const change = useMutation({
    mutationFn: (what: { on: boolean } | { remove: number | 'all' }) => {
      if ('on' in what)
        return take(
          api.PUT('/api/subscriptions/{subscriptionId}/recording', { ...path, body: { on: what.on } }),
        );
      if (what.remove === 'all')
        return take(api.DELETE('/api/subscriptions/{subscriptionId}/recorded-calls', path));
      return take(
        api.DELETE('/api/subscriptions/{subscriptionId}/recorded-calls/{sampleId}', {
          params: { path: { subscriptionId, sampleId: `${what.remove}` } },
        }),
      );
    },
    onSuccess: (changed: Recorded) =>
      queryClient.setQueryData(versionQueries.recorded(subscriptionId).queryKey, changed),
    onError: toast.failed,
  });
  return (
    <Panel title="Recorded calls" note="Only your account reads these">
      <QueryView query={query}>
        {(recorded) => (
          <div className="stack" style={{ '--gap': '16px' }}>
            <Switch
              label="Record the last calls of this subscription"
              description={`The last ${recorded.keeps}, of at most 64 kB each way, for ${recorded.keptDays} days. The publisher and the operator cannot read them.`}
              checked={recorded.recording}
              disabled={change.isPending}
              onChange={(event) => change.mutate({ on: event.currentTarget.checked })}
            />
            <DataTable
              label="Recorded calls"
              columns={columns((id) => change.mutate({ remove: id }))}
              rows={recorded.items}
              rowKey={(c) => `${c.id}`}
              empty={
                <EmptyState title="No calls are recorded">
                  {recorded.recording
                    ? 'The next calls appear here within seconds.'
                    : 'Turn recording on, or compare with a sample of your own.'}
                </EmptyState>
              }
            />
            {recorded.items.length > 0 ? (
              <div>
                <Button
                  variant="subtle"
                  color="red"
                  size="compact-sm"
                  loading={change.isPending}
                  onClick={() => change.mutate({ remove: 'all' })}
                >
                  Delete all
                </Button>
              </div>
            ) : null}
          </div>
        )}
      </QueryView>
    </Panel>
  );
}

const columns = (remove: (id: number) => void): readonly Column<Call>[] => [
  { key: 'at', header: 'When', value: (c) => c.at, cell: (c) => <RelativeTime at={c.at} /> },
  { key: 'version', header: 'Version', value: (c) => c.version, cell: (c) => c.version },
  {
    key: 'body',
    header: 'Sample',
    cell: (c) => (
      <span className="mono small break">{c.encoding === 'text' ? c.body.slice(0, 60) : 'bytes'}</span>
    ),
  },
  {
    key: 'size',
    header: 'Size',
    align: 'end',
    value: (c) => c.sizeBytes,
    cell: (c) => formatBytes(c.sizeBytes),
  },
  { key: 'status', header: 'Status', align: 'end', value: (c) => c.status, cell: (c) => c.status },
  {
    key: 'duration',
    header: 'Took',
    align: 'end',
    value: (c) => c.durationMs,
    cell: (c) => formatDuration(c.durationMs),
  },
  {
    key: 'delete',
    header: 'Delete',
    align: 'end',
    cell: (c) => (
      <Button
        variant="subtle"
        size="compact-xs"
        aria-label={`Delete the recorded call ${c.id}`}
        onClick={() => remove(c.id)}
      >
        Delete
      </Button>
    ),
  },
];
