import { Button, Modal, Select, TextInput } from '@mantine/core';
import { governanceLimits } from '@souk/contract/community-limits';
import { hoursOf } from '@souk/contract/instance-hours';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { api, take } from '../../api/client.ts';
import { governanceQueries, refreshGovernance, type SpendFilter } from '../../api/queries/governance.ts';
import type { GovernedSubscription, Spend } from '../../api/types.ts';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { EmptyState, ErrorNotice, QueryView } from '../../components/states.tsx';
import { Badge, StatusBadge } from '../../components/status-badge.tsx';
import { formatCount, formatMoney } from '../../format/format.ts';
import { useSession } from '../../session/session.ts';

const groups: { value: Spend['by']; label: string }[] = [
  { value: 'product', label: 'By product' },
  { value: 'member', label: 'By member' },
  { value: 'month', label: 'By month' },
  { value: 'cost-centre', label: 'By cost centre' },
];
const money = (totals: readonly { amount: string; currency: string }[]) =>
  totals.map((t) => formatMoney(t.amount, t.currency)).join(', ');

/** The last twelve months, newest first, as `2026-11`. */
function lastMonths(now = new Date()): string[] {
  return Array.from({ length: 12 }, (_, i) =>
    new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - i, 1)).toISOString().slice(0, 7),
  );
}

/** All subscriptions of the account and what they cost: the figures are those of the invoices, in other groups. */
export function SpendPage() {
  const months = lastMonths();
  const [by, setBy] = useState<Spend['by']>('product');
  const [from, setFrom] = useState(months[0] ?? '');
  const filter: SpendFilter = { by, from, ...(months[0] ? { to: months[0] } : {}) };
  const spend = useQuery(governanceQueries.spend(filter));
  const subscriptions = useQuery(governanceQueries.subscriptions());
  return (
    <Page title="Spend" lead="What this account uses and what it costs, as its invoices say." width="wide">
      <Panel
        title="Spend"
        flush
        actions={
          <>
            <Select
              aria-label="From"
              data={months.map((m) => ({ value: m, label: m === months[0] ? 'This month' : `Since ${m}` }))}
              value={from}
              allowDeselect={false}
              w={150}
              onChange={(value) => setFrom(value ?? from)}
            />
            <Select
              aria-label="Group"
              data={groups}
              value={by}
              allowDeselect={false}
              w={160}
              onChange={(value) => setBy((value ?? 'product') as Spend['by'])}
            />
          </>
        }
      >
        <QueryView query={spend}>
          {({ rows }) => (
            <DataTable
              label="Spend"
              columns={spendColumns}
              rows={rows}
              rowKey={(r) => r.key}
              exportName="spend"
              empty={<EmptyState title="Nothing was used">In the months that are shown.</EmptyState>}
            />
          )}
        </QueryView>
      </Panel>
      <Panel title="Subscriptions" flush note="All of the account, whoever made them">
        <QueryView query={subscriptions}>{({ items }) => <Subscriptions items={items} />}</QueryView>
      </Panel>
    </Page>
  );
}

const spendColumns: readonly Column<Spend['rows'][number]>[] = [
  {
    key: 'label',
    header: 'What',
    value: (r) => r.label,
    cell: (r) => (
      <span className="break" style={{ fontWeight: 500 }}>
        {r.label}
      </span>
    ),
  },
  {
    key: 'quantity',
    header: 'Calls',
    align: 'end',
    value: (r) => r.quantity,
    cell: (r) => formatCount(r.quantity),
  },
  {
    key: 'hours',
    header: 'Hours',
    align: 'end',
    value: (r) => r.instanceSeconds,
    cell: (r) => hoursOf(r.instanceSeconds),
  },
  {
    key: 'subscriptions',
    header: 'Subscriptions',
    align: 'end',
    value: (r) => r.subscriptions,
    cell: (r) => formatCount(r.subscriptions),
  },
  { key: 'cost', header: 'Cost', align: 'end', value: (r) => money(r.totals), cell: (r) => money(r.totals) },
];

function Subscriptions({ items }: { items: readonly GovernedSubscription[] }) {
  const { may } = useSession();
  const [labelled, setLabelled] = useState<GovernedSubscription | null>(null);
  const columns: Column<GovernedSubscription>[] = [
    {
      key: 'product',
      header: 'Product',
      value: (s) => `${s.publisher}/${s.product}`,
      cell: (s) => (
        <>
          <Link to={`/subscriptions/${s.subscriptionId}`} style={{ fontWeight: 500 }}>
            {s.title}
          </Link>
          <span className="tiny faint break" style={{ display: 'block' }}>
            {s.planId}, {s.member}
          </span>
        </>
      ),
    },
    {
      key: 'state',
      header: 'State',
      value: (s) => s.state,
      cell: (s) => (
        <span className="row" style={{ '--gap': '4px' }}>
          <StatusBadge state={s.state} />
          {s.outside ? (
            <span title={s.rule ?? ''}>
              <Badge tone="warn">Outside the rules</Badge>
            </span>
          ) : null}
        </span>
      ),
    },
    {
      key: 'cost-centre',
      header: 'Cost centre',
      value: (s) => s.costCentre,
      cell: (s) =>
        may('governance:manage') ? (
          <Button
            size="compact-sm"
            variant="subtle"
            aria-label={`${s.costCentre ?? 'Set'}: cost centre of ${s.title}`}
            onClick={() => setLabelled(s)}
          >
            {s.costCentre ?? 'Set'}
          </Button>
        ) : (
          s.costCentre
        ),
    },
    {
      key: 'spent',
      header: 'This month',
      align: 'end',
      value: (s) => money(s.spentThisMonth),
      cell: (s) => money(s.spentThisMonth),
    },
  ];
  return (
    <>
      <DataTable
        label="Subscriptions"
        columns={columns}
        rows={items}
        rowKey={(s) => s.subscriptionId}
        exportName="subscriptions"
        empty={<EmptyState title="No subscriptions" />}
      />
      <Modal
        opened={labelled !== null}
        onClose={() => setLabelled(null)}
        title={`Cost centre of ${labelled?.title ?? ''}`}
      >
        {labelled ? <CostCentre subscription={labelled} onDone={() => setLabelled(null)} /> : null}
      </Modal>
    </>
  );
}

function CostCentre({ subscription, onDone }: { subscription: GovernedSubscription; onDone: () => void }) {
  const [label, setLabel] = useState(subscription.costCentre ?? '');
  const save = useMutation({
    mutationFn: () =>
      take(
        api.PUT('/api/account/subscriptions/{subscriptionId}/cost-centre', {
          params: { path: { subscriptionId: subscription.subscriptionId } },
          body: { costCentre: label.trim() || null },
        }),
      ),
    onSuccess: () => {
      onDone();
      void refreshGovernance();
    },
  });
  return (
    <form
      className="stack"
      style={{ '--gap': '16px' }}
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <TextInput
        label="Label"
        description="Empty takes it off."
        value={label}
        maxLength={governanceLimits.costCentreChars}
        onChange={(event) => setLabel(event.currentTarget.value)}
      />
      <ErrorNotice error={save.error} />
      <div className="row" style={{ justifyContent: 'flex-end' }}>
        <Button type="submit" loading={save.isPending}>
          Save
        </Button>
      </div>
    </form>
  );
}
