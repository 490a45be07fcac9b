import { Button, Modal, Textarea, TextInput } from '@mantine/core';
import { useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { api, take } from '../../api/client.ts';
import { removalsQuery } from '../../api/queries/leaving.ts';
import { queryClient } from '../../api/query-client.ts';
import type { Removal } from '../../api/types.ts';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { EmptyState, ErrorNotice, QueryView } from '../../components/states.tsx';
import { StatusBadge } from '../../components/status-badge.tsx';
import { RelativeTime } from '../../components/time.tsx';
import { toast } from '../../components/toast.ts';
import { formatAbsolute } from '../../format/format.ts';
import { useSession } from '../../session/session.ts';

const refresh = () => queryClient.invalidateQueries({ queryKey: removalsQuery().queryKey });

/** Products that leave and those that were taken down; here the operator takes one down, and restores it. */
export function RemovalsPage() {
  const { may } = useSession();
  const query = useInfiniteQuery(removalsQuery());
  const [taking, setTaking] = useState(false);
  const [restoring, setRestoring] = useState<Removal | null>(null);
  const editable = may('product:take-down');
  const columns: Column<Removal>[] = [
    {
      key: 'product',
      header: 'Product',
      value: (r) => `${r.publisher}/${r.product}`,
      cell: (r) => (
        <>
          <span style={{ fontWeight: 500 }}>{r.title}</span>
          <span className="tiny faint" style={{ display: 'block' }}>
            {r.publisher}/{r.product}
          </span>
        </>
      ),
    },
    { key: 'state', header: 'State', value: (r) => r.state, cell: (r) => <StatusBadge state={r.state} /> },
    {
      key: 'reason',
      header: 'Reason',
      value: (r) => r.reason,
      cell: (r) => (
        <span className="break">
          {r.reason}
          <span className="tiny faint" style={{ display: 'block' }}>
            {r.requestedBy}
            {r.email && r.email !== r.requestedBy ? `, ${r.email}` : ''}
          </span>
        </span>
      ),
    },
    {
      key: 'left',
      header: 'Subscriptions',
      align: 'end',
      value: (r) => r.subscribers,
      cell: (r) => r.subscribers,
    },
    {
      key: 'since',
      header: 'Since',
      align: 'end',
      value: (r) => r.requestedAt,
      cell: (r) => <RelativeTime at={r.requestedAt} />,
    },
    {
      key: 'until',
      header: 'Until',
      align: 'end',
      value: (r) => r.endsAt,
      cell: (r) => (r.endsAt && r.state === 'leaving' ? formatAbsolute(r.endsAt) : null),
    },
    ...(editable
      ? [
          {
            key: 'restore',
            header: '',
            align: 'end' as const,
            cell: (r: Removal) =>
              r.state === 'down' ? (
                <Button size="compact-sm" variant="default" onClick={() => setRestoring(r)}>
                  Restore
                </Button>
              ) : null,
          },
        ]
      : []),
  ];
  return (
    <Page
      title="Removals"
      lead="Products that leave, have left, or were taken down."
      actions={
        editable ? (
          <Button color="red" variant="default" onClick={() => setTaking(true)}>
            Take a product down
          </Button>
        ) : null
      }
    >
      <Panel flush>
        <QueryView query={query}>
          {({ pages }) => (
            <DataTable
              label="Removals"
              columns={columns}
              rows={pages.flatMap((p) => p.items)}
              rowKey={(r) => r.id}
              exportName="removals"
              more={
                query.hasNextPage
                  ? { busy: query.isFetchingNextPage, load: () => void query.fetchNextPage() }
                  : undefined
              }
              empty={
                <EmptyState title="Nothing leaves">
                  Publishers unpublish their products themselves; you see it here. A product that does harm
                  you take down at once.
                </EmptyState>
              }
            />
          )}
        </QueryView>
      </Panel>
      <Modal opened={taking} onClose={() => setTaking(false)} title="Take a product down" size="md">
        {taking ? <TakeDownForm onDone={() => setTaking(false)} /> : null}
      </Modal>
      <Modal
        opened={restoring !== null}
        onClose={() => setRestoring(null)}
        title={`Restore ${restoring?.title ?? ''}?`}
        size="md"
      >
        {restoring ? <RestoreForm removal={restoring} onDone={() => setRestoring(null)} /> : null}
      </Modal>
    </Page>
  );
}

function TakeDownForm({ onDone }: { onDone: () => void }) {
  const [product, setProduct] = useState('');
  const [reason, setReason] = useState('');
  const takeDown = useMutation({
    mutationFn: () =>
      take(api.POST('/api/operator/take-downs', { body: { product: product.trim(), reason } })),
    onSuccess: (r) => {
      onDone();
      toast.done(`${r.title} is down; calls stop within a second.`);
      void refresh();
    },
  });
  return (
    <form
      className="stack"
      style={{ '--gap': '16px' }}
      onSubmit={(event) => {
        event.preventDefault();
        takeDown.mutate();
      }}
    >
      <p className="muted">
        It is hidden and closed at once, its processes stop, and every subscription is suspended. Publisher
        and subscribers read your reason. You can restore it as it was.
      </p>
      <TextInput
        label="Product"
        description="As publisher/product, from its page’s address"
        placeholder="publisher/product"
        required
        value={product}
        onChange={(event) => setProduct(event.currentTarget.value)}
      />
      <Reason value={reason} onChange={setReason} description="Both sides read it" />
      <ErrorNotice error={takeDown.error} />
      <Buttons onDone={onDone}>
        <Button
          type="submit"
          color="red"
          loading={takeDown.isPending}
          disabled={!reason.trim() || !product.trim()}
        >
          Take it down
        </Button>
      </Buttons>
    </form>
  );
}

function RestoreForm({ removal, onDone }: { removal: Removal; onDone: () => void }) {
  const [reason, setReason] = useState('');
  const restore = useMutation({
    mutationFn: () =>
      take(
        api.POST('/api/operator/take-downs/{removalId}/restore', {
          params: { path: { removalId: removal.id } },
          body: { reason },
        }),
      ),
    onSuccess: (r) => {
      onDone();
      toast.done(`${r.title} is restored.`);
      void refresh();
    },
  });
  return (
    <form
      className="stack"
      style={{ '--gap': '16px' }}
      onSubmit={(event) => {
        event.preventDefault();
        restore.mutate();
      }}
    >
      <p className="muted">
        It was taken down because: {removal.reason} It starts again as it was,{' '}
        <Link to={`/products/${removal.publisher}/${removal.product}`}>its page</Link> is there again, and its
        subscriptions go on.
      </p>
      <Reason value={reason} onChange={setReason} description="What has changed; the publisher reads it" />
      <ErrorNotice error={restore.error} />
      <Buttons onDone={onDone}>
        <Button type="submit" loading={restore.isPending} disabled={!reason.trim()}>
          Restore it
        </Button>
      </Buttons>
    </form>
  );
}

function Reason(props: { value: string; description: string; onChange: (value: string) => void }) {
  return (
    <Textarea
      label="Reason"
      description={props.description}
      required
      rows={3}
      maxLength={2000}
      value={props.value}
      onChange={(event) => props.onChange(event.currentTarget.value)}
    />
  );
}

function Buttons({ onDone, children }: { onDone: () => void; children: React.ReactNode }) {
  return (
    <div className="row" style={{ justifyContent: 'flex-end' }}>
      <Button variant="default" onClick={onDone}>
        Not now
      </Button>
      {children}
    </div>
  );
}
