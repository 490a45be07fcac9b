import { isFreePlan } from '@souk/contract/plan-parts';
import type { ReactNode } from 'react';
import type { Plan } from '../api/types.ts';
import styles from './plan-choice.module.css';
import { atOnceText, includedText, planPrice, quotaText } from './pricing.ts';

interface Props {
  readonly plan: Plan;
  readonly chosen: boolean;
  readonly onChoose: () => void;
  /** What choosing it means here, beside what the plan says. */
  readonly note?: ReactNode;
}

/** One plan to choose from: what it costs, what a month has, and what happens at the end of it. */
export function PlanChoice({ plan, chosen, onChoose, note }: Props) {
  const terms = [
    plan.quota || !isFreePlan(plan) ? quotaText(plan) : null,
    includedText(plan),
    atOnceText(plan),
    plan.trial ? 'The first month is free, then it costs what it costs unless cancelled' : null,
  ].filter((t) => t !== null);
  return (
    <label className={styles.choice} data-chosen={chosen || undefined}>
      <input type="radio" name="plan" value={plan.id} checked={chosen} onChange={onChoose} />
      <span className={styles.words}>
        <span className={styles.head}>
          <strong>{plan.name ?? plan.id}</strong>
          <strong>{planPrice(plan)}</strong>
        </span>
        {plan.description ? <span className="small muted">{plan.description}</span> : null}
        {terms.map((term) => (
          <span key={term} className="small muted">
            {term}.
          </span>
        ))}
        {note ? <span className="small">{note}</span> : null}
      </span>
    </label>
  );
}
