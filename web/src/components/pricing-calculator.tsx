import { NumberInput, Select } from '@mantine/core';
import { instanceDimension, useWords } from '@souk/contract/instance-hours';
import { transactions, unitWord } from '@souk/contract/plan-parts';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { instanceTypesQuery } from '../api/queries/catalog.ts';
import type { Plan } from '../api/types.ts';
import { decimalText, parseDecimal, times } from '../format/decimal.ts';
import { formatCompact, formatCount, formatMoney } from '../format/format.ts';
import styles from './pricing.module.css';
import { callPart, estimate, type Hours, hourParts, isFree } from './pricing.ts';

const steps = [
  100, 1_000, 5_000, 10_000, 50_000, 100_000, 500_000, 1_000_000, 5_000_000, 10_000_000, 100_000_000,
];

/** "What would my month cost?", before anybody has subscribed: by calls, and by hours of an instance where a plan asks for them. */
export function PricingCalculator({ plans }: { plans: readonly Plan[] }) {
  const [calls, setCalls] = useState(10_000);
  const [chosen, setChosen] = useState<string | null>(null);
  const [hours, setHours] = useState(100);
  const at = steps.findIndex((s) => s >= calls);
  const priced = uniqueHours(plans);
  const dimension = priced.find((p) => p.value === chosen)?.value ?? priced[0]?.value;
  const used = dimension === undefined ? undefined : { dimension, hours };
  // An algorithm answers no calls.
  const byCalls = priced.length === 0 || plans.some((plan) => callPart(plan) || plan.quota);
  const words = `${unitWord(plans.some(ofService) ? transactions : 'inference.count')}s`;
  const capital = `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
  return (
    <div className={styles.calculator}>
      {byCalls ? (
        <>
          <NumberInput
            label={`${capital} per month`}
            value={calls}
            min={0}
            max={1_000_000_000_000}
            step={1_000}
            allowDecimal={false}
            allowNegative={false}
            thousandSeparator
            onChange={(value) => setCalls(typeof value === 'number' ? value : Number(value) || 0)}
          />
          <input
            type="range"
            className={styles.slider}
            min={0}
            max={steps.length - 1}
            value={at < 0 ? steps.length - 1 : at}
            aria-label={`${capital} per month, in steps`}
            aria-valuetext={`${formatCount(calls)} ${words}`}
            onChange={(event) => setCalls(steps[Number(event.currentTarget.value)] ?? calls)}
          />
        </>
      ) : null}
      {dimension ? (
        <div className="row" style={{ alignItems: 'flex-end' }}>
          <Select
            label="Instance"
            className="grow"
            data={priced}
            value={dimension}
            allowDeselect={false}
            onChange={setChosen}
          />
          <NumberInput
            label="Hours per month"
            w={110}
            value={hours}
            min={0}
            max={1_000_000}
            step={10}
            allowDecimal={false}
            allowNegative={false}
            thousandSeparator
            onChange={(value) => setHours(typeof value === 'number' ? value : Number(value) || 0)}
          />
        </div>
      ) : null}
      <div aria-live="polite">
        {plans.map((plan) => (
          <PlanCost key={plan.id} plan={plan} calls={byCalls ? calls : 0} hours={used} />
        ))}
        {used ? (
          <InstanceCost {...used} type={priced.find((p) => p.value === dimension)?.type ?? ''} />
        ) : null}
      </div>
    </div>
  );
}

const ofService = (plan: Plan) => (plan.quota?.dimension ?? callPart(plan)?.dimension) === transactions;

const uniqueHours = (plans: readonly Plan[]) => [
  ...new Map(
    plans.flatMap(hourParts).map(({ use, instanceType }) => {
      const value = instanceDimension(use, instanceType);
      return [value, { value, label: `${instanceType}, ${useWords[use]}`, type: instanceType }] as const;
    }),
  ).values(),
];

interface CostProps {
  readonly plan: Plan;
  readonly calls: number;
  readonly hours: Hours | undefined;
}

function PlanCost({ plan, calls, hours }: CostProps) {
  const cost = estimate(plan, calls, hours);
  return (
    <div className={styles.result}>
      <span>
        {plan.name ?? plan.id}
        <br />
        <span className="tiny faint">
          {cost.withinQuota
            ? isFree(plan)
              ? 'No charge'
              : [
                  callPart(plan)
                    ? `${formatCompact(calls - cost.billable)} ${unitWord(callPart(plan)?.dimension ?? '')}s included, ${formatCompact(cost.billable)} billed`
                    : null,
                  hours && hourParts(plan).length > 0 ? `${formatCount(hours.hours)} hours` : null,
                ]
                  .filter((text) => text !== null)
                  .join(', ')
            : `Beyond the plan’s ${formatCount(plan.quota?.unitsPerMonth ?? 0)} a month`}
        </span>
      </span>
      <span className={styles.amount}>
        {cost.withinQuota ? formatMoney(cost.amount, cost.currency) : '-'}
      </span>
    </div>
  );
}

/** What the marketplace asks for the instance, whatever the plan. */
function InstanceCost({ hours, type }: Hours & { readonly type: string }) {
  const { data } = useQuery(instanceTypesQuery());
  const instance = data?.items.find((t) => t.name === type);
  const price = parseDecimal(instance?.pricePerHour ?? '');
  if (!instance || !price || price.digits === 0n) return null;
  return (
    <div className={styles.result}>
      <span>
        The instance
        <br />
        <span className="tiny faint">In any plan, to the marketplace</span>
      </span>
      <span className={styles.amount}>
        {formatMoney(decimalText(times(price, hours)), instance.currency)}
      </span>
    </div>
  );
}
