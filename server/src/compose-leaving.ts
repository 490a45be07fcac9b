import type { Billing } from './domains/billing/index.ts';
import type { Catalog } from './domains/catalog/index.ts';
import type { NotificationsService } from './domains/notifications/index.ts';
import type { Operator } from './domains/operator/index.ts';
import { type Prices, priceRoutes, priceSubscribers } from './domains/prices/index.ts';
import type { Publishing } from './domains/publishing/index.ts';
import {
  newEnding,
  newExports,
  newRemovals,
  type RemovalNeeds,
  removalJobs,
  removalRoutes,
  removalSubscribers,
} from './domains/removals/index.ts';
import { startVersions, stopProduct } from './domains/runtime/index.ts';
import type { Tx } from './platform/db.ts';
import type { Platform } from './platform/platform.ts';

interface Parts {
  readonly operator: Pick<Operator, 'policies'>;
  readonly publishing: Pick<Publishing, 'cancelOf'>;
  readonly catalog: Pick<Catalog, 'draw'>;
  readonly billing: Pick<Billing, 'invoice'>;
  readonly prices: Prices;
  readonly news: Pick<NotificationsService, 'notify'>;
}

/** Products that leave, prices that change, with what they ask of the other domains. */
export function composeLeaving(
  platform: Platform,
  { operator, publishing, catalog, billing, prices, news }: Parts,
) {
  const needs: RemovalNeeds = {
    policies: operator.policies,
    drawInCatalog: catalog.draw,
    cancelSubmission: publishing.cancelOf,
    stopDeployments: stopProduct,
    startDeployments: startVersions,
  };
  const removals = newRemovals(platform, needs);
  const ending = newEnding(platform, needs, news.notify);
  return {
    removals,
    ending,
    /** A revision is about to take the live slot. */
    async goesLive(tx: Tx, productId: string, revisionId: string): Promise<void> {
      await prices.released(tx, productId, revisionId);
      await removals.released(tx, productId);
    },
    routes: [
      ...removalRoutes(removals, newExports(platform, { invoice: billing.invoice })),
      ...priceRoutes(prices),
    ],
    jobs: removalJobs(removals, ending),
    subscribers: [...removalSubscribers(platform, news.notify), ...priceSubscribers(platform, news.notify)],
  };
}
