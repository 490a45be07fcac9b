import { Button } from '@mantine/core';
import { PlusIcon } from '@radix-ui/react-icons';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { trainingQueries } from '../../../api/queries/training.ts';
import type { TrainingJobSummary, TuningJobSummary } from '../../../api/types.ts';
import { type Column, DataTable } from '../../../components/data-table.tsx';
import { Page } from '../../../components/page.tsx';
import { Panel } from '../../../components/panel.tsx';
import { EmptyState, QueryView } from '../../../components/states.tsx';
import { StatusBadge } from '../../../components/status-badge.tsx';
import { RelativeTime } from '../../../components/time.tsx';
import { formatDuration } from '../../../format/format.ts';
import { useSession } from '../../../session/session.ts';

const jobColumns: readonly Column<TrainingJobSummary>[] = [
  {
    key: 'name',
    header: 'Name',
    value: (j) => j.name,
    cell: (j) => (
      <>
        <Link to={`/training/${j.name}`} style={{ fontWeight: 500 }} className="break">
          {j.name}
        </Link>
        {j.tuningJob ? (
          <span className="tiny faint" style={{ display: 'block' }}>
            of the tuning {j.tuningJob}
          </span>
        ) : null}
      </>
    ),
  },
  {
    key: 'status',
    header: 'State',
    value: (j) => j.secondaryStatus,
    cell: (j) => <StatusBadge state={j.secondaryStatus} />,
  },
  {
    key: 'algorithm',
    header: 'Algorithm',
    value: (j) => j.product.title,
    cell: (j) => (
      <>
        <Link to={`/subscriptions/${j.subscriptionId}`}>{j.product.title}</Link>
        <span className="tiny faint" style={{ display: 'block' }}>
          version {j.version}
        </span>
      </>
    ),
  },
  {
    key: 'instances',
    header: 'Instances',
    value: (j) => `${j.instanceCount} x ${j.instanceType}`,
    cell: (j) => `${j.instanceCount} × ${j.instanceType}`,
  },
  {
    key: 'billed',
    header: 'Billed',
    align: 'end',
    value: (j) => j.billableTimeInSeconds,
    cell: (j) => formatDuration(j.billableTimeInSeconds * 1000),
  },
  {
    key: 'created',
    header: 'Created',
    align: 'end',
    value: (j) => j.createdAt,
    cell: (j) => <RelativeTime at={j.createdAt} />,
  },
];

const tuningColumns: readonly Column<TuningJobSummary>[] = [
  {
    key: 'name',
    header: 'Name',
    value: (t) => t.name,
    cell: (t) => (
      <Link to={`/training/tuning/${t.name}`} style={{ fontWeight: 500 }} className="break">
        {t.name}
      </Link>
    ),
  },
  { key: 'status', header: 'State', value: (t) => t.status, cell: (t) => <StatusBadge state={t.status} /> },
  { key: 'algorithm', header: 'Algorithm', value: (t) => t.product.title, cell: (t) => t.product.title },
  {
    key: 'jobs',
    header: 'Trainings',
    align: 'end',
    value: (t) => t.jobs.completed,
    cell: (t) => `${t.jobs.completed + t.jobs.stopped + t.jobs.failed} of ${t.jobs.max}`,
  },
  {
    key: 'best',
    header: 'Best',
    align: 'end',
    value: (t) => t.best?.objective ?? null,
    cell: (t) => (t.best ? <span title={t.objective.metricName}>{t.best.objective}</span> : null),
  },
  {
    key: 'created',
    header: 'Created',
    align: 'end',
    value: (t) => t.createdAt,
    cell: (t) => <RelativeTime at={t.createdAt} />,
  },
];

export function TrainingPage() {
  const { may } = useSession();
  const jobs = useInfiniteQuery(trainingQueries.jobs());
  const tunings = useQuery(trainingQueries.tunings());
  const create = may('training:manage') ? (
    <Button component={Link} to="/training/new" leftSection={<PlusIcon />}>
      New training
    </Button>
  ) : null;
  return (
    <Page
      title="Training"
      lead="Algorithms that this account subscribes to, trained with its own data. Nobody else sees the data, the log or the model."
      actions={create}
    >
      <Panel title="Trainings" flush>
        <QueryView query={jobs}>
          {({ pages }) => (
            <DataTable
              label="Trainings"
              columns={jobColumns}
              rows={pages.flatMap((p) => p.items)}
              rowKey={(j) => j.id}
              exportName="trainings"
              more={
                jobs.hasNextPage
                  ? { busy: jobs.isFetchingNextPage, load: () => void jobs.fetchNextPage() }
                  : undefined
              }
              empty={
                <EmptyState title="No trainings yet" actions={create}>
                  Subscribe to an algorithm, bring your data among your files, and train it here or with{' '}
                  <span className="mono">souk training create</span>.
                </EmptyState>
              }
            />
          )}
        </QueryView>
      </Panel>
      <Panel title="Tunings" note="Many trainings that look for the best hyperparameters" flush>
        <QueryView query={tunings}>
          {({ items }) => (
            <DataTable
              label="Tunings"
              columns={tuningColumns}
              rows={items}
              rowKey={(t) => t.id}
              empty={
                <EmptyState title="No tunings yet">
                  A tuning is begun from the form of a new training.
                </EmptyState>
              }
            />
          )}
        </QueryView>
      </Panel>
    </Page>
  );
}
