import { Button, Checkbox, Select, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api, take } from '../../api/client.ts';
import { refreshGovernance } from '../../api/queries/governance.ts';
import type { Budget } from '../../api/types.ts';
import { ErrorNotice } from '../../components/states.tsx';

const scopes: { value: Budget['scope']; label: string }[] = [
  { value: 'account', label: 'The account' },
  { value: 'product', label: 'A product' },
  { value: 'member', label: 'What a member subscribed to' },
];

/** A new budget, or another amount for one that is there: what it is for and its currency stay. */
export function BudgetForm({ budget, onDone }: { budget: Budget | null; onDone: () => void }) {
  const [scope, setScope] = useState<Budget['scope']>(budget?.scope ?? 'account');
  const [subject, setSubject] = useState(budget?.subject ?? '');
  const [amount, setAmount] = useState(budget?.amount ?? '');
  const [currency, setCurrency] = useState(budget?.currency ?? 'USD');
  const [warnAt, setWarnAt] = useState((budget?.warnAt ?? [50, 80, 100]).join(', '));
  const [hardStop, setHardStop] = useState(budget?.hardStop ?? true);
  const thresholds = warnAt
    .split(/[\s,%]+/)
    .filter(Boolean)
    .map(Number);
  const save = useMutation({
    mutationFn: () =>
      budget
        ? take(
            api.PATCH('/api/account/budgets/{budgetId}', {
              params: { path: { budgetId: budget.id } },
              body: { amount: amount.trim(), warnAt: thresholds, hardStop },
            }),
          )
        : take(
            api.POST('/api/account/budgets', {
              body: {
                scope,
                ...(scope === 'product' ? { product: subject.trim() } : {}),
                ...(scope === 'member' ? { member: subject.trim() } : {}),
                amount: amount.trim(),
                currency: currency.trim().toUpperCase(),
                warnAt: thresholds,
                hardStop,
              },
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
      <Select
        label="For"
        data={scopes}
        value={scope}
        allowDeselect={false}
        disabled={budget !== null}
        onChange={(value) => setScope((value ?? 'account') as Budget['scope'])}
      />
      {scope === 'account' ? null : (
        <TextInput
          label={scope === 'product' ? 'Product' : 'Member'}
          placeholder={scope === 'product' ? 'publisher/product' : 'ada@example.com'}
          value={subject}
          disabled={budget !== null}
          onChange={(event) => setSubject(event.currentTarget.value)}
        />
      )}
      <TextInput
        label="Amount a month"
        inputMode="decimal"
        placeholder="500.00"
        value={amount}
        onChange={(event) => setAmount(event.currentTarget.value)}
      />
      <TextInput
        label="Currency"
        description="What costs in another currency is not counted; nothing is converted."
        value={currency}
        maxLength={3}
        disabled={budget !== null}
        onChange={(event) => setCurrency(event.currentTarget.value)}
      />
      <TextInput
        label="Warn at, in percent"
        description="Admins and finance are told, once a month for each."
        value={warnAt}
        onChange={(event) => setWarnAt(event.currentTarget.value)}
      />
      <Checkbox
        checked={hardStop}
        onChange={(event) => setHardStop(event.currentTarget.checked)}
        label="Hard stop: suspend priced subscriptions until next month or a higher budget"
      />
      <ErrorNotice error={save.error} />
      <div className="row" style={{ justifyContent: 'flex-end' }}>
        <Button type="submit" loading={save.isPending} disabled={amount.trim() === ''}>
          Save
        </Button>
      </div>
    </form>
  );
}
