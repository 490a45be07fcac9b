import { type Static, Type } from 'typebox';
import { compressionTypes, inputModes, TrainingSpecification } from './algorithms.ts';
import { ResourceName } from './models.ts';
import { operation } from './operation.ts';
import { fields, idOf, nullable, oneOf, PageQuery, pageOf, record, Sha256, Timestamp } from './schema.ts';

/** Source: SageMaker DescribeTrainingJob. */
export const trainingStatuses = ['InProgress', 'Completed', 'Failed', 'Stopping', 'Stopped'] as const;
export type TrainingStatus = (typeof trainingStatuses)[number];

/** What it does just now, finer than its status; each change is a transition with a sentence. */
export const secondaryStatuses = [
  'Pending',
  'Starting',
  'Downloading',
  'LaunchingMLInstances',
  'DownloadingTrainingImage',
  'Training',
  'Interrupted',
  'Restarting',
  'Uploading',
  'Stopping',
  'Stopped',
  'MaxRuntimeExceeded',
  'Completed',
  'Failed',
] as const;
export type SecondaryStatus = (typeof secondaryStatuses)[number];

export const trainingLimits = {
  channels: { min: 1, max: 20 },
  instances: 20,
  volumeSizeInGB: { min: 1, max: 500, default: 10 },
  maxRuntimeInSeconds: { min: 1, max: 28 * 24 * 3600, default: 24 * 3600 },
  environment: { max: 100, chars: 1024 },
  failureReasonChars: 1024,
} as const;

const optional = Type.Optional;
const Uri = Type.String({
  minLength: 1,
  maxLength: 2048,
  description: 'souk://<account id>/<path> or s3://<bucket>/<key>; a prefix means every file below it',
});
const Values = Type.Record(Type.String({ maxLength: 256 }), Type.String({ maxLength: 2500 }));

export const InputChannel = record('TrainingInputChannel', {
  channelName: Type.String({ minLength: 1, maxLength: 64 }),
  uri: Uri,
  contentType: optional(Type.String({ maxLength: 255 })),
  compressionType: optional(
    oneOf(compressionTypes, 'Gzip: each file is unpacked before the program sees it, in every input mode.'),
  ),
  inputMode: optional(
    oneOf(
      inputModes,
      'Else the first that the algorithm supports. FastFile files are whole before it starts.',
    ),
  ),
});
export type InputChannel = Static<typeof InputChannel>;

const TrainingDefinition = {
  subscriptionId: idOf('sub'),
  version: optional(Type.String({ maxLength: 64, description: 'Else the one that the subscription chose.' })),
  inputDataConfig: Type.Array(InputChannel, { maxItems: 100 }),
  resourceConfig: fields({
    instanceType: Type.String({ minLength: 1, maxLength: 63 }),
    instanceCount: optional(Type.Integer({ description: 'Hosts, algo-1 to algo-n; 1 where not given.' })),
    volumeSizeInGB: optional(
      Type.Integer({ description: 'For data, model, checkpoints and temporary files together.' }),
    ),
  }),
  stoppingCondition: optional(fields({ maxRuntimeInSeconds: Type.Integer() })),
  checkpointConfig: optional(
    fields({
      uri: optional(Uri),
      localPath: optional(
        Type.String({ maxLength: 255, description: '/opt/ml/checkpoints where not given.' }),
      ),
    }),
  ),
  outputDataConfig: optional(fields({ uri: Uri })),
  environment: optional(Values),
};

export const NewTrainingJob = record('NewTrainingJob', {
  name: ResourceName,
  ...TrainingDefinition,
  hyperParameters: optional(Values),
});
export type NewTrainingJob = Static<typeof NewTrainingJob>;
/** What a tuning's trainings have in common. */
export const TrainingTemplate = record('TrainingTemplate', {
  ...TrainingDefinition,
  staticHyperParameters: optional(Values),
});
export type TrainingTemplate = Static<typeof TrainingTemplate>;

export const MetricCurve = record('TrainingMetricCurve', {
  name: Type.String(),
  count: Type.Integer({ description: 'How often it was printed.' }),
  last: Type.Number(),
  min: Type.Number(),
  max: Type.Number(),
  points: Type.Array(Type.Array(Type.Number(), { minItems: 2, maxItems: 2 }), {
    description: 'Pairs of seconds since the training began and value; at most 500, evenly taken.',
  }),
});
export type MetricCurve = Static<typeof MetricCurve>;

const Transition = record('TrainingTransition', {
  status: oneOf(secondaryStatuses),
  message: nullable(Type.String()),
  startTime: Timestamp,
  endTime: nullable(Timestamp),
});

const Product = fields({
  id: Type.String(),
  publisher: Type.String(),
  slug: Type.String(),
  title: Type.String(),
});

const summary = {
  id: idOf('trj'),
  arn: Type.String({ description: 'arn:aws:sagemaker:<region>:<account>:training-job/<name>' }),
  name: ResourceName,
  status: oneOf(trainingStatuses),
  secondaryStatus: oneOf(secondaryStatuses),
  statusMessage: nullable(Type.String()),
  failureCode: nullable(
    Type.String({ description: 'Stable, for programs: training.memory, training.failed …' }),
  ),
  failureReason: nullable(Type.String()),
  product: Product,
  version: Type.String(),
  subscriptionId: idOf('sub'),
  instanceType: Type.String(),
  instanceCount: Type.Integer(),
  tuningJob: nullable(Type.String({ description: 'Name of the tuning that started it.' })),
  createdBy: Type.String(),
  createdAt: Timestamp,
  trainingStartTime: nullable(Timestamp),
  trainingEndTime: nullable(Timestamp),
  billableTimeInSeconds: Type.Integer(),
};
export const TrainingJobSummary = record('TrainingJobSummary', summary);
export type TrainingJobSummary = Static<typeof TrainingJobSummary>;

export const TrainingJob = record('TrainingJob', {
  ...summary,
  hyperParameters: Type.Record(Type.String(), Type.String()),
  inputDataConfig: Type.Array(InputChannel),
  volumeSizeInGB: Type.Integer(),
  maxRuntimeInSeconds: Type.Integer(),
  checkpointConfig: nullable(fields({ uri: nullable(Type.String()), localPath: Type.String() })),
  outputUri: nullable(Type.String()),
  environment: Type.Record(Type.String(), Type.String()),
  secondaryStatusTransitions: Type.Array(Transition),
  metrics: Type.Array(MetricCurve),
  attempts: Type.Integer({ description: 'Above 1 where Souk was restarted while it trained.' }),
  model: nullable(
    fields({
      modelPackage: nullable(Type.String({ description: 'Name of the account’s own model package.' })),
      status: nullable(Type.String()),
      sha256: Sha256,
      sizeBytes: Type.Integer(),
      uri: nullable(Type.String()),
    }),
  ),
  output: nullable(fields({ uri: Type.String(), sizeBytes: Type.Integer() })),
  memoryPeakBytes: nullable(Type.Integer()),
  confinedBy: nullable(Type.String()),
  updatedAt: Timestamp,
});
export type TrainingJob = Static<typeof TrainingJob>;

/** What an account may train now: its subscriptions to algorithms, with what each takes. */
export const Trainable = record('Trainable', {
  subscriptionId: idOf('sub'),
  product: Product,
  version: Type.String(),
  versions: Type.Array(Type.String()),
  specification: TrainingSpecification,
  instanceTypes: Type.Array(Type.String()),
});
export type Trainable = Static<typeof Trainable>;

const params = fields({ name: ResourceName });
const tag = 'training';

export const trainingOperations = {
  createTrainingJob: operation({
    id: 'createTrainingJob',
    method: 'POST',
    path: '/api/training-jobs',
    tag,
    summary:
      'Train a subscribed algorithm with data of the account; everything is checked before anything starts',
    body: NewTrainingJob,
    output: TrainingJob,
    status: 201,
    errors: [
      'training.name_taken',
      'training.no_algorithm',
      'training.request_invalid',
      'training.unavailable',
      'training.training_off',
      'training.too_many',
      'subscription.missing',
      'subscription.ended',
      'subscription.suspended',
      'subscription.version_missing',
    ],
  }),
  listTrainingJobs: operation({
    id: 'listTrainingJobs',
    method: 'GET',
    path: '/api/training-jobs',
    tag,
    summary: 'Training jobs of the account, newest first',
    query: fields({
      nameContains: optional(Type.String({ maxLength: 63 })),
      status: optional(oneOf(trainingStatuses)),
      tuningJob: optional(ResourceName),
      ...PageQuery,
    }),
    output: pageOf('TrainingJobPage', TrainingJobSummary),
    errors: [],
  }),
  listTrainable: operation({
    id: 'listTrainable',
    method: 'GET',
    path: '/api/trainable',
    tag,
    summary: 'Algorithms that the account may train now, with what each takes',
    query: fields({
      subscriptionId: optional(idOf('sub')),
      version: optional(Type.String({ maxLength: 64 })),
    }),
    output: record('TrainableList', { items: Type.Array(Trainable) }),
    errors: [],
  }),
  getTrainingJob: operation({
    id: 'getTrainingJob',
    method: 'GET',
    path: '/api/training-jobs/:name',
    tag,
    summary: 'One training job: states with times, metrics so far, the model that it made',
    params,
    output: TrainingJob,
    errors: ['training.missing'],
  }),
  followTrainingJob: operation({
    id: 'followTrainingJob',
    method: 'GET',
    path: '/api/training-jobs/:name/events',
    tag,
    summary:
      'The training job again at each change, as server-sent events named `training`; ends when it ends',
    params,
    output: null,
    outputType: 'text/event-stream',
    errors: ['training.missing'],
  }),
  getTrainingLog: operation({
    id: 'getTrainingLog',
    method: 'GET',
    path: '/api/training-jobs/:name/log',
    tag,
    summary: 'What the training printed, the newest part where it is long; nobody but the account reads it',
    params,
    query: fields({
      after: optional(Type.Integer({ minimum: 0, description: 'Only what came after this `next`.' })),
    }),
    output: record('TrainingLog', {
      lines: Type.Array(Type.String()),
      next: Type.Integer({ description: 'For `after` of the next call.' }),
      dropped: Type.Boolean({ description: 'Older lines were dropped to keep the log small.' }),
    }),
    errors: ['training.missing'],
  }),
  stopTrainingJob: operation({
    id: 'stopTrainingJob',
    method: 'POST',
    path: '/api/training-jobs/:name/stop',
    tag,
    summary: 'Ask a training to end: SIGTERM, 120 seconds to save its model, then SIGKILL',
    params,
    output: TrainingJob,
    errors: ['training.missing', 'training.over'],
  }),
  deleteTrainingJob: operation({
    id: 'deleteTrainingJob',
    method: 'DELETE',
    path: '/api/training-jobs/:name',
    tag,
    summary: 'Delete a training job that is over, with its log and checkpoints; its model stays',
    params,
    output: null,
    status: 204,
    errors: ['training.missing', 'training.not_over'],
  }),
};
