import type {
  Finding,
  InferenceSpecification,
  ModelPackage,
  ModelPackageStatus,
  OnnxDescription,
  ValidationProfile,
} from '@souk/contract';
import type { Servable, ServingProgram } from '../runtime/index.ts';

export type StepStatus = ModelPackage['imageScanStatuses'][number]['status'];

/** With what no publisher can say of a package: a training gives it, or the operator's registration of a server. */
export type Inference = InferenceSpecification & {
  readonly program?: ServingProgram;
  /** Of the server that is named: a name may be given to another one later. */
  readonly serverId?: string;
};

export interface ModelPackageRow {
  readonly id: string;
  readonly accountId: string;
  readonly region: string;
  readonly name: string;
  readonly arn: string;
  readonly description: string;
  readonly status: ModelPackageStatus;
  readonly failureReason: string | null;
  readonly archiveSha256: string;
  readonly archiveSizeBytes: number;
  readonly archiveFileName: string;
  /** There is nothing beside the image or the server: the archive only names it. */
  readonly imageOnly: boolean;
  readonly inferenceSpecification: Inference;
  readonly validationSpecification: { readonly validationProfiles: ValidationProfile[] };
  readonly certifyForMarketplace: boolean;
  readonly scanStatus: StepStatus;
  readonly scanMessage: string | null;
  readonly validationStatus: StepStatus;
  readonly validationMessage: string | null;
  readonly onnx: OnnxDescription | null;
  readonly findings: Finding[];
  readonly createdBy: string;
  /** Of a model that a buyer trained; null for those of publishers. */
  readonly trainedBySubscriptionId: string | null;
  readonly trainingJob: string | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export type ModelPackageEvent = 'checks-begun' | 'checks-passed' | 'refused' | 'deleted';

/**
 * Where a model package may go. It never comes back from Completed or Failed: what was registered never changes, and what failed is
 * registered anew. `models.sql.ts` is the only place that writes the column, always with the state it comes from.
 */
export const transitions: Readonly<
  Record<ModelPackageStatus, Partial<Record<ModelPackageEvent, ModelPackageStatus>>>
> = {
  Pending: { 'checks-begun': 'InProgress' },
  InProgress: { 'checks-passed': 'Completed', refused: 'Failed' },
  Completed: { deleted: 'Deleting' },
  Failed: { deleted: 'Deleting' },
  Deleting: {},
};

/** A model that a training made, as it becomes a package of the account that trained it. */
export interface TrainedPackage {
  readonly accountId: string;
  readonly region: string;
  readonly name: string;
  readonly description: string;
  readonly archiveSha256: string;
  readonly archiveSizeBytes: number;
  readonly inferenceSpecification: Inference;
  readonly validationProfile: ValidationProfile;
  readonly subscriptionId: string;
  readonly trainingJob: string;
  readonly createdBy: string;
}

/** A registered model package as submissions need it. */
export interface Resource {
  readonly id: string;
  readonly arn: string;
  readonly name: string;
  readonly archiveSha256: string;
  readonly archiveSizeBytes: number;
  readonly inferenceSpecification: Inference;
  readonly served: Servable;
  readonly validationProfile: ValidationProfile;
  readonly onnx: OnnxDescription | null;
}
