import {
  comparisonJobs,
  comparisonRoutes,
  comparisonSubscriber,
  newComparisons,
  type RunNeeds,
} from './domains/comparisons/index.ts';
import type { NotificationsService } from './domains/notifications/index.ts';
import type { Operator } from './domains/operator/index.ts';
import { callModel, findDeployment, keepRunning } from './domains/runtime/index.ts';
import { followSubscriber, type Subscriptions } from './domains/subscriptions/index.ts';
import { newVersions, sunsetJobs, versionRoutes, versionSubscribers } from './domains/versions/index.ts';
import type { Platform } from './platform/platform.ts';

/** What becomes of versions after their release. */
export function composeVersions(
  platform: Platform,
  {
    operator,
    news,
    subscriptions,
  }: { operator: Operator; news: NotificationsService; subscriptions: Subscriptions },
) {
  const versions = newVersions(platform, {
    noticeDays: async () => (await operator.policies()).notice.sunsetDays,
    keepRunning,
  });
  const comparisons = newComparisons(platform, { subscription: subscriptions.get });
  const callVersion: RunNeeds['callVersion'] = async ({ productId, version, ...call }) => {
    const address = (await findDeployment(platform.db, productId, version))?.addresses[0];
    return address ? callModel(address, { path: '/invocations', ...call }) : null;
  };
  return {
    routes: [...versionRoutes(versions), ...comparisonRoutes(comparisons)],
    subscribers: [
      followSubscriber(platform),
      ...versionSubscribers(platform, news.notify),
      comparisonSubscriber(platform),
    ],
    jobs: [
      ...sunsetJobs(platform, { keepRunning, notify: news.notify }),
      ...comparisonJobs(platform, { callVersion }),
    ],
  };
}
