import { NumberInput } from '@mantine/core';
import type { TaxInterview } from '@souk/contract/tax-interview';
import { TextField } from '../../../components/form-field.tsx';
import { YesNo } from './choices.tsx';
import type { TaxAnswers } from './tax-who.tsx';

type Treaty = NonNullable<NonNullable<NonNullable<TaxInterview['w8bene']>['treaty']>>;

/** A lower rate by a treaty of the United States with the country of residence; most claim none. */
export function TreatyFields({
  form,
  at,
  treaty,
  onChange,
}: {
  form: TaxAnswers;
  at: string;
  treaty: Treaty | null;
  onChange: (treaty: Treaty | null) => void;
}) {
  const { country, kind } = form.answers;
  const set = (change: Treaty) => onChange({ ...treaty, ...change });
  return (
    <>
      <YesNo
        label="Do you claim a lower rate by a tax treaty with the United States?"
        value={treaty !== null}
        error={form.error(`${at}/country`)}
        onChange={(yes) => onChange(yes ? { ...(country ? { country } : {}) } : null)}
      />
      {treaty ? (
        <>
          <TextField
            label="Article and paragraph"
            value={treaty.article ?? ''}
            findings={form.of(`${at}/article`)}
            onChange={(article) => set({ article })}
          />
          <NumberInput
            label="Rate in percent"
            min={0}
            max={30}
            value={treaty.ratePercent ?? ''}
            error={form.error(`${at}/ratePercent`)}
            onChange={(rate) => set(rate === '' ? {} : { ratePercent: Number(rate) })}
          />
          <TextField
            label="Kind of income"
            placeholder="Royalties"
            value={treaty.income ?? ''}
            findings={form.of(`${at}/income`)}
            onChange={(income) => set({ income })}
          />
          {kind === 'company' ? (
            <TextField
              label="Limitation on benefits that is met"
              value={treaty.limitationOnBenefits ?? ''}
              findings={form.of(`${at}/limitationOnBenefits`)}
              onChange={(limitationOnBenefits) => set({ limitationOnBenefits })}
            />
          ) : null}
        </>
      ) : null}
    </>
  );
}
