import { Button } from '@mantine/core';
import { type TaxInterview, taxFindings, taxFormOf } from '@souk/contract/tax-interview';
import { useMutation, useQuery } from '@tanstack/react-query';
import { api, take } from '../../../api/client.ts';
import { hasCode } from '../../../api/errors.ts';
import { payeeQueries } from '../../../api/queries/payee.ts';
import { queryClient } from '../../../api/query-client.ts';
import type { TaxDetails } from '../../../api/types.ts';
import { Panel } from '../../../components/panel.tsx';
import { ErrorNotice, ErrorState, LoadingLines, Notice } from '../../../components/states.tsx';
import { toast } from '../../../components/toast.ts';
import { formatDay } from '../../../format/format.ts';
import { useSession } from '../../../session/session.ts';
import { useAnswers } from './answers.ts';
import { GivenVersions } from './given-versions.tsx';
import { FormFields } from './tax-forms.tsx';
import { SignatureFields } from './tax-signature.tsx';
import { WhoFields } from './tax-who.tsx';

export function TaxPanel() {
  const query = useQuery(payeeQueries.tax());
  if (query.data) return <TaxForm key={query.data.version} given={query.data} />;
  if (hasCode(query.error, 'publisher.tax_not_given')) return <TaxForm given={null} />;
  return query.error ? <ErrorState error={query.error} /> : <LoadingLines />;
}

const today = () => new Date().toISOString().slice(0, 10);

function TaxForm({ given }: { given: TaxDetails | null }) {
  const { may } = useSession();
  const save = useMutation({
    mutationFn: (body: TaxInterview) => take(api.PUT('/api/publisher/tax', { body })),
    onSuccess: (next) => {
      queryClient.setQueryData(payeeQueries.tax().queryKey, next);
      void queryClient.invalidateQueries({ queryKey: payeeQueries.standing().queryKey });
      toast.done(`Form ${next.form} is signed and kept, sealed.`);
    },
  });
  const form = useAnswers<TaxInterview>(begin(given), (t) => taxFindings(own(t), today()), save.error);
  const t = form.answers;
  const leadsTo = taxFormOf(t);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        form.try();
        if (form.complete) save.mutate(own(t));
      }}
    >
      <Panel
        title="Tax interview"
        note="Only paid plans need it. Kept sealed; numbers show their last digits."
      >
        <div className="stack" style={{ '--gap': '16px' }}>
          {given ? (
            <Notice tone="info">
              Form {given.form} is signed
              {given.expiresOn ? `; it holds until ${formatDay(given.expiresOn)}` : ''}. Signing again
              replaces it.
            </Notice>
          ) : null}
          <WhoFields form={form} />
          {leadsTo ? <FormFields form={form} leadsTo={leadsTo} /> : null}
          {leadsTo ? <SignatureFields form={form} /> : null}
          <ErrorNotice error={save.error} />
          {form.found.length > 0 ? (
            <Notice
              tone="bad"
              title={`${form.found.length === 1 ? 'One answer is' : `${form.found.length} answers are`} missing or wrong.`}
            >
              {form.found[0]?.message} {form.found[0]?.remedy}
            </Notice>
          ) : null}
          <div>
            <Button type="submit" loading={save.isPending} disabled={!may('payment-details:update')}>
              {leadsTo ? `Sign and save form ${leadsTo}` : 'Sign and save'}
            </Button>
          </div>
          <GivenVersions versions={given?.versions ?? []} />
        </div>
      </Panel>
    </form>
  );
}

/** A new signature each time, whatever else stays. */
function begin(given: TaxDetails | null): TaxInterview {
  const before = (given?.interview ?? {}) as TaxInterview;
  return { ...before, signature: { ...before.signature, date: today(), consent: false, certify: false } };
}

/** Answers of a form that the others no longer lead to are left out, and empty lines of numbers too. */
function own(t: TaxInterview): TaxInterview {
  const { w9, w8ben, w8bene, ...rest } = t;
  const leadsTo = taxFormOf(t);
  const numbers = t.taxNumbers?.filter((n) => n.number.trim() !== '');
  return {
    ...rest,
    ...(numbers ? { taxNumbers: numbers } : {}),
    ...(leadsTo === 'W-9' && w9 ? { w9 } : {}),
    ...(leadsTo === 'W-8BEN' && w8ben ? { w8ben } : {}),
    ...(leadsTo === 'W-8BEN-E' && w8bene ? { w8bene } : {}),
  };
}
