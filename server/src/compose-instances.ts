import {
  instanceJobs,
  instanceRoutes,
  instanceSubscribers,
  newInstances,
  newMeter,
  type Workload,
} from './domains/instances/index.ts';
import type { Platform } from './platform/platform.ts';

/** What meters instances, and what knows everything that runs: domains that run something push theirs onto `workloads`. */
export function composeInstances(platform: Platform) {
  const workloads: Workload[] = [];
  const meter = newMeter(platform);
  const instances = newInstances(platform, { workloads });
  return {
    meter,
    instances,
    workloads,
    routes: instanceRoutes(instances),
    jobs: instanceJobs(meter, instances),
    subscribers: instanceSubscribers(instances),
  };
}
