import { Progress, SegmentedControl } from '@mantine/core';
import { hoursOf, instanceOf, useWords } from '@souk/contract/instance-hours';
import { unitWord } from '@souk/contract/plan-parts';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { subscriptionQueries } from '../../../api/queries/subscriptions.ts';
import type { Usage } from '../../../api/types.ts';
import { UsageChart } from '../../../charts/usage-chart.tsx';
import { windows } from '../../../charts/windows.ts';
import { Fact, Facts, Panel } from '../../../components/panel.tsx';
import { LoadingLines, QueryView } from '../../../components/states.tsx';
import { formatAbsolute, formatCount, plural } from '../../../format/format.ts';

export function UsagePanel({ subscriptionId }: { subscriptionId: string }) {
  const [chosen, setChosen] = useState<keyof typeof windows>('day');
  // Whole minutes: otherwise each drawing would be another question.
  const range = useMemo(() => windows[chosen].range(), [chosen]);
  const query = useQuery(subscriptionQueries.usage(subscriptionId, range));
  return (
    <Panel
      title="Usage"
      note={
        query.data
          ? `${plural(query.data.total, 'answered call')}${query.data.instanceSeconds > 0 ? ` and ${hoursOf(query.data.instanceSeconds)} hours of instances` : ''} in ${windows[chosen].words}`
          : 'Answered calls'
      }
      actions={
        <SegmentedControl
          size="xs"
          aria-label="Time span"
          value={chosen}
          onChange={(value) => setChosen(value as keyof typeof windows)}
          data={Object.entries(windows).map(([value, { label }]) => ({ value, label }))}
        />
      }
    >
      <QueryView query={query} loading={<LoadingLines lines={7} />}>
        {(usage) => (
          <div className="stack" style={{ '--gap': '16px' }}>
            <UsageChart usage={usage} />
            <InstanceHours usage={usage} />
            {usage.quota ? <Quota quota={usage.quota} /> : null}
          </div>
        )}
      </QueryView>
    </Panel>
  );
}

/** Hours by what ran on which instance type, in the time that the chart shows. */
function InstanceHours({ usage }: { usage: Usage }) {
  const seconds = new Map<string, number>();
  for (const row of usage.rows)
    if (instanceOf(row.dimension))
      seconds.set(row.dimension, (seconds.get(row.dimension) ?? 0) + row.quantity);
  if (seconds.size === 0) return null;
  return (
    <Facts>
      {[...seconds].map(([dimension, n]) => {
        const instance = instanceOf(dimension);
        return (
          <Fact
            key={dimension}
            name={`${instance ? useWords[instance.use] : ''} on ${instance?.instanceType}`}
          >
            {hoursOf(n)} hours
          </Fact>
        );
      })}
    </Facts>
  );
}

function Quota({ quota }: { quota: NonNullable<Usage['quota']> }) {
  const percent = Math.min(100, (quota.used / Math.max(1, quota.limit)) * 100);
  return (
    <div className="stack" style={{ '--gap': '4px' }}>
      <div className="row spread small">
        <span>
          {formatCount(quota.used)} of {formatCount(quota.limit)} {unitWord(quota.dimension)}s of this month
          {quota.used > quota.limit && !quota.stops
            ? `, ${formatCount(quota.used - quota.limit)} beyond it at a price`
            : ''}
        </span>
        <span className="faint">starts again {formatAbsolute(quota.resetsAt)}</span>
      </div>
      <Progress
        value={percent}
        size="sm"
        color={percent > 90 ? 'red' : 'ultramarine'}
        aria-label="Quota used this month"
      />
      {quota.stops && quota.used >= quota.limit ? (
        <p className="small">
          Calls are refused until then. <a href="#plan">A larger plan</a> holds at once.
        </p>
      ) : null}
    </div>
  );
}
