export { instanceJobs, instanceSubscribers } from './instances.jobs.ts';
export { newMeter } from './instances.meter.ts';
export { instanceRoutes } from './instances.routes.ts';
export { type Instances, newInstances } from './instances.service.ts';
export type { Meter, NewRun, StopReason, Work, WorkKind, Workload } from './instances.ts';
