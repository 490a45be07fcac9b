import {
  channelMode,
  channelType,
  type NewTrainingJob,
  type TrainingJob,
  type TrainingJobSummary,
  trainingLimits,
  withDefaultValues,
} from '@souk/contract';
import type { TrainedPackage } from '../models/index.ts';
import { checkpointsPath, type TrainingEnd, type TrainingLimits } from '../runtime/index.ts';
import { joinCurves } from './training.curves.ts';
import type { Algorithm, Curve, Instance, JobRow, JobSpec, TransitionRow } from './training.ts';

/** Of buyers' trainings. Time and disk are the request's. */
export const programLimits = { logBytesMax: 200_000_000, processesMax: 1024, stopGraceMs: 120_000 } as const;
export const jobsUnderWayMax = 100;

export const arnOf = (p: { partition: string; region: string; accountId: string; name: string }): string =>
  `arn:${p.partition}:sagemaker:${p.region}:${p.accountId}:training-job/${p.name}`;

/** The request with everything that it left open, as it is kept and run. It has been checked. */
export function specOf(a: Algorithm, given: Omit<NewTrainingJob, 'name'>): JobSpec {
  const { resourceConfig: resource, checkpointConfig: checkpoint } = given;
  return {
    algorithmArn: a.arn,
    code: a.code,
    specification: a.specification,
    inferenceSpecification: a.inferenceSpecification,
    validationProfile: a.validationProfile,
    hyperParameters: withDefaultValues(
      a.specification.supportedHyperParameters ?? [],
      given.hyperParameters ?? {},
    ),
    channels: given.inputDataConfig.map((c) => {
      const declared = a.specification.trainingChannels.find((d) => d.name === c.channelName);
      if (!declared) throw new Error(`the channel ${c.channelName} was not checked`);
      const contentType = channelType(declared, c);
      return {
        channelName: c.channelName,
        uri: c.uri,
        ...(contentType === undefined ? {} : { contentType }),
        compressionType: c.compressionType ?? 'None',
        inputMode: channelMode(declared, c),
      };
    }),
    instanceType: resource.instanceType,
    instanceCount: resource.instanceCount ?? 1,
    volumeSizeInGB: resource.volumeSizeInGB ?? trainingLimits.volumeSizeInGB.default,
    maxRuntimeInSeconds:
      given.stoppingCondition?.maxRuntimeInSeconds ?? trainingLimits.maxRuntimeInSeconds.default,
    checkpoints: checkpoint
      ? { uri: checkpoint.uri ?? null, localPath: checkpoint.localPath ?? checkpointsPath }
      : null,
    outputUri: given.outputDataConfig?.uri ?? null,
    environment: given.environment ?? {},
  };
}

export const limitsOf = (spec: JobSpec): TrainingLimits => ({
  ...programLimits,
  timeMs: spec.maxRuntimeInSeconds * 1000,
  diskBytesMax: spec.volumeSizeInGB * 1024 ** 3,
});

export interface Failure {
  readonly code: string;
  readonly reason: string;
}

/** What its model's package says of how it is served. */
export const inferenceOf = ({
  code,
  inferenceSpecification,
}: JobSpec): TrainedPackage['inferenceSpecification'] =>
  code.kind === 'process' && code.serve
    ? { ...inferenceSpecification, program: code.serve }
    : inferenceSpecification;

/** Why a training failed, for the buyer; undefined where it did not. What the program wrote comes first: it knows best. */
export function failureOf(
  end: Pick<TrainingEnd, 'exitCode' | 'signal' | 'failure'> & { readonly kind: string },
  spec: JobSpec,
  instance: Pick<Instance, 'name' | 'memoryMb'>,
): Failure | undefined {
  const { failure } = end;
  const wrote = failure === null ? '' : ` It wrote: ${failure}`;
  switch (end.kind) {
    case 'memory':
      return {
        code: 'training.memory_exceeded',
        reason: `The program took more memory than ${instance.name} has (${instance.memoryMb} MB). Choose a larger instance type, or smaller batches.${wrote}`,
      };
    case 'disk':
      return {
        code: 'training.disk_exceeded',
        reason: `The program wrote more than the volume of ${spec.volumeSizeInGB} GB holds. Ask for a larger volumeSizeInGB.${wrote}`,
      };
    case 'processes':
      return {
        code: 'training.processes_exceeded',
        reason: `The program started more than ${programLimits.processesMax} processes.${wrote}`,
      };
    case 'log':
      return {
        code: 'training.log_exceeded',
        reason: `The program printed more than ${programLimits.logBytesMax / 1_000_000} MB.${wrote}`,
      };
    case 'failed':
    case 'completed':
      if (end.kind === 'completed' && failure === null) return undefined;
      return {
        code: 'training.failed',
        reason:
          failure ??
          (end.exitCode === null
            ? `The program was ended by ${end.signal ?? 'a signal'}.`
            : `The program ended with exit code ${end.exitCode} and wrote no reason to /opt/ml/output/failure; its log may say more.`),
      };
    default:
      return undefined;
  }
}

const time = (at: Date | null) => at?.toISOString() ?? null;

export const summaryOf = (j: JobRow): TrainingJobSummary => ({
  id: j.id,
  arn: j.arn,
  name: j.name,
  status: j.status,
  secondaryStatus: j.secondaryStatus,
  statusMessage: j.statusMessage,
  failureCode: j.failureCode,
  failureReason: j.failureReason,
  product: { id: j.productId, publisher: j.publisher, slug: j.product, title: j.title },
  version: j.version,
  subscriptionId: j.subscriptionId,
  instanceType: j.spec.instanceType,
  instanceCount: j.spec.instanceCount,
  tuningJob: j.tuningJob,
  createdBy: j.createdBy,
  createdAt: j.createdAt.toISOString(),
  trainingStartTime: time(j.trainingStartedAt),
  trainingEndTime: time(j.trainingEndedAt),
  billableTimeInSeconds: Math.ceil(j.billableMs / 1000),
});

export const view = (j: JobRow, moves: readonly TransitionRow[], curves: readonly Curve[]): TrainingJob => ({
  ...summaryOf(j),
  hyperParameters: j.spec.hyperParameters,
  inputDataConfig: [...j.spec.channels],
  volumeSizeInGB: j.spec.volumeSizeInGB,
  maxRuntimeInSeconds: j.spec.maxRuntimeInSeconds,
  checkpointConfig: j.spec.checkpoints,
  outputUri: j.spec.outputUri,
  environment: j.spec.environment,
  secondaryStatusTransitions: moves.map((t) => ({
    status: t.status,
    message: t.message,
    startTime: t.startedAt.toISOString(),
    endTime: time(t.endedAt),
  })),
  metrics: joinCurves(curves),
  attempts: j.attempt,
  model: j.result?.model
    ? { ...j.result.model, modelPackage: j.modelPackage, status: j.modelPackageStatus }
    : null,
  output: j.result?.output ?? null,
  memoryPeakBytes: j.ended?.memoryPeakBytes ?? null,
  confinedBy: j.ended?.sandbox ?? null,
  updatedAt: j.updatedAt.toISOString(),
});
