import { Button, SegmentedControl, Switch } from '@mantine/core';
import { PlusIcon } from '@radix-ui/react-icons';
import { limits } from '@souk/contract/limits';
import type { Plan } from '../../../api/types.ts';
import { Panel } from '../../../components/panel.tsx';
import { CheckedText } from './checked-text.tsx';
import { DraftField, DraftPlace, useEditor } from './editor-context.tsx';
import { HourFields } from './hour-fields.tsx';
import { removeAt, replaceAt } from './lists.ts';
import { kindOf, type PlanKind, perCall, perHour, perMonth, withKind } from './plan-kinds.ts';
import { CallPrice, CurrencyField, MonthlyFee } from './plan-price-fields.tsx';
import { AtOnceField, OfferFields, QuotaFields } from './plan-terms-fields.tsx';
import { Rows } from './rows.tsx';
import { useSupportedTypes } from './supported-types.ts';

export function PlansForm() {
  const { document, change, editable, product } = useEditor();
  const supported = useSupportedTypes();
  const plans = document.plans ?? [];
  const setPlans = (next: Plan[]) => change((before) => ({ ...before, plans: next }));
  const free = !plans.some((p) => p.id === 'free');
  const service = product.type === 'web-service';
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
            {product.type === 'algorithm' ? (
              <Button
                variant="default"
                leftSection={<PlusIcon />}
                disabled={supported.length === 0}
                onClick={() => setPlans([...plans, perHour(plans, supported)])}
              >
                Add a plan per hour
              </Button>
            ) : (
              <>
                <Button
                  variant="default"
                  leftSection={<PlusIcon />}
                  onClick={() => setPlans([...plans, perMonth(plans, product.type)])}
                >
                  Add a monthly plan
                </Button>
                <Button
                  variant="default"
                  leftSection={<PlusIcon />}
                  onClick={() => setPlans([...plans, perCall(plans, product.type)])}
                >
                  {service ? 'Add a plan per transaction' : 'Add a plan per call'}
                </Button>
              </>
            )}
          </div>
        ) : null}
      </div>
    </DraftPlace>
  );
}

interface PlanFormProps {
  readonly plan: Plan;
  readonly index: number;
  readonly onChange: (plan: Plan) => void;
  readonly onRemove: () => void;
}

function PlanForm({ plan, index, onChange, onRemove }: PlanFormProps) {
  const { editable, product } = useEditor();
  const at = `/plans/${index}`;
  const supported = useSupportedTypes();
  const algorithm = product.type === 'algorithm';
  const service = product.type === 'web-service';
  const kind = kindOf(plan);
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
          value={kind}
          disabled={!editable}
          onChange={(next) => onChange(withKind(plan, next as PlanKind, supported, product.type))}
          data={[
            { value: 'free', label: 'Free' },
            { value: 'monthly', label: 'Monthly' },
            ...(algorithm ? [] : [{ value: 'calls', label: service ? 'Per transaction' : 'Per call' }]),
            ...(service ? [] : [{ value: 'hours', label: 'Per hour', disabled: supported.length === 0 }]),
            ...(algorithm || service
              ? []
              : [{ value: 'both', label: 'Calls and hours', disabled: supported.length === 0 }]),
          ]}
        />
        {supported.length === 0 && !service ? (
          <p className="small faint">
            Prices by the hour need to know the instance types: choose what the version sells first.
          </p>
        ) : null}
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
        {kind === 'free' ? null : <CurrencyField plan={plan} at={at} onChange={onChange} />}
        {kind === 'free' ? null : (
          <MonthlyFee plan={plan} at={at} onChange={onChange} required={kind === 'monthly'} />
        )}
        {kind === 'calls' || kind === 'both' ? <CallPrice plan={plan} at={at} onChange={onChange} /> : null}
        {kind === 'hours' || kind === 'both' ? (
          <HourFields plan={plan} at={at} supported={supported} onChange={onChange} />
        ) : null}
        {algorithm && !plan.quota ? null : <QuotaFields plan={plan} at={at} onChange={onChange} />}
        {algorithm && plan.callsAtOnce === undefined ? null : (
          <AtOnceField plan={plan} at={at} onChange={onChange} />
        )}
        <OfferFields plan={plan} at={at} onChange={onChange} />
      </div>
    </Panel>
  );
}
