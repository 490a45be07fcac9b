import { type Static, Type } from 'typebox';
import { compressionTypes } from './algorithms.ts';
import { ownModel, ResourceName } from './models.ts';
import { operation } from './operation.ts';
import { fields, idOf, nullable, oneOf, PageQuery, pageOf, record, Sha256, Timestamp } from './schema.ts';

/** Source: SageMaker CreateTransformJob and its limits; reference sections 1.5, 1.6, 2.7. */
export const transformStates = ['InProgress', 'Completed', 'Failed', 'Stopping', 'Stopped'] as const;
export type TransformState = (typeof transformStates)[number];
export const transformStages = ['Waiting', 'Starting', 'Transforming', 'Finishing', 'Ended'] as const;
export const transformFileStates = ['waiting', 'running', 'done', 'failed', 'skipped'] as const;
export const splitTypes = ['None', 'Line', 'RecordIO', 'TFRecord'] as const;
export const batchStrategies = ['MultiRecord', 'SingleRecord'] as const;

export const transformLimits = {
  filesMax: 100_000,
  payloadMbMax: 100,
  /** maxConcurrentTransforms x maxPayloadInMB. */
  inFlightMbMax: 100,
  payloadMbDefault: 6,
  concurrentDefault: 1,
  instancesMax: 10,
  timeoutSecondsDefault: 600,
  retriesDefault: 3,
} as const;

const Uri = Type.String({ minLength: 6, maxLength: 1100 });
const ContentType = Type.String({
  minLength: 3,
  maxLength: 256,
  pattern: '^[^\\s/;]+/[^\\s;]+(?:; ?[^\\u0000-\\u001f]*)?$',
});
const JsonPath = Type.String({ minLength: 1, maxLength: 63 });

const TransformInput = record('TransformInput', {
  uri: { ...Uri, description: 'A file, or a prefix: every file whose location begins so.' },
  dataType: Type.Optional(
    oneOf(
      ['Prefix', 'ManifestFile'],
      'A manifest is a JSON list: first {"prefix": "souk://…/"}, then names behind it.',
    ),
  ),
  contentType: ContentType,
  compressionType: Type.Optional(oneOf(compressionTypes)),
  splitType: Type.Optional(oneOf(splitTypes)),
});
const TransformOutput = record('TransformOutput', {
  uri: { ...Uri, description: 'Where results go: X becomes X.out below it.' },
  accept: Type.Optional(ContentType),
  assembleWith: Type.Optional(oneOf(['None', 'Line'])),
});
const DataProcessing = record('DataProcessing', {
  inputFilter: Type.Optional(JsonPath),
  outputFilter: Type.Optional(JsonPath),
  joinSource: Type.Optional(oneOf(['None', 'Input'])),
});

const asked = {
  batchStrategy: Type.Optional(oneOf(batchStrategies)),
  maxPayloadInMB: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: transformLimits.payloadMbMax,
      description: '0: streamed, of any size.',
    }),
  ),
  maxConcurrentTransforms: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
};

export const NewTransformJob = record('NewTransformJob', {
  name: ResourceName,
  model: fields({
    subscriptionId: Type.Optional(idOf('sub')),
    version: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    modelPackage: Type.Optional(ownModel),
  }),
  transformInput: TransformInput,
  transformOutput: TransformOutput,
  transformResources: fields({
    instanceType: Type.String({ minLength: 2, maxLength: 63 }),
    instanceCount: Type.Optional(Type.Integer({ minimum: 1, maximum: transformLimits.instancesMax })),
  }),
  ...asked,
  modelClientConfig: Type.Optional(
    fields({
      invocationsTimeoutInSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 3600 })),
      invocationsMaxRetries: Type.Optional(Type.Integer({ minimum: 0, maximum: 3 })),
    }),
  ),
  dataProcessing: Type.Optional(DataProcessing),
  environment: Type.Optional(
    Type.Record(
      Type.String({ pattern: '^[a-zA-Z_][a-zA-Z0-9_]{0,1023}$' }),
      Type.String({ maxLength: 10_240 }),
      {
        maxProperties: 16,
      },
    ),
  ),
});
export type NewTransformJob = Static<typeof NewTransformJob>;

/** Why a job or one of its files failed: the same as an error of the API. */
export const TransformFailure = record('TransformFailure', {
  code: Type.String(),
  message: Type.String(),
  remedy: Type.String(),
});
export type TransformFailure = Static<typeof TransformFailure>;

export const TransformJob = record('TransformJob', {
  id: idOf('trf'),
  name: ResourceName,
  state: oneOf(transformStates),
  stage: oneOf(transformStages),
  failure: nullable(TransformFailure),
  model: fields({
    subscriptionId: idOf('sub'),
    name: Type.String(),
    version: Type.String(),
    modelPackage: nullable(ownModel),
  }),
  transformInput: TransformInput,
  transformOutput: TransformOutput,
  transformResources: fields({ instanceType: Type.String(), instanceCount: Type.Integer() }),
  ...asked,
  modelClientConfig: fields({
    invocationsTimeoutInSeconds: Type.Integer(),
    invocationsMaxRetries: Type.Integer(),
  }),
  dataProcessing: DataProcessing,
  environment: Type.Record(Type.String(), Type.String()),
  effective: nullable(
    fields({
      batchStrategy: oneOf(batchStrategies),
      maxPayloadInMB: Type.Integer(),
      maxConcurrentTransforms: Type.Integer(),
      source: oneOf(['job', 'model', 'default'], 'Where the strongest of the three comes from.'),
    }),
  ),
  progress: fields({
    files: fields({
      total: nullable(Type.Integer()),
      done: Type.Integer(),
      failed: Type.Integer(),
    }),
    inputBytes: fields({ total: Type.Integer(), read: Type.Integer() }),
    rows: Type.Integer({ description: 'Records that were answered, also of files that are not finished.' }),
    rowsPerSecond: Type.Number(),
    calls: Type.Integer(),
  }),
  countedUnits: Type.Integer({ description: 'Counted as usage: of finished files only.' }),
  manifestUri: nullable(Type.String()),
  log: Type.Array(Type.String(), { description: 'The last lines that the model wrote.' }),
  createdBy: Type.String(),
  createdAt: Timestamp,
  startedAt: nullable(Timestamp),
  endedAt: nullable(Timestamp),
});
export type TransformJob = Static<typeof TransformJob>;

export const TransformFile = record('TransformFile', {
  position: Type.Integer(),
  inputUri: Type.String(),
  outputUri: Type.String(),
  state: oneOf(transformFileStates),
  inputBytes: Type.Integer(),
  rows: Type.Integer(),
  outputBytes: nullable(Type.Integer()),
  outputSha256: nullable(Sha256),
  failure: nullable(TransformFailure),
  finishedAt: nullable(Timestamp),
});
export type TransformFile = Static<typeof TransformFile>;

const tag = 'transform jobs';
const params = fields({ transformJob: ResourceName });
const path = '/api/transform-jobs/:transformJob';

export const transformOperations = {
  createTransformJob: operation({
    id: 'createTransformJob',
    method: 'POST',
    path: '/api/transform-jobs',
    tag,
    summary: 'Run a subscribed model over files',
    body: NewTransformJob,
    output: TransformJob,
    status: 201,
    errors: [
      'transform.name_taken',
      'transform.instance_type_unsupported',
      'transform.too_much_in_flight',
      'transform.json_path',
      'transform.processing_unsupported',
      'transform.no_input',
      'cluster.not_configured',
      'cluster.command_missing',
      'cluster.unreachable',
      'cluster.folder_unusable',
      'cluster.partition_unknown',
      'cluster.nodes_down',
      'cluster.model_elsewhere',
      'subscription.missing',
      'subscription.ended',
      'subscription.suspended',
      'subscription.version_missing',
      'subscription.answers_no_calls',
      'subscription.source_unclear',
      'model.missing',
      'model.not_trained',
      'model.not_runnable',
      'location.invalid',
      'location.foreign',
      'location.missing',
      'location.no_credentials',
      'location.unreachable',
    ],
  }),
  listTransformJobs: operation({
    id: 'listTransformJobs',
    method: 'GET',
    path: '/api/transform-jobs',
    tag,
    summary: 'Transform jobs of the account, newest first',
    query: fields({
      state: Type.Optional(oneOf(transformStates)),
      subscriptionId: Type.Optional(idOf('sub')),
      ...PageQuery,
    }),
    output: pageOf('TransformJobPage', TransformJob),
    errors: [],
  }),
  getTransformJob: operation({
    id: 'getTransformJob',
    method: 'GET',
    path,
    tag,
    summary: 'One transform job, with its progress',
    params,
    output: TransformJob,
    errors: ['transform.missing'],
  }),
  followTransformJob: operation({
    id: 'followTransformJob',
    method: 'GET',
    path: `${path}/events`,
    tag,
    summary: 'The job at each change (server-sent events), until it has ended',
    params,
    output: null,
    outputType: 'text/event-stream',
    errors: ['transform.missing'],
  }),
  listTransformFiles: operation({
    id: 'listTransformFiles',
    method: 'GET',
    path: `${path}/files`,
    tag,
    summary: 'The files of a transform job, in order, with what became of each',
    params,
    query: fields({ state: Type.Optional(oneOf(transformFileStates)), ...PageQuery }),
    output: pageOf('TransformFilePage', TransformFile),
    errors: ['transform.missing'],
  }),
  stopTransformJob: operation({
    id: 'stopTransformJob',
    method: 'POST',
    path: `${path}/stop`,
    tag,
    summary: 'Stop a transform job; files that are finished stay',
    params,
    output: TransformJob,
    errors: ['transform.missing', 'transform.ended'],
  }),
};
