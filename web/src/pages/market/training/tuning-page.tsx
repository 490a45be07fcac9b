import { Button } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useParams } from 'react-router';
import { api, take } from '../../../api/client.ts';
import { isUnderWay, trainingQueries } from '../../../api/queries/training.ts';
import { queryClient } from '../../../api/query-client.ts';
import type { TuningJob } from '../../../api/types.ts';
import { PointsChart } from '../../../charts/points-chart.tsx';
import { ConfirmDanger } from '../../../components/confirm-danger.tsx';
import { type Column, DataTable } from '../../../components/data-table.tsx';
import { Page } from '../../../components/page.tsx';
import { PageQuery } from '../../../components/page-query.tsx';
import { Fact, Facts, Panel } from '../../../components/panel.tsx';
import { EmptyState, Notice } from '../../../components/states.tsx';
import { StatusBadge } from '../../../components/status-badge.tsx';
import { RelativeTime } from '../../../components/time.tsx';
import { useSession } from '../../../session/session.ts';
import styles from '../../publish/product-frame.module.css';

export function TuningPage() {
  const { name = '' } = useParams();
  const query = useQuery(trainingQueries.tuning(name));
  return (
    <PageQuery query={query} title="Tuning">
      {(tuning) => <Found tuning={tuning} />}
    </PageQuery>
  );
}

type Trial = TuningJob['trials'][number];
const valuesOf = (trial: Trial) =>
  Object.entries(trial.hyperParameters)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ');

const columns: readonly Column<Trial>[] = [
  {
    key: 'number',
    header: 'Trial',
    value: (t) => t.number,
    cell: (t) => <Link to={`/training/${t.trainingJob}`}>{t.number}</Link>,
  },
  {
    key: 'status',
    header: 'State',
    value: (t) => t.status,
    cell: (t) => <StatusBadge state={t.status}>{t.stoppedEarly ? 'Stopped early' : undefined}</StatusBadge>,
  },
  {
    key: 'objective',
    header: 'Objective',
    align: 'end',
    value: (t) => t.objective,
    cell: (t) => t.objective,
  },
  {
    key: 'values',
    header: 'Hyperparameters',
    value: valuesOf,
    cell: (t) => <span className="mono break">{valuesOf(t)}</span>,
  },
  {
    key: 'created',
    header: 'Began',
    align: 'end',
    value: (t) => t.createdAt,
    cell: (t) => <RelativeTime at={t.createdAt} />,
  },
];

function Found({ tuning: t }: { tuning: TuningJob }) {
  const points = t.trials.flatMap((trial) =>
    trial.objective === null
      ? []
      : [{ x: trial.number, y: trial.objective, marked: trial.number === t.best?.number }],
  );
  return (
    <Page
      title={t.name}
      trail={[{ label: 'Training', to: '/training' }]}
      beside={<StatusBadge state={t.status} />}
      lead={`${t.objective.type} ${t.objective.metricName}, ${t.strategy} search with ${t.product.title}.`}
      actions={<StopTuning tuning={t} />}
    >
      {t.failureReason ? (
        <Notice tone={t.status === 'Failed' ? 'bad' : 'warn'} title={t.failureReason} />
      ) : null}
      <div className={styles.columns}>
        <div className="stack" style={{ '--gap': '20px' }}>
          <Panel title="Objective by trial" note="The best one has a ring">
            {points.length === 0 ? (
              <EmptyState title="No value yet">The first appear while the first trainings run.</EmptyState>
            ) : (
              <PointsChart name={t.objective.metricName} points={points} xName="trial" joined={false} />
            )}
          </Panel>
          <Panel title="Trials" flush>
            <DataTable
              label="Trials"
              columns={columns}
              rows={t.trials}
              rowKey={(trial) => trial.trainingJob}
              exportName={`tuning-${t.name}`}
              empty={<EmptyState title="No trial yet">The first begins in a moment.</EmptyState>}
            />
          </Panel>
        </div>
        <Panel title="Facts">
          <Facts>
            <Fact name="Best">
              {t.best ? (
                <Link
                  to={`/training/${t.best.trainingJob}`}
                >{`trial ${t.best.number}: ${t.best.objective}`}</Link>
              ) : null}
            </Fact>
            <Fact name="With">{t.best ? <span className="mono break">{valuesOf(t.best)}</span> : null}</Fact>
            <Fact name="Trainings">
              {`${t.jobs.completed} completed, ${t.jobs.inProgress} in progress, ${t.jobs.stopped} stopped, ${t.jobs.failed} failed, of ${t.jobs.max}`}
            </Fact>
            <Fact name="At a time">{t.config.maxParallelJobs}</Fact>
            <Fact name="Early stopping">{t.config.earlyStopping === 'Auto' ? 'Median rule' : 'Off'}</Fact>
            <Fact name="Instances">{t.training.resourceConfig.instanceType}</Fact>
            <Fact name="Created">
              <RelativeTime at={t.createdAt} />
            </Fact>
            <Fact name="By">{t.createdBy}</Fact>
          </Facts>
        </Panel>
      </div>
    </Page>
  );
}

function StopTuning({ tuning }: { tuning: TuningJob }) {
  const { may } = useSession();
  const [asking, setAsking] = useState(false);
  const stop = useMutation({
    mutationFn: () =>
      take(api.POST('/api/tuning-jobs/{name}/stop', { params: { path: { name: tuning.name } } })),
    onSuccess: () => {
      setAsking(false);
      void queryClient.invalidateQueries({ queryKey: trainingQueries.all() });
    },
  });
  if (!may('training:manage') || !isUnderWay(tuning) || tuning.status === 'Stopping') return null;
  return (
    <>
      <Button variant="default" onClick={() => setAsking(true)}>
        Stop
      </Button>
      <ConfirmDanger
        opened={asking}
        onClose={() => setAsking(false)}
        title={`Stop the tuning ${tuning.name}?`}
        action="Stop it"
        busy={stop.isPending}
        error={stop.error}
        onConfirm={() => stop.mutate()}
      >
        No more trainings are started, and those that run are stopped. The best model so far is kept.
      </ConfirmDanger>
    </>
  );
}
