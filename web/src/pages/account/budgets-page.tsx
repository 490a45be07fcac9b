import { Button, Modal, Progress } from '@mantine/core';
import { PlusIcon } from '@radix-ui/react-icons';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, take } from '../../api/client.ts';
import { governanceQueries, refreshGovernance } from '../../api/queries/governance.ts';
import type { Budget } from '../../api/types.ts';
import { ConfirmDanger } from '../../components/confirm-danger.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { EmptyState, QueryView } from '../../components/states.tsx';
import { Badge } from '../../components/status-badge.tsx';
import { formatMoney, plural } from '../../format/format.ts';
import { useSession } from '../../session/session.ts';
import { BudgetForm } from './budget-form.tsx';

const looks: Record<Budget['state'], readonly ['good' | 'warn' | 'bad', string]> = {
  within: ['good', 'Within'],
  warned: ['warn', 'Warned'],
  spent: ['bad', 'Spent'],
  stopped: ['bad', 'Stopped'],
};
const nameOf = (b: Budget) => b.subject ?? 'The account';

/** Monthly budgets: how much is spent, who was warned, what is stopped. */
export function BudgetsPage() {
  const { may } = useSession();
  const manage = may('governance:manage');
  const query = useQuery(governanceQueries.budgets());
  const [edited, setEdited] = useState<Budget | 'new' | null>(null);
  const [removed, setRemoved] = useState<Budget | null>(null);
  return (
    <Page
      title="Budgets"
      lead="For each calendar month, in UTC. A hard stop suspends priced subscriptions within little more than a minute of the call that spent the budget; what is called until then is spent too."
      width="wide"
      actions={
        manage ? (
          <Button leftSection={<PlusIcon />} onClick={() => setEdited('new')}>
            Add budget
          </Button>
        ) : null
      }
    >
      <Panel flush>
        <QueryView query={query}>
          {({ items }) => (
            <DataTable
              label="Budgets"
              columns={columns(manage, setEdited, setRemoved)}
              rows={items}
              rowKey={(b) => b.id}
              exportName="budgets"
              empty={
                <EmptyState title="No budgets">
                  A budget warns admins and finance, and can stop what costs money until next month.
                </EmptyState>
              }
            />
          )}
        </QueryView>
      </Panel>
      <Modal
        opened={edited !== null}
        onClose={() => setEdited(null)}
        title={edited === 'new' ? 'Add a budget' : 'Change the budget'}
      >
        {edited ? (
          <BudgetForm budget={edited === 'new' ? null : edited} onDone={() => setEdited(null)} />
        ) : null}
      </Modal>
      <Removal budget={removed} onClose={() => setRemoved(null)} />
    </Page>
  );
}

const columns = (
  manage: boolean,
  edit: (budget: Budget) => void,
  remove: (budget: Budget) => void,
): Column<Budget>[] => [
  {
    key: 'for',
    header: 'For',
    value: nameOf,
    cell: (b) => (
      <>
        <span className="break" style={{ fontWeight: 500 }}>
          {nameOf(b)}
        </span>
        <span className="tiny faint" style={{ display: 'block' }}>
          {b.hardStop ? 'Hard stop' : 'Warns only'}
          {b.warnAt.length > 0 ? `, warns at ${b.warnAt.join(', ')} %` : ''}
        </span>
      </>
    ),
  },
  {
    key: 'spent',
    header: 'Spent this month',
    value: (b) => b.percent,
    cell: (b) => (
      <span style={{ display: 'block', minWidth: 140 }}>
        <span className="nowrap">
          {formatMoney(b.spent, b.currency)} of {formatMoney(b.amount, b.currency)}
        </span>
        <Progress
          value={Math.min(100, b.percent)}
          {...(b.percent >= 100 ? { color: 'red' } : {})}
          size="sm"
          mt={4}
          aria-label={`${b.percent} % of the budget of ${nameOf(b)}`}
        />
      </span>
    ),
  },
  {
    key: 'state',
    header: 'State',
    value: (b) => b.state,
    cell: (b) => (
      <>
        <Badge tone={looks[b.state][0]}>{looks[b.state][1]}</Badge>
        {b.suspended > 0 ? (
          <span className="tiny muted" style={{ display: 'block' }}>
            {plural(b.suspended, 'subscription')} suspended
          </span>
        ) : null}
      </>
    ),
  },
  {
    key: 'actions',
    header: '',
    align: 'end',
    cell: (b) =>
      manage ? (
        <span className="row-nowrap" style={{ justifyContent: 'flex-end', '--gap': '4px' }}>
          <Button
            size="compact-sm"
            variant="subtle"
            aria-label={`Change the budget of ${nameOf(b)} in ${b.currency}`}
            onClick={() => edit(b)}
          >
            Change
          </Button>
          <Button
            size="compact-sm"
            variant="subtle"
            color="gray"
            aria-label={`Remove the budget of ${nameOf(b)} in ${b.currency}`}
            onClick={() => remove(b)}
          >
            Remove
          </Button>
        </span>
      ) : null,
  },
];

function Removal({ budget, onClose }: { budget: Budget | null; onClose: () => void }) {
  const remove = useMutation({
    mutationFn: (budgetId: string) =>
      take(api.DELETE('/api/account/budgets/{budgetId}', { params: { path: { budgetId } } })),
    onSuccess: () => {
      onClose();
      void refreshGovernance();
    },
  });
  return (
    <ConfirmDanger
      opened={budget !== null}
      onClose={onClose}
      title={`Remove the budget of ${budget ? nameOf(budget) : ''}?`}
      action="Remove budget"
      busy={remove.isPending}
      error={remove.error}
      onConfirm={() => budget && remove.mutate(budget.id)}
    >
      Nobody is warned any more, and what it had stopped goes on at once.
    </ConfirmDanger>
  );
}
