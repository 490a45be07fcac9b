export type { GovernanceNeeds } from './governance.context.ts';
export { governanceJobs } from './governance.jobs.ts';
export { governanceSubscribers } from './governance.notices.ts';
export { governanceRoutes } from './governance.routes.ts';
export { type GovernanceService, newGovernance } from './governance.service.ts';
export type { Wanted } from './governance.ts';
