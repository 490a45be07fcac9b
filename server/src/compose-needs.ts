import type { ProductDocument, PublisherReadiness } from '@souk/contract';
import type { ComposedAlgorithms } from './compose-algorithms.ts';
import type { ComposedModels } from './compose-models.ts';
import { isMember } from './domains/accounts/index.ts';
import type { Catalog } from './domains/catalog/index.ts';
import type { FeedbackNeeds } from './domains/feedback/index.ts';
import type { MeteringNeeds } from './domains/metering/index.ts';
import type { Operator } from './domains/operator/index.ts';
import type { Products } from './domains/products/index.ts';
import { reviewedSubmission } from './domains/publishing/index.ts';
import type { ReviewNeeds } from './domains/review/index.ts';
import type { SubscriptionNeeds, Subscriptions } from './domains/subscriptions/index.ts';
import { SoukError } from './platform/errors.ts';
import type { Platform } from './platform/platform.ts';

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
        hiddenPlans: shown.hiddenPlans,
        own: shown.ownedByMe,
        choosable: shown.choosable,
        latest: shown.latest,
      };
    } catch (error) {
      if (error instanceof SoukError && error.code === 'catalog.missing') return undefined;
      throw error;
    }
  };

/** What is known about a document's surroundings: its resources and regions, and what its publisher lacks. */
export const withPublisher =
  <C>(
    context: (accountId: string, document: ProductDocument) => Promise<C>,
    readiness: (accountId: string) => Promise<PublisherReadiness>,
    { outboundAllow, publicUrl }: Pick<Platform['config'], 'outboundAllow' | 'publicUrl'>,
  ) =>
  async (
    accountId: string,
    document: ProductDocument,
  ): Promise<C & { publisher: PublisherReadiness; plainHttp: boolean; ownOrigin: string }> => ({
    ...(await context(accountId, document)),
    publisher: await readiness(accountId),
    plainHttp: outboundAllow.length > 0,
    ownOrigin: new URL(publicUrl).origin,
  });

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

/** What appeals are about: submissions with what was found in them, and registered packages. */
export const reviewNeeds = (
  { db }: Pick<Platform, 'db'>,
  models: ComposedModels,
  algorithms: ComposedAlgorithms,
  operator: Pick<Operator, 'policies'>,
): ReviewNeeds => ({
  policies: operator.policies,
  submission: (id) => reviewedSubmission(db, id),
  modelPackage: models.service.checked,
  algorithm: algorithms.service.checked,
  packageOf: async (accountId, arn) => (await models.service.resource(accountId, arn))?.archiveSha256,
  isMember: (personId, accountId) => isMember(db, personId, accountId),
  forgetVerdicts: models.retireVerdicts,
});
