import { Button } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import { api, take } from '../../../api/client.ts';
import { webServiceQueries } from '../../../api/queries/web-services.ts';
import { queryClient } from '../../../api/query-client.ts';
import type { WebService } from '../../../api/types.ts';
import { ConfirmDanger } from '../../../components/confirm-danger.tsx';
import { CopyableId } from '../../../components/copy.tsx';
import { Page } from '../../../components/page.tsx';
import { Fact, Facts, Panel } from '../../../components/panel.tsx';
import { Notice, QueryView } from '../../../components/states.tsx';
import { StatusBadge } from '../../../components/status-badge.tsx';
import { RelativeTime } from '../../../components/time.tsx';
import { formatCount, formatDuration } from '../../../format/format.ts';
import { useSession } from '../../../session/session.ts';
import { SchemaPanel } from './schema-panel.tsx';
import { ServiceEndpoints } from './service-endpoints.tsx';
import { TestForm } from './test-form.tsx';

export function WebServicePage() {
  const { service = '' } = useParams();
  const query = useQuery(webServiceQueries.service(service));
  const found = query.data;
  return (
    <Page
      title={found?.name ?? 'Web service'}
      trail={[{ label: 'Web services', to: '/web-services' }]}
      beside={found ? <StatusBadge state={found.state} /> : null}
      actions={found ? <Delete service={found} /> : null}
    >
      <QueryView query={query}>{(s) => <Shown service={s} />}</QueryView>
    </Page>
  );
}

function Shown({ service: s }: { service: WebService }) {
  const { may } = useSession();
  return (
    <>
      {s.state === 'Succeeded' ? null : (
        <Notice tone={s.state === 'Failed' ? 'bad' : 'info'} title={`It is ${s.state.toLowerCase()}`}>
          {s.reason ?? 'The endpoint behind it says more.'}{' '}
          <Link to={`/endpoints/${s.servedBy}`}>Endpoint {s.servedBy}</Link>
        </Notice>
      )}
      <Panel title="About">
        <Facts>
          <Fact name="Description">{s.description || 'None'}</Fact>
          <Fact name="Runs">{s.runs}</Fact>
          <Fact name="Served by">
            <Link to={`/endpoints/${s.servedBy}`} className="break">
              {s.servedBy}
            </Link>
          </Fact>
          <Fact name="Workspace">
            <CopyableId id={s.workspace} what="the workspace" short />
          </Fact>
          <Fact name="Created">
            <RelativeTime at={s.createdAt} /> by {s.createdBy}
          </Fact>
        </Facts>
      </Panel>
      <Figures id={s.id} />
      <ServiceEndpoints service={s} />
      {may('webservice:manage') ? <TestForm key={s.updatedAt} service={s} /> : null}
      <SchemaPanel key={`schema ${s.updatedAt}`} service={s} />
    </>
  );
}

/** The last hour in four figures; the chart by minute is the endpoint's. */
function Figures({ id }: { id: string }) {
  const query = useQuery(webServiceQueries.traffic(id, 60));
  return (
    <Panel title="Last hour" note="Request-response and OData">
      <QueryView query={query}>
        {({ minutes }) => {
          const calls = minutes.reduce((n, m) => n + m.calls, 0);
          const failed = minutes.reduce((n, m) => n + m.failed, 0);
          const throttled = minutes.reduce((n, m) => n + m.throttled, 0);
          const ms = minutes.reduce((n, m) => n + (m.meanMs ?? 0) * m.calls, 0);
          return (
            <Facts>
              <Fact name="Calls">{formatCount(calls)}</Fact>
              <Fact name="Failed">{formatCount(failed)}</Fact>
              <Fact name="Throttled">{formatCount(throttled)}</Fact>
              <Fact name="Mean time">{calls > 0 ? formatDuration(ms / calls) : 'No calls'}</Fact>
            </Facts>
          );
        }}
      </QueryView>
    </Panel>
  );
}

function Delete({ service: s }: { service: WebService }) {
  const { may } = useSession();
  const navigate = useNavigate();
  const [opened, setOpened] = useState(false);
  const remove = useMutation({
    mutationFn: () =>
      take(api.DELETE('/api/web-services/{service}', { params: { path: { service: s.id } } })),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: webServiceQueries.list().queryKey });
      await navigate('/web-services');
    },
  });
  if (!may('webservice:manage')) return null;
  return (
    <>
      <Button variant="default" onClick={() => setOpened(true)}>
        Delete
      </Button>
      <ConfirmDanger
        opened={opened}
        onClose={() => setOpened(false)}
        title={`Delete the web service “${s.name}”?`}
        action="Delete it"
        onConfirm={() => remove.mutate()}
        busy={remove.isPending}
        error={remove.error}
        typeToConfirm={s.name}
      >
        Its {formatCount(s.endpoints.length)} endpoints and all of their keys stop working at once, and the
        instances behind it end. Results of batch jobs stay among your files.
      </ConfirmDanger>
    </>
  );
}
