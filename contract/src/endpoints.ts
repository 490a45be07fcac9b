import { type Static, Type } from 'typebox';
import { defineErrors } from './errors.ts';
import { ownModel } from './models.ts';
import { operation } from './operation.ts';
import { fields, idOf, nullable, oneOf, record, Timestamp, Url } from './schema.ts';

export const endpointLimits = {
  perAccount: 50,
  instances: 20,
  concurrencyDefault: 8,
  concurrency: 1000,
  startSecondsDefault: 480,
  startSeconds: 3600,
  timeoutSecondsDefault: 60,
  idleMinutes: 1440,
  scaleInSecondsDefault: 120,
  environment: 100,
  environmentText: 1024,
  logLines: 5000,
  logLineBytes: 2000,
  eventsKept: 500,
} as const;

/** Bounds of the durations that endpoints count, in milliseconds; a last bucket has no end. */
export const endpointBucketsMs = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000,
] as const;

export const endpointErrors = defineErrors({
  'endpoint.missing': {
    kind: 'missing',
    message: 'This account has no endpoint {endpoint}.',
    remedy: 'List them with souk endpoints list, or under Market > Endpoints.',
  },
  'endpoint.name_taken': {
    kind: 'conflict',
    message: 'This account has an endpoint {endpoint} already.',
    remedy: 'Update it, or choose another name.',
  },
  'endpoint.instance_type_unsupported': {
    kind: 'invalid',
    message: '{product} does not run in real time on {instanceType}.',
    remedy: 'Choose one of: {instanceTypes}.',
  },
  'endpoint.scaling_contradicts': {
    kind: 'invalid',
    message: 'The scaling contradicts itself: {problem}',
    remedy:
      'Give instances alone, or instancesMin no larger than instancesMax; for none at all while nobody calls, idleMinutes.',
  },
  'endpoint.payload_limit': {
    kind: 'invalid',
    message: 'Endpoints may take bodies of up to {limitBytes} bytes here; {bytes} were asked for.',
    remedy: 'Ask for less, or ask the operator to raise SOUK_ENDPOINT_PAYLOAD_BYTES_MAX.',
  },
  'endpoint.timeout_limit': {
    kind: 'invalid',
    message: 'Calls of endpoints may take up to {limitSeconds} s here; {seconds} s were asked for.',
    remedy: 'Ask for less, or ask the operator to raise SOUK_ENDPOINT_TIMEOUT_SECONDS_MAX.',
  },
  'endpoint.too_many': {
    kind: 'precondition',
    message: 'An account may have {limit} endpoints at a time.',
    remedy: 'Delete one that is not needed.',
  },
  'endpoint.busy': {
    kind: 'conflict',
    message: 'Endpoint {endpoint} is {state}; it takes a change when that is over.',
    remedy: 'Wait until it is InService, then try again.',
  },
  'endpoint.nothing_to_change': {
    kind: 'invalid',
    message: 'The update of endpoint {endpoint} names nothing that is to change.',
    remedy: 'Name what should be different: version, instanceType, instances, scaling or limits.',
  },
  'endpoint.capture_nothing': {
    kind: 'invalid',
    message: 'Data capture with neither requests nor answers keeps nothing.',
    remedy: 'Choose requests, answers or both; or null to stop capturing.',
  },
  'endpoint.environment_reserved': {
    kind: 'invalid',
    message: 'The environment variable {name} is set by Souk.',
    remedy: 'Choose another name.',
  },
});

export const EndpointName = Type.String({
  pattern: '^[a-zA-Z0-9](?:-*[a-zA-Z0-9]){0,62}$',
  description: 'Letters, digits and inner hyphens, 1 to 63 characters.',
});

export const endpointStates = [
  'Creating',
  'InService',
  'Updating',
  'RollingBack',
  'OutOfService',
  'Failed',
  'Deleting',
] as const;
const State = oneOf([...endpointStates]);
export type EndpointState = (typeof endpointStates)[number];

const Capture = fields({
  percent: Type.Integer({ minimum: 1, maximum: 100, description: 'Of the calls, chosen at random.' }),
  requests: Type.Boolean(),
  answers: Type.Boolean(),
  location: Type.String({
    minLength: 1,
    maxLength: 900,
    pattern: '/$',
    description: 'Where files of JSON lines are written: souk://ACCOUNT/PREFIX/ or s3://BUCKET/PREFIX/.',
  }),
});

/** How an endpoint behaves; what it runs is its variant. */
const settings = {
  instancesMin: Type.Integer({ minimum: 1, maximum: endpointLimits.instances }),
  instancesMax: Type.Integer({
    minimum: 1,
    maximum: endpointLimits.instances,
    description: 'Above instancesMin: scales between both by how many calls run at the same time.',
  }),
  concurrency: Type.Integer({
    minimum: 1,
    maximum: endpointLimits.concurrency,
    description: 'Calls at the same time that one instance is given; more wait in the gateway.',
  }),
  idleMinutes: nullable(
    Type.Integer({
      minimum: 1,
      maximum: endpointLimits.idleMinutes,
      description: 'After so long without a call all instances stop; the next call wakes it. Null: never.',
    }),
  ),
  scaleInSeconds: Type.Integer({ minimum: 1, maximum: 3600 }),
  startSeconds: Type.Integer({
    minimum: 5,
    maximum: endpointLimits.startSeconds,
    description: 'How long an instance may take until /ping answers 200; so long a call waits for waking.',
  }),
  payloadBytesMax: Type.Integer({ minimum: 1 }),
  timeoutSeconds: Type.Integer({ minimum: 1 }),
  capture: Type.Optional(nullable(Capture)),
};
export const EndpointSettings = record('EndpointSettings', settings);
export type EndpointSettings = Static<typeof EndpointSettings>;

const Environment = Type.Record(
  Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_]{0,1023}$' }),
  Type.String({ maxLength: endpointLimits.environmentText }),
  { maxProperties: endpointLimits.environment },
);

const changes = {
  modelPackage: Type.Optional(ownModel),
  version: Type.Optional(
    Type.String({
      maxLength: 64,
      description: 'Of the subscription; by default the one that it has chosen.',
    }),
  ),
  instances: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: endpointLimits.instances,
      description: 'So many, always: the same as instancesMin and instancesMax.',
    }),
  ),
  instancesMin: Type.Optional(settings.instancesMin),
  instancesMax: Type.Optional(settings.instancesMax),
  concurrency: Type.Optional(settings.concurrency),
  idleMinutes: Type.Optional(settings.idleMinutes),
  scaleInSeconds: Type.Optional(settings.scaleInSeconds),
  startSeconds: Type.Optional(settings.startSeconds),
  payloadBytesMax: Type.Optional(settings.payloadBytesMax),
  timeoutSeconds: Type.Optional(settings.timeoutSeconds),
  environment: Type.Optional(Environment),
  capture: settings.capture,
};

export const EndpointInstance = record('EndpointInstance', {
  id: idOf('epi'),
  variant: Type.Integer(),
  instanceType: Type.String(),
  state: oneOf(['starting', 'ready', 'down', 'draining']),
  restarts: Type.Integer(),
  failure: nullable(Type.String({ description: 'Why it ended the last time.' })),
  node: nullable(Type.String()),
  calls: Type.Integer({ description: 'Under way right now.' }),
  createdAt: Timestamp,
  readyAt: nullable(Timestamp),
});
export type EndpointInstance = Static<typeof EndpointInstance>;

export const EndpointVariant = record('EndpointVariant', {
  number: Type.Integer(),
  name: Type.String({ description: 'publisher/product version, or the name of a model package' }),
  subscriptionId: idOf('sub'),
  version: Type.String({ description: 'Of the product; of a model package, of the algorithm that made it.' }),
  modelPackage: nullable(ownModel),
  kind: oneOf(['onnx', 'container', 'process', 'remote']),
  instanceType: Type.String(),
  environment: Type.Record(Type.String(), Type.String()),
  createdBy: Type.String(),
  createdAt: Timestamp,
});
export type EndpointVariant = Static<typeof EndpointVariant>;

const summary = {
  id: idOf('ept'),
  name: EndpointName,
  state: State,
  reason: nullable(
    Type.String({ description: 'Why it is Failed or OutOfService, or why the last update was rolled back.' }),
  ),
  asleep: Type.Boolean(),
  serving: nullable(EndpointVariant),
  coming: nullable(EndpointVariant),
  settings: EndpointSettings,
  instancesReady: Type.Integer(),
  instancesWanted: Type.Integer(),
  callsUnderWay: Type.Integer(),
  createdBy: Type.String(),
  createdAt: Timestamp,
  updatedAt: Timestamp,
};
export const EndpointSummary = record('EndpointSummary', summary);
export type EndpointSummary = Static<typeof EndpointSummary>;

export const Endpoint = record('Endpoint', {
  ...summary,
  url: Url,
  instances: Type.Array(EndpointInstance),
  coldStarts: Type.Array(record('ColdStart', { at: Timestamp, durationMs: Type.Integer() }), {
    description: 'From the call that woke it until an instance answered; the last ten.',
  }),
});
export type Endpoint = Static<typeof Endpoint>;

export const EndpointTraffic = record('EndpointTraffic', {
  bucketsMs: Type.Array(Type.Integer()),
  minutes: Type.Array(
    record('EndpointMinute', {
      at: Timestamp,
      calls: Type.Integer(),
      clientErrors: Type.Integer(),
      serverErrors: Type.Integer(),
      meanMs: nullable(Type.Number()),
      p50Ms: nullable(Type.Number()),
      p99Ms: nullable(Type.Number()),
      buckets: Type.Array(Type.Integer()),
    }),
  ),
});
export type EndpointTraffic = Static<typeof EndpointTraffic>;

export const EndpointEvents = record('EndpointEvents', {
  items: Type.Array(
    record('EndpointEvent', {
      id: Type.Integer(),
      at: Timestamp,
      kind: Type.String(),
      message: Type.String(),
    }),
  ),
});
export type EndpointEvents = Static<typeof EndpointEvents>;

export const EndpointLogs = record('EndpointLogs', {
  items: Type.Array(
    record('EndpointLogLine', {
      id: Type.Integer(),
      at: Timestamp,
      instanceId: idOf('epi'),
      level: oneOf(['info', 'warn', 'error']),
      text: Type.String(),
    }),
  ),
});
export type EndpointLogs = Static<typeof EndpointLogs>;

const tag = 'endpoints';
const one = fields({ name: EndpointName });

export const endpointOperations = {
  createEndpoint: operation({
    id: 'createEndpoint',
    method: 'POST',
    path: '/api/endpoints',
    tag,
    summary: 'Run a subscribed product, or a model that the account trained, on instances of one’s own',
    body: fields({
      name: EndpointName,
      subscriptionId: Type.Optional(idOf('sub')),
      instanceType: Type.String({ maxLength: 64 }),
      ...changes,
    }),
    output: Endpoint,
    status: 201,
    errors: [
      'subscription.missing',
      'subscription.ended',
      'subscription.suspended',
      'subscription.version_missing',
      'subscription.answers_no_calls',
      'subscription.source_unclear',
      'model.missing',
      'model.not_trained',
      'model.not_runnable',
      'endpoint.name_taken',
      'endpoint.too_many',
      'endpoint.instance_type_unsupported',
      'endpoint.scaling_contradicts',
      'endpoint.payload_limit',
      'endpoint.timeout_limit',
      'endpoint.environment_reserved',
      'endpoint.capture_nothing',
    ],
  }),
  listEndpoints: operation({
    id: 'listEndpoints',
    method: 'GET',
    path: '/api/endpoints',
    tag,
    summary: 'The account’s endpoints, newest first',
    output: record('Endpoints', { items: Type.Array(EndpointSummary) }),
    errors: [],
  }),
  getEndpoint: operation({
    id: 'getEndpoint',
    method: 'GET',
    path: '/api/endpoints/:name',
    tag,
    summary: 'One endpoint: what it runs, its instances, its cold starts',
    params: one,
    output: Endpoint,
    errors: ['endpoint.missing'],
  }),
  updateEndpoint: operation({
    id: 'updateEndpoint',
    method: 'PATCH',
    path: '/api/endpoints/:name',
    tag,
    summary: 'Change an endpoint; calls move when the new instances answer, or it is rolled back',
    params: one,
    body: fields({ ...changes, instanceType: Type.Optional(Type.String({ maxLength: 64 })) }),
    output: Endpoint,
    errors: [
      'endpoint.missing',
      'endpoint.busy',
      'endpoint.nothing_to_change',
      'subscription.missing',
      'subscription.ended',
      'subscription.suspended',
      'subscription.version_missing',
      'subscription.answers_no_calls',
      'subscription.source_unclear',
      'model.missing',
      'model.not_trained',
      'model.not_runnable',
      'endpoint.instance_type_unsupported',
      'endpoint.scaling_contradicts',
      'endpoint.payload_limit',
      'endpoint.timeout_limit',
      'endpoint.environment_reserved',
      'endpoint.capture_nothing',
    ],
  }),
  deleteEndpoint: operation({
    id: 'deleteEndpoint',
    method: 'DELETE',
    path: '/api/endpoints/:name',
    tag,
    summary: 'Delete an endpoint: no further calls, those under way are finished, then its instances stop',
    params: one,
    output: Endpoint,
    errors: ['endpoint.missing'],
  }),
  getEndpointTraffic: operation({
    id: 'getEndpointTraffic',
    method: 'GET',
    path: '/api/endpoints/:name/traffic',
    tag,
    summary: 'Calls of an endpoint and how long they took, by minute',
    params: one,
    query: fields({ minutes: Type.Optional(Type.Integer({ minimum: 5, maximum: 1440, default: 60 })) }),
    output: EndpointTraffic,
    errors: ['endpoint.missing'],
  }),
  listEndpointEvents: operation({
    id: 'listEndpointEvents',
    method: 'GET',
    path: '/api/endpoints/:name/events',
    tag,
    summary: 'What happened to an endpoint, newest first',
    params: one,
    output: EndpointEvents,
    errors: ['endpoint.missing'],
  }),
  listEndpointLogs: operation({
    id: 'listEndpointLogs',
    method: 'GET',
    path: '/api/endpoints/:name/logs',
    tag,
    summary: 'What an endpoint’s instances wrote, oldest first; its publisher never reads it',
    params: one,
    query: fields({
      after: Type.Optional(Type.Integer({ minimum: 0, description: 'Only lines after this one.' })),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 200 })),
    }),
    output: EndpointLogs,
    errors: ['endpoint.missing'],
  }),
};
