import { Button, Group, Modal } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api, take } from '../../../api/client.ts';
import { webServiceChanged } from '../../../api/queries/web-services.ts';
import type { WebService, WebServiceEndpoint, WebServiceKeys } from '../../../api/types.ts';
import { ConfirmDanger } from '../../../components/confirm-danger.tsx';
import { CopyableId } from '../../../components/copy.tsx';
import { Fact, Facts, Panel } from '../../../components/panel.tsx';
import { RelativeTime } from '../../../components/time.tsx';
import { formatCount } from '../../../format/format.ts';
import { useSession } from '../../../session/session.ts';
import { AddEndpoint, ChangeEndpoint } from './endpoint-forms.tsx';
import { EndpointJobs } from './endpoint-jobs.tsx';
import { EndpointLog } from './endpoint-log.tsx';
import { KeysNotice } from './keys-notice.tsx';

/** Endpoints of a web service: addresses, keys, throttle, log. */
export function ServiceEndpoints({ service }: { service: WebService }) {
  const { may } = useSession();
  const [adding, setAdding] = useState(false);
  const [keys, setKeys] = useState<WebServiceKeys | null>(null);
  const manages = may('webservice:manage');
  return (
    <Panel
      title="Endpoints"
      actions={
        manages ? (
          <Button size="xs" variant="default" onClick={() => setAdding(true)}>
            Add endpoint
          </Button>
        ) : null
      }
    >
      <div className="stack" style={{ '--gap': '20px' }}>
        {keys ? <KeysNotice keys={keys} /> : null}
        {service.endpoints.map((e) => (
          <OneEndpoint key={e.id} service={service} endpoint={e} onKeys={setKeys} />
        ))}
      </div>
      {adding ? <AddEndpoint service={service} onClose={() => setAdding(false)} onKeys={setKeys} /> : null}
    </Panel>
  );
}

interface OneProps {
  readonly service: WebService;
  readonly endpoint: WebServiceEndpoint;
  readonly onKeys: (keys: WebServiceKeys) => void;
}

function OneEndpoint({ service, endpoint: e, onKeys }: OneProps) {
  const { may } = useSession();
  const [asked, setAsked] = useState<'primary' | 'secondary' | 'delete' | 'edit' | 'log' | 'jobs' | null>(
    null,
  );
  const path = { service: service.id, endpoint: e.name };
  const regenerate = useMutation({
    mutationFn: (key: 'primary' | 'secondary') =>
      take(
        api.POST('/api/web-services/{service}/endpoints/{endpoint}/keys', {
          params: { path },
          body: { key },
        }),
      ),
    onSuccess: async (keys) => {
      onKeys(keys);
      setAsked(null);
      await webServiceChanged(service.id);
    },
  });
  const remove = useMutation({
    mutationFn: () =>
      take(api.DELETE('/api/web-services/{service}/endpoints/{endpoint}', { params: { path } })),
    onSuccess: () => webServiceChanged(service.id),
  });
  const which = asked === 'primary' || asked === 'secondary' ? asked : null;
  const close = () => setAsked(null);
  const jobs = (
    <Button size="xs" variant="default" onClick={() => setAsked('jobs')}>
      Batch jobs
    </Button>
  );
  return (
    <section className="stack" style={{ '--gap': '10px' }} aria-label={`Endpoint ${e.name}`}>
      <h3 style={{ margin: 0 }}>
        {e.name}
        {e.isDefault ? ' (default)' : ''}
        {e.readOnly ? ', read-only' : ''}
      </h3>
      <Facts>
        <Fact name="Request-response">
          <CopyableId id={e.urls.execute} what="the address" wrap />
        </Fact>
        <Fact name="OData">
          <CopyableId id={e.urls.odata} what="the OData address" wrap />
        </Fact>
        <Fact name="Files of batch jobs">
          <CopyableId id={e.folder} what="the folder" wrap />
        </Fact>
        <Fact name="Keys">
          <span className="mono">{e.primaryKey}</span>, <span className="mono">{e.secondaryKey}</span>
        </Fact>
        <Fact name="Calls at the same time">{formatCount(e.maxConcurrentCalls)}</Fact>
        <Fact name="Logging">
          {e.logging}
          {e.loggingUntil ? (
            <>
              {' '}
              until <RelativeTime at={e.loggingUntil} />
            </>
          ) : null}
        </Fact>
        <Fact name="Help">
          <a href={e.urls.help}>Request-response</a>, <a href={e.urls.batchHelp}>batch jobs</a>,{' '}
          <a href={e.urls.swagger}>swagger.json</a>
        </Fact>
      </Facts>
      {may('webservice:manage') ? (
        <Group gap="xs">
          <Button size="xs" variant="default" onClick={() => setAsked('primary')}>
            Regenerate primary key
          </Button>
          <Button size="xs" variant="default" onClick={() => setAsked('secondary')}>
            Regenerate secondary key
          </Button>
          <Button size="xs" variant="default" onClick={() => setAsked('edit')} disabled={e.readOnly}>
            Change
          </Button>
          <Button size="xs" variant="default" onClick={() => setAsked('log')}>
            Log
          </Button>
          {jobs}
          <Button
            size="xs"
            variant="default"
            onClick={() => setAsked('delete')}
            disabled={e.readOnly || (e.isDefault && service.endpoints.length > 1)}
          >
            Delete
          </Button>
        </Group>
      ) : (
        <Group gap="xs">{jobs}</Group>
      )}
      <ConfirmDanger
        opened={which !== null}
        onClose={close}
        title={`Regenerate the ${which ?? ''} key of “${e.name}”?`}
        action="Regenerate it"
        onConfirm={() => which && regenerate.mutate(which)}
        busy={regenerate.isPending}
        error={regenerate.error}
      >
        Callers that use the {which} key are refused from then on. The other key goes on working: move them
        there first.
      </ConfirmDanger>
      <ConfirmDanger
        opened={asked === 'delete'}
        onClose={close}
        title={`Delete the endpoint “${e.name}”?`}
        action="Delete it"
        onConfirm={() => remove.mutate()}
        busy={remove.isPending}
        error={remove.error}
      >
        Both of its keys and its addresses stop working at once.
      </ConfirmDanger>
      {asked === 'edit' ? <ChangeEndpoint service={service} endpoint={e} onClose={close} /> : null}
      {asked === 'log' ? (
        <Modal opened onClose={close} title={`Log of ${e.name}`} size="xl">
          <EndpointLog id={service.id} endpoint={e} />
        </Modal>
      ) : null}
      {asked === 'jobs' ? (
        <Modal opened onClose={close} title={`Batch jobs of ${e.name}`} size="xl">
          <EndpointJobs id={service.id} endpoint={e} />
        </Modal>
      ) : null}
    </section>
  );
}
