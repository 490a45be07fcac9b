import { NumberInput, Select } from '@mantine/core';
import { recurringOf, transactions } from '@souk/contract/plan-parts';
import type { Plan } from '../../../api/types.ts';
import { CheckedText } from './checked-text.tsx';
import { DraftPlace, useEditor } from './editor-context.tsx';
import { replaceAt } from './lists.ts';
import { isHourly, withFee } from './plan-kinds.ts';

export type PlanFields = {
  readonly plan: Plan;
  readonly at: string;
  readonly onChange: (plan: Plan) => void;
};

const currencies = Intl.supportedValuesOf('currency');
const amount = /^\d{1,12}(\.\d{1,12})?$/;

export function CurrencyField({ plan, at, onChange }: PlanFields) {
  const { editable } = useEditor();
  return (
    <DraftPlace at={`${at}/currency`}>
      <Select
        label="Currency"
        data={currencies}
        searchable
        w={110}
        allowDeselect={false}
        disabled={!editable}
        value={plan.currency ?? null}
        onChange={(currency) => currency && onChange({ ...plan, currency })}
      />
    </DraftPlace>
  );
}

/** Required in a plan by the month; beside other prices it may be empty. */
export function MonthlyFee({ plan, at, onChange, required }: PlanFields & { readonly required: boolean }) {
  const { editable } = useEditor();
  const i = (plan.parts ?? []).findIndex((p) => p.kind === 'recurring');
  return (
    <DraftPlace at={`${at}/parts/${i < 0 ? (plan.parts ?? []).length : i}/amount`}>
      <CheckedText
        label="Monthly fee"
        description={
          required
            ? 'In advance, for each month from the day of the subscription.'
            : 'Beside the prices below. Empty: none.'
        }
        inputMode="decimal"
        value={recurringOf(plan.parts)?.amount ?? ''}
        pattern={required ? amount : /^(\d{1,12}(\.\d{1,12})?)?$/}
        hint="Write it as 15.31."
        disabled={!editable}
        onChange={(fee) => onChange(withFee(plan, fee))}
      />
    </DraftPlace>
  );
}

export function CallPrice({ plan, at, onChange }: PlanFields) {
  const { editable } = useEditor();
  const parts = plan.parts ?? [];
  const i = parts.findIndex((p) => p.kind === 'usage' && !isHourly(p));
  const part = parts[i];
  if (part?.kind !== 'usage') return null;
  const setPart = (next: typeof part) => onChange({ ...plan, parts: replaceAt(parts, i, next) });
  const ofService = part.dimension === transactions;
  return (
    <>
      <DraftPlace at={`${at}/parts/${i}/pricePerUnit`}>
        <DraftPlace at={`${at}/parts/${i}/dimension`}>
          <CheckedText
            label={ofService ? 'Price per transaction' : 'Price per answered call'}
            inputMode="decimal"
            value={part.pricePerUnit}
            pattern={amount}
            hint="Write it as 0.002."
            disabled={!editable}
            onChange={(pricePerUnit) => setPart({ ...part, pricePerUnit })}
          />
        </DraftPlace>
      </DraftPlace>
      {ofService && part.includedQuantity === undefined ? null : (
        <DraftPlace at={`${at}/parts/${i}/includedQuantity`}>
          <NumberInput
            label="Included each month"
            description="Calls of a calendar month that cost nothing."
            min={0}
            allowDecimal={false}
            thousandSeparator
            disabled={!editable}
            value={part.includedQuantity ?? ''}
            onChange={(value) => {
              const { includedQuantity: _, ...rest } = part;
              setPart(typeof value === 'number' ? { ...rest, includedQuantity: value } : rest);
            }}
          />
        </DraftPlace>
      )}
    </>
  );
}
