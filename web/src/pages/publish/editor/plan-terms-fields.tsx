import { Input, NumberInput, SegmentedControl, Switch } from '@mantine/core';
import { limits } from '@souk/contract/limits';
import { callDimension, isFreePlan, recurringOf, unitWord } from '@souk/contract/plan-parts';
import { DraftPlace, useEditor } from './editor-context.tsx';
import { isHourly } from './plan-kinds.ts';
import type { PlanFields } from './plan-price-fields.tsx';

/** How much of a month, from which day the month counts, and what happens at its end. */
export function QuotaFields({ plan, at, onChange }: PlanFields) {
  const { editable, product } = useEditor();
  const { quota } = plan;
  const dimension = quota?.dimension ?? callDimension(product.type);
  const word = unitWord(dimension);
  const priced = (plan.parts ?? []).some((p) => p.kind === 'usage' && !isHourly(p));
  return (
    <>
      <DraftPlace at={`${at}/quota`}>
        <DraftPlace at={`${at}/quota/dimension`}>
          <NumberInput
            label={`${word === 'call' ? 'Calls' : 'Transactions'} each month`}
            description="Empty: no limit."
            min={1}
            allowDecimal={false}
            thousandSeparator
            disabled={!editable}
            value={quota?.unitsPerMonth ?? ''}
            onChange={(value) => {
              const { quota: _, ...rest } = plan;
              onChange(
                typeof value === 'number'
                  ? {
                      ...rest,
                      quota: {
                        ...(recurringOf(plan.parts) ? { cycle: 'subscription' } : {}),
                        ...quota,
                        unitsPerMonth: value,
                        dimension: callDimension(product.type),
                      },
                    }
                  : rest,
              );
            }}
          />
        </DraftPlace>
      </DraftPlace>
      {quota ? (
        <>
          <DraftPlace at={`${at}/quota/atLimit`}>
            <Input.Wrapper
              label="At the limit"
              description={
                priced
                  ? `Refused until the next month, or each further ${word} at its price.`
                  : `To let ${word}s go on beyond it, give the plan a price per ${word}.`
              }
            >
              <SegmentedControl
                aria-label="At the limit"
                value={quota.atLimit ?? 'stop'}
                disabled={!editable}
                onChange={(next) =>
                  onChange({ ...plan, quota: { ...quota, atLimit: next === 'overage' ? 'overage' : 'stop' } })
                }
                data={[
                  { value: 'stop', label: 'Stop' },
                  { value: 'overage', label: 'Go on at a price', disabled: !priced },
                ]}
              />
            </Input.Wrapper>
          </DraftPlace>
          {product.type === 'web-service' ? null : (
            <DraftPlace at={`${at}/quota/cycle`}>
              <Switch
                label="Months from the day of the subscription"
                description="Off: calendar months, in UTC. A plan with a monthly fee needs it on."
                checked={quota.cycle === 'subscription'}
                disabled={!editable}
                onChange={(event) =>
                  onChange({
                    ...plan,
                    quota: { ...quota, cycle: event.currentTarget.checked ? 'subscription' : 'calendar' },
                  })
                }
              />
            </DraftPlace>
          )}
        </>
      ) : null}
    </>
  );
}

export function AtOnceField({ plan, at, onChange }: PlanFields) {
  const { editable } = useEditor();
  return (
    <DraftPlace at={`${at}/callsAtOnce`}>
      <NumberInput
        label="Calls at the same time"
        description="The next is refused until one is answered. Empty: no limit."
        min={limits.callsAtOnce.min}
        max={limits.callsAtOnce.max}
        allowDecimal={false}
        thousandSeparator
        disabled={!editable}
        value={plan.callsAtOnce ?? ''}
        onChange={(value) => {
          const { callsAtOnce: _, ...rest } = plan;
          onChange(typeof value === 'number' ? { ...rest, callsAtOnce: value } : rest);
        }}
      />
    </DraftPlace>
  );
}

/** Who may have it, and whether they may try it. */
export function OfferFields({ plan, at, onChange }: PlanFields) {
  const { editable } = useEditor();
  return (
    <>
      {isFreePlan(plan) && !plan.trial ? null : (
        <DraftPlace at={`${at}/trial`}>
          <Switch
            label="First month free"
            description="Once per account. Then the plan costs what it costs, unless cancelled; buyers are told a week and a day before."
            checked={Boolean(plan.trial)}
            disabled={!editable}
            onChange={(event) => {
              const { trial: _, ...rest } = plan;
              onChange(event.currentTarget.checked ? { ...rest, trial: { months: 1 } } : rest);
            }}
          />
        </DraftPlace>
      )}
      <DraftPlace at={`${at}/promotionCode`}>
        <Switch
          label="Needs a promotion code"
          description="Codes are made on the product’s page under Promotion codes, with a last day and a number of uses."
          checked={plan.promotionCode === true}
          disabled={!editable}
          onChange={(event) => {
            const { promotionCode: _, hidden: __, ...rest } = plan;
            onChange(event.currentTarget.checked ? { ...rest, promotionCode: true } : rest);
          }}
        />
      </DraftPlace>
      {plan.promotionCode || plan.hidden ? (
        <DraftPlace at={`${at}/hidden`}>
          <Switch
            label="Hidden from those without a code"
            description="It is not on the product’s page; who types a code there sees it."
            checked={plan.hidden === true}
            disabled={!editable}
            onChange={(event) => {
              const { hidden: _, ...rest } = plan;
              onChange(event.currentTarget.checked ? { ...rest, hidden: true } : rest);
            }}
          />
        </DraftPlace>
      ) : null}
    </>
  );
}
