import { Button, Select } from '@mantine/core';
import { type BankDetails, bankFields, bankFindings } from '@souk/contract/bank-details';
import { bankMethodOf } from '@souk/contract/bank-numbers';
import { currencies } from '@souk/contract/countries';
import { useMutation, useQuery } from '@tanstack/react-query';
import { api, take } from '../../../api/client.ts';
import { hasCode } from '../../../api/errors.ts';
import { payeeQueries } from '../../../api/queries/payee.ts';
import { queryClient } from '../../../api/query-client.ts';
import type { PayoutDetails } from '../../../api/types.ts';
import { TextField } from '../../../components/form-field.tsx';
import { Panel } from '../../../components/panel.tsx';
import { ErrorNotice, ErrorState, LoadingLines, Notice } from '../../../components/states.tsx';
import { toast } from '../../../components/toast.ts';
import { useSession } from '../../../session/session.ts';
import { useAnswers } from './answers.ts';
import { ChoiceField, CountryField } from './choices.tsx';
import { GivenVersions } from './given-versions.tsx';

export function BankPanel() {
  const query = useQuery(payeeQueries.bank());
  if (query.data) return <BankForm key={query.data.version} given={query.data} />;
  if (hasCode(query.error, 'publisher.bank_not_given')) return <BankForm given={null} />;
  return query.error ? <ErrorState error={query.error} /> : <LoadingLines />;
}

function BankForm({ given }: { given: PayoutDetails | null }) {
  const { may } = useSession();
  const save = useMutation({
    mutationFn: (body: BankDetails) => take(api.PUT('/api/publisher/bank', { body })),
    onSuccess: (next) => {
      queryClient.setQueryData(payeeQueries.bank().queryKey, next);
      void queryClient.invalidateQueries({ queryKey: payeeQueries.standing().queryKey });
      toast.done('The bank details are saved, sealed.');
    },
  });
  const form = useAnswers<BankDetails>((given?.bank as BankDetails) ?? {}, bankFindings, save.error);
  const b = form.answers;
  const method = b.country ? bankMethodOf(b.country) : undefined;
  const fields = method ? [...bankFields[method].needed, ...bankFields[method].possible] : [];
  const text = (
    field: 'holder' | 'bankName' | 'iban' | 'bic' | 'routingNumber' | 'accountNumber',
    label: string,
  ) => (
    <TextField
      label={label}
      value={b[field] ?? ''}
      findings={form.of(`/${field}`)}
      autoComplete="off"
      onChange={(value) => form.set({ [field]: value })}
    />
  );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        form.try();
        if (form.complete) save.mutate(b);
      }}
    >
      <Panel
        title="Bank details"
        note="Where payouts go. Only paid plans need them. Kept sealed; numbers show their last digits."
      >
        <div className="stack" style={{ '--gap': '16px' }}>
          {given ? <Notice tone="info">A change is verified again before the next payout.</Notice> : null}
          <CountryField
            label="Country of the bank"
            value={b.country}
            error={form.error('/country')}
            onChange={(country) => {
              const { iban, bic, routingNumber, accountNumber, accountType, ...rest } = b;
              form.set({ ...rest, ...emptied, ...(country ? { country } : {}) });
            }}
          />
          {text('holder', 'Account holder')}
          {fields.includes('iban') ? text('iban', 'IBAN') : null}
          {fields.includes('routingNumber') ? text('routingNumber', 'Routing number') : null}
          {fields.includes('accountNumber') ? text('accountNumber', 'Account number') : null}
          {fields.includes('accountType') ? (
            <ChoiceField
              label="Type of account"
              of={{ checking: 'Checking', savings: 'Savings' }}
              value={b.accountType}
              error={form.error('/accountType')}
              onChange={(v) => form.set({ accountType: v as 'checking' | 'savings' })}
            />
          ) : null}
          {fields.includes('bic')
            ? text('bic', method === 'other' ? 'BIC (SWIFT code)' : 'BIC, if you like')
            : null}
          {text('bankName', 'Name of the bank, if you like')}
          <Select
            label="Payout currency"
            data={[...currencies]}
            searchable
            placeholder="Choose one"
            value={b.currency ?? null}
            error={form.error('/currency')}
            onChange={(currency) => form.set(currency ? { currency } : {})}
          />
          <ErrorNotice error={save.error} />
          <div>
            <Button type="submit" loading={save.isPending} disabled={!may('payment-details:update')}>
              Save bank details
            </Button>
          </div>
          <GivenVersions versions={given?.versions ?? []} />
        </div>
      </Panel>
    </form>
  );
}

/** Accounts of another country have other fields: what was typed for the old one would be refused. */
const emptied: BankDetails = { iban: '', bic: '', routingNumber: '', accountNumber: '' };
