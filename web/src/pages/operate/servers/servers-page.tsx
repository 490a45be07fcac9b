import { Button, Modal } from '@mantine/core';
import { PlusIcon } from '@radix-ui/react-icons';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, take } from '../../../api/client.ts';
import { serverQueries } from '../../../api/queries/servers.ts';
import { queryClient } from '../../../api/query-client.ts';
import type { ModelServer } from '../../../api/types.ts';
import { ConfirmDanger } from '../../../components/confirm-danger.tsx';
import { type Column, DataTable } from '../../../components/data-table.tsx';
import { Page } from '../../../components/page.tsx';
import { Panel } from '../../../components/panel.tsx';
import { EmptyState, QueryView } from '../../../components/states.tsx';
import { Badge } from '../../../components/status-badge.tsx';
import { RelativeTime } from '../../../components/time.tsx';
import { toast } from '../../../components/toast.ts';
import { useSession } from '../../../session/session.ts';
import { BackendsPanel } from './backends-panel.tsx';
import { ServeVersion } from './serve-version.tsx';
import { ServerForm } from './server-form.tsx';

const refresh = () => queryClient.invalidateQueries({ queryKey: serverQueries.all().queryKey });

/** What models run on that this marketplace does not start itself, and what it can start things with. */
export function ServersPage() {
  const { may } = useSession();
  const query = useQuery(serverQueries.all());
  const [edited, setEdited] = useState<ModelServer | 'new' | null>(null);
  const [serving, setServing] = useState<ModelServer | null>(null);
  const [removed, setRemoved] = useState<ModelServer | null>(null);
  const editable = may('operator:manage');
  const done = () => {
    void refresh();
    setEdited(null);
  };
  return (
    <Page
      title="Servers"
      lead="Model servers that already run, how they are, and what else this marketplace can run things with."
      actions={
        editable ? (
          <Button leftSection={<PlusIcon />} onClick={() => setEdited('new')}>
            Register a server
          </Button>
        ) : null
      }
    >
      <Panel
        title="Servers that already run"
        note="KServe, Triton, vLLM, MLServer, SageMaker containers. Looked at every minute."
        flush
      >
        <QueryView query={query}>
          {({ items }) => (
            <DataTable
              label="Servers"
              columns={[
                ...columns,
                {
                  key: 'actions',
                  header: '',
                  align: 'end',
                  cell: (s) =>
                    editable ? (
                      <Actions server={s} onServe={setServing} onEdit={setEdited} onRemove={setRemoved} />
                    ) : null,
                },
              ]}
              rows={items}
              rowKey={(s) => s.id}
              exportName="servers"
              empty={
                <EmptyState title="No server is registered">
                  Register one to let model packages be served where they already run.
                </EmptyState>
              }
            />
          )}
        </QueryView>
      </Panel>
      <BackendsPanel />
      <Modal
        opened={edited !== null}
        onClose={() => setEdited(null)}
        title={edited === 'new' || edited === null ? 'Register a server' : `Server ${edited.name}`}
      >
        {edited === null ? null : (
          <ServerForm
            key={edited === 'new' ? '' : edited.id}
            server={edited === 'new' ? null : edited}
            onDone={done}
            onCancel={() => setEdited(null)}
          />
        )}
      </Modal>
      {serving ? (
        <ServeVersion
          server={serving}
          onDone={() => {
            void refresh();
            setServing(null);
          }}
          onClose={() => setServing(null)}
        />
      ) : null}
      {removed ? <Remove server={removed} onClose={() => setRemoved(null)} /> : null}
    </Page>
  );
}

const columns: readonly Column<ModelServer>[] = [
  {
    key: 'name',
    header: 'Server',
    value: (s) => s.name,
    cell: (s) => (
      <>
        <span style={{ fontWeight: 500 }}>{s.name}</span>
        <span className="tiny faint" style={{ display: 'block', overflowWrap: 'anywhere' }}>
          {s.url}
        </span>
      </>
    ),
  },
  {
    key: 'health',
    header: 'Health',
    value: (s) => s.health.state,
    cell: (s) => (
      <>
        <HealthBadge state={s.health.state} />
        <span className="tiny muted" style={{ display: 'block', marginTop: 4 }}>
          {s.health.detail ||
            (s.health.latencyMs === null ? null : `answers in ${Math.round(s.health.latencyMs)} ms`)}{' '}
          {s.health.checkedAt ? <RelativeTime at={s.health.checkedAt} /> : null}
        </span>
      </>
    ),
  },
  {
    key: 'speaks',
    header: 'Speaks',
    value: (s) => `${s.protocol} ${s.modelName ?? ''}`,
    cell: (s) => (
      <>
        {s.protocol === 'sagemaker' ? 'SageMaker contract' : 'Open Inference Protocol'}
        {s.modelName === null ? null : (
          <span className="tiny muted" style={{ display: 'block' }}>
            model {s.modelName}
          </span>
        )}
      </>
    ),
  },
  {
    key: 'signs-in',
    header: 'Signs in by',
    value: (s) => s.credentials.kind,
    cell: (s) =>
      s.credentials.name === null ? s.credentials.kind : `${s.credentials.kind} ${s.credentials.name}`,
  },
  {
    key: 'accounts',
    header: 'Open to',
    value: (s) => s.accountIds.join(' '),
    cell: (s) => s.accountIds.join(', ') || 'nobody',
  },
  {
    key: 'serves',
    header: 'Serves',
    value: (s) => s.serves.join(' '),
    cell: (s) => s.serves.join(', ') || 'nothing',
  },
];

export function HealthBadge({ state }: { state: ModelServer['health']['state'] }) {
  if (state === 'ok')
    return (
      <Badge tone="good" shape="check">
        Well
      </Badge>
    );
  return state === 'down' ? (
    <Badge tone="bad" shape="cross">
      Down
    </Badge>
  ) : (
    <Badge tone="neutral" shape="ring">
      Not looked at
    </Badge>
  );
}

function Actions(props: {
  server: ModelServer;
  onServe: (server: ModelServer) => void;
  onEdit: (server: ModelServer) => void;
  onRemove: (server: ModelServer) => void;
}) {
  const { server, onServe, onEdit, onRemove } = props;
  const test = useMutation({
    mutationFn: () =>
      take(api.POST('/api/operator/servers/{name}/test', { params: { path: { name: server.name } } })),
    onSuccess: ({ health, detail }) => {
      void refresh();
      if (health.state === 'ok') toast.done(`${server.name} is well. ${detail}`);
      else toast.failed(new Error(`${server.name} cannot be called: ${detail}`));
    },
    onError: toast.failed,
  });
  return (
    <div className="row" style={{ '--gap': '4px', justifyContent: 'flex-end', flexWrap: 'nowrap' }}>
      <Button
        size="compact-sm"
        variant="subtle"
        loading={test.isPending}
        onClick={() => test.mutate()}
        aria-label={`Test ${server.name}`}
      >
        Test
      </Button>
      <Button
        size="compact-sm"
        variant="subtle"
        onClick={() => onServe(server)}
        aria-label={`Serve a version by ${server.name}`}
      >
        Serve
      </Button>
      <Button
        size="compact-sm"
        variant="subtle"
        onClick={() => onEdit(server)}
        aria-label={`Edit ${server.name}`}
      >
        Edit
      </Button>
      <Button
        size="compact-sm"
        variant="subtle"
        color="red"
        onClick={() => onRemove(server)}
        aria-label={`Remove ${server.name}`}
      >
        Remove
      </Button>
    </div>
  );
}

function Remove({ server, onClose }: { server: ModelServer; onClose: () => void }) {
  const remove = useMutation({
    mutationFn: () =>
      take(api.DELETE('/api/operator/servers/{name}', { params: { path: { name: server.name } } })),
    onSuccess: () => {
      void refresh();
      toast.done(`${server.name} is removed.`);
      onClose();
    },
  });
  return (
    <ConfirmDanger
      opened
      onClose={onClose}
      title={`Remove the server ${server.name}?`}
      action="Remove"
      onConfirm={() => remove.mutate()}
      busy={remove.isPending}
      error={remove.error}
    >
      Its address and credentials are forgotten. The server itself goes on running; a server that serves
      something here cannot be removed.
    </ConfirmDanger>
  );
}
