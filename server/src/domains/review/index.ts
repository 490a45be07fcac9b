export { reviewJobs } from './review.jobs.ts';
export { reviewSubscribers } from './review.notices.ts';
export { reviewRoutes } from './review.routes.ts';
export { documentThing, packageThing, revisionThing } from './review.rules.ts';
export { newReview, type Review, type ReviewedSubmission, type ReviewNeeds } from './review.service.ts';
export type { Thing } from './review.ts';
