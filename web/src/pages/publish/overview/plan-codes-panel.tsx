import { Button, NumberInput, Select, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, take } from '../../../api/client.ts';
import { productQueries } from '../../../api/queries/publish.ts';
import { planCodesQuery } from '../../../api/queries/subscriptions.ts';
import { queryClient } from '../../../api/query-client.ts';
import type { Plan, PlanCode, Product } from '../../../api/types.ts';
import { ConfirmDanger } from '../../../components/confirm-danger.tsx';
import { CopyableId } from '../../../components/copy.tsx';
import { type Column, DataTable } from '../../../components/data-table.tsx';
import { Panel } from '../../../components/panel.tsx';
import { EmptyState, ErrorNotice, Notice, QueryView } from '../../../components/states.tsx';
import { StatusBadge } from '../../../components/status-badge.tsx';
import { toast } from '../../../components/toast.ts';
import { formatCount, formatDay } from '../../../format/format.ts';
import { useSession } from '../../../session/session.ts';

/** Only where a plan needs a code. What is made here holds at once, without a release. */
export function PlanCodesPanel({ product }: { product: Product }) {
  const draft = useQuery(productQueries.draft(product.id));
  const plans = (draft.data?.document.plans ?? []).filter((p) => p.promotionCode);
  if (plans.length === 0) return null;
  return (
    <Panel
      title="Promotion codes"
      note="Who gives a code may subscribe to its plan. Ending one takes nothing from those who have subscribed."
    >
      <Codes product={product} plans={plans} />
    </Panel>
  );
}

const refresh = (productId: string) =>
  queryClient.invalidateQueries({ queryKey: planCodesQuery(productId).queryKey });

function Codes({ product, plans }: { product: Product; plans: readonly Plan[] }) {
  const { may } = useSession();
  const editable = may('product:edit');
  const query = useQuery(planCodesQuery(product.id));
  const [ending, setEnding] = useState<PlanCode | null>(null);
  const end = useMutation({
    mutationFn: (codeId: string) =>
      take(
        api.DELETE('/api/products/{productId}/plan-codes/{codeId}', {
          params: { path: { productId: product.id, codeId } },
        }),
      ),
    onSuccess: () => {
      setEnding(null);
      void refresh(product.id);
      toast.done('The code opens nothing any more.');
    },
  });
  const nameOf = (id: string) => plans.find((p) => p.id === id)?.name ?? id;
  return (
    <div className="stack" style={{ '--gap': '16px' }}>
      {editable ? <NewCode product={product} plans={plans} /> : null}
      <QueryView query={query}>
        {({ items }) => (
          <DataTable
            label="Promotion codes"
            rows={items}
            rowKey={(c) => c.id}
            columns={[
              ...columns(nameOf),
              ...(editable
                ? [
                    {
                      key: 'end',
                      header: '',
                      align: 'end' as const,
                      cell: (c: PlanCode) => (
                        <Button size="compact-sm" variant="subtle" color="gray" onClick={() => setEnding(c)}>
                          End<span className="visually-hidden"> the code that ends with {c.hint}</span>
                        </Button>
                      ),
                    },
                  ]
                : []),
            ]}
            empty={
              <EmptyState title="No promotion codes">Nobody can subscribe to these plans yet.</EmptyState>
            }
          />
        )}
      </QueryView>
      <ConfirmDanger
        opened={ending !== null}
        onClose={() => setEnding(null)}
        title={`End the code …${ending?.hint ?? ''} of ${nameOf(ending?.planId ?? '')}?`}
        action="End code"
        busy={end.isPending}
        error={end.error}
        onConfirm={() => ending && end.mutate(ending.id)}
      >
        <p>Nobody can subscribe with it from now on. Who has subscribed keeps the plan.</p>
      </ConfirmDanger>
    </div>
  );
}

const columns = (nameOf: (planId: string) => string): Column<PlanCode>[] => [
  { key: 'plan', header: 'Plan', value: (c) => nameOf(c.planId), cell: (c) => nameOf(c.planId) },
  { key: 'code', header: 'Code', value: (c) => c.hint, cell: (c) => <code>…{c.hint}</code> },
  { key: 'label', header: 'For', value: (c) => c.label, cell: (c) => c.label },
  { key: 'state', header: 'State', value: (c) => c.state, cell: (c) => <StatusBadge state={c.state} /> },
  {
    key: 'uses',
    header: 'Used',
    align: 'end',
    value: (c) => c.uses,
    cell: (c) =>
      c.usesMax === null ? formatCount(c.uses) : `${formatCount(c.uses)} of ${formatCount(c.usesMax)}`,
  },
  {
    key: 'lastDay',
    header: 'Last day',
    value: (c) => c.lastDay,
    cell: (c) => (c.lastDay ? formatDay(c.lastDay) : <span className="faint">None</span>),
  },
];

function NewCode({ product, plans }: { product: Product; plans: readonly Plan[] }) {
  const [planId, setPlanId] = useState(plans[0]?.id ?? '');
  const [code, setCode] = useState('');
  const [label, setLabel] = useState('');
  const [lastDay, setLastDay] = useState('');
  const [uses, setUses] = useState<number | ''>('');
  const create = useMutation({
    mutationFn: () =>
      take(
        api.POST('/api/products/{productId}/plan-codes', {
          params: { path: { productId: product.id } },
          body: {
            planId,
            ...(code.trim() ? { code: code.trim() } : {}),
            ...(label.trim() ? { label: label.trim() } : {}),
            ...(lastDay ? { lastDay } : {}),
            ...(uses === '' ? {} : { usesMax: uses }),
          },
        }),
      ),
    onSuccess: () => {
      setCode('');
      setLabel('');
      void refresh(product.id);
    },
  });
  return (
    <form
      className="stack"
      style={{ '--gap': '12px' }}
      onSubmit={(event) => {
        event.preventDefault();
        create.mutate();
      }}
    >
      <div className="row" style={{ alignItems: 'flex-end', flexWrap: 'wrap' }}>
        <Select
          label="Plan"
          data={plans.map((p) => ({ value: p.id, label: p.name ?? p.id }))}
          value={planId}
          allowDeselect={false}
          onChange={(value) => setPlanId(value ?? planId)}
        />
        <TextInput
          label="Code"
          placeholder="Made up if empty"
          maxLength={64}
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
        />
        <TextInput
          label="For"
          maxLength={100}
          value={label}
          onChange={(event) => setLabel(event.currentTarget.value)}
        />
        <TextInput
          label="Last day (UTC)"
          type="date"
          value={lastDay}
          onChange={(event) => setLastDay(event.currentTarget.value)}
        />
        <NumberInput
          label="Uses"
          placeholder="Any number"
          w={120}
          min={1}
          max={1_000_000}
          allowDecimal={false}
          value={uses}
          onChange={(value) => setUses(typeof value === 'number' ? value : '')}
        />
        <Button type="submit" loading={create.isPending}>
          Make code
        </Button>
      </div>
      <ErrorNotice error={create.error} />
      {create.data ? (
        <Notice tone="warn" title="Copy this code now: it is not shown again">
          <CopyableId id={create.data.code} what="the code" wrap />
        </Notice>
      ) : null}
    </form>
  );
}
