import { type Static, Type } from 'typebox';
import { ContainerSpecification } from './containers.ts';
import { defineErrors } from './errors.ts';
import { Finding } from './findings.ts';
import { MeasuredLatency } from './measured-latency.ts';
import { InferenceSpecification, modelPackageStatuses, OnnxDescription, ResourceName } from './models.ts';
import { operation } from './operation.ts';
import {
  AccountId,
  fields,
  idOf,
  nullable,
  oneOf,
  PageQuery,
  pageOf,
  record,
  Sha256,
  Timestamp,
} from './schema.ts';

export const algorithmErrors = defineErrors({
  'algorithm.missing': {
    kind: 'missing',
    message: 'There is no algorithm {name} in this account.',
    remedy: 'List your algorithms; a name from another account needs its owner.',
  },
  'algorithm.name_taken': {
    kind: 'conflict',
    message: 'An algorithm named {name} exists in this account and region.',
    remedy: 'A registered algorithm never changes: register the new one under another name.',
  },
  'algorithm.unknown_region': {
    kind: 'invalid',
    message: 'There is no region {region}; this marketplace has {regions}.',
    remedy: 'Use one of these, or leave the region out.',
  },
  'algorithm.unknown_instance_type': {
    kind: 'invalid',
    message: 'There is no instance type {instanceType}; this marketplace has {instanceTypes}.',
    remedy: 'Use types of this marketplace.',
  },
  'algorithm.specification_invalid': {
    kind: 'invalid',
    message: 'The algorithm cannot be registered as it is described: {problem}',
    remedy: 'Mend what the findings name, and register it again.',
  },
  'algorithm.training_off': {
    kind: 'forbidden',
    message: 'This marketplace does not run training programs of publishers.',
    remedy: 'Ask the operator, whose policy `programTraining` decides it.',
  },
  'algorithm.in_use': {
    kind: 'conflict',
    message: 'The algorithm {name} is part of the product {product}.',
    remedy: 'Remove it from the product first; a released version keeps what it was released with.',
  },
  'algorithm.not_finished': {
    kind: 'conflict',
    message: 'The algorithm {name} is {status}; it can be deleted when it is Completed or Failed.',
    remedy: 'Wait until its checks have ended.',
  },
});

/** Those of a model package, and for the same reason: what failed is registered anew, never repaired. */
export const algorithmStatuses = modelPackageStatuses;
export type AlgorithmStatus = (typeof algorithmStatuses)[number];

export const hyperParameterTypes = ['Integer', 'Continuous', 'Categorical', 'FreeText'] as const;
export const inputModes = ['File', 'FastFile', 'Pipe'] as const;
export const compressionTypes = ['None', 'Gzip'] as const;

// Bounds of the wire only; the limits that people meet are in algorithm-rules.ts, each with a code of its own.
const text = Type.String({ maxLength: 20_000 });
const optional = Type.Optional;

export const HyperParameter = record('HyperParameter', {
  name: text,
  description: optional(text),
  type: oneOf(hyperParameterTypes),
  range: optional(
    fields({
      min: optional(Type.String({ maxLength: 256, description: 'Of Integer and Continuous, as text.' })),
      max: optional(Type.String({ maxLength: 256 })),
      values: optional(Type.Array(text, { maxItems: 500, description: 'Of Categorical.' })),
    }),
  ),
  isTunable: optional(Type.Boolean()),
  isRequired: optional(Type.Boolean()),
  defaultValue: optional(text),
});
export type HyperParameter = Static<typeof HyperParameter>;

export const TrainingChannel = record('TrainingChannel', {
  name: text,
  description: optional(text),
  isRequired: optional(Type.Boolean()),
  supportedContentTypes: Type.Array(text, { maxItems: 100 }),
  supportedCompressionTypes: optional(Type.Array(oneOf(compressionTypes), { maxItems: 2 })),
  supportedInputModes: Type.Array(oneOf(inputModes), { maxItems: 3 }),
});
export type TrainingChannel = Static<typeof TrainingChannel>;

export const MetricDefinition = record('MetricDefinition', {
  name: text,
  regex: Type.String({
    maxLength: 20_000,
    description: 'Searched in each line of output; group 1 is the number.',
  }),
});
export type MetricDefinition = Static<typeof MetricDefinition>;

export const TrainingSpecification = record('TrainingSpecification', {
  trainingChannels: Type.Array(TrainingChannel, { maxItems: 100 }),
  supportedHyperParameters: optional(Type.Array(HyperParameter, { maxItems: 500 })),
  metricDefinitions: optional(Type.Array(MetricDefinition, { maxItems: 500 })),
  supportedTuningJobObjectiveMetrics: optional(
    Type.Array(fields({ type: oneOf(['Maximize', 'Minimize']), metricName: text }), { maxItems: 500 }),
  ),
  supportedTrainingInstanceTypes: optional(
    Type.Array(Type.String({ maxLength: 63 }), {
      maxItems: 200,
      description: 'Else every instance type of the marketplace.',
    }),
  ),
  supportsDistributedTraining: optional(Type.Boolean()),
  container: optional(ContainerSpecification),
});
export type TrainingSpecification = Static<typeof TrainingSpecification>;

/** The data of one channel of the sample training: files given here, or a file or folder of the archive. */
export const SampleChannel = record('SampleChannel', {
  channelName: text,
  contentType: optional(Type.String({ maxLength: 255 })),
  files: optional(
    Type.Array(
      fields({
        name: text,
        text: optional(Type.String({ maxLength: 8_000_000 })),
        base64: optional(Type.String({ maxLength: 12_000_000 })),
      }),
      { maxItems: 1000 },
    ),
  ),
  archivePath: optional(Type.String({ maxLength: 1024 })),
});
export type SampleChannel = Static<typeof SampleChannel>;

const Body = (charsMax: number) => Type.String({ minLength: 1, maxLength: charsMax });
const ContentType = Type.String({ minLength: 3, maxLength: 255, pattern: '^[^\\s;]+/[^\\s;]+$' });
export const TrainingProfile = record('TrainingProfile', {
  profileName: ResourceName,
  training: fields({
    hyperParameters: optional(
      Type.Record(Type.String({ maxLength: 20_000 }), Type.String({ maxLength: 20_000 })),
    ),
    channels: Type.Array(SampleChannel, { maxItems: 100 }),
  }),
  input: fields({ contentType: ContentType, body: Body(1_000_000) }),
  expected: fields({
    contentType: ContentType,
    body: optional(
      Type.String({
        maxLength: 1_000_000,
        description:
          'An example answer of the trained model. Its form is compared (keys, types, columns, lengths), not its numbers.',
      }),
    ),
  }),
});
export type TrainingProfile = Static<typeof TrainingProfile>;

export const TrainedMetric = record('TrainedMetric', {
  name: Type.String(),
  count: Type.Integer({ description: 'How often it was printed.' }),
  first: Type.Number(),
  last: Type.Number(),
  min: Type.Number(),
  max: Type.Number(),
  series: Type.Array(Type.Number(), { description: 'At most 100 points, evenly taken.' }),
});
export type TrainedMetric = Static<typeof TrainedMetric>;

/** What the sample training gave: buyers read it on the product's page. */
export const TrainingTrial = record('TrainingTrial', {
  instanceType: Type.String(),
  trainedInMs: Type.Number(),
  memoryPeakBytes: Type.Integer(),
  metrics: Type.Array(TrainedMetric),
  model: fields({ sha256: Sha256, sizeBytes: Type.Integer() }),
  onnx: nullable(OnnxDescription),
  measured: Type.Array(MeasuredLatency),
  sandbox: Type.String(),
  trainedAt: Timestamp,
});
export type TrainingTrial = Static<typeof TrainingTrial>;

const StepStatus = record('AlgorithmStep', {
  name: Type.String(),
  status: oneOf(['NotStarted', 'InProgress', 'Completed', 'Failed']),
  failureReason: nullable(Type.String()),
});

const summary = {
  id: idOf('alg'),
  arn: Type.String({ description: 'arn:aws:sagemaker:<region>:<account>:algorithm/<name>' }),
  name: ResourceName,
  description: Type.String(),
  region: Type.String(),
  accountId: AccountId,
  status: oneOf(algorithmStatuses),
  failureReason: nullable(Type.String()),
  certifyForMarketplace: Type.Boolean(),
  archive: fields({ sha256: Sha256, sizeBytes: Type.Integer(), fileName: Type.String() }),
  createdAt: Timestamp,
  updatedAt: Timestamp,
};

export const AlgorithmSummary = record('AlgorithmSummary', summary);
export type AlgorithmSummary = Static<typeof AlgorithmSummary>;

export const Algorithm = record('Algorithm', {
  ...summary,
  imageScanStatuses: Type.Array(StepStatus),
  validationStatuses: Type.Array(StepStatus),
  trainingSpecification: TrainingSpecification,
  inferenceSpecification: InferenceSpecification,
  validationSpecification: fields({
    validationProfiles: Type.Array(TrainingProfile, { minItems: 1, maxItems: 1 }),
  }),
  program: nullable(
    fields({
      entry: Type.String({ description: 'Path of the executable `train` in the archive.' }),
      interpreter: Type.String(),
    }),
  ),
  trial: nullable(TrainingTrial),
  log: Type.Array(Type.String(), { description: 'The last lines that the sample training printed.' }),
  findings: Type.Array(Finding),
});
export type Algorithm = Static<typeof Algorithm>;

const params = fields({ name: ResourceName });
const inRegion = fields({
  region: optional(Type.String({ maxLength: 63, description: 'Else the marketplace’s first region.' })),
});
const tag = 'algorithms';

export const algorithmOperations = {
  registerAlgorithm: operation({
    id: 'registerAlgorithm',
    method: 'POST',
    path: '/api/algorithms',
    tag,
    summary: 'Register an algorithm from a finished upload; its checks start at once',
    body: record('NewAlgorithm', {
      name: ResourceName,
      description: optional(Type.String({ maxLength: 1024 })),
      region: optional(Type.String({ maxLength: 63 })),
      uploadId: optional(idOf('upl')),
      trainingSpecification: TrainingSpecification,
      inferenceSpecification: optional(InferenceSpecification),
      validationSpecification: fields({
        validationProfiles: Type.Array(TrainingProfile, { minItems: 1, maxItems: 1 }),
      }),
      certifyForMarketplace: optional(Type.Boolean()),
    }),
    output: Algorithm,
    status: 201,
    errors: [
      'algorithm.name_taken',
      'algorithm.unknown_region',
      'algorithm.unknown_instance_type',
      'algorithm.specification_invalid',
      'algorithm.training_off',
      'container.image_missing',
      'container.nothing_to_run',
      'container.environment_invalid',
      'upload.missing',
      'upload.incomplete',
    ],
  }),
  listAlgorithms: operation({
    id: 'listAlgorithms',
    method: 'GET',
    path: '/api/algorithms',
    tag,
    summary: 'Algorithms of the account, newest first',
    query: fields({
      nameContains: optional(Type.String({ maxLength: 63 })),
      status: optional(oneOf(algorithmStatuses)),
      ...PageQuery,
    }),
    output: pageOf('AlgorithmPage', AlgorithmSummary),
    errors: [],
  }),
  getAlgorithm: operation({
    id: 'getAlgorithm',
    method: 'GET',
    path: '/api/algorithms/:name',
    tag,
    summary: 'One algorithm, with its sample training, findings and reasons',
    params,
    query: inRegion,
    output: Algorithm,
    errors: ['algorithm.missing', 'access.describe_forbidden'],
  }),
  deleteAlgorithm: operation({
    id: 'deleteAlgorithm',
    method: 'DELETE',
    path: '/api/algorithms/:name',
    tag,
    summary: 'Delete an algorithm that no product uses',
    params,
    query: inRegion,
    output: null,
    status: 204,
    errors: ['algorithm.missing', 'algorithm.in_use', 'algorithm.not_finished'],
  }),
};
