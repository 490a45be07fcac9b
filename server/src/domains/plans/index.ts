export { planJobs } from './plans.jobs.ts';
export { newPlanNotices, planSubscribers } from './plans.notices.ts';
export { planRoutes } from './plans.routes.ts';
export { addMonths, cycleAt, feeOf } from './plans.rules.ts';
export { newPlans, type OfferedPlans, type PlanNeeds, type Plans } from './plans.service.ts';
export type { TermRow } from './plans.sql.ts';
export type { Credit, Terms } from './plans.ts';
