import { useQuery } from '@tanstack/react-query';
import { webServiceQueries } from '../../../api/queries/web-services.ts';
import type { WebServiceEndpoint } from '../../../api/types.ts';
import { CopyableId } from '../../../components/copy.tsx';
import { type Column, DataTable } from '../../../components/data-table.tsx';
import { EmptyState, QueryView } from '../../../components/states.tsx';
import { StatusBadge } from '../../../components/status-badge.tsx';
import { RelativeTime } from '../../../components/time.tsx';
import { formatCount } from '../../../format/format.ts';

type Job = Awaited<
  ReturnType<NonNullable<ReturnType<typeof webServiceQueries.jobs>['queryFn']>>
>['items'][number];
const columns: readonly Column<Job>[] = [
  { key: 'at', header: 'When', cell: (j) => <RelativeTime at={j.createdAt} />, value: (j) => j.createdAt },
  {
    key: 'state',
    header: 'State',
    cell: (j) => (
      <>
        <StatusBadge state={j.state} />
        {j.failure ? <div className="break">{j.failure}</div> : null}
      </>
    ),
    value: (j) => j.state,
  },
  { key: 'rows', header: 'Rows', align: 'end', cell: (j) => formatCount(j.rows), value: (j) => j.rows },
  {
    key: 'files',
    header: 'Input and output',
    cell: (j) => (
      <>
        <div className="break">{j.input}</div>
        <div className="break">{j.output}</div>
      </>
    ),
    value: (j) => j.input,
  },
  { key: 'id', header: 'Job', cell: (j) => <CopyableId id={j.id} what="the id of the job" short /> },
];

/** What callers of an endpoint had worked off, and why a job failed. */
export function EndpointJobs({ id, endpoint }: { id: string; endpoint: WebServiceEndpoint }) {
  const query = useQuery(webServiceQueries.jobs(id, endpoint.name));
  return (
    <QueryView query={query}>
      {({ items }) => (
        <DataTable
          label="Batch jobs"
          columns={columns}
          rows={items}
          rowKey={(j) => j.id}
          exportName={`jobs-${endpoint.name}`}
          empty={
            <EmptyState title="No batch jobs">
              <a href={endpoint.urls.batchHelp}>The help page</a> says how they are submitted.
            </EmptyState>
          }
        />
      )}
    </QueryView>
  );
}
