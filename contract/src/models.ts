import { type Static, Type } from 'typebox';
import { ContainerSpecification } from './containers.ts';
import { defineErrors } from './errors.ts';
import { Finding } from './findings.ts';
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

export const modelErrors = defineErrors({
  'model.missing': {
    kind: 'missing',
    message: 'There is no model package {name} in this account.',
    remedy: 'List your model packages; a name from another account needs its owner.',
  },
  'model.name_taken': {
    kind: 'conflict',
    message: 'A model package named {name} exists in this account and region.',
    remedy: 'A registered package never changes: register the new one under another name.',
  },
  'model.unknown_region': {
    kind: 'invalid',
    message: 'There is no region {region}; this marketplace has {regions}.',
    remedy: 'Use one of these, or leave the region out.',
  },
  'model.unknown_instance_type': {
    kind: 'invalid',
    message: 'There is no instance type {instanceType}; this marketplace has {instanceTypes}.',
    remedy: 'Use types of this marketplace.',
  },
  'model.in_use': {
    kind: 'conflict',
    message: 'The model package {name} is part of the product {product}.',
    remedy: 'Remove it from the product first; a released version keeps what it was released with.',
  },
  'model.not_runnable': {
    kind: 'conflict',
    message: 'The model package {name} is {status}; only a Completed one can be run.',
    remedy: 'Wait for its checks; a Failed one says why on its page.',
  },
  'model.server_missing': {
    kind: 'invalid',
    message: 'There is no server {server} that may serve model packages of this account.',
    remedy:
      'GET /api/servers lists those that are open to it; others the operator registers and opens (souk servers).',
  },
  'model.server_and_more': {
    kind: 'invalid',
    message: '{name} names the server {server} and {what}: a server has its model itself.',
    remedy: 'Leave one of both out.',
  },
  'model.not_trained': {
    kind: 'conflict',
    message: 'The model package {name} was registered, not trained; it is run by subscribing to its product.',
    remedy: 'Choose a model that a training of this account made.',
  },
  'model.not_finished': {
    kind: 'conflict',
    message: 'The model package {name} is {status}; it can be deleted when it is Completed or Failed.',
    remedy: 'Wait until its checks have ended.',
  },
});

/** Source: SageMaker DescribeModelPackage; a failed package is registered anew, never repaired. */
export const modelPackageStatuses = ['Pending', 'InProgress', 'Completed', 'Failed', 'Deleting'] as const;
export type ModelPackageStatus = (typeof modelPackageStatuses)[number];

/** SageMaker's pattern for names of resources. */
export const ResourceName = Type.String({
  pattern: '^[a-zA-Z0-9](?:-*[a-zA-Z0-9]){0,62}$',
  maxLength: 63,
  description: 'letters, digits and inner hyphens, at most 63',
});
export const contentTypes = ['application/json', 'text/csv'] as const;
const ContentType = Type.String({ minLength: 3, maxLength: 255, pattern: '^[^\\s;]+/[^\\s;]+$' });
const InstanceType = Type.String({ minLength: 3, maxLength: 63 });

export const InferenceSpecification = record('InferenceSpecification', {
  supportedContentTypes: Type.Array(ContentType, { minItems: 1, maxItems: 20, uniqueItems: true }),
  supportedResponseMIMETypes: Type.Array(ContentType, { minItems: 1, maxItems: 20, uniqueItems: true }),
  supportedRealtimeInferenceInstanceTypes: Type.Array(InstanceType, {
    minItems: 1,
    maxItems: 50,
    uniqueItems: true,
  }),
  supportedTransformInstanceTypes: Type.Array(InstanceType, { minItems: 1, maxItems: 50, uniqueItems: true }),
  batching: Type.Optional(
    fields({
      windowMs: Type.Number({
        minimum: 0,
        maximum: 1000,
        description: 'How long a call may wait for others, in milliseconds.',
      }),
      recordsMax: Type.Integer({ minimum: 2, maximum: 4096, description: 'Records of one run at most.' }),
    }),
  ),
  container: Type.Optional(ContainerSpecification),
  server: Type.Optional(
    Type.String({
      maxLength: 63,
      description:
        'Name of a server that already runs, which the operator has opened to the account: it serves the model, whose weights stay there. In place of an upload and of an image.',
    }),
  ),
});
export type InferenceSpecification = Static<typeof InferenceSpecification>;

export const ValidationProfile = record('ValidationProfile', {
  profileName: ResourceName,
  input: fields({ contentType: ContentType, body: Type.String({ minLength: 1, maxLength: 1_000_000 }) }),
  expected: fields({
    contentType: ContentType,
    body: Type.Optional(
      Type.String({
        maxLength: 1_000_000,
        description:
          'An example answer. Its form is compared (keys, types, columns, lengths), not its numbers.',
      }),
    ),
  }),
});
export type ValidationProfile = Static<typeof ValidationProfile>;

export const TensorDescription = record('TensorDescription', {
  name: Type.String(),
  type: Type.String({ description: 'ONNX element type, for example float32; or map, sequence.' }),
  shape: nullable(Type.Array(Type.Union([Type.Integer(), Type.String(), Type.Null()]))),
});

export const OnnxDescription = record('OnnxDescription', {
  irVersion: Type.Integer(),
  opsets: Type.Array(fields({ domain: Type.String(), version: Type.Integer() })),
  producer: nullable(Type.String()),
  inputs: Type.Array(TensorDescription),
  outputs: Type.Array(TensorDescription),
  operators: Type.Array(Type.String()),
  parametersCount: nullable(Type.Number()),
});
export type OnnxDescription = Static<typeof OnnxDescription>;

const StepStatus = record('ValidationStatus', {
  name: Type.String(),
  status: oneOf(['NotStarted', 'InProgress', 'Completed', 'Failed']),
  failureReason: nullable(Type.String()),
});

export const ModelPackage = record('ModelPackage', {
  id: idOf('mpk'),
  arn: Type.String({ description: 'arn:aws:sagemaker:<region>:<account>:model-package/<name>' }),
  name: ResourceName,
  description: Type.String(),
  region: Type.String(),
  accountId: AccountId,
  status: oneOf(modelPackageStatuses),
  failureReason: nullable(Type.String()),
  imageScanStatuses: Type.Array(StepStatus),
  validationStatuses: Type.Array(StepStatus),
  certifyForMarketplace: Type.Boolean(),
  trained: nullable(fields({ subscriptionId: idOf('sub'), trainingJob: Type.String() })),
  archive: fields({ sha256: Sha256, sizeBytes: Type.Integer(), fileName: Type.String() }),
  inferenceSpecification: InferenceSpecification,
  validationSpecification: fields({
    validationProfiles: Type.Array(ValidationProfile, { minItems: 1, maxItems: 1 }),
  }),
  onnx: nullable(OnnxDescription),
  findings: Type.Array(Finding),
  createdAt: Timestamp,
  updatedAt: Timestamp,
});
export type ModelPackage = Static<typeof ModelPackage>;

/** What may be run beside products. */
export const ownModel = Type.String({
  minLength: 1,
  maxLength: 63,
  description:
    'A model package that a training of this account made; it runs while the subscription that trained it is active.',
});

const params = fields({ name: ResourceName });
const inRegion = fields({
  region: Type.Optional(Type.String({ maxLength: 63, description: 'Else the marketplace’s first region.' })),
});
const tag = 'model packages';

export const modelOperations = {
  createModelPackage: operation({
    id: 'createModelPackage',
    method: 'POST',
    path: '/api/model-packages',
    tag,
    summary:
      'Register a model package from a finished upload, a container image, both, or a server that already runs; its checks start at once',
    body: record('NewModelPackage', {
      name: ResourceName,
      description: Type.Optional(Type.String({ maxLength: 1024 })),
      region: Type.Optional(Type.String({ maxLength: 63 })),
      uploadId: Type.Optional(idOf('upl')),
      inferenceSpecification: Type.Optional(InferenceSpecification),
      validationSpecification: fields({
        validationProfiles: Type.Array(ValidationProfile, { minItems: 1, maxItems: 1 }),
      }),
      certifyForMarketplace: Type.Optional(Type.Boolean()),
    }),
    output: ModelPackage,
    status: 201,
    errors: [
      'model.name_taken',
      'model.unknown_region',
      'model.unknown_instance_type',
      'model.server_missing',
      'model.server_and_more',
      'container.image_missing',
      'container.nothing_to_run',
      'container.environment_invalid',
      'upload.missing',
      'upload.incomplete',
    ],
  }),
  listModelPackages: operation({
    id: 'listModelPackages',
    method: 'GET',
    path: '/api/model-packages',
    tag,
    summary: 'Model packages of the account, newest first',
    query: fields({
      nameContains: Type.Optional(Type.String({ maxLength: 63 })),
      status: Type.Optional(oneOf(modelPackageStatuses)),
      trained: Type.Optional(
        Type.Boolean({ description: 'Only those that a training of the account made, or only the others.' }),
      ),
      ...PageQuery,
    }),
    output: pageOf('ModelPackagePage', ModelPackage),
    errors: [],
  }),
  getModelPackage: operation({
    id: 'getModelPackage',
    method: 'GET',
    path: '/api/model-packages/:name',
    tag,
    summary: 'One model package, with findings and reasons',
    params,
    query: inRegion,
    output: ModelPackage,
    errors: ['model.missing', 'access.describe_forbidden'],
  }),
  deleteModelPackage: operation({
    id: 'deleteModelPackage',
    method: 'DELETE',
    path: '/api/model-packages/:name',
    tag,
    summary: 'Delete a model package that no product uses',
    params,
    query: inRegion,
    output: null,
    status: 204,
    errors: ['model.missing', 'model.in_use', 'model.not_finished'],
  }),
};
