import { composeCluster } from './compose-cluster.ts';
import type { Locations } from './domains/files/index.ts';
import type { Meter, Workload } from './domains/instances/index.ts';
import { countUsage, type Metering } from './domains/metering/index.ts';
import type { NotificationsService } from './domains/notifications/index.ts';
import type { Operator } from './domains/operator/index.ts';
import type { ClusterServing, StartServable } from './domains/runtime/index.ts';
import { requireStillRunnable, resolveRunnable } from './domains/subscriptions/index.ts';
import {
  newTransforms,
  publishEnded,
  type SupervisorTimes,
  startTransforms,
  transformRoutes,
  transformSubscribers,
  transformWorkload,
} from './domains/transforms/index.ts';
import { fail } from './platform/errors.ts';
import type { Platform } from './platform/platform.ts';

export const transformsWorkload = (platform: Platform): Workload =>
  transformWorkload(platform, publishEnded(platform.events));

interface Parts {
  readonly operator: Pick<Operator, 'instanceTypes'>;
  readonly locations: Locations;
  readonly meter: Meter;
  readonly metering: Pick<Metering, 'quotaOf'>;
  readonly start: StartServable;
  /** In tests another. */
  readonly cluster?: ClusterServing;
  readonly news: Pick<NotificationsService, 'notify'>;
}

/** Batch transform: the jobs of buyers, and what works on them in this process. */
export function composeTransforms(
  platform: Platform,
  { operator, locations, meter, metering, start, news, cluster = composeCluster(platform) }: Parts,
) {
  const { db, clock, events, notifications } = platform;
  const enabled = async () => (await operator.instanceTypes()).filter((t) => t.enabled);
  const transforms = newTransforms(platform, {
    locations,
    runnable: resolveRunnable,
    enabledInstanceTypes: async () => (await enabled()).map((t) => t.name),
    async placeable(instanceType, { name, servable }) {
      if ((await enabled()).find((t) => t.name === instanceType)?.backend !== 'slurm') return;
      if (servable.kind === 'remote') fail('cluster.model_elsewhere', { model: name, instanceType });
      const problem = await cluster.unavailable();
      if (problem) throw problem;
    },
  });
  const ended = publishEnded(events);
  return {
    routes: transformRoutes(transforms, notifications),
    subscribers: transformSubscribers(platform, news.notify),
    run: (times?: SupervisorTimes) =>
      startTransforms(
        platform,
        {
          start: (request) =>
            request.instance.backend === 'slurm' ? cluster.start(request) : start(request),
          clear: cluster.clear,
          locations,
          meter,
          instance: async (name) => (await enabled()).find((t) => t.name === name),
          mayRun: (accountId, model) => requireStillRunnable(db, accountId, model),
          quota: metering.quotaOf,
          count: (tx, usage) => countUsage(tx, { ...usage, dimension: 'inference.count', at: clock.now() }),
          ended,
        },
        times ? { times } : {},
      ),
  };
}
