import type { Billing } from './domains/billing/index.ts';
import type { Catalog } from './domains/catalog/index.ts';
import type { GovernanceNeeds } from './domains/governance/index.ts';
import { fail, SoukError } from './platform/errors.ts';

const unlessMissing = async <T>(found: Promise<T>): Promise<T | undefined> => {
  try {
    return await found;
  } catch (error) {
    if (error instanceof SoukError && error.code === 'catalog.missing') return undefined;
    throw error;
  }
};

/** Rules and budgets speak of what the member who writes them sees. */
export const governanceNeeds = (catalog: Catalog, billing: Billing): GovernanceNeeds => ({
  invoice: (accountId, month) => billing.invoice(accountId, month),
  wanted: async (caller, publisher, product, planId) => {
    const shown = await catalog.shown(caller, publisher, product);
    const name = `${publisher}/${product}`;
    const { listing } = shown.document;
    const { plans, hiddenPlans } = shown;
    const plan =
      [...plans, ...hiddenPlans].find((p) => p.id === planId) ??
      fail('subscription.plan_missing', { product: name, planId, plans: plans.map((p) => p.id).join(', ') });
    return {
      productId: shown.productId,
      publisherAccountId: shown.accountId,
      type: shown.type,
      categories: listing?.categories ?? [],
      name,
      plan,
    };
  },
  productId: async (caller, publisher, product) =>
    (await unlessMissing(catalog.shown(caller, publisher, product)))?.productId,
  publisherAccountId: async (caller, publisher) =>
    (await unlessMissing(catalog.publisher(caller, publisher)))?.accountId,
});
