export { pipeline, stagesFor } from './pipeline.ts';
export { publishingJobs } from './publishing.jobs.ts';
export { publishingSubscribers } from './publishing.notices.ts';
export { reviewedSubmission } from './publishing.reviewed.ts';
export { publishingRoutes } from './publishing.routes.ts';
export { newPublishing, type Publishing, type PublishingNeeds } from './publishing.service.ts';
export { newStages } from './stages/index.ts';
export type { PackagedVersion, PackageFile, PackageVerdict, Resource, StageNeeds } from './stages/needs.ts';
export { Hold } from './stages/stage.ts';
/** What is said of a version whose model is not here. */
export { elsewhereEvidence } from './stages/versions.ts';
