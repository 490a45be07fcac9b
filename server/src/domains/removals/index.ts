export { newEnding } from './removals.ending.ts';
export { newExports } from './removals.exports.ts';
export { removalJobs } from './removals.jobs.ts';
export { removalSubscribers } from './removals.notices.ts';
export { removalRoutes } from './removals.routes.ts';
export { newRemovals, type RemovalNeeds, type Removals } from './removals.service.ts';
