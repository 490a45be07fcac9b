export { sunsetJobs } from './versions.jobs.ts';
export { versionSubscribers } from './versions.notices.ts';
export { versionRoutes } from './versions.routes.ts';
export { newVersions, type VersionNeeds, type Versions } from './versions.service.ts';
