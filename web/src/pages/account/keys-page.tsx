import { Button, Modal } from '@mantine/core';
import { PlusIcon } from '@radix-ui/react-icons';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { api, take } from '../../api/client.ts';
import { accountQueries } from '../../api/queries/account.ts';
import { queryClient } from '../../api/query-client.ts';
import type { ApiKey } from '../../api/types.ts';
import { ConfirmDanger } from '../../components/confirm-danger.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { EmptyState, QueryView } from '../../components/states.tsx';
import { StatusBadge } from '../../components/status-badge.tsx';
import { RelativeTime } from '../../components/time.tsx';
import { useSession } from '../../session/session.ts';
import { CreateKey } from './create-key.tsx';
import { RotateKey } from './rotate-key.tsx';

const refresh = () => queryClient.invalidateQueries({ queryKey: accountQueries.keys().queryKey });

export function KeysPage() {
  const { may, session } = useSession();
  const query = useQuery(accountQueries.keys());
  const [creating, setCreating] = useState(false);
  const [rotated, setRotated] = useState<ApiKey | null>(null);
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
      lead={
        <>
          They call subscriptions, manage as the person who made them, or see to some products only. Found one
          where it should not be? <Link to="/leaked-keys">Report it</Link>: it is revoked at once.
        </>
      }
      actions={create}
    >
      <Panel flush>
        <QueryView query={query}>
          {({ items }) => (
            <DataTable
              label="API keys"
              columns={columns(manage, {
                email: session.person?.email,
                rotate: setRotated,
                revoke: setRevoked,
              })}
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
      <Modal
        opened={rotated !== null}
        onClose={() => setRotated(null)}
        title={`Rotate the key “${rotated?.name ?? ''}”`}
      >
        {rotated ? <RotateKey apiKey={rotated} onDone={() => setRotated(null)} /> : null}
      </Modal>
      <Revocation apiKey={revoked} onClose={() => setRevoked(null)} />
    </Page>
  );
}

/** A key outlives its products; what is gone has no name any more. */
const namesOf = (k: ApiKey) => (k.products ?? []).map((p) => p.slug ?? 'a deleted product');

interface Actions {
  /** Of who looks: a key acts as its maker, who alone is handed the next one. */
  readonly email: string | undefined;
  readonly rotate: (key: ApiKey) => void;
  readonly revoke: (key: ApiKey) => void;
}

const columns = (manage: boolean, { email, rotate, revoke }: Actions): Column<ApiKey>[] => [
  {
    key: 'name',
    header: 'Name',
    value: (k) => k.name,
    cell: (k) => (
      <>
        <span style={{ fontWeight: 500 }}>{k.name}</span>
        <span className="mono faint" style={{ display: 'block', whiteSpace: 'nowrap' }}>
          {k.hint}
        </span>
      </>
    ),
  },
  {
    key: 'state',
    header: 'State',
    value: (k) => (k.leak ? `${k.state}, leaked: ${k.leak.where ?? ''}` : k.state),
    cell: (k) => (
      <>
        <StatusBadge state={k.state} />
        {k.leak ? (
          <span className="tiny muted" style={{ display: 'block', overflowWrap: 'anywhere', maxWidth: 280 }}>
            It leaked, reported <RelativeTime at={k.leak.reportedAt} />
            {k.leak.where === null ? null : `: ${k.leak.where}`}
          </span>
        ) : null}
        {k.replacedBy && k.state === 'active' ? (
          <span className="tiny muted" style={{ display: 'block' }}>
            Replaced by <span className="mono">{k.replacedBy.hint}</span>
          </span>
        ) : null}
      </>
    ),
  },
  {
    key: 'for',
    header: 'For',
    value: (k) => (k.products ? [...k.abilities, ...namesOf(k)] : k.scopes).join(' '),
    cell: (k) =>
      k.products ? (
        <>
          {namesOf(k).join(', ')}
          <span className="tiny muted" style={{ display: 'block' }}>
            may {k.abilities.join(', ')}
          </span>
        </>
      ) : (
        k.scopes.join(', ')
      ),
  },
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
        <div className="row" style={{ '--gap': '4px', justifyContent: 'flex-end', flexWrap: 'nowrap' }}>
          {k.createdBy === email && !k.replacedBy ? (
            <Action word="Rotate" name={k.name} onClick={() => rotate(k)} />
          ) : null}
          <Action word="Revoke" name={k.name} onClick={() => revoke(k)} />
        </div>
      ) : null,
  },
];

function Action({ word, name, onClick }: { word: string; name: string; onClick: () => void }) {
  return (
    <Button size="compact-sm" variant="subtle" color="gray" aria-label={`${word} ${name}`} onClick={onClick}>
      {word}
    </Button>
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
