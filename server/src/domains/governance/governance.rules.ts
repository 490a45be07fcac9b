import { type Budget, isFreePlan, type Plan, ruleKinds } from '@souk/contract';
import { isAtLeast } from '../../platform/money.ts';
import type { BudgetRow, Effect, Facts, Rule, RuleBook, SubscriptionFacts } from './governance.ts';

/** Among rules of one kind that apply (a product has up to three categories) the strictest decides. */
const strictness: Readonly<Record<Effect, number>> = { deny: 2, request: 1, allow: 0 };

function applies({ kind, subject }: Rule, f: Facts): boolean {
  if (kind === 'product') return subject === f.productId;
  if (kind === 'publisher') return subject === f.publisherAccountId;
  if (kind === 'category') return f.categories.includes(subject);
  return subject === (kind === 'type' ? f.type : f.price);
}

/**
 * What the rules say: the most specific kind of which a rule applies decides, product before publisher before category before type
 * before price; without any, the default. What an account publishes itself it may always subscribe to: it tests it that way.
 */
export function decide(
  book: RuleBook,
  facts: Facts,
  accountId: string,
): { effect: Effect; rule: Rule | null } {
  if (facts.publisherAccountId === accountId) return { effect: 'allow', rule: null };
  for (const kind of ruleKinds) {
    const rule = book.rules
      .filter((r) => r.kind === kind && applies(r, facts))
      .toSorted((a, b) => strictness[b.effect] - strictness[a.effect])[0];
    if (rule) return { effect: rule.effect, rule };
  }
  return { effect: book.default, rule: null };
}

const says: Readonly<Record<Effect, string>> = {
  allow: 'allows it',
  deny: 'denies it',
  request: 'wants an approval',
};

export const sentenceOf = ({ effect, rule }: { effect: Effect; rule: Rule | null }): string =>
  rule
    ? `the rule for ${rule.kind} ${rule.value} ${says[effect]}${rule.note ? ` (${rule.note})` : ''}`
    : `no rule speaks of it, and the default ${says[effect]}`;

/** A plan costs money when a part of it has a price. */
export const isPaid = (plan: Plan): boolean => !isFreePlan(plan);
export const currencyOf = (plan: Plan): string => plan.currency ?? 'USD';

type Measured = Pick<BudgetRow, 'amount' | 'warnAt' | 'hardStop'>;

export const stops = (b: Measured, spent: string): boolean => b.hardStop && isAtLeast(spent, 100, b.amount);

/** The highest threshold that is reached; lower ones that were passed in one step are not told any more. */
export const thresholdReached = (b: Measured, spent: string): number | undefined =>
  [...b.warnAt, ...(b.hardStop ? [100] : [])]
    .filter((percent) => isAtLeast(spent, percent, b.amount))
    .toSorted((x, y) => y - x)[0];

export function stateOf(b: Measured, spent: string): Budget['state'] {
  if (stops(b, spent)) return 'stopped';
  if (isAtLeast(spent, 100, b.amount)) return 'spent';
  return thresholdReached(b, spent) === undefined ? 'within' : 'warned';
}

/** What a budget counts. */
export const covers = (
  b: Pick<BudgetRow, 'scope' | 'subject'>,
  s: Pick<SubscriptionFacts, 'productId' | 'member'>,
): boolean => b.scope === 'account' || b.subject === (b.scope === 'product' ? s.productId : s.member);

/**
 * What a budget that is spent suspends: what can cost more in its currency. Free plans go on, but those whose instances the
 * marketplace charges this month in that currency (`infrastructure`).
 */
export const stoppedBy = (
  b: Pick<BudgetRow, 'scope' | 'subject' | 'currency'>,
  s: Pick<SubscriptionFacts, 'productId' | 'member' | 'plan' | 'state'> & {
    readonly infrastructure?: boolean;
  },
): boolean =>
  s.state !== 'ended' &&
  covers(b, s) &&
  ((isPaid(s.plan) && currencyOf(s.plan) === b.currency) || s.infrastructure === true);
