import { NumberInput, Select } from '@mantine/core';
import type { Plan } from '../../../api/types.ts';
import { CheckedText } from './checked-text.tsx';
import { DraftPlace, useEditor } from './editor-context.tsx';
import { replaceAt } from './lists.ts';

export type PlanFields = {
  readonly plan: Plan;
  readonly at: string;
  readonly onChange: (plan: Plan) => void;
};

const currencies = Intl.supportedValuesOf('currency');

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

export function CallPrice({ plan, at, onChange }: PlanFields) {
  const { editable } = useEditor();
  const parts = plan.parts ?? [];
  const i = parts.findIndex((p) => p.dimension === 'inference.count');
  const part = parts[i];
  if (!part) return null;
  const setPart = (next: typeof part) => onChange({ ...plan, parts: replaceAt(parts, i, next) });
  return (
    <>
      <DraftPlace at={`${at}/parts/${i}/pricePerUnit`}>
        <CheckedText
          label="Price per answered call"
          inputMode="decimal"
          value={part.pricePerUnit}
          pattern={/^\d{1,12}(\.\d{1,12})?$/}
          hint="Write it as 0.002."
          disabled={!editable}
          onChange={(pricePerUnit) => setPart({ ...part, pricePerUnit })}
        />
      </DraftPlace>
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
    </>
  );
}
