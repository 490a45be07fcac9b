import {
  captureJob,
  endpointJobs,
  endpointRoutes,
  endpointWorkload,
  inferenceRoutes,
  newEndpoints,
  newInferences,
  startInferences,
} from './domains/endpoints/index.ts';
import type { Locations } from './domains/files/index.ts';
import type { Operator } from './domains/operator/index.ts';
import { resolveRunnable } from './domains/subscriptions/index.ts';
import { newOutbound } from './platform/outbound.ts';
import type { Platform } from './platform/platform.ts';

/** Endpoints of buyers: what is asked for here; what runs, runs in `serve`. */
export function composeEndpoints(
  platform: Platform,
  { operator, locations }: { operator: Pick<Operator, 'instanceTypes'>; locations: Locations },
) {
  const endpoints = newEndpoints(platform, {
    runnable: resolveRunnable,
    checkLocation: locations.check,
    instanceTypes: async () =>
      (await operator.instanceTypes()).flatMap((t) => (t.enabled && t.backend !== 'slurm' ? t.name : [])),
  });
  return {
    service: endpoints,
    routes: [...endpointRoutes(endpoints), ...inferenceRoutes(newInferences(platform, locations))],
    jobs: [...endpointJobs(platform.db), captureJob(platform, locations)],
    workload: endpointWorkload(platform.db),
    /** Works off asynchronous inferences, in the control plane. */
    run: () => startInferences({ ...platform, locations, outbound: newOutbound(platform.config) }),
  };
}
