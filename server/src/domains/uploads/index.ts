export { uploadJobs } from './uploads.jobs.ts';
export { uploadRoutes } from './uploads.routes.ts';
/** `finished` gives a completed upload to whoever builds on it; `missingMedia` tells which images an account may not use. */
export { newUploadsService, type Uploads } from './uploads.service.ts';
export type { OwnedFile } from './uploads.ts';
