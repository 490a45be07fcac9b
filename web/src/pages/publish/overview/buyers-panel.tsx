import { Button, FileButton, SegmentedControl, Switch, TextInput } from '@mantine/core';
import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, take } from '../../../api/client.ts';
import { isApiError } from '../../../api/errors.ts';
import { buyersQuery } from '../../../api/queries/leaving.ts';
import { productQueries } from '../../../api/queries/publish.ts';
import { queryClient } from '../../../api/query-client.ts';
import type { AudienceAccount, Product } from '../../../api/types.ts';
import { CopyableId } from '../../../components/copy.tsx';
import { download } from '../../../components/csv.ts';
import { type Column, DataTable } from '../../../components/data-table.tsx';
import { FindingList } from '../../../components/finding.tsx';
import { Panel } from '../../../components/panel.tsx';
import { EmptyState, ErrorNotice, QueryView } from '../../../components/states.tsx';
import { toast } from '../../../components/toast.ts';
import { formatCount } from '../../../format/format.ts';
import { useSession } from '../../../session/session.ts';

/** Only where something is private: who it is for. What is written here holds at once. */
export function BuyersPanel({ product }: { product: Product }) {
  const draft = useQuery(productQueries.draft(product.id));
  const plans = (draft.data?.document.plans ?? []).filter((p) => p.visibility === 'private');
  const lists = [
    ...(product.visibility === 'private' ? [{ value: '', label: 'The product' }] : []),
    ...plans.map((p) => ({ value: p.id, label: `Plan ${p.name ?? p.id}` })),
  ];
  const [chosen, setChosen] = useState<string | null>(null);
  const [firstList] = lists;
  if (!firstList) return null;
  const value = lists.some((l) => l.value === chosen) ? (chosen ?? '') : firstList.value;
  return (
    <Panel
      title="Audience"
      note="The accounts that see what is private and may subscribe to it. For everybody else it does not exist."
    >
      <div className="stack" style={{ '--gap': '16px' }}>
        {lists.length > 1 ? (
          <SegmentedControl aria-label="Audience of" data={lists} value={value} onChange={setChosen} />
        ) : null}
        <Buyers key={value} product={product} plan={value || null} />
      </div>
    </Panel>
  );
}

interface ListProps {
  readonly product: Product;
  readonly plan: string | null;
}

function Buyers({ product, plan }: ListProps) {
  const { may } = useSession();
  const query = useInfiniteQuery(buyersQuery(product.id, plan));
  const editable = may('product:edit');
  const remove = useMutation({
    mutationFn: (accountId: string) =>
      take(
        api.DELETE('/api/products/{productId}/buyers/{accountId}', {
          params: { path: { productId: product.id, accountId }, query: plan ? { plan } : {} },
        }),
      ),
    onSuccess: () => refresh(product.id),
    onError: toast.failed,
  });
  const columns: Column<AudienceAccount>[] = [
    {
      key: 'account',
      header: 'Account',
      value: (a) => a.accountId,
      cell: (a) => <CopyableId id={a.accountId} what="account id" />,
    },
    { key: 'name', header: 'Name', value: (a) => a.accountName, cell: (a) => a.accountName },
    { key: 'note', header: 'Note', value: (a) => a.note, cell: (a) => a.note },
    {
      key: 'subscribed',
      header: 'Subscribed',
      value: (a) => (a.subscribed ? 'yes' : 'no'),
      cell: (a) => (a.subscribed ? 'Yes' : <span className="faint">No</span>),
    },
    ...(editable
      ? [
          {
            key: 'remove',
            header: '',
            align: 'end' as const,
            cell: (a: AudienceAccount) => (
              <Button
                size="compact-sm"
                variant="subtle"
                color="gray"
                onClick={() => remove.mutate(a.accountId)}
              >
                Take out<span className="visually-hidden"> {a.accountId}</span>
              </Button>
            ),
          },
        ]
      : []),
  ];
  return (
    <>
      {editable ? <AddAccount product={product} plan={plan} /> : null}
      <QueryView query={query}>
        {({ pages }) => (
          <>
            <p className="muted">
              {formatCount(pages[0]?.total ?? 0)} of {formatCount(pages[0]?.max ?? 0)} accounts
            </p>
            <DataTable
              label="Audience"
              columns={columns}
              rows={pages.flatMap((p) => p.items)}
              rowKey={(a) => a.accountId}
              more={
                query.hasNextPage
                  ? { busy: query.isFetchingNextPage, load: () => void query.fetchNextPage() }
                  : undefined
              }
              empty={
                <EmptyState title="Nobody but you sees it">
                  Add the account ids of those it is for, one by one or as a CSV file of account id and note.
                </EmptyState>
              }
            />
          </>
        )}
      </QueryView>
      <Files product={product} plan={plan} editable={editable} />
    </>
  );
}

const refresh = (productId: string) =>
  queryClient.invalidateQueries({ queryKey: ['products', productId, 'buyers'] });

function AddAccount({ product, plan }: ListProps) {
  const [accountId, setAccountId] = useState('');
  const [note, setNote] = useState('');
  const add = useMutation({
    mutationFn: () =>
      take(
        api.PUT('/api/products/{productId}/buyers/{accountId}', {
          params: { path: { productId: product.id, accountId: accountId.trim() } },
          body: { note, ...(plan ? { plan } : {}) },
        }),
      ),
    onSuccess: () => {
      setAccountId('');
      setNote('');
      void refresh(product.id);
    },
  });
  const malformed = accountId.trim() !== '' && !/^\d{12}$/.test(accountId.trim());
  return (
    <form
      className="stack"
      style={{ '--gap': '8px' }}
      onSubmit={(event) => {
        event.preventDefault();
        add.mutate();
      }}
    >
      <div className="row" style={{ alignItems: 'flex-start' }}>
        <TextInput
          aria-label="Account id"
          placeholder="12-digit account id"
          inputMode="numeric"
          value={accountId}
          error={malformed ? 'An account id has 12 digits.' : null}
          onChange={(event) => setAccountId(event.currentTarget.value)}
        />
        <TextInput
          className="grow"
          aria-label="Note"
          placeholder="Note, for yourself"
          maxLength={200}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        <Button type="submit" loading={add.isPending} disabled={!/^\d{12}$/.test(accountId.trim())}>
          Add
        </Button>
      </div>
      <ErrorNotice error={add.error} />
    </form>
  );
}

function Files({ product, plan, editable }: ListProps & { editable: boolean }) {
  const [replace, setReplace] = useState(false);
  const load = useMutation({
    mutationFn: async (file: File) =>
      take(
        api.POST('/api/products/{productId}/buyers/import', {
          params: { path: { productId: product.id } },
          body: { csv: await file.text(), mode: replace ? 'replace' : 'add', ...(plan ? { plan } : {}) },
        }),
      ),
    onSuccess: ({ added, changed, removed, total }) => {
      toast.done(`${added} added, ${changed} notes changed, ${removed} taken out; ${total} accounts now.`);
      void refresh(product.id);
    },
  });
  const save = useMutation({
    mutationFn: () =>
      take(
        api.GET('/api/products/{productId}/buyers/export', {
          params: { path: { productId: product.id }, query: plan ? { plan } : {} },
          parseAs: 'text',
        }),
      ),
    onSuccess: (csv) => download(`${product.slug}-audience.csv`, String(csv ?? ''), 'text/csv;charset=utf-8'),
    onError: toast.failed,
  });
  return (
    <div className="stack" style={{ '--gap': '8px' }}>
      <div className="row">
        {editable ? (
          <>
            <FileButton accept=".csv,text/csv,text/plain" onChange={(file) => file && load.mutate(file)}>
              {(props) => (
                <Button {...props} variant="default" loading={load.isPending}>
                  Import CSV
                </Button>
              )}
            </FileButton>
            <Switch
              label="Take out who is not in the file"
              checked={replace}
              onChange={(event) => setReplace(event.currentTarget.checked)}
            />
          </>
        ) : null}
        <Button variant="default" loading={save.isPending} onClick={() => save.mutate()}>
          Export CSV
        </Button>
      </div>
      <ErrorNotice error={load.error} />
      {isApiError(load.error) && load.error.findings.length > 0 ? (
        <FindingList findings={load.error.findings} />
      ) : null}
    </div>
  );
}
