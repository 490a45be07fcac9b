import type { Catalog } from './domains/catalog/index.ts';
import type { FeedbackNeeds } from './domains/feedback/index.ts';
import type { MeteringNeeds } from './domains/metering/index.ts';
import type { Products } from './domains/products/index.ts';
import type { SubscriptionNeeds, Subscriptions } from './domains/subscriptions/index.ts';
import { SoukError } from './platform/errors.ts';

/** Who may see a product in a slot may subscribe to it there. */
export const subscriptionOffer =
  (catalog: Catalog): SubscriptionNeeds['offer'] =>
  async (caller, publisher, product, slot) => {
    try {
      const shown = await catalog.shown(caller, publisher, product, slot);
      return {
        productId: shown.productId,
        revisionId: shown.revisionId,
        slot: shown.slot,
        document: { ...shown.document, plans: [...shown.plans] },
        choosable: shown.choosable,
        latest: shown.latest,
      };
    } catch (error) {
      if (error instanceof SoukError && error.code === 'catalog.missing') return undefined;
      throw error;
    }
  };

export const meteringNeeds = (subscriptions: Subscriptions, products: Products): MeteringNeeds => ({
  plan: subscriptions.plan,
  ownsProduct: products.owns,
});

/** Reviews and questions are about what the asker sees live; a preview is talked about with its publisher directly. */
export const feedbackNeeds = (catalog: Catalog, products: Products): FeedbackNeeds => ({
  product: async (caller, publisher, product) => {
    const shown = await catalog.shown(caller, publisher, product, 'live');
    return {
      productId: shown.productId,
      accountId: shown.accountId,
      title: shown.document.listing?.title ?? shown.slug,
      choosable: shown.choosable,
      latest: shown.latest,
    };
  },
  ownsProduct: products.owns,
});
