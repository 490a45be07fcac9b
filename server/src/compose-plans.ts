import type { Catalog } from './domains/catalog/index.ts';
import type { NotificationsService } from './domains/notifications/index.ts';
import {
  newPlanNotices,
  newPlans,
  type PlanNeeds,
  planJobs,
  planRoutes,
  planSubscribers,
} from './domains/plans/index.ts';
import { type SubscriptionNeeds, setPlan } from './domains/subscriptions/index.ts';
import type { Platform } from './platform/platform.ts';

interface Parts {
  readonly catalog: Catalog;
  readonly admit: PlanNeeds['admit'];
  readonly news: Pick<NotificationsService, 'notify'>;
}

/** Plans by the month: terms, trials, promotion codes, changes, and what is told of them. */
export function composePlans(platform: Platform, { catalog, admit, news }: Parts) {
  const plans = newPlans(platform, {
    offer: async (caller, publisher, product, slot) => {
      const shown = await catalog.shown(caller, publisher, product, slot);
      return {
        productId: shown.productId,
        revisionId: shown.revisionId,
        name: `${publisher}/${product}`,
        categories: shown.document.listing?.categories ?? [],
        plans: shown.plans,
        hiddenPlans: shown.hiddenPlans,
        own: shown.ownedByMe,
      };
    },
    admit,
    setPlan,
  });
  const ofSubscriptions: Pick<SubscriptionNeeds, 'choosePlan' | 'beginTerms'> = {
    choosePlan: (caller, offer, name, planId, code) =>
      plans.chosen(caller, { ...offer, name, plans: offer.document.plans ?? [] }, planId, code),
    beginTerms: plans.begin,
  };
  return {
    plans,
    ofSubscriptions,
    routes: planRoutes(plans),
    jobs: planJobs(plans, newPlanNotices(platform, news.notify)),
    subscribers: planSubscribers(platform, news.notify),
  };
}
