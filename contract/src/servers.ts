import { type Static, Type } from 'typebox';
import { defineErrors } from './errors.ts';
import { ResourceName, TensorDescription } from './models.ts';
import { operation } from './operation.ts';
import { AccountId, fields, idOf, nullable, oneOf, record, Timestamp, Url } from './schema.ts';

export const serverErrors = defineErrors({
  'server.missing': {
    kind: 'missing',
    message: 'There is no server {name} here.',
    remedy: 'List the servers; a publisher sees those that the operator has opened to the account.',
  },
  'server.name_taken': {
    kind: 'conflict',
    message: 'A server named {name} is registered already.',
    remedy: 'Change that one, or take another name.',
  },
  'server.address_refused': {
    kind: 'invalid',
    message: 'Souk does not call this server: {problem}',
    remedy:
      'Give an https address on the public internet, or allow the network (SOUK_OUTBOUND_ALLOW) and restart Souk; only there may it be http.',
  },
  'server.header_invalid': {
    kind: 'invalid',
    message: 'The credentials cannot be sent: {problem}',
    remedy: 'Take a header that the server reads its key from, and a value of one line.',
  },
  'server.certificate_invalid': {
    kind: 'invalid',
    message: 'The certificate authority cannot be read: {problem}.',
    remedy: 'Give certificates as PEM: -----BEGIN CERTIFICATE----- and so on.',
  },
  'server.model_name_needed': {
    kind: 'invalid',
    message: 'A server of the Open Inference Protocol has models by name; none is named.',
    remedy: 'Give the name that the server lists under /v2/models.',
  },
  'server.model_name_unused': {
    kind: 'invalid',
    message: 'The SageMaker container contract has no names of models; one is given.',
    remedy: 'Leave it out, or choose the Open Inference Protocol.',
  },
  'server.account_unknown': {
    kind: 'invalid',
    message: 'There is no account {accountId}.',
    remedy: 'Give 12-digit ids of accounts of this marketplace.',
  },
  'server.version_missing': {
    kind: 'missing',
    message: 'There is no version {version} of {product} that answers calls here.',
    remedy:
      'List the deployments: a version is there from its preview on; algorithms answer no calls themselves.',
  },
  'server.not_open': {
    kind: 'conflict',
    message: 'The server {name} is not open to the account {accountId}, which publishes {product}.',
    remedy: 'Open it to the account first (souk servers set --open).',
  },
  'server.answers_otherwise': {
    kind: 'conflict',
    message:
      'The server {name} does not answer the certified sample of {product} {version} as it was certified: {problem}',
    remedy:
      'Put the same model on the server, under the name that is registered; souk servers test says what it takes.',
  },
  'server.not_served': {
    kind: 'conflict',
    message: 'The server {name} does not serve {product} {version}.',
    remedy: 'See what it serves with souk servers show.',
  },
  'server.in_use': {
    kind: 'conflict',
    message: 'The server {name} is needed by {users}.',
    remedy:
      'Withdraw, replace or delete what it serves first; changing its address or credentials needs no removal.',
  },
});

export const serverProtocols = ['sagemaker', 'inference-v2'] as const;
export const serverHealthStates = ['unknown', 'ok', 'down'] as const;

const secret = Type.String({ minLength: 1, maxLength: 8192, description: 'Sealed; never shown again.' });
const HeaderName = Type.String({ pattern: '^[A-Za-z0-9-]{1,100}$' });

export const ServerCredentials = Type.Union(
  [
    fields({ kind: Type.Literal('none') }),
    fields({ kind: Type.Literal('bearer'), token: secret }),
    fields({
      kind: Type.Literal('basic'),
      user: Type.String({ maxLength: 255, pattern: '^[^:]*$' }),
      password: secret,
    }),
    fields({ kind: Type.Literal('header'), name: HeaderName, value: secret }),
  ],
  { title: 'ServerCredentials' },
);
export type ServerCredentials = Static<typeof ServerCredentials>;

export const ServerHealth = record('ServerHealth', {
  state: oneOf(serverHealthStates),
  detail: Type.String({ description: 'What keeps it from being called, in words; empty when it is well.' }),
  latencyMs: nullable(Type.Number()),
  checkedAt: nullable(Timestamp),
  since: Timestamp,
});

export const ModelServer = record('ModelServer', {
  id: idOf('srv'),
  name: ResourceName,
  description: Type.String(),
  url: Type.String(),
  protocol: oneOf(serverProtocols),
  modelName: nullable(Type.String()),
  credentials: record('ShownServerCredentials', {
    kind: oneOf(['none', 'bearer', 'basic', 'header']),
    name: nullable(Type.String({ description: 'The header, or the user; never the secret.' })),
  }),
  hasOwnAuthority: Type.Boolean(),
  timeoutMs: Type.Integer(),
  accountIds: Type.Array(AccountId, { description: 'Whose model packages it may serve.' }),
  serves: Type.Array(Type.String(), {
    description:
      'What it serves: deployments as publisher/product version, then endpoints and model packages with their accounts.',
  }),
  health: ServerHealth,
  createdAt: Timestamp,
  updatedAt: Timestamp,
});
export type ModelServer = Static<typeof ModelServer>;

const settings = {
  description: Type.Optional(Type.String({ maxLength: 1024 })),
  caPem: Type.Optional(
    Type.String({ maxLength: 100_000, description: 'A certificate authority of its own; "" takes it away.' }),
  ),
  timeoutMs: Type.Optional(Type.Integer({ minimum: 100, maximum: 3_600_000, default: 60_000 })),
  accountIds: Type.Optional(Type.Array(AccountId, { maxItems: 1000, uniqueItems: true })),
  credentials: Type.Optional(ServerCredentials),
};

const VersionServed = {
  product: Type.String({ pattern: '^[a-z0-9-]{1,63}/[a-z0-9-]{1,63}$', description: 'publisher/product' }),
  version: Type.String({ minLength: 1, maxLength: 63 }),
};

const tag = 'servers';
const params = fields({ name: ResourceName });

export const serverOperations = {
  createServer: operation({
    id: 'createServer',
    method: 'POST',
    path: '/api/operator/servers',
    tag,
    summary: 'Register a model server that already runs',
    body: record('NewModelServer', {
      name: ResourceName,
      url: Url,
      protocol: oneOf(serverProtocols),
      modelName: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
      ...settings,
    }),
    output: ModelServer,
    status: 201,
    errors: [
      'server.name_taken',
      'server.address_refused',
      'server.header_invalid',
      'server.certificate_invalid',
      'server.model_name_needed',
      'server.model_name_unused',
      'server.account_unknown',
    ],
  }),
  listServers: operation({
    id: 'listServers',
    method: 'GET',
    path: '/api/operator/servers',
    tag,
    summary: 'Model servers that already run, with their health',
    output: record('ModelServers', { items: Type.Array(ModelServer) }),
    errors: [],
  }),
  getServer: operation({
    id: 'getServer',
    method: 'GET',
    path: '/api/operator/servers/:name',
    tag,
    summary: 'One server that already runs',
    params,
    output: ModelServer,
    errors: ['server.missing'],
  }),
  updateServer: operation({
    id: 'updateServer',
    method: 'PATCH',
    path: '/api/operator/servers/:name',
    tag,
    summary: 'Change a server: what it serves goes over to the new settings without a gap',
    params,
    body: fields({ url: Type.Optional(Url), ...settings }),
    output: ModelServer,
    errors: [
      'server.missing',
      'server.address_refused',
      'server.header_invalid',
      'server.certificate_invalid',
      'server.account_unknown',
    ],
  }),
  testServer: operation({
    id: 'testServer',
    method: 'POST',
    path: '/api/operator/servers/:name/test',
    tag,
    summary: 'Look now whether a server can be called, and how calls reach it',
    params,
    output: record('ServerTest', {
      health: ServerHealth,
      invocations: oneOf(
        ['passed', 'translated', 'refused', 'unknown'],
        'How POST /invocations reaches it: as it comes; translated to the Open Inference Protocol; not at all; or it could not be asked.',
      ),
      detail: Type.String(),
      inputs: Type.Array(TensorDescription),
      outputs: Type.Array(TensorDescription),
    }),
    errors: ['server.missing'],
  }),
  serveVersion: operation({
    id: 'serveVersion',
    method: 'PUT',
    path: '/api/operator/servers/:name/versions',
    tag,
    summary:
      'Have a version served by a server instead of here, once it answers the certified sample; calls go over without a gap',
    params,
    body: fields(VersionServed),
    output: ModelServer,
    errors: ['server.missing', 'server.version_missing', 'server.not_open', 'server.answers_otherwise'],
  }),
  serveVersionHere: operation({
    id: 'serveVersionHere',
    method: 'DELETE',
    path: '/api/operator/servers/:name/versions',
    tag,
    summary: 'Have a version served here again, from its own package',
    params,
    query: fields(VersionServed),
    output: ModelServer,
    errors: ['server.missing', 'server.version_missing', 'server.not_served'],
  }),
  listBackends: operation({
    id: 'listBackends',
    method: 'GET',
    path: '/api/operator/backends',
    tag,
    summary: 'What this marketplace can run things with, and what is missing',
    output: record('Backends', {
      items: Type.Array(
        fields({
          kind: oneOf(['onnx', 'container', 'process', 'remote', 'slurm']),
          use: oneOf(['serving', 'training', 'batch']),
          available: Type.Boolean(),
          detail: Type.String({ description: 'Why not, with what would change it; empty where it is.' }),
          hostsMax: nullable(Type.Integer({ description: 'The most hosts of one training.' })),
        }),
      ),
    }),
    errors: [],
  }),
  deleteServer: operation({
    id: 'deleteServer',
    method: 'DELETE',
    path: '/api/operator/servers/:name',
    tag,
    summary: 'Remove a server that serves nothing',
    params,
    output: null,
    status: 204,
    errors: ['server.missing', 'server.in_use'],
  }),
  listOwnServers: operation({
    id: 'listOwnServers',
    method: 'GET',
    path: '/api/servers',
    tag,
    summary:
      'Servers that may serve the account’s model packages; where they are is the operator’s knowledge',
    output: record('OwnServers', {
      items: Type.Array(
        fields({
          id: idOf('srv'),
          name: ResourceName,
          description: Type.String(),
          protocol: oneOf(serverProtocols),
          modelName: nullable(Type.String()),
          health: oneOf(serverHealthStates),
        }),
      ),
    }),
    errors: [],
  }),
};
