export { comparisonJobs, comparisonSubscriber, type RunNeeds } from './comparisons.jobs.ts';
export { comparisonRoutes } from './comparisons.routes.ts';
export { type ComparisonNeeds, type Comparisons, newComparisons } from './comparisons.service.ts';
