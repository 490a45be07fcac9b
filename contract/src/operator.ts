import { type Static, type TSchema, Type } from 'typebox';
import { defineErrors } from './errors.ts';
import { operation } from './operation.ts';
import {
  AccountId,
  Currency,
  Decimal,
  fields,
  idOf,
  nullable,
  oneOf,
  PageQuery,
  Price,
  pageOf,
  record,
  Sha256,
  Timestamp,
} from './schema.ts';

export const operatorErrors = defineErrors({
  'operator.mail_missing': { kind: 'missing', message: 'There is no such mail.', remedy: 'List the outbox.' },
  'operator.deployment_missing': {
    kind: 'missing',
    message: 'There is no deployment {deploymentId}.',
    remedy: 'List the deployments.',
  },
});

const reading = oneOf(
  ['automatic', 'sample', 'one', 'two'],
  '`automatic`: no person; `sample`: a keyed random sample; `one` reviewer; `two` different reviewers',
);
const hours = Type.Integer({ minimum: 1, maximum: 8760 });
const byType = <S extends TSchema>(schema: S) =>
  fields({ 'model-package': schema, algorithm: schema, 'web-service': schema, application: schema });

/** What the operator decides about the pipeline. Every one has a safe default. */
export const Policies = record('Policies', {
  scannerMissing: oneOf(
    ['hold', 'record'],
    'What happens when ClamAV cannot be reached: the submission is held, or goes on with "not run" on its evidence.',
  ),
  /** Who reads a submission that brings a product, a version or anything else that runs. */
  review: byType(reading),
  /** Who reads one that changes texts, media and prices of a live product and nothing that runs. */
  reviewOfTexts: byType(reading),
  /** Of how many in a hundred `sample` takes. */
  reviewSample: byType(Type.Integer({ minimum: 0, maximum: 100 })),
  answerWithinHours: fields({ review: hours, held: hours, dispute: hours }),
  programTraining: oneOf(
    ['sandboxed', 'off'],
    'Whether the programs of algorithms run here: in the sandbox, or not at all.',
  ),
  programServing: fields({
    accounts: Type.Array(AccountId, {
      maxItems: 1000,
      uniqueItems: true,
      description:
        'Publishers whose programs may also serve what they have trained, in the sandbox, where that is no ONNX model. None: nobody’s.',
    }),
  }),
  imageMegabytes: Type.Integer({
    minimum: 1,
    maximum: 1_000_000,
    description: 'Layers of a container image together, as they are kept.',
  }),
  accountImageGigabytes: Type.Integer({
    minimum: 0,
    maximum: 1_000_000,
    description: 'Layers of all container images of an account; one that several have counts once.',
  }),
  triesPerDay: fields({
    visitor: Type.Integer({ minimum: 0, maximum: 10_000 }),
    account: Type.Integer({ minimum: 0, maximum: 10_000 }),
  }),
  signUp: oneOf(['open', 'invitation']),
  filesGigabytes: Type.Integer({
    minimum: 0,
    maximum: 1_000_000,
    description: 'How much an account may keep as files (souk://), in 10^9 bytes.',
  }),
  notice: fields({
    removalDays: Type.Integer({
      minimum: 1,
      maximum: 3650,
      description: 'How long subscribers are served after a product was unpublished.',
    }),
    priceIncreaseDays: Type.Integer({
      minimum: 0,
      maximum: 3650,
      description: 'Subscribers pay more from the first of the month after so many days.',
    }),
    sunsetDays: Type.Integer({
      minimum: 0,
      maximum: 3650,
      description: 'The least notice of a version’s or product’s end date.',
    }),
  }),
  publishers: fields({
    verifyFree: oneOf(['off', 'required'], 'Whether a publisher of free products must be verified first.'),
    verifyPaid: oneOf(
      ['off', 'required'],
      'Whether a publisher of paid plans must be verified first, and before payouts.',
    ),
    taxAndBank: oneOf(['off', 'required'], 'Whether paid plans need a tax interview and bank details.'),
  }),
});
export type Policies = Static<typeof Policies>;

export const instanceBackends = ['onnx', 'slurm'] as const;
const instanceBackendWords =
  '`onnx`: this computer, whatever kind of model; `slurm`: training, tuning and batch on the cluster';

export const InstanceType = record('InstanceType', {
  name: Type.String({ pattern: '^[a-z0-9][a-z0-9.-]{1,62}$' }),
  cpus: Type.Number({ exclusiveMinimum: 0 }),
  memoryMb: Type.Integer({ minimum: 64 }),
  backend: oneOf(instanceBackends, instanceBackendWords),
  pricePerHour: Decimal,
  currency: Currency,
  enabled: Type.Boolean(),
});
export type InstanceType = Static<typeof InstanceType>;

export const Mail = record('Mail', {
  id: idOf('mai'),
  to: Type.String(),
  subject: Type.String(),
  text: Type.String(),
  state: oneOf(['queued', 'sent', 'failed', 'outbox']),
  createdAt: Timestamp,
  sentAt: nullable(Timestamp),
  failure: nullable(Type.String()),
});
export type Mail = Static<typeof Mail>;

export const AuditEntry = record('AuditEntry', {
  id: Type.Integer(),
  at: Timestamp,
  accountId: nullable(AccountId),
  actor: Type.String(),
  action: Type.String(),
  target: Type.String(),
  details: Type.Record(Type.String(), Type.Unknown()),
  requestId: nullable(Type.String()),
  previousSha256: Sha256,
  sha256: Sha256,
});
export type AuditEntry = Static<typeof AuditEntry>;

export const Deployment = record('Deployment', {
  id: idOf('dep'),
  productId: idOf('prd'),
  product: Type.String(),
  version: Type.String(),
  backend: Type.String(),
  instanceType: Type.String(),
  packageSha256: Sha256,
  state: oneOf(['starting', 'ready', 'down', 'stopped']),
  sandbox: Type.String({ description: '`bubblewrap`, or why there is none.' }),
  restarts: Type.Integer(),
  lastFailure: nullable(Type.String()),
  pid: nullable(Type.Integer()),
  readyAt: nullable(Timestamp),
  updatedAt: Timestamp,
});
export type Deployment = Static<typeof Deployment>;

export const HealthCheck = record('HealthCheck', {
  name: Type.String(),
  state: oneOf(['ok', 'degraded', 'down']),
  detail: Type.String(),
  remedy: nullable(Type.String()),
});

export const Notification = record('Notification', {
  id: idOf('ntf'),
  title: Type.String(),
  text: Type.String(),
  link: nullable(Type.String({ description: 'Path in the web application.' })),
  readAt: nullable(Timestamp),
  createdAt: Timestamp,
});
export type Notification = Static<typeof Notification>;

const tag = 'operator';

export const operatorOperations = {
  getPolicies: operation({
    id: 'getPolicies',
    method: 'GET',
    path: '/api/operator/policies',
    tag,
    summary: 'The operator’s policies',
    output: Policies,
    errors: [],
  }),
  putPolicies: operation({
    id: 'putPolicies',
    method: 'PUT',
    path: '/api/operator/policies',
    tag,
    summary: 'Set the operator’s policies',
    body: Policies,
    output: Policies,
    errors: [],
  }),
  listInstanceTypes: operation({
    id: 'listInstanceTypes',
    method: 'GET',
    path: '/api/instance-types',
    tag: 'runtime',
    summary: 'Instance types of this marketplace',
    output: record('InstanceTypes', { items: Type.Array(InstanceType) }),
    errors: [],
  }),
  putInstanceType: operation({
    id: 'putInstanceType',
    method: 'PUT',
    path: '/api/operator/instance-types/:name',
    tag,
    summary: 'Add or change an instance type',
    params: fields({ name: Type.String({ pattern: '^[a-z0-9][a-z0-9.-]{1,62}$' }) }),
    body: fields({
      cpus: Type.Number({ exclusiveMinimum: 0, maximum: 1024 }),
      memoryMb: Type.Integer({ minimum: 64, maximum: 16_777_216 }),
      backend: oneOf(instanceBackends, instanceBackendWords),
      pricePerHour: Price,
      currency: Currency,
      enabled: Type.Boolean(),
    }),
    output: InstanceType,
    errors: [],
  }),
  listRegions: operation({
    id: 'listRegions',
    method: 'GET',
    path: '/api/regions',
    tag: 'runtime',
    summary: 'Regions of this marketplace',
    output: record('Regions', { items: Type.Array(fields({ name: Type.String() })) }),
    errors: [],
  }),
  listMail: operation({
    id: 'listMail',
    method: 'GET',
    path: '/api/operator/mail',
    tag,
    summary: 'Mail that Souk wrote, newest first',
    query: fields(PageQuery),
    output: pageOf('MailPage', Mail),
    errors: [],
  }),
  getMail: operation({
    id: 'getMail',
    method: 'GET',
    path: '/api/operator/mail/:mailId',
    tag,
    summary: 'One mail',
    params: fields({ mailId: idOf('mai') }),
    output: Mail,
    errors: ['operator.mail_missing'],
  }),
  listDeployments: operation({
    id: 'listDeployments',
    method: 'GET',
    path: '/api/operator/deployments',
    tag,
    summary: 'What runs, where, and how it is',
    output: record('Deployments', { items: Type.Array(Deployment) }),
    errors: [],
  }),
  restartDeployment: operation({
    id: 'restartDeployment',
    method: 'POST',
    path: '/api/operator/deployments/:deploymentId/restart',
    tag,
    summary: 'Restart a deployment',
    params: fields({ deploymentId: idOf('dep') }),
    output: Deployment,
    errors: ['operator.deployment_missing'],
  }),
  getHealth: operation({
    id: 'getHealth',
    method: 'GET',
    path: '/api/operator/health',
    tag,
    summary: 'Health of every part, with what to do',
    output: record('Health', { checks: Type.Array(HealthCheck) }),
    errors: [],
  }),
  listAudit: operation({
    id: 'listAudit',
    method: 'GET',
    path: '/api/audit',
    tag: 'audit',
    summary: 'The audit log of the account; the operator sees all',
    query: fields({
      action: Type.Optional(Type.String({ maxLength: 100 })),
      actor: Type.Optional(Type.String({ maxLength: 254 })),
      target: Type.Optional(Type.String({ maxLength: 200 })),
      accountId: Type.Optional(AccountId),
      from: Type.Optional(Timestamp),
      to: Type.Optional(Timestamp),
      ...PageQuery,
    }),
    output: pageOf('AuditPage', AuditEntry),
    errors: [],
  }),
  exportAudit: operation({
    id: 'exportAudit',
    method: 'GET',
    path: '/api/audit/export',
    tag: 'audit',
    summary:
      'The audit log as CSV or JSON lines, oldest first, with what was hashed, so that anybody can verify it; itself written down',
    query: fields({
      format: oneOf(['csv', 'jsonl']),
      action: Type.Optional(Type.String({ maxLength: 100 })),
      actor: Type.Optional(Type.String({ maxLength: 254 })),
      target: Type.Optional(Type.String({ maxLength: 200 })),
      accountId: Type.Optional(AccountId),
      from: Type.Optional(Timestamp),
      to: Type.Optional(Timestamp),
    }),
    output: null,
    outputType: 'application/octet-stream',
    errors: [],
  }),
  listNotifications: operation({
    id: 'listNotifications',
    method: 'GET',
    path: '/api/notifications',
    tag: 'notifications',
    summary: 'Notifications of the signed-in person, newest first',
    query: fields(PageQuery),
    output: record('NotificationPage', {
      items: Type.Array(Notification),
      unread: Type.Integer(),
      nextCursor: nullable(Type.String()),
    }),
    errors: [],
  }),
  markNotificationsRead: operation({
    id: 'markNotificationsRead',
    method: 'POST',
    path: '/api/notifications/read',
    tag: 'notifications',
    summary: 'Mark notifications as read',
    body: fields({ ids: Type.Optional(Type.Array(idOf('ntf'), { maxItems: 500 })) }),
    output: null,
    status: 204,
    errors: [],
  }),
};
