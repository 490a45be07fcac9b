import type { Policies } from '@souk/contract';
import type { ComposedModels } from './compose-models.ts';
import { newAlgorithmsService, newCheck, newSampleTraining } from './domains/algorithms/index.ts';
import { findProductNaming } from './domains/products/index.ts';
import { processBackend } from './domains/runtime/index.ts';
import type { Uploads } from './domains/uploads/index.ts';
import type { Platform } from './platform/platform.ts';

export type ComposedAlgorithms = ReturnType<typeof composeAlgorithms>;

/** Algorithms with what examines and trains them in this process. */
export function composeAlgorithms(
  platform: Platform,
  uploads: Uploads,
  models: ComposedModels,
  policies: () => Promise<Policies>,
) {
  const backend = processBackend();
  const ending = new AbortController();
  const { verdicts, start, trials, lift } = models;
  return {
    service: newAlgorithmsService(platform, {
      finishedUpload: (reader, accountId, uploadId) => uploads.finished(reader, accountId, uploadId, 'model'),
      productNaming: findProductNaming,
      policies,
    }),
    check: newCheck(platform, {
      verdicts,
      start,
      trials,
      backend,
      train: newSampleTraining(platform, { backend }),
      signal: ending.signal,
      policies,
      lift,
    }),
    close: () => ending.abort(),
  };
}
