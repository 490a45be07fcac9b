import type { Policies } from '@souk/contract';

/** Safe for a marketplace that strangers use; the operator loosens them. */
export const defaultPolicies: Policies = {
  scannerMissing: 'hold',
  review: { 'model-package': 'automatic', algorithm: 'automatic', 'web-service': 'one', application: 'one' },
  reviewOfTexts: {
    'model-package': 'automatic',
    algorithm: 'automatic',
    'web-service': 'sample',
    application: 'sample',
  },
  reviewSample: { 'model-package': 10, algorithm: 10, 'web-service': 10, application: 10 },
  answerWithinHours: { review: 24, held: 4, dispute: 48 },
  programTraining: 'sandboxed',
  // A program that serves runs for as long as it is called: only those of publishers whom the operator knows.
  programServing: { accounts: [] },
  // As large as SageMaker takes.
  imageMegabytes: 10_000,
  accountImageGigabytes: 100,
  triesPerDay: { visitor: 5, account: 20 },
  signUp: 'open',
  filesGigabytes: 100,
  notice: { removalDays: 90, priceIncreaseDays: 90, sunsetDays: 90 },
  publishers: { verifyFree: 'off', verifyPaid: 'required', taxAndBank: 'required' },
};

/**
 * What was stored, over the defaults. A document of an older release lacks what came since, also inside its parts, and may hold
 * what there is no more: where it says nothing the default holds, never nothing at all.
 */
export function withDefaults(stored: unknown): Policies {
  return merged(defaultPolicies, stored) as Policies;
}

function merged(defaults: unknown, stored: unknown): unknown {
  if (!isObject(defaults))
    return stored === undefined || isObject(stored) || stored === null ? defaults : stored;
  const given = isObject(stored) ? stored : {};
  return Object.fromEntries(
    Object.entries(defaults).map(([name, value]) => [name, merged(value, given[name])]),
  );
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
