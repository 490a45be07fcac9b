import type { Plan } from '../api/types.ts';
import { HourPrices } from './hour-prices.tsx';
import styles from './pricing.module.css';
import { atOnceText, hourParts, includedText, planPrice, quotaText } from './pricing.ts';

export function PlanList({ plans }: { plans: readonly Plan[] }) {
  return (
    <div className={styles.plans}>
      {plans.map((plan) => (
        <div key={plan.id} className={styles.plan}>
          <span className={styles.name}>{plan.name ?? plan.id}</span>
          <span className={styles.price}>{planPrice(plan)}</span>
          <PlanTerms plan={plan} />
          {plan.description ? <p className={styles.note}>{plan.description}</p> : null}
          {hourParts(plan).length > 0 ? (
            <div className={styles.hours}>
              <HourPrices plan={plan} />
            </div>
          ) : null}
        </div>
      ))}
    </div>
  );
}

function PlanTerms({ plan }: { plan: Plan }) {
  const terms = [
    includedText(plan),
    plan.trial ? 'first month free' : null,
    plan.quota ? quotaText(plan) : null,
    atOnceText(plan),
    plan.promotionCode ? 'with a promotion code' : null,
  ].filter((t) => t !== null);
  return terms.length > 0 ? <p className={styles.note}>{terms.join(' · ')}</p> : null;
}
