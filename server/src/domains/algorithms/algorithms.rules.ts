import type {
  Algorithm,
  AlgorithmSummary,
  TrainingProfile,
  TrainingSpecification,
  TrainingTrial,
} from '@souk/contract';
import type { CertifiedAs } from '../certification/index.ts';
import { servedContainer } from '../models/index.ts';
import {
  type Servable,
  type ServingProgram,
  servedOnnx,
  servedProgram,
  type TrainingLimits,
} from '../runtime/index.ts';
import type { AlgorithmResource, AlgorithmRow } from './algorithms.ts';

/** Of the sample training only: a publisher waits for it, and others wait for the machine. */
export const sampleLimits: TrainingLimits = {
  timeMs: 10 * 60_000,
  diskBytesMax: 2 * 1024 ** 3,
  logBytesMax: 10_000_000,
  processesMax: 256,
};
export const logLinesKept = 100;
export const logLineCharsMax = 500;

export const arnOf = (p: { partition: string; region: string; accountId: string; name: string }): string =>
  `arn:${p.partition}:sagemaker:${p.region}:${p.accountId}:algorithm/${p.name}`;

/** The first instance type that this marketplace does not have; undefined when all are known. */
export const unknownTrainingType = (given: TrainingSpecification, known: readonly string[]) =>
  (given.supportedTrainingInstanceTypes ?? []).find((name) => !known.includes(name));

/** Where nothing is said, everything that the marketplace has: kept, so that later types do not change what was registered. */
export const withTrainingTypes = (
  given: TrainingSpecification,
  known: readonly string[],
): TrainingSpecification & { supportedTrainingInstanceTypes: string[] } => ({
  ...given,
  supportedTrainingInstanceTypes: given.supportedTrainingInstanceTypes?.length
    ? given.supportedTrainingInstanceTypes
    : [...known],
});

export const profileOf = (a: Pick<AlgorithmRow, 'validationSpecification'>): TrainingProfile => {
  const [profile] = a.validationSpecification.validationProfiles;
  if (!profile) throw new Error('an algorithm without a validation profile');
  return profile;
};

/** The first of these that is enabled now. */
export function firstOf<T extends { readonly name: string }>(
  names: readonly string[],
  enabled: readonly T[],
): T | undefined {
  for (const name of names) {
    const found = enabled.find((i) => i.name === name);
    if (found) return found;
  }
  return undefined;
}

/** What the archive is looked at as: beside an image, its files are the image's own affair. */
export const certifiedAs = (a: Pick<AlgorithmRow, 'trainingSpecification'>): CertifiedAs =>
  a.trainingSpecification.container ? 'contents' : 'program';

/** The program of its own that serves what it trains; null where that is an ONNX model, or an image serves it. */
export const servingProgram = (
  a: Pick<AlgorithmRow, 'archiveSha256' | 'inferenceSpecification' | 'program'>,
  trial: Pick<TrainingTrial, 'onnx'>,
): ServingProgram | null =>
  trial.onnx === null && !a.inferenceSpecification.container && a.program?.serve
    ? { sha256: a.archiveSha256, ...a.program.serve }
    : null;

/** What answers calls of a model that it has trained. */
export const servedTrained = (
  a: Pick<AlgorithmRow, 'name' | 'archiveSha256' | 'inferenceSpecification' | 'program'>,
  trial: Pick<TrainingTrial, 'onnx' | 'model'>,
): Servable => {
  const { container, batching } = a.inferenceSpecification;
  const modelSha256 = trial.model.sha256;
  const program = servingProgram(a, trial);
  if (program) return servedProgram(program, modelSha256);
  return container ? servedContainer(container, modelSha256) : servedOnnx(modelSha256, a.name, batching);
};

export const resourceOf = (a: AlgorithmRow): AlgorithmResource => ({
  id: a.id,
  arn: a.arn,
  name: a.name,
  archiveSha256: a.archiveSha256,
  archiveSizeBytes: a.archiveSizeBytes,
  trainingSpecification: a.trainingSpecification,
  inferenceSpecification: a.inferenceSpecification,
  profile: profileOf(a),
  program: a.program,
  trial: a.trial,
  served: a.trial && servedTrained(a, a.trial),
  serve: a.trial && servingProgram(a, a.trial),
});

/** What `documentFindings` needs to know of it. */
export const known = (a: AlgorithmRow) => ({
  status: a.status,
  certifyForMarketplace: a.certifyForMarketplace,
  realtimeInstanceTypes: a.inferenceSpecification.supportedRealtimeInferenceInstanceTypes,
  batchInstanceTypes: a.inferenceSpecification.supportedTransformInstanceTypes,
  trainingInstanceTypes: a.trainingSpecification.supportedTrainingInstanceTypes ?? [],
});

export const summaryOf = (a: AlgorithmRow): AlgorithmSummary => ({
  id: a.id,
  arn: a.arn,
  name: a.name,
  description: a.description,
  region: a.region,
  accountId: a.accountId,
  status: a.status,
  failureReason: a.failureReason,
  certifyForMarketplace: a.certifyForMarketplace,
  archive: { sha256: a.archiveSha256, sizeBytes: a.archiveSizeBytes, fileName: a.archiveFileName },
  createdAt: a.createdAt.toISOString(),
  updatedAt: a.updatedAt.toISOString(),
});

export const view = (a: AlgorithmRow): Algorithm => ({
  ...summaryOf(a),
  imageScanStatuses: [{ name: 'package-scan', status: a.scanStatus, failureReason: a.scanMessage }],
  validationStatuses: [
    { name: 'sample-training', status: a.trainingStatus, failureReason: a.trainingMessage },
    { name: 'trained-model', status: a.validationStatus, failureReason: a.validationMessage },
  ],
  trainingSpecification: a.trainingSpecification,
  inferenceSpecification: a.inferenceSpecification,
  validationSpecification: { validationProfiles: [profileOf(a)] },
  program: a.program && { entry: a.program.entry, interpreter: a.program.interpreter },
  trial: a.trial,
  log: a.log,
  findings: a.findings,
});
