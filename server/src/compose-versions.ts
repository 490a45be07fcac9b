import type { NotificationsService } from './domains/notifications/index.ts';
import type { Operator } from './domains/operator/index.ts';
import { keepRunning } from './domains/runtime/index.ts';
import { followSubscriber } from './domains/subscriptions/index.ts';
import { newVersions, sunsetJobs, versionRoutes, versionSubscribers } from './domains/versions/index.ts';
import type { Platform } from './platform/platform.ts';

/** What becomes of versions after their release. */
export function composeVersions(
  platform: Platform,
  { operator, news }: { operator: Operator; news: NotificationsService },
) {
  const versions = newVersions(platform, {
    noticeDays: async () => (await operator.policies()).notice.sunsetDays,
    keepRunning,
  });
  return {
    routes: versionRoutes(versions),
    subscribers: [followSubscriber(platform), ...versionSubscribers(platform, news.notify)],
    jobs: sunsetJobs(platform, { keepRunning, notify: news.notify }),
  };
}
