import { endpointJobs, endpointRoutes, endpointWorkload, newEndpoints } from './domains/endpoints/index.ts';
import type { Operator } from './domains/operator/index.ts';
import { resolveRunnable } from './domains/subscriptions/index.ts';
import type { Platform } from './platform/platform.ts';

/** Endpoints of buyers: what is asked for here; what runs, runs in `serve`. */
export function composeEndpoints(platform: Platform, operator: Pick<Operator, 'instanceTypes'>) {
  const endpoints = newEndpoints(platform, {
    runnable: resolveRunnable,
    instanceTypes: async () => (await operator.instanceTypes()).flatMap((t) => (t.enabled ? t.name : [])),
  });
  return {
    routes: endpointRoutes(endpoints),
    jobs: endpointJobs(platform.db),
    workload: endpointWorkload(platform.db),
  };
}
