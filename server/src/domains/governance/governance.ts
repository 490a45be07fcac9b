import type { AccessRequest, Budget, GovernanceRule, Plan } from '@souk/contract';

export type Effect = GovernanceRule['effect'];
export type RuleKind = GovernanceRule['kind'];

/** A rule as it is kept: `subject` is the id that its name meant when it was written. */
export interface Rule {
  readonly kind: RuleKind;
  readonly subject: string;
  /** The name that the subject has now. */
  readonly value: string;
  readonly effect: Effect;
  readonly note: string;
}

export interface RuleBook {
  readonly version: number;
  readonly default: Effect;
  readonly contact: string;
  readonly updatedBy: string | null;
  readonly updatedAt: Date | null;
  readonly rules: readonly Rule[];
}

/** Nobody has written rules: everything is allowed. */
export const noRules: RuleBook = {
  version: 0,
  default: 'allow',
  contact: '',
  updatedBy: null,
  updatedAt: null,
  rules: [],
};

/** What rules can speak of. */
export interface Facts {
  readonly productId: string;
  readonly publisherAccountId: string;
  readonly type: string;
  readonly categories: readonly string[];
  readonly price: 'free' | 'paid';
}

/** What somebody wants to subscribe to. */
export interface Wanted extends Omit<Facts, 'price'> {
  readonly name: string;
  readonly plan: Plan;
}

export interface RequestRow {
  readonly id: string;
  readonly accountId: string;
  readonly personId: string;
  readonly publisher: string;
  readonly product: string;
  readonly productTitle: string;
  readonly planId: string;
  readonly reason: string;
  readonly state: Exclude<AccessRequest['state'], 'expired'>;
  readonly requestedBy: string;
  readonly decidedBy: string | null;
  readonly decisionReason: string | null;
  readonly createdAt: Date;
  readonly decidedAt: Date | null;
  readonly expiresAt: Date | null;
}

export interface SubscriptionFacts extends Omit<Facts, 'price'> {
  readonly id: string;
  readonly publisher: string;
  readonly product: string;
  readonly title: string;
  readonly plan: Plan;
  readonly state: 'active' | 'suspended' | 'ended';
  readonly member: string;
  readonly costCentre: string | null;
  readonly since: Date;
  /** It is suspended by a budget, whatever else holds it. */
  readonly stopped: boolean;
}

export interface BudgetRow {
  readonly id: string;
  readonly scope: Budget['scope'];
  readonly subject: string;
  /** publisher/product or the member; null for the account. */
  readonly name: string | null;
  readonly amount: string;
  readonly currency: string;
  readonly warnAt: readonly number[];
  readonly hardStop: boolean;
  readonly createdBy: string;
  readonly createdAt: Date;
}
