import type { Policies } from '@souk/contract';
import type { ComposedModels } from './compose-models.ts';
import { imageArchives, podmanHere } from './containers.ts';
import { newAlgorithmsService, newCheck, newSampleTraining } from './domains/algorithms/index.ts';
import type { PackageNeeds } from './domains/models/index.ts';
import { findProductNaming } from './domains/products/index.ts';
import { containerTraining, processBackend, type TrainingCode } from './domains/runtime/index.ts';
import type { Uploads } from './domains/uploads/index.ts';
import type { Platform } from './platform/platform.ts';

export type ComposedAlgorithms = ReturnType<typeof composeAlgorithms>;

/** Algorithms with what examines and trains them in this process. */
export function composeAlgorithms(
  platform: Platform,
  uploads: Uploads,
  models: ComposedModels,
  image: PackageNeeds['image'],
  policies: () => Promise<Policies>,
) {
  const inContainers = containerTraining({
    podman: () => podmanHere(platform.config, platform.log),
    archive: imageArchives(platform),
  });
  const inSandbox = processBackend();
  const backend = (code: TrainingCode['kind']) => (code === 'container' ? inContainers : inSandbox);
  const ending = new AbortController();
  const { verdicts, start, trials, lift } = models;
  return {
    service: newAlgorithmsService(platform, {
      finishedUpload: (reader, accountId, uploadId) => uploads.finished(reader, accountId, uploadId, 'model'),
      productNaming: findProductNaming,
      image,
      policies,
    }),
    check: newCheck(platform, {
      verdicts,
      start,
      trials,
      backend,
      image,
      train: newSampleTraining(platform, { backend }),
      signal: ending.signal,
      policies,
      lift,
    }),
    inContainers,
    close: () => ending.abort(),
  };
}
