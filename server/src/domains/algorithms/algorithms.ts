import type {
  AlgorithmStatus,
  Finding,
  InferenceSpecification,
  TrainingProfile,
  TrainingSpecification,
  TrainingTrial,
} from '@souk/contract';
import type { TrainingProgram } from '../certification/index.ts';
import type { StepStatus } from '../models/index.ts';
import type { Servable, ServingProgram } from '../runtime/index.ts';

export interface AlgorithmRow {
  readonly id: string;
  readonly accountId: string;
  readonly region: string;
  readonly name: string;
  readonly arn: string;
  readonly description: string;
  readonly status: AlgorithmStatus;
  readonly failureReason: string | null;
  readonly archiveSha256: string;
  readonly archiveSizeBytes: number;
  readonly archiveFileName: string;
  /** There is nothing beside the image: the archive only names it. */
  readonly imageOnly: boolean;
  readonly trainingSpecification: TrainingSpecification;
  readonly inferenceSpecification: InferenceSpecification;
  readonly validationSpecification: { readonly validationProfiles: TrainingProfile[] };
  readonly certifyForMarketplace: boolean;
  readonly scanStatus: StepStatus;
  readonly scanMessage: string | null;
  readonly trainingStatus: StepStatus;
  readonly trainingMessage: string | null;
  readonly validationStatus: StepStatus;
  readonly validationMessage: string | null;
  readonly program: TrainingProgram | null;
  readonly trial: TrainingTrial | null;
  readonly log: string[];
  readonly findings: Finding[];
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** A registered algorithm as submissions need it. */
export interface AlgorithmResource {
  /** What answers calls of the model that its sample training made. */
  readonly served: Servable | null;
  /** Its own program that does so, where one does. */
  readonly serve: ServingProgram | null;
  readonly id: string;
  readonly arn: string;
  readonly name: string;
  readonly archiveSha256: string;
  readonly archiveSizeBytes: number;
  readonly trainingSpecification: TrainingSpecification;
  readonly inferenceSpecification: InferenceSpecification;
  readonly profile: TrainingProfile;
  readonly program: TrainingProgram | null;
  readonly trial: TrainingTrial | null;
}
