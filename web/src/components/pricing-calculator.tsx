import { NumberInput } from '@mantine/core';
import { useState } from 'react';
import type { Plan } from '../api/types.ts';
import { formatCompact, formatCount, formatMoney } from '../format/format.ts';
import styles from './pricing.module.css';
import { estimate, isFree } from './pricing.ts';

const steps = [
  100, 1_000, 5_000, 10_000, 50_000, 100_000, 500_000, 1_000_000, 5_000_000, 10_000_000, 100_000_000,
];

/** "What would my month cost?", before anybody has subscribed. */
export function PricingCalculator({ plans }: { plans: readonly Plan[] }) {
  const [calls, setCalls] = useState(10_000);
  const at = steps.findIndex((s) => s >= calls);
  return (
    <div className={styles.calculator}>
      <NumberInput
        label="Calls per month"
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
        aria-label="Calls per month, in steps"
        aria-valuetext={`${formatCount(calls)} calls`}
        onChange={(event) => setCalls(steps[Number(event.currentTarget.value)] ?? calls)}
      />
      <div aria-live="polite">
        {plans.map((plan) => (
          <PlanCost key={plan.id} plan={plan} calls={calls} />
        ))}
      </div>
    </div>
  );
}

function PlanCost({ plan, calls }: { plan: Plan; calls: number }) {
  const cost = estimate(plan, calls);
  return (
    <div className={styles.result}>
      <span>
        {plan.name ?? plan.id}
        <br />
        <span className="tiny faint">
          {cost.withinQuota
            ? isFree(plan)
              ? 'No charge'
              : `${formatCompact(calls - cost.billable)} included, ${formatCompact(cost.billable)} billed`
            : `Beyond the plan’s ${formatCount(plan.quota?.unitsPerMonth ?? 0)} a month`}
        </span>
      </span>
      <span className={styles.amount}>
        {cost.withinQuota ? formatMoney(cost.amount, cost.currency) : '-'}
      </span>
    </div>
  );
}

export function PlanList({ plans }: { plans: readonly Plan[] }) {
  return (
    <div className={styles.plans}>
      {plans.map((plan) => (
        <div key={plan.id} className={styles.plan}>
          <span className={styles.name}>{plan.name ?? plan.id}</span>
          <span className={styles.price}>{planPrice(plan)}</span>
          <PlanTerms plan={plan} />
          {plan.description ? <p className={styles.note}>{plan.description}</p> : null}
        </div>
      ))}
    </div>
  );
}

function PlanTerms({ plan }: { plan: Plan }) {
  const included = (plan.parts ?? []).reduce((sum, part) => sum + (part.includedQuantity ?? 0), 0);
  const terms = [
    isFree(plan) ? null : 'per answered call',
    included > 0 ? `${formatCount(included)} calls a month included` : null,
    plan.quota ? `up to ${formatCount(plan.quota.unitsPerMonth)} calls a month` : null,
  ].filter((t) => t !== null);
  return terms.length > 0 ? <p className={styles.note}>{terms.join(' · ')}</p> : null;
}

export function planPrice(plan: Plan): string {
  const priced = (plan.parts ?? []).filter((part) => !/^[0.]+$/.test(part.pricePerUnit));
  if (priced.length === 0) return 'Free';
  return priced.map((part) => formatMoney(part.pricePerUnit, plan.currency ?? 'USD')).join(' + ');
}
