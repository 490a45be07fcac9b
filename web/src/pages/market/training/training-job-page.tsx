import { Button } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import { api, take } from '../../../api/client.ts';
import { isUnderWay, trainingQueries } from '../../../api/queries/training.ts';
import { queryClient } from '../../../api/query-client.ts';
import type { TrainingJob } from '../../../api/types.ts';
import { PointsChart } from '../../../charts/points-chart.tsx';
import { CodeBlock } from '../../../components/code.tsx';
import { ConfirmDanger } from '../../../components/confirm-danger.tsx';
import { CopyableId } from '../../../components/copy.tsx';
import { type Column, DataTable } from '../../../components/data-table.tsx';
import { Page } from '../../../components/page.tsx';
import { PageQuery } from '../../../components/page-query.tsx';
import { Fact, Facts, Panel } from '../../../components/panel.tsx';
import { EmptyState, Notice, QueryView } from '../../../components/states.tsx';
import { StatusBadge, stateWord } from '../../../components/status-badge.tsx';
import { RelativeTime } from '../../../components/time.tsx';
import { formatBytes, formatDuration, plural } from '../../../format/format.ts';
import { useSession } from '../../../session/session.ts';
import styles from '../../publish/product-frame.module.css';

export function TrainingJobPage() {
  const { name = '' } = useParams();
  const query = useQuery(trainingQueries.job(name));
  return (
    <PageQuery query={query} title="Training">
      {(job) => <Found job={job} />}
    </PageQuery>
  );
}

function Found({ job: j }: { job: TrainingJob }) {
  const log = useQuery(trainingQueries.log(j.name, isUnderWay(j)));
  return (
    <Page
      title={j.name}
      trail={[
        { label: 'Training', to: '/training' },
        ...(j.tuningJob ? [{ label: j.tuningJob, to: `/training/tuning/${j.tuningJob}` }] : []),
      ]}
      beside={<StatusBadge state={j.secondaryStatus} />}
      lead={j.statusMessage ?? undefined}
      actions={<JobActions job={j} />}
    >
      {j.failureReason ? (
        <Notice tone="bad" title={j.failureReason}>
          <span className="mono">{j.failureCode}</span>
        </Notice>
      ) : null}
      <div className={styles.columns}>
        <div className="stack" style={{ '--gap': '20px' }}>
          <Panel title="Metrics" note={isUnderWay(j) ? 'As they are printed' : undefined}>
            {j.metrics.length === 0 ? (
              <EmptyState title="No metric yet">
                {isUnderWay(j)
                  ? 'They appear as the program prints them.'
                  : 'The program printed none that the algorithm declares.'}
              </EmptyState>
            ) : (
              <div className="stack" style={{ '--gap': '20px' }}>
                {j.metrics.map((m) => (
                  <MetricChart key={m.name} metric={m} />
                ))}
              </div>
            )}
          </Panel>
          <Panel title="Log" note="What the program printed; only this account sees it">
            <QueryView query={log}>
              {({ lines, dropped }) =>
                lines.length === 0 ? (
                  <EmptyState title="Nothing printed yet" />
                ) : (
                  <CodeBlock
                    title={dropped ? 'Output, its newest part' : 'Output'}
                    code={lines.slice(-2000).join('\n')}
                    capped
                  />
                )
              }
            </QueryView>
          </Panel>
          <Panel title="States" flush>
            <DataTable
              label="States"
              columns={transitionColumns}
              rows={j.secondaryStatusTransitions}
              rowKey={(t) => `${t.status} ${t.startTime}`}
              empty={null}
            />
          </Panel>
        </div>
        <JobFacts job={j} />
      </div>
    </Page>
  );
}

/** Over time; a program that printed all its lines at once has nothing to show there, so they are counted. */
function MetricChart({ metric: { name, points } }: { metric: TrainingJob['metrics'][number] }) {
  const [first = 0] = points[0] ?? [];
  const [last = 0] = points.at(-1) ?? [];
  const counted = last - first < points.length / 1000;
  return (
    <PointsChart
      name={name}
      xName={counted ? 'values printed' : 's'}
      joined
      points={points.map(([x = 0, y = 0], i) => ({ x: counted ? i + 1 : x, y }))}
    />
  );
}

type Transition = TrainingJob['secondaryStatusTransitions'][number];
const transitionColumns: readonly Column<Transition>[] = [
  {
    key: 'status',
    header: 'State',
    // What is over does not turn any more.
    cell: (t) => (t.endTime ? stateWord(t.status) : <StatusBadge state={t.status} />),
  },
  { key: 'words', header: 'What happened', cell: (t) => <span className="break">{t.message}</span> },
  { key: 'since', header: 'Since', cell: (t) => <RelativeTime at={t.startTime} /> },
  {
    key: 'took',
    header: 'Took',
    align: 'end',
    cell: (t) =>
      t.endTime ? formatDuration(Math.max(0, Date.parse(t.endTime) - Date.parse(t.startTime))) : '',
  },
];

function JobFacts({ job: j }: { job: TrainingJob }) {
  return (
    <div className="stack" style={{ '--gap': '20px' }}>
      <Panel title="Facts">
        <Facts>
          <Fact name="Algorithm">
            <Link to={`/products/${j.product.publisher}/${j.product.slug}`}>{j.product.title}</Link>{' '}
            {j.version}
          </Fact>
          <Fact name="Instances">{`${j.instanceCount} × ${j.instanceType}`}</Fact>
          <Fact name="Billed">{plural(j.billableTimeInSeconds, 'second')}</Fact>
          <Fact name="Model">
            {j.model
              ? `${j.model.modelPackage ?? 'not a package of its own'}, ${formatBytes(j.model.sizeBytes)}${j.model.status ? ` (${j.model.status})` : ''}`
              : null}
          </Fact>
          {j.model?.modelPackage && j.model.status === 'Completed' ? (
            <Fact name="Run the model">
              <Link to={`/endpoints/new?model=${j.model.modelPackage}`}>as an endpoint</Link>,{' '}
              <Link to={`/transforms/new?model=${j.model.modelPackage}`}>over files</Link>
            </Fact>
          ) : null}
          <Fact name="Model file">
            {j.model?.uri ? <CopyableId id={j.model.uri} what="location of the model" wrap /> : null}
          </Fact>
          <Fact name="Output">
            {j.output ? <CopyableId id={j.output.uri} what="location of the output" wrap /> : null}
          </Fact>
          <Fact name="Volume">{`${j.volumeSizeInGB} GB`}</Fact>
          <Fact name="May take">{formatDuration(j.maxRuntimeInSeconds * 1000)}</Fact>
          <Fact name="Memory">{j.memoryPeakBytes === null ? null : formatBytes(j.memoryPeakBytes)}</Fact>
          <Fact name="Confined by">{j.confinedBy}</Fact>
          <Fact name="Attempts">{j.attempts > 1 ? j.attempts : null}</Fact>
          <Fact name="Created">
            <RelativeTime at={j.createdAt} />
          </Fact>
          <Fact name="By">{j.createdBy}</Fact>
          <Fact name="ARN">
            <CopyableId id={j.arn} what="ARN" wrap />
          </Fact>
        </Facts>
      </Panel>
      <Panel title="Hyperparameters">
        <Facts>
          {Object.entries(j.hyperParameters).map(([name, value]) => (
            <Fact key={name} name={name}>
              <span className="mono break">{value}</span>
            </Fact>
          ))}
        </Facts>
      </Panel>
      <Panel title="Data">
        <Facts>
          {j.inputDataConfig.map((c) => (
            <Fact key={c.channelName} name={c.channelName}>
              <span className="mono break">{c.uri}</span>
            </Fact>
          ))}
        </Facts>
      </Panel>
    </div>
  );
}

function JobActions({ job }: { job: TrainingJob }) {
  const { may } = useSession();
  const navigate = useNavigate();
  const [asking, setAsking] = useState(false);
  const underWay = isUnderWay(job);
  const act = useMutation({
    mutationFn: async () => {
      const params = { path: { name: job.name } };
      if (underWay) await take(api.POST('/api/training-jobs/{name}/stop', { params }));
      else await take(api.DELETE('/api/training-jobs/{name}', { params }));
    },
    onSuccess: async () => {
      setAsking(false);
      void queryClient.invalidateQueries({ queryKey: ['training', underWay ? 'job' : 'jobs'] });
      if (!underWay) await navigate('/training');
    },
  });
  if (!may('training:manage') || job.status === 'Stopping') return null;
  return (
    <>
      <Button variant="default" onClick={() => setAsking(true)}>
        {underWay ? 'Stop' : 'Delete'}
      </Button>
      <ConfirmDanger
        opened={asking}
        onClose={() => setAsking(false)}
        title={underWay ? `Stop the training ${job.name}?` : `Delete the training ${job.name}?`}
        action={underWay ? 'Stop it' : 'Delete it'}
        busy={act.isPending}
        error={act.error}
        onConfirm={() => act.mutate()}
      >
        {underWay
          ? 'The program is asked to end and has two minutes to save its model; what it saves is kept. Its instances are billed until then.'
          : 'Its log and metrics are gone. A model that it made stays.'}
      </ConfirmDanger>
    </>
  );
}
