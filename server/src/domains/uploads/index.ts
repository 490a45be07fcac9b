export { uploadJobs } from './uploads.jobs.ts';
export { uploadRoutes } from './uploads.routes.ts';
export { downloadHeaders } from './uploads.rules.ts';
/** `finished` gives a completed upload to whoever builds on it; `missingMedia` tells which images an account may not use. */
export { newUploadsService, type Uploads } from './uploads.service.ts';
export type { OwnedFile, PictureRow } from './uploads.ts';
