export { type Buckets, newBuckets } from './files.buckets.ts';
export { fileJobs } from './files.jobs.ts';
/** Reads and writes `souk://` and `s3://` for an account; `stage` then `commit` enters a file in the caller's transaction. */
export { type BucketStore, type Locations, newLocations } from './files.locations.ts';
export { fileRoutes } from './files.routes.ts';
export { locationOf } from './files.rules.ts';
export { type FileNeeds, type Files, newFiles } from './files.service.ts';
export type { LocatedFile, StagedFile, Store } from './files.ts';
