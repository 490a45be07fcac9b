import { Button, NumberInput, SegmentedControl, Select, Switch } from '@mantine/core';
import { PlusIcon } from '@radix-ui/react-icons';
import { limits } from '@souk/contract/limits';
import type { Plan } from '../../../api/types.ts';
import { Panel } from '../../../components/panel.tsx';
import { CheckedText } from './checked-text.tsx';
import { DraftField, DraftPlace, useEditor } from './editor-context.tsx';
import { removeAt, replaceAt } from './lists.ts';
import { Rows } from './rows.tsx';

const currencies = Intl.supportedValuesOf('currency');

export function PlansForm() {
  const { document, change, editable } = useEditor();
  const plans = document.plans ?? [];
  const setPlans = (next: Plan[]) => change((before) => ({ ...before, plans: next }));
  const free = !plans.some((p) => p.id === 'free');
  return (
    <DraftPlace at="/plans">
      <div className="stack" style={{ '--gap': '16px' }}>
        <Rows of={plans}>
          {(plan, i) => (
            <PlanForm
              plan={plan}
              index={i}
              onChange={(next) => setPlans(replaceAt(plans, i, next))}
              onRemove={() => setPlans(removeAt(plans, i))}
            />
          )}
        </Rows>
        {editable ? (
          <div className="row">
            {free ? (
              <Button
                variant="default"
                leftSection={<PlusIcon />}
                onClick={() => setPlans([...plans, { id: 'free', name: 'Free' }])}
              >
                Add a free plan
              </Button>
            ) : null}
            <Button
              variant="default"
              leftSection={<PlusIcon />}
              onClick={() => setPlans([...plans, perCall(plans)])}
            >
              Add a plan per call
            </Button>
          </div>
        ) : null}
      </div>
    </DraftPlace>
  );
}

const perCall = (plans: readonly Plan[]): Plan => ({
  id: plans.some((p) => p.id === 'per-call') ? `per-call-${plans.length + 1}` : 'per-call',
  name: 'Per call',
  currency: 'USD',
  parts: [{ kind: 'usage', dimension: 'inference.count', pricePerUnit: '0.001' }],
});

interface PlanFormProps {
  readonly plan: Plan;
  readonly index: number;
  readonly onChange: (plan: Plan) => void;
  readonly onRemove: () => void;
}

function PlanForm({ plan, index, onChange, onRemove }: PlanFormProps) {
  const { editable } = useEditor();
  const at = `/plans/${index}`;
  const part = plan.parts?.[0];
  const setKind = (kind: string) => {
    const { parts, currency, ...rest } = plan;
    onChange(
      kind === 'free'
        ? rest
        : {
            ...rest,
            currency: currency ?? 'USD',
            parts: parts?.length
              ? parts
              : [{ kind: 'usage', dimension: 'inference.count', pricePerUnit: '0.001' }],
          },
    );
  };
  return (
    <Panel
      title={plan.name || plan.id}
      actions={
        editable ? (
          <Button size="compact-sm" variant="subtle" color="gray" onClick={onRemove}>
            Remove plan
          </Button>
        ) : null
      }
    >
      <div className="stack" style={{ '--gap': '16px' }}>
        <SegmentedControl
          aria-label="Kind of plan"
          value={part ? 'usage' : 'free'}
          disabled={!editable}
          onChange={setKind}
          data={[
            { value: 'free', label: 'Free' },
            { value: 'usage', label: 'Per call' },
          ]}
        />
        <DraftField
          at={`${at}/name`}
          label="Name"
          required
          charsMax={limits.planNameChars}
          value={plan.name}
          onChange={(name) => onChange({ ...plan, name })}
        />
        <DraftPlace at={`${at}/id`}>
          <CheckedText
            label="Id"
            description="In agreements and invoices; stays after the release."
            value={plan.id}
            pattern={/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/}
            hint="Lower-case letters, digits and inner hyphens."
            disabled={!editable}
            onChange={(id) => onChange({ ...plan, id })}
          />
        </DraftPlace>
        <DraftField
          at={`${at}/description`}
          label="Description"
          rows={2}
          charsMax={limits.planDescriptionChars}
          value={plan.description}
          onChange={(description) => onChange({ ...plan, description })}
        />
        <DraftPlace at={`${at}/visibility`}>
          <Switch
            label="Private plan"
            description="Only the accounts of its audience see it, on the product’s page under Audience."
            checked={plan.visibility === 'private'}
            disabled={!editable}
            onChange={(event) =>
              onChange({ ...plan, visibility: event.currentTarget.checked ? 'private' : 'public' })
            }
          />
        </DraftPlace>
        {part ? <PriceFields plan={plan} at={at} onChange={onChange} /> : null}
        <QuotaField plan={plan} at={at} onChange={onChange} />
      </div>
    </Panel>
  );
}

type Fields = { readonly plan: Plan; readonly at: string; readonly onChange: (plan: Plan) => void };

function PriceFields({ plan, at, onChange }: Fields) {
  const { editable } = useEditor();
  const [part, ...others] = plan.parts ?? [];
  if (!part) return null;
  const setPart = (next: typeof part) => onChange({ ...plan, parts: [next, ...others] });
  return (
    <>
      <div className="row" style={{ alignItems: 'flex-start' }}>
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
        <div className="grow">
          <DraftPlace at={`${at}/parts/0/pricePerUnit`}>
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
        </div>
      </div>
      <DraftPlace at={`${at}/parts/0/includedQuantity`}>
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

function QuotaField({ plan, at, onChange }: Fields) {
  const { editable } = useEditor();
  return (
    <DraftPlace at={`${at}/quota`}>
      <NumberInput
        label="At most each month"
        description="Calls beyond it are refused until the next month. Empty: no limit."
        min={1}
        allowDecimal={false}
        thousandSeparator
        disabled={!editable}
        value={plan.quota?.unitsPerMonth ?? ''}
        onChange={(value) => {
          const { quota: _, ...rest } = plan;
          onChange(
            typeof value === 'number'
              ? { ...rest, quota: { unitsPerMonth: value, dimension: 'inference.count' } }
              : rest,
          );
        }}
      />
    </DraftPlace>
  );
}
