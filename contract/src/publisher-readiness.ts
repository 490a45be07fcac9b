import type { Plan, ProductDocument } from './document.ts';
import { type Finding, finding } from './findings.ts';
import { isFreePlan } from './plan-parts.ts';

/** What a publisher lacks before a product may be published. */
export const readinessGaps = [
  'tax_missing',
  'tax_expired',
  'bank_missing',
  'unverified',
  'verification_pending',
  'verification_more_needed',
  'verification_rejected',
] as const;
export type ReadinessGap = (typeof readinessGaps)[number];

/** By the operator's policies: what stands in the way of a free product, and of one with a paid plan. */
export interface PublisherReadiness {
  readonly free: readonly ReadinessGap[];
  readonly paid: readonly ReadinessGap[];
}

/** A plan is free when nothing of it has a price. */
export const isPaidPlan = (plan: Plan): boolean => !isFreePlan(plan);

const words: Readonly<Record<ReadinessGap, readonly [message: string, remedy: string]>> = {
  tax_missing: [
    'the tax interview is not answered',
    'Answer it: Publish > Publisher profile > Tax, or `souk publisher tax set interview.yaml`.',
  ],
  tax_expired: [
    'the tax form has expired',
    'Sign it again: Publish > Publisher profile > Tax, or `souk publisher tax set interview.yaml`.',
  ],
  bank_missing: [
    'there are no bank details for payouts',
    'Give them: Publish > Publisher profile > Bank, or `souk publisher bank set bank.yaml`.',
  ],
  unverified: [
    'the operator has not verified this publisher',
    'Ask for it: Publish > Publisher profile > Verification, or `souk publisher verify`.',
  ],
  verification_pending: [
    'the operator has not yet finished verifying this publisher',
    'Wait for the mail that says so; then submit again.',
  ],
  verification_more_needed: [
    'the operator needs more from you to verify this publisher',
    'Read what: Publish > Publisher profile > Verification, or `souk publisher status`.',
  ],
  verification_rejected: [
    'the operator has declined to verify this publisher',
    'Read why: Publish > Publisher profile > Verification, or `souk publisher status`.',
  ],
};

/** Where a gap is closed: a section of the publisher's profile. */
export const readinessSection = (code: string): 'tax' | 'bank' | 'verification' =>
  code.includes('tax') ? 'tax' : code.includes('bank') ? 'bank' : 'verification';

export function gapFinding(gap: ReadinessGap, pointer: string | null, before: string): Finding {
  const [message, remedy] = words[gap];
  const code = gap === 'unverified' ? 'publisher.not_verified' : `publisher.${gap}`;
  return finding({
    rule: 'publisher',
    code,
    severity: 'error',
    pointer,
    message: `${before} ${message}.`,
    remedy,
  });
}

/** What keeps this document from being published by this publisher; points to the plan that costs money. */
export function readinessFindings(document: ProductDocument, readiness: PublisherReadiness): Finding[] {
  const plans = document.plans ?? [];
  const paid = plans.findIndex(isPaidPlan);
  if (paid < 0)
    return readiness.free.map((gap) => gapFinding(gap, null, 'This marketplace publishes no product yet:'));
  const plan = plans[paid];
  const before = `The plan ${plan?.name ?? plan?.id ?? ''} costs money, and`;
  return readiness.paid.map((gap) => {
    const found = gapFinding(gap, `/plans/${paid}`, before);
    return { ...found, remedy: `${found.remedy} Free plans do not need it.` };
  });
}
