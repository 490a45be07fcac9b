import { Button, Checkbox, Modal, Select, TextInput } from '@mantine/core';
import { PlusIcon } from '@radix-ui/react-icons';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, take } from '../../api/client.ts';
import { accountQueries } from '../../api/queries/account.ts';
import { queryClient } from '../../api/query-client.ts';
import type { ApiKey } from '../../api/types.ts';
import { ConfirmDanger } from '../../components/confirm-danger.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { NewKeyNotice } from '../../components/new-key.tsx';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { EmptyState, ErrorNotice, QueryView } from '../../components/states.tsx';
import { StatusBadge } from '../../components/status-badge.tsx';
import { RelativeTime } from '../../components/time.tsx';
import { useSession } from '../../session/session.ts';

const refresh = () => queryClient.invalidateQueries({ queryKey: accountQueries.keys().queryKey });

export function KeysPage() {
  const { may } = useSession();
  const query = useQuery(accountQueries.keys());
  const [creating, setCreating] = useState(false);
  const [revoked, setRevoked] = useState<ApiKey | null>(null);
  const manage = may('key:manage');
  const create = manage ? (
    <Button leftSection={<PlusIcon />} onClick={() => setCreating(true)}>
      New key
    </Button>
  ) : null;
  return (
    <Page
      title="API keys"
      lead="They call subscriptions, and with the scope manage they use the API as the person who made them."
      actions={create}
    >
      <Panel flush>
        <QueryView query={query}>
          {({ items }) => (
            <DataTable
              label="API keys"
              columns={columns(manage, setRevoked)}
              rows={items}
              rowKey={(k) => k.id}
              exportName="api-keys"
              empty={
                <EmptyState title="No API keys yet" actions={create}>
                  A key is shown once, when it is made; Souk keeps only its hash.
                </EmptyState>
              }
            />
          )}
        </QueryView>
      </Panel>
      <Modal opened={creating} onClose={() => setCreating(false)} title="New API key">
        {creating ? <CreateKey onDone={() => setCreating(false)} /> : null}
      </Modal>
      <Revocation apiKey={revoked} onClose={() => setRevoked(null)} />
    </Page>
  );
}

const columns = (manage: boolean, revoke: (key: ApiKey) => void): Column<ApiKey>[] => [
  {
    key: 'name',
    header: 'Name',
    value: (k) => k.name,
    cell: (k) => (
      <>
        <span style={{ fontWeight: 500 }}>{k.name}</span>
        <span className="mono faint" style={{ display: 'block' }}>
          {k.hint}
        </span>
      </>
    ),
  },
  { key: 'state', header: 'State', value: (k) => k.state, cell: (k) => <StatusBadge state={k.state} /> },
  { key: 'scopes', header: 'Scopes', value: (k) => k.scopes.join(' '), cell: (k) => k.scopes.join(', ') },
  {
    key: 'used',
    header: 'Last used',
    value: (k) => k.lastUsedAt,
    cell: (k) => (k.lastUsedAt ? <RelativeTime at={k.lastUsedAt} /> : <span className="faint">Never</span>),
  },
  {
    key: 'expires',
    header: 'Expires',
    value: (k) => k.expiresAt,
    cell: (k) => (k.expiresAt ? <RelativeTime at={k.expiresAt} /> : <span className="faint">Never</span>),
  },
  {
    key: 'created',
    header: 'Made',
    value: (k) => k.createdAt,
    cell: (k) => (
      <span>
        <RelativeTime at={k.createdAt} />
        <span className="tiny faint" style={{ display: 'block' }}>
          {k.createdBy}
        </span>
      </span>
    ),
  },
  {
    key: 'revoke',
    header: '',
    align: 'end',
    cell: (k) =>
      manage && k.state === 'active' ? (
        <Button
          size="compact-sm"
          variant="subtle"
          color="gray"
          aria-label={`Revoke ${k.name}`}
          onClick={() => revoke(k)}
        >
          Revoke
        </Button>
      ) : null,
  },
];

function CreateKey({ onDone }: { onDone: () => void }) {
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<ApiKey['scopes']>(['call']);
  const [days, setDays] = useState('365');
  const create = useMutation({
    mutationFn: () =>
      take(
        api.POST('/api/account/keys', {
          body: { name: name.trim(), scopes, ...(days === 'never' ? {} : { expiresInDays: Number(days) }) },
        }),
      ),
    onSuccess: refresh,
  });
  if (create.data)
    return (
      <div className="stack" style={{ '--gap': '16px' }}>
        <NewKeyNotice apiKey={create.data.key} />
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          <Button onClick={onDone}>I have copied it</Button>
        </div>
      </div>
    );
  return (
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
        description="Where it is used, so that you know which one to revoke."
        required
        withAsterisk={false}
        data-autofocus
        maxLength={100}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Checkbox.Group
        label="Scopes"
        value={scopes}
        onChange={(value) => setScopes(value as ApiKey['scopes'])}
      >
        <div className="stack" style={{ '--gap': '10px', paddingTop: 8 }}>
          <Checkbox value="call" label="call" description="Runs what this account is subscribed to." />
          <Checkbox
            value="manage"
            label="manage"
            description="Uses the API with your permissions, as the CLI does."
          />
        </div>
      </Checkbox.Group>
      <Select
        label="Expires"
        data={[
          { value: '30', label: 'In 30 days' },
          { value: '90', label: 'In 90 days' },
          { value: '365', label: 'In a year' },
          { value: 'never', label: 'Never' },
        ]}
        value={days}
        allowDeselect={false}
        onChange={(value) => setDays(value ?? days)}
      />
      <ErrorNotice error={create.error} />
      <div className="row" style={{ justifyContent: 'flex-end' }}>
        <Button type="submit" disabled={name.trim() === '' || scopes.length === 0} loading={create.isPending}>
          Create key
        </Button>
      </div>
    </form>
  );
}

function Revocation({ apiKey, onClose }: { apiKey: ApiKey | null; onClose: () => void }) {
  const revoke = useMutation({
    mutationFn: (keyId: string) =>
      take(api.DELETE('/api/account/keys/{keyId}', { params: { path: { keyId } } })),
    onSuccess: () => {
      onClose();
      void refresh();
    },
  });
  return (
    <ConfirmDanger
      opened={apiKey !== null}
      onClose={onClose}
      title={`Revoke the key “${apiKey?.name ?? ''}”?`}
      action="Revoke key"
      busy={revoke.isPending}
      error={revoke.error}
      onConfirm={() => apiKey && revoke.mutate(apiKey.id)}
    >
      Every program that uses it is refused within a second, on every node. It cannot be made valid again.
    </ConfirmDanger>
  );
}
