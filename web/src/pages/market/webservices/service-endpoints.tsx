import { Button, Group, Modal, NumberInput, Select, Switch, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, take } from '../../../api/client.ts';
import { webServiceQueries } from '../../../api/queries/web-services.ts';
import { queryClient } from '../../../api/query-client.ts';
import type { WebService, WebServiceEndpoint, WebServiceKeys } from '../../../api/types.ts';
import { ConfirmDanger } from '../../../components/confirm-danger.tsx';
import { CopyableId } from '../../../components/copy.tsx';
import { type Column, DataTable } from '../../../components/data-table.tsx';
import { Fact, Facts, Panel } from '../../../components/panel.tsx';
import { EmptyState, ErrorNotice, QueryView } from '../../../components/states.tsx';
import { RelativeTime } from '../../../components/time.tsx';
import { formatCount, formatDuration } from '../../../format/format.ts';
import { useSession } from '../../../session/session.ts';
import { KeysNotice } from './keys-notice.tsx';

const changed = (id: string) =>
  queryClient.invalidateQueries({ queryKey: webServiceQueries.service(id).queryKey });

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
  const [asked, setAsked] = useState<'primary' | 'secondary' | 'delete' | 'edit' | 'log' | null>(null);
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
      await changed(service.id);
    },
  });
  const remove = useMutation({
    mutationFn: () =>
      take(api.DELETE('/api/web-services/{service}/endpoints/{endpoint}', { params: { path } })),
    onSuccess: () => changed(service.id),
  });
  const which = asked === 'primary' || asked === 'secondary' ? asked : null;
  const close = () => setAsked(null);
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
          <Button
            size="xs"
            variant="default"
            onClick={() => setAsked('delete')}
            disabled={e.readOnly || (e.isDefault && service.endpoints.length > 1)}
          >
            Delete
          </Button>
        </Group>
      ) : null}
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
    </section>
  );
}

type Entry = Awaited<
  ReturnType<NonNullable<ReturnType<typeof webServiceQueries.log>['queryFn']>>
>['items'][number];
const logColumns: readonly Column<Entry>[] = [
  { key: 'at', header: 'When', cell: (l) => <RelativeTime at={l.at} />, value: (l) => l.at },
  { key: 'status', header: 'Status', align: 'end', cell: (l) => String(l.status), value: (l) => l.status },
  {
    key: 'took',
    header: 'Took',
    align: 'end',
    cell: (l) => formatDuration(l.durationMs),
    value: (l) => l.durationMs,
  },
  { key: 'message', header: 'What', cell: (l) => <span className="break">{l.message}</span> },
  {
    key: 'request',
    header: 'Request',
    cell: (l) => <CopyableId id={l.requestId} what="the request id" short />,
  },
];

function EndpointLog({ id, endpoint }: { id: string; endpoint: WebServiceEndpoint }) {
  const query = useQuery(webServiceQueries.log(id, endpoint.name));
  return (
    <QueryView query={query}>
      {({ items }) => (
        <DataTable
          label="Log"
          columns={logColumns}
          rows={items}
          rowKey={(l) => `${l.requestId} ${l.at}`}
          exportName={`log-${endpoint.name}`}
          empty={
            <EmptyState title="Nothing logged">
              {endpoint.logging === 'None'
                ? 'Logging is off: change it to Error or All.'
                : 'No call was logged yet.'}
            </EmptyState>
          }
        />
      )}
    </QueryView>
  );
}

const levels = ['None', 'Error', 'All'] as const;

interface Settings {
  readonly description: string;
  readonly maxConcurrentCalls: number;
  readonly logging: (typeof levels)[number];
  readonly sampleData: boolean;
}

function SettingsFields({ value, onChange }: { value: Settings; onChange: (value: Settings) => void }) {
  return (
    <>
      <TextInput
        label="Description"
        value={value.description}
        onChange={(event) => onChange({ ...value, description: event.currentTarget.value })}
        maxLength={2000}
      />
      <NumberInput
        label="Calls at the same time"
        description="4 to 200; more are refused with 503."
        value={value.maxConcurrentCalls}
        min={4}
        max={200}
        allowDecimal={false}
        onChange={(n) => onChange({ ...value, maxConcurrentCalls: Number(n) || 4 })}
      />
      <Select
        label="Logging"
        description="Error keeps calls that failed, All keeps every one; never the rows."
        data={[...levels]}
        value={value.logging}
        onChange={(l) => onChange({ ...value, logging: levels.find((x) => x === l) ?? 'None' })}
        allowDeselect={false}
      />
      <Switch
        label="Sample rows on help pages and in swagger.json"
        checked={value.sampleData}
        onChange={(event) => onChange({ ...value, sampleData: event.currentTarget.checked })}
      />
    </>
  );
}

function AddEndpoint({
  service,
  onClose,
  onKeys,
}: {
  service: WebService;
  onClose: () => void;
  onKeys: (keys: WebServiceKeys) => void;
}) {
  const [name, setName] = useState('');
  const [settings, setSettings] = useState<Settings>({
    description: '',
    maxConcurrentCalls: 20,
    logging: 'None',
    sampleData: true,
  });
  const create = useMutation({
    mutationFn: () =>
      take(
        api.POST('/api/web-services/{service}/endpoints', {
          params: { path: { service: service.id } },
          body: { name: name.trim(), ...settings },
        }),
      ),
    onSuccess: async ({ keys }) => {
      onKeys(keys);
      onClose();
      await changed(service.id);
    },
  });
  return (
    <Modal opened onClose={onClose} title="Add an endpoint" size="md">
      <form
        className="stack"
        style={{ '--gap': '16px' }}
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate();
        }}
      >
        <TextInput
          label="Name"
          description="Lower-case letters and digits, at most 24."
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          maxLength={24}
          autoComplete="off"
          withAsterisk
        />
        <SettingsFields value={settings} onChange={setSettings} />
        <ErrorNotice error={create.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={create.isPending} disabled={!/^[a-z0-9]{1,24}$/.test(name.trim())}>
            Add
          </Button>
        </Group>
      </form>
    </Modal>
  );
}

function ChangeEndpoint({
  service,
  endpoint: e,
  onClose,
}: {
  service: WebService;
  endpoint: WebServiceEndpoint;
  onClose: () => void;
}) {
  const [settings, setSettings] = useState<Settings>({
    description: e.description,
    maxConcurrentCalls: e.maxConcurrentCalls,
    logging: e.logging,
    sampleData: e.sampleData,
  });
  const [freeze, setFreeze] = useState(false);
  const update = useMutation({
    mutationFn: () =>
      take(
        api.PATCH('/api/web-services/{service}/endpoints/{endpoint}', {
          params: { path: { service: service.id, endpoint: e.name } },
          body: { ...settings, ...(freeze ? { readOnly: true as const } : {}) },
        }),
      ),
    onSuccess: async () => {
      onClose();
      await changed(service.id);
    },
  });
  return (
    <Modal opened onClose={onClose} title={`Change ${e.name}`} size="md">
      <form
        className="stack"
        style={{ '--gap': '16px' }}
        onSubmit={(event) => {
          event.preventDefault();
          update.mutate();
        }}
      >
        <SettingsFields value={settings} onChange={setSettings} />
        <Switch
          label="Freeze it for ever"
          description="Nobody changes or deletes it afterwards. Its keys can still be regenerated."
          checked={freeze}
          onChange={(event) => setFreeze(event.currentTarget.checked)}
        />
        <ErrorNotice error={update.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={update.isPending}>
            Save
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
