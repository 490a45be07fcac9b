import { type Static, Type } from 'typebox';
import { defineErrors } from './errors.ts';
import { Finding } from './findings.ts';
import { operation } from './operation.ts';
import { fields, idOf, nullable, oneOf, record, Timestamp } from './schema.ts';
import { ServiceOperation, ServiceSection } from './services.ts';

export const serviceErrors = defineErrors({
  'service.not_a_service': {
    kind: 'conflict',
    message: 'The product {product} is no web service.',
    remedy: 'This is for products of the type web-service.',
  },
  'service.url_needed': {
    kind: 'conflict',
    message: 'The draft of {product} has no service URL yet.',
    remedy: 'Give the URL first: a credential is kept for the server that it belongs to.',
  },
  'service.scheme_needed': {
    kind: 'conflict',
    message: 'The draft of {product} says that Souk needs no credential.',
    remedy: 'Choose Header, Query parameter or Basic as the authentication scheme first.',
  },
  'service.credential_invalid': {
    kind: 'invalid',
    message: 'The credential cannot be sent: {problem}.',
    remedy:
      'Give one line of text, as the service expects it; for a header the whole value, such as "Bearer " and the key.',
  },
  'service.import_unreadable': {
    kind: 'invalid',
    message: 'The description cannot be read: {problem}.',
    remedy: 'Give OpenAPI 3 or Swagger 2 as JSON or YAML, or a CSDL mapping as XML.',
  },
});

export const connectionSteps = [
  'resolved',
  'allowed',
  'connected',
  'tls',
  'credentials',
  'metadata',
  'operations',
  'sample',
] as const;

export const ConnectionStep = record('ConnectionStep', {
  step: oneOf(connectionSteps),
  title: Type.String(),
  state: oneOf(['ok', 'failed', 'not-run']),
  ms: nullable(Type.Number()),
  detail: Type.String({ description: 'What was seen, in words.' }),
  remedy: nullable(Type.String({ description: 'What to mend.' })),
});
export type ConnectionStep = Static<typeof ConnectionStep>;

export const ConnectionTest = record('ConnectionTest', {
  ok: Type.Boolean(),
  steps: Type.Array(ConnectionStep),
  findings: Type.Array(Finding),
  operations: Type.Array(Type.String(), { description: 'What the service offers.' }),
  rows: Type.Array(Type.Record(Type.String(), Type.Unknown()), {
    description: 'The first rows that the sample call answered.',
  }),
  testedAt: Timestamp,
});
export type ConnectionTest = Static<typeof ConnectionTest>;

export const ServiceCredential = record('ServiceCredential', {
  credentialId: Type.String(),
  origin: Type.String({ description: 'The server that it is sent to, and no other.' }),
  madeAt: Timestamp,
  madeBy: Type.String(),
  draftVersion: Type.Integer(),
});
export type ServiceCredential = Static<typeof ServiceCredential>;

export const ServiceImport = record('ServiceImport', {
  format: oneOf(['openapi', 'swagger', 'csdl-mapping']),
  title: Type.String(),
  url: nullable(Type.String({ description: 'The service URL that the description names.' })),
  authentication: Type.Optional(ServiceSection.properties.authentication),
  operations: Type.Array(ServiceOperation),
  notes: Type.Array(
    fields({
      place: Type.String(),
      message: Type.String({ description: 'What was renamed, left out or assumed, and why.' }),
    }),
  ),
});
export type ServiceImport = Static<typeof ServiceImport>;

const params = fields({ productId: idOf('prd') });
const tag = 'services';

export const serviceOperations = {
  putServiceCredential: operation({
    id: 'putServiceCredential',
    method: 'PUT',
    path: '/api/products/:productId/service-credential',
    tag,
    summary:
      'Give what Souk signs in with at the service: sealed, for the server of the draft’s URL, never shown again',
    params,
    body: record('NewServiceCredential', {
      secret: Type.String({
        maxLength: 8192,
        description: 'The header value, the query value or the password.',
      }),
      draftOnly: Type.Optional(
        Type.Boolean({
          default: false,
          description:
            'What is live keeps its own until the draft is released. Otherwise a credential for the same server, sent in the same way, is replaced at once, which is how a key is changed.',
        }),
      ),
    }),
    output: ServiceCredential,
    errors: [
      'product.missing',
      'service.not_a_service',
      'service.url_needed',
      'service.scheme_needed',
      'service.credential_invalid',
    ],
  }),
  testConnection: operation({
    id: 'testConnection',
    method: 'POST',
    path: '/api/products/:productId/test-connection',
    tag,
    summary: 'Call the service of the draft as buyers’ calls will, step by step',
    params,
    output: ConnectionTest,
    errors: ['product.missing', 'service.not_a_service', 'request.limited'],
  }),
  importService: operation({
    id: 'importService',
    method: 'POST',
    path: '/api/products/:productId/service-import',
    tag,
    summary: 'Read operations from OpenAPI 3, Swagger 2 or a CSDL mapping; nothing is saved',
    params,
    body: record('ServiceDescription', {
      text: Type.String({ minLength: 1, maxLength: 3_000_000, description: 'JSON, YAML or XML' }),
    }),
    output: ServiceImport,
    errors: ['product.missing', 'service.not_a_service', 'service.import_unreadable'],
  }),
};
