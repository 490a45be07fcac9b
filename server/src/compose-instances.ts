import {
  instanceJobs,
  instanceRoutes,
  instanceSubscribers,
  newInstances,
  newMeter,
  type Workload,
} from './domains/instances/index.ts';
import type { Platform } from './platform/platform.ts';

/** What meters instances, and what knows everything that runs: domains that run something add theirs to `workloads`. */
export function composeInstances(platform: Platform, workloads: readonly Workload[]) {
  const meter = newMeter(platform);
  const instances = newInstances(platform, { workloads });
  return {
    meter,
    instances,
    routes: instanceRoutes(instances),
    jobs: instanceJobs(meter, instances),
    subscribers: instanceSubscribers(instances),
  };
}
