import { fileJobs, fileRoutes, newBuckets, newFiles, newLocations } from './domains/files/index.ts';
import type { Operator } from './domains/operator/index.ts';
import type { Uploads } from './domains/uploads/index.ts';
import type { Platform } from './platform/platform.ts';

/** What buyers keep: files, and where jobs read and write. */
export function composeFiles(
  platform: Platform,
  { uploads, operator }: { uploads: Uploads; operator: Pick<Operator, 'policies'> },
) {
  const files = newFiles(platform, {
    quotaBytes: async () => (await operator.policies()).filesGigabytes * 1e9,
    finishedUpload: (db, accountId, uploadId) => uploads.finished(db, accountId, uploadId, 'data'),
    unusedUploads: uploads.unusedData,
  });
  const buckets = newBuckets(platform);
  return {
    files,
    locations: newLocations(platform, files, buckets.storeOf),
    routes: fileRoutes(files, platform.accountFiles, buckets),
    jobs: fileJobs(files),
  };
}
