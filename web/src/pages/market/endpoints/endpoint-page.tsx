import { Button, Modal, SegmentedControl } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import { api, take } from '../../../api/client.ts';
import { endpointQueries } from '../../../api/queries/endpoints.ts';
import { runningQueries } from '../../../api/queries/running.ts';
import { queryClient } from '../../../api/query-client.ts';
import type { Endpoint, EndpointInstance } from '../../../api/types.ts';
import { TrafficChart } from '../../../charts/traffic-chart.tsx';
import { CodeBlock } from '../../../components/code.tsx';
import { ConfirmDanger } from '../../../components/confirm-danger.tsx';
import { type Column, DataTable } from '../../../components/data-table.tsx';
import { Page } from '../../../components/page.tsx';
import { Fact, Facts, Panel } from '../../../components/panel.tsx';
import { EmptyState, Notice, QueryView } from '../../../components/states.tsx';
import { StatusBadge } from '../../../components/status-badge.tsx';
import { RelativeTime } from '../../../components/time.tsx';
import { formatBytes, formatDuration } from '../../../format/format.ts';
import { useSession } from '../../../session/session.ts';
import { perHourText } from '../running/words.ts';
import { CaptureForm } from './capture-form.tsx';
import { EndpointEvents, EndpointLogs } from './endpoint-history.tsx';
import { EndpointInferences } from './endpoint-inferences.tsx';
import { UpdateEndpoint } from './update-endpoint.tsx';

export function EndpointPage() {
  const { name = '' } = useParams();
  const query = useQuery(endpointQueries.endpoint(name));
  const endpoint = query.data;
  return (
    <Page
      title={name}
      trail={[{ label: 'Endpoints', to: '/endpoints' }]}
      beside={endpoint ? <StatusBadge state={endpoint.asleep ? 'asleep' : endpoint.state} /> : null}
      actions={endpoint ? <Actions endpoint={endpoint} /> : null}
    >
      <QueryView query={query}>{(e) => <Shown endpoint={e} />}</QueryView>
    </Page>
  );
}

function Shown({ endpoint: e }: { endpoint: Endpoint }) {
  const { may } = useSession();
  return (
    <>
      <Standing endpoint={e} />
      <Panel title="What it runs">
        <About endpoint={e} />
      </Panel>
      <Traffic name={e.name} />
      <Panel title="Instances" flush>
        <DataTable
          label="Instances"
          columns={instanceColumns}
          rows={e.instances}
          rowKey={(i) => i.id}
          empty={
            <EmptyState title={e.asleep ? 'It sleeps' : 'No instances now'}>
              {e.asleep ? 'The next call starts one and waits for it.' : 'What happened says why.'}
            </EmptyState>
          }
        />
      </Panel>
      <Panel title="Call it">
        <CodeBlock
          title="curl"
          code={`curl -H "Authorization: Bearer $SOUK_API_KEY" -H 'Content-Type: text/csv' \\\n  --data-binary @rows.csv ${e.url}`}
        />
      </Panel>
      {may('endpoint:manage') ? <EndpointInferences name={e.name} /> : null}
      {may('endpoint:manage') ? <EndpointLogs name={e.name} /> : null}
      <EndpointEvents name={e.name} />
    </>
  );
}

function Standing({ endpoint: e }: { endpoint: Endpoint }) {
  if (e.state === 'Updating' && e.coming)
    return (
      <Notice tone="info" title={`Variant ${e.coming.number} starts beside the one that serves`}>
        Calls move when all of its instances answer; otherwise it is rolled back.
      </Notice>
    );
  if (!e.reason) return null;
  if (e.state === 'InService')
    return (
      <Notice tone="warn" title="The last update was rolled back">
        {e.reason}
      </Notice>
    );
  return (
    <Notice tone="bad" title={e.state === 'Failed' ? 'It was not started' : 'It takes no calls'}>
      {e.reason}
    </Notice>
  );
}

function About({ endpoint: e }: { endpoint: Endpoint }) {
  const running = useQuery(runningQueries.ofAccount());
  const cost = running.data?.items.find((r) => r.kind === 'endpoint' && r.id === e.id)?.perHour;
  const { settings: s } = e;
  const variant = e.serving ?? e.coming;
  const [latest] = e.coldStarts;
  return (
    <Facts>
      {variant ? (
        <>
          <Fact name={variant.modelPackage ? 'Your model' : 'Product'}>
            <Link to={`/subscriptions/${variant.subscriptionId}`} className="break">
              {variant.name}
            </Link>
          </Fact>
          <Fact name="Instance type">{variant.instanceType}</Fact>
        </>
      ) : null}
      <Fact name="Costs now">
        {cost === undefined
          ? null
          : cost.length > 0
            ? perHourText(cost)
            : 'nothing: no metered instance runs'}
      </Fact>
      <Fact name="Instances">
        {e.instancesReady} of {e.instancesWanted} ready
        {s.instancesMax > s.instancesMin ? `; between ${s.instancesMin} and ${s.instancesMax}` : ''}
      </Fact>
      <Fact name="Calls now">
        {e.callsUnderWay}; up to {s.concurrency} at a time of one instance
      </Fact>
      <Fact name="Sleeps">
        {s.idleMinutes === null ? 'never' : `after ${s.idleMinutes} minutes without a call`}
      </Fact>
      <Fact name="Limits">
        {formatBytes(s.payloadBytesMax)} a body, {s.timeoutSeconds} s an answer, {s.startSeconds} s to start
      </Fact>
      <Fact name="Data capture">
        {s.capture ? (
          <span className="break">
            {s.capture.percent}% of the calls, below {s.capture.location}
          </span>
        ) : (
          'off'
        )}
      </Fact>
      <Fact name="Last cold start">
        {latest ? (
          <>
            {formatDuration(latest.durationMs)}, <RelativeTime at={latest.at} />
            {e.coldStarts.length > 1
              ? `; before that ${e.coldStarts
                  .slice(1, 4)
                  .map((c) => formatDuration(c.durationMs))
                  .join(', ')}`
              : ''}
          </>
        ) : null}
      </Fact>
      <Fact name="Created">
        <RelativeTime at={e.createdAt} /> by {e.createdBy}
      </Fact>
    </Facts>
  );
}

function Traffic({ name }: { name: string }) {
  const [minutes, setMinutes] = useState('60');
  const query = useQuery(endpointQueries.traffic(name, Number(minutes)));
  return (
    <Panel
      title="Calls"
      actions={
        <SegmentedControl
          aria-label="How far back"
          size="xs"
          value={minutes}
          onChange={setMinutes}
          data={[
            { value: '60', label: '1 hour' },
            { value: '360', label: '6 hours' },
            { value: '1440', label: '1 day' },
          ]}
        />
      }
    >
      <QueryView query={query}>
        {(traffic) => (
          <div className="stack" style={{ '--gap': '20px' }}>
            <TrafficChart minutes={traffic.minutes} show="calls" />
            <TrafficChart minutes={traffic.minutes} show="latency" />
          </div>
        )}
      </QueryView>
    </Panel>
  );
}

const instanceColumns: readonly Column<EndpointInstance>[] = [
  {
    key: 'id',
    header: 'Instance',
    value: (i) => i.id,
    cell: (i) => <span className="mono break">{i.id}</span>,
  },
  { key: 'variant', header: 'Variant', value: (i) => i.variant, cell: (i) => i.variant },
  { key: 'state', header: 'State', value: (i) => i.state, cell: (i) => <StatusBadge state={i.state} /> },
  { key: 'calls', header: 'Calls now', align: 'end', value: (i) => i.calls, cell: (i) => i.calls },
  { key: 'restarts', header: 'Restarts', align: 'end', value: (i) => i.restarts, cell: (i) => i.restarts },
  {
    key: 'failure',
    header: 'Why it ended last',
    value: (i) => i.failure,
    cell: (i) => (i.failure ? <span className="break">{i.failure}</span> : null),
  },
  {
    key: 'ready',
    header: 'Ready',
    align: 'end',
    value: (i) => i.readyAt,
    cell: (i) => (i.readyAt ? <RelativeTime at={i.readyAt} /> : null),
  },
];

function Actions({ endpoint: e }: { endpoint: Endpoint }) {
  const { may } = useSession();
  const navigate = useNavigate();
  const [open, setOpen] = useState<'update' | 'capture' | 'delete' | null>(null);
  const close = () => setOpen(null);
  const remove = useMutation({
    mutationFn: () => take(api.DELETE('/api/endpoints/{name}', { params: { path: { name: e.name } } })),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: endpointQueries.list().queryKey });
      await navigate('/endpoints');
    },
  });
  if (!may('endpoint:manage')) return null;
  const busy = e.coming !== null || e.state === 'RollingBack' || e.state === 'Deleting';
  return (
    <>
      <Button variant="default" disabled={busy} onClick={() => setOpen('update')}>
        Update
      </Button>
      <Button variant="default" disabled={busy} onClick={() => setOpen('capture')}>
        Data capture
      </Button>
      <Button
        variant="default"
        color="red"
        disabled={e.state === 'Deleting'}
        onClick={() => setOpen('delete')}
      >
        Delete
      </Button>
      <Modal opened={open === 'update'} onClose={close} title={`Update ${e.name}`} size="lg">
        {open === 'update' ? <UpdateEndpoint endpoint={e} onDone={close} /> : null}
      </Modal>
      <Modal opened={open === 'capture'} onClose={close} title={`Capture calls of ${e.name}`} size="md">
        {open === 'capture' ? <CaptureForm endpoint={e} onDone={close} /> : null}
      </Modal>
      <ConfirmDanger
        opened={open === 'delete'}
        onClose={close}
        title={`Delete the endpoint ${e.name}?`}
        action="Delete endpoint"
        onConfirm={() => remove.mutate()}
        busy={remove.isPending}
        error={remove.error}
        typeToConfirm={e.name}
      >
        It takes no further calls from now on. Those under way are finished, then its instances stop, and
        nothing more is billed for them. Its logs go with it.
      </ConfirmDanger>
    </>
  );
}
