import { Button, FileButton, NumberInput, Select, Switch, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useParams } from 'react-router';
import { api, take } from '../../api/client.ts';
import { subscriptionQueries } from '../../api/queries/subscriptions.ts';
import { versionQueries } from '../../api/queries/versions.ts';
import { queryClient } from '../../api/query-client.ts';
import type { components } from '../../api/schema.gen.ts';
import type { Subscription } from '../../api/types.ts';
import { Page } from '../../components/page.tsx';
import { PageQuery } from '../../components/page-query.tsx';
import { Panel } from '../../components/panel.tsx';
import { EmptyState, ErrorNotice, LoadingLines, Notice, QueryView } from '../../components/states.tsx';
import { toast } from '../../components/toast.ts';
import { StandingNotice } from '../../components/version-standing.tsx';
import { formatDuration, plural } from '../../format/format.ts';
import { useSession } from '../../session/session.ts';
import { RecordedCalls } from './compare/recorded-calls.tsx';
import { SampleResult } from './compare/sample-result.tsx';

type Comparison = components['schemas']['Comparison'];

export function ComparePage() {
  const { subscriptionId = '' } = useParams();
  const query = useQuery(subscriptionQueries.subscription(subscriptionId));
  return (
    <PageQuery query={query} title="Compare versions">
      {(subscription) => <Found subscription={subscription} />}
    </PageQuery>
  );
}

function Found({ subscription: s }: { subscription: Subscription }) {
  const { may } = useSession();
  const [comparisonId, setComparisonId] = useState('');
  return (
    <Page
      title={`Compare versions: ${s.title}`}
      heading="Try another version"
      trail={[
        { label: 'Subscriptions', to: '/subscriptions' },
        { label: s.title, to: `/subscriptions/${s.id}` },
      ]}
      lead={`Beside ${s.version}, on your own samples, before you switch. It costs nothing.`}
    >
      <StandingNotice number={s.version} standing={s.standing} />
      {s.state === 'ended' || !may('subscription:manage') ? (
        <EmptyState title="Nothing can be compared here">
          {s.state === 'ended'
            ? 'The subscription has ended.'
            : 'Your roles do not allow it: samples are bodies of your account’s calls.'}
        </EmptyState>
      ) : (
        <>
          <Start subscription={s} onStarted={setComparisonId} />
          {comparisonId ? <Result subscription={s} comparisonId={comparisonId} /> : null}
          <RecordedCalls subscriptionId={s.id} />
        </>
      )}
    </Page>
  );
}

function Start({
  subscription: s,
  onStarted,
}: {
  subscription: Subscription;
  onStarted: (id: string) => void;
}) {
  const others = s.versions.map((v) => v.number).filter((n) => n !== s.version);
  const wanted = s.standing.withdrawn?.replacement ?? s.standing.sunset?.replacement ?? s.latest;
  const [version, setVersion] = useState(
    wanted && others.includes(wanted) ? wanted : (others.at(-1) ?? null),
  );
  const [own, setOwn] = useState(true);
  const [body, setBody] = useState(s.sample?.body ?? '');
  const [contentType, setContentType] = useState(s.sample?.contentType ?? 'application/json');
  const [tolerance, setTolerance] = useState<number | string>(0.000001);
  const start = useMutation({
    mutationFn: () =>
      take(
        api.POST('/api/subscriptions/{subscriptionId}/comparisons', {
          params: { path: { subscriptionId: s.id } },
          body: {
            version: version ?? '',
            tolerance: Number(tolerance) || 0,
            ...(own ? { samples: [{ contentType, body }] } : {}),
          },
        }),
      ),
    onSuccess: ({ id }) => onStarted(id),
  });
  if (others.length === 0)
    return <EmptyState title="There is no other version">Its publisher has listed only this one.</EmptyState>;
  return (
    <Panel title="What to compare">
      <form
        className="stack"
        style={{ '--gap': '16px' }}
        onSubmit={(event) => {
          event.preventDefault();
          start.mutate();
        }}
      >
        <Select
          label="Version to try"
          data={others}
          value={version}
          allowDeselect={false}
          onChange={setVersion}
        />
        <Switch
          label="A sample of my own"
          description="Off: the recorded calls of this subscription, see below."
          checked={own}
          onChange={(event) => setOwn(event.currentTarget.checked)}
        />
        {own ? (
          <>
            <TextInput
              label="Content type"
              value={contentType}
              onChange={(event) => setContentType(event.currentTarget.value)}
            />
            <Textarea
              label="Sample"
              description="Paste it, or choose a file of at most 64 kB."
              classNames={{ input: 'mono' }}
              autosize
              minRows={3}
              maxRows={12}
              value={body}
              onChange={(event) => setBody(event.currentTarget.value)}
            />
            <div>
              <FileButton
                onChange={(file) => {
                  if (file) void file.text().then(setBody, toast.failed);
                }}
              >
                {(props) => (
                  <Button variant="default" size="compact-sm" {...props}>
                    Choose a file
                  </Button>
                )}
              </FileButton>
            </div>
          </>
        ) : null}
        <NumberInput
          label="Tolerance of numbers"
          description="Relative to the larger of both: 0.01 is one in a hundred."
          min={0}
          max={1}
          step={0.000001}
          value={tolerance}
          onChange={setTolerance}
        />
        <ErrorNotice error={start.error} />
        <div>
          <Button type="submit" loading={start.isPending} disabled={!version}>
            Compare
          </Button>
        </div>
      </form>
    </Panel>
  );
}

function Result({ subscription: s, comparisonId }: { subscription: Subscription; comparisonId: string }) {
  const query = useQuery(versionQueries.comparison(s.id, comparisonId));
  return (
    <Panel title="Side by side">
      <QueryView query={query}>{(c) => <Compared subscription={s} comparison={c} />}</QueryView>
    </Panel>
  );
}

function Compared({
  subscription: s,
  comparison: c,
}: {
  subscription: Subscription;
  comparison: Comparison;
}) {
  const choose = useMutation({
    mutationFn: () =>
      take(
        api.PATCH('/api/subscriptions/{subscriptionId}', {
          params: { path: { subscriptionId: s.id } },
          body: { version: c.to },
        }),
      ),
    onSuccess: (changed) => {
      toast.done(`Calls now go to version ${changed.version}.`);
      void queryClient.invalidateQueries({ queryKey: subscriptionQueries.all() });
    },
    onError: toast.failed,
  });
  if (c.state === 'running') return <LoadingLines />;
  if (c.state === 'failed') return <Notice tone="bad" title={c.failure ?? 'The comparison failed'} />;
  const { summary } = c;
  if (!summary) return null;
  const times = [summary.medianBeforeMs, summary.medianAfterMs].map((ms) =>
    ms === null ? '–' : formatDuration(ms),
  );
  return (
    <div className="stack" style={{ '--gap': '16px' }}>
      <Notice
        tone={summary.different > 0 ? 'warn' : summary.unknown > 0 ? 'info' : 'good'}
        title={`${plural(summary.different, 'sample')} of ${summary.samples} ${summary.different === 1 ? 'differs' : 'differ'}`}
        actions={
          s.version === c.to ? undefined : (
            <Button size="compact-sm" loading={choose.isPending} onClick={() => choose.mutate()}>
              Switch to {c.to}
            </Button>
          )
        }
      >
        {summary.same} the same, {summary.unknown} without an answer to compare with. Median latency: {c.from}{' '}
        {times[0]}, {c.to} {times[1]}. Nothing was counted.
      </Notice>
      {c.samples.map((sample) => (
        <SampleResult key={sample.number} sample={sample} from={c.from} to={c.to} />
      ))}
    </div>
  );
}
