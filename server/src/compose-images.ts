import type { Policies } from '@souk/contract';
import type { ComposedModels } from './compose-models.ts';
import {
  imageJobs,
  imageRoutes,
  newCheck,
  newImagesService,
  newKeepArchive,
  newPull,
  newVerdict,
  usesOf,
} from './domains/images/index.ts';
import type { Uploads } from './domains/uploads/index.ts';
import { newOutbound } from './platform/outbound.ts';
import type { Platform } from './platform/platform.ts';
import { findSandbox } from './platform/sandbox.ts';

export type ComposedImages = Awaited<ReturnType<typeof composeImages>>;

/** Container images with what fetches them, takes them apart and looks at them in this process. */
export async function composeImages(
  platform: Platform,
  uploads: Uploads,
  models: Pick<ComposedModels, 'lift'>,
  policies: () => Promise<Policies>,
) {
  const sandbox = await findSandbox();
  const ending = new AbortController();
  const service = newImagesService(platform, {
    finishedUpload: (reader, accountId, uploadId) => uploads.finished(reader, accountId, uploadId, 'image'),
    unusedUploads: uploads.unusedImages,
    policies,
    usesOf,
  });
  const check = newCheck(platform, {
    keepArchive: newKeepArchive(platform, sandbox),
    pull: newPull(platform, newOutbound(platform.config)),
    verdict: newVerdict(platform, sandbox),
    signal: ending.signal,
    policies,
    lift: models.lift,
  });
  return {
    service,
    routes: imageRoutes(service),
    jobs: imageJobs(platform, service, check),
    close: () => ending.abort(new Error('the process ends')),
  };
}
