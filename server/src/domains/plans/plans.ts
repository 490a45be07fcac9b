import type { Plan } from '@souk/contract';

/** The terms that hold for a subscription at a time: its plan, and how its months are counted and charged. */
export interface Terms {
  readonly plan: Plan;
  readonly validFrom: Date;
  /** Months are counted from here. */
  readonly cycleFrom: Date;
  /** The first month that is charged for. */
  readonly chargedFrom: Date;
  readonly trialUntil: Date | null;
  /** Units of the hour of `cycleFrom` that take up nothing of its month. */
  readonly carried: number;
}

/** What is given back of a fee: so many hours of so many. */
export interface Credit {
  readonly fee: string;
  readonly currency: string;
  readonly hours: number;
  readonly of: number;
}

/** What a change of plan would mean at a moment. */
export interface PlanStep extends Terms {
  readonly when: 'now' | 'cycle-end';
  readonly newCycle: boolean;
  readonly credit: Credit | null;
}
