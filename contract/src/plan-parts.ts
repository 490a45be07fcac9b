import type { Plan, PlanPart } from './document.ts';

/** What plans are made of, in the words of those who read them: the fee, the prices of units, and how a quota is held. */
export type UsagePart = Extract<PlanPart, { kind: 'usage' }>;
export type RecurringPart = Extract<PlanPart, { kind: 'recurring' }>;

/** What calls of a web service are counted in: ceil(records / 100) of an answer, or as its operation declares. */
export const transactions = 'transactions';

/** The dimension in which calls of a product are counted. */
export const callDimension = (productType: string | undefined): string =>
  productType === 'web-service' ? transactions : 'inference.count';

export const isUsage = (part: PlanPart): part is UsagePart => part.kind === 'usage';
export const usageParts = (parts: readonly PlanPart[] | undefined): UsagePart[] =>
  (parts ?? []).filter(isUsage);
export const recurringOf = (parts: readonly PlanPart[] | undefined): RecurringPart | undefined =>
  (parts ?? []).find((part) => part.kind === 'recurring');

/** The price of a part, whatever it is for. */
export const priceOfPart = (part: PlanPart): string =>
  part.kind === 'usage' ? part.pricePerUnit : part.amount;
/** What a part is the price of; no plan has two parts of one key. */
export const keyOfPart = (part: PlanPart): string =>
  part.kind === 'usage' ? part.dimension : 'recurring.month';

const isZero = (amount: string) => /^-?[0.]+$/.test(amount);
/** A plan that never costs anything, whatever is used. */
export const isFreePlan = (plan: Pick<Plan, 'parts'>): boolean =>
  (plan.parts ?? []).every((part) => isZero(priceOfPart(part)));

export type Quota = NonNullable<Plan['quota']>;
/** Migration 0025 says the same (`quota_cycle`): the gateway's quotas are read there. */
export const cycleOf = (quota: Quota): 'subscription' | 'calendar' =>
  quota.cycle ?? (quota.dimension === transactions ? 'subscription' : 'calendar');
export const goesBeyond = (plan: Pick<Plan, 'quota'>): boolean => plan.quota?.atLimit === 'overage';

/** "transaction" or "call": one unit of what is called, for people. */
export const unitWord = (dimension: string): string => (dimension === transactions ? 'transaction' : 'call');
