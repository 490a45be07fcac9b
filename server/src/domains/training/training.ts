import type {
  InferenceSpecification,
  InputChannel,
  MetricCurve,
  SecondaryStatus,
  TrainingSpecification,
  TrainingStatus,
  ValidationProfile,
} from '@souk/contract';
import type { ServingProgram } from '../runtime/index.ts';

/** A channel with everything that the request left open. */
export interface JobChannel extends InputChannel {
  readonly compressionType: 'None' | 'Gzip';
  readonly inputMode: 'File' | 'FastFile' | 'Pipe';
}

export type AlgorithmCode =
  | {
      readonly kind: 'process';
      readonly archiveSha256: string;
      /** What serves what it trains, where that is no ONNX model. */
      readonly serve?: ServingProgram | null;
    }
  | {
      readonly kind: 'container';
      readonly imageDigest: string;
      readonly environment: Readonly<Record<string, string>>;
    };

/** A version of an algorithm that an account may train. */
export interface Algorithm {
  readonly subscriptionId: string;
  readonly productId: string;
  readonly publisher: string;
  readonly slug: string;
  readonly title: string;
  readonly version: string;
  readonly versions: readonly string[];
  readonly arn: string;
  readonly code: AlgorithmCode;
  readonly specification: TrainingSpecification;
  readonly inferenceSpecification: InferenceSpecification;
  readonly validationProfile: ValidationProfile;
}

/** The request as it was completed and checked. */
export interface JobSpec {
  readonly algorithmArn: string;
  readonly code: AlgorithmCode;
  readonly specification: TrainingSpecification;
  readonly inferenceSpecification: InferenceSpecification;
  readonly validationProfile: ValidationProfile;
  readonly hyperParameters: Readonly<Record<string, string>>;
  readonly channels: readonly JobChannel[];
  readonly instanceType: string;
  readonly instanceCount: number;
  readonly volumeSizeInGB: number;
  readonly maxRuntimeInSeconds: number;
  readonly checkpoints: { readonly uri: string | null; readonly localPath: string } | null;
  readonly outputUri: string | null;
  readonly environment: Readonly<Record<string, string>>;
}

export interface JobResult {
  readonly model?: { readonly sha256: string; readonly sizeBytes: number; readonly uri: string | null };
  readonly output?: { readonly uri: string; readonly sizeBytes: number };
}

/** How the program ended; what comes after needs no program. */
export interface ProgramEnd {
  readonly kind: string;
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly failure: string | null;
  readonly workDir: string;
  readonly memoryPeakBytes: number;
  readonly sandbox: string;
}

export interface JobRow {
  readonly id: string;
  readonly accountId: string;
  readonly region: string;
  readonly name: string;
  readonly arn: string;
  readonly subscriptionId: string;
  readonly productId: string;
  readonly publisher: string;
  readonly product: string;
  readonly title: string;
  readonly version: string;
  readonly tuningJobId: string | null;
  readonly tuningJob: string | null;
  readonly trialNumber: number | null;
  readonly stoppedEarly: boolean;
  readonly spec: JobSpec;
  readonly status: TrainingStatus;
  readonly secondaryStatus: SecondaryStatus;
  readonly statusMessage: string | null;
  readonly failureCode: string | null;
  readonly failureReason: string | null;
  readonly stopRequestedAt: Date | null;
  readonly stopCode: string | null;
  readonly stopReason: string | null;
  readonly leaseOwner: string | null;
  readonly attempt: number;
  readonly ended: ProgramEnd | null;
  readonly result: JobResult | null;
  readonly modelPackage: string | null;
  readonly modelPackageStatus: string | null;
  readonly billableMs: number;
  readonly trainingStartedAt: Date | null;
  readonly trainingEndedAt: Date | null;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly endedAt: Date | null;
}

export interface TransitionRow {
  readonly status: SecondaryStatus;
  readonly message: string | null;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
}

export type Curve = MetricCurve;

/** Where a training job may go. Ended is for ever: who wants more trains again, under another name. */
export const transitions: Readonly<Record<TrainingStatus, readonly TrainingStatus[]>> = {
  InProgress: ['InProgress', 'Completed', 'Failed', 'Stopping', 'Stopped'],
  Stopping: ['Stopping', 'Stopped', 'Failed'],
  Completed: [],
  Failed: [],
  Stopped: [],
};

export const isOver = (status: TrainingStatus): boolean => transitions[status].length === 0;

export interface Instance {
  readonly name: string;
  readonly cpus: number;
  readonly memoryMb: number;
  readonly backend: string;
}
