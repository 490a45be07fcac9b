import { Type } from 'typebox';
import { defineErrors } from './errors.ts';
import { operation } from './operation.ts';
import { fields, nullable, oneOf, record } from './schema.ts';
import {
  NewWebService,
  NewWebServiceEndpoint,
  WebService,
  WebServiceEndpoint,
  WebServiceEndpointChange,
  WebServiceEndpointName,
  WebServiceJobs,
  WebServiceKeys,
  WebServiceLog,
  WebServiceSchema,
  WebServiceSummary,
  WebServiceTest,
  WebServiceTraffic,
} from './web-services.ts';

export const webServiceErrors = defineErrors({
  'web_service.missing': {
    kind: 'missing',
    message: 'This account has no web service {service}.',
    remedy: 'List them with souk webservices list, or under Market > Web services.',
  },
  'web_service.too_many': {
    kind: 'precondition',
    message: 'An account may have {limit} web services.',
    remedy: 'Delete one that is not needed.',
  },
  'web_service.schema_unknown': {
    kind: 'invalid',
    message: 'What {model} takes and answers cannot be told from it: {problem}',
    remedy: 'Give a schema with the columns of its input and output, in the model’s order.',
  },
  'web_service.schema_invalid': {
    kind: 'invalid',
    message: 'The schema does not fit, at {place}: {problem}',
    remedy: 'Correct this place. Columns stand in the model’s order, and there are as many as the model has.',
  },
  'web_service.model_unsuitable': {
    kind: 'invalid',
    message: '{model} takes {contentTypes}; web services hand it rows as text/csv or application/json.',
    remedy: 'Choose a model that takes one of both, or call it as an endpoint.',
  },
  'web_service.endpoint_missing': {
    kind: 'missing',
    message: 'Web service {service} has no endpoint {endpoint}.',
    remedy: 'Its endpoints stand on its page, and in souk webservices endpoints.',
  },
  'web_service.endpoint_taken': {
    kind: 'conflict',
    message: 'Web service {service} has an endpoint {endpoint} already.',
    remedy: 'Choose another name.',
  },
  'web_service.endpoint_default': {
    kind: 'precondition',
    message: 'The default endpoint cannot be deleted while there are others.',
    remedy: 'Delete the others first, or the whole web service.',
  },
  'web_service.endpoint_frozen': {
    kind: 'precondition',
    message: 'Endpoint {endpoint} is read-only for ever: it is neither changed nor deleted.',
    remedy: 'Add another endpoint. Its keys can still be regenerated.',
  },
  'web_service.endpoint_limit': {
    kind: 'precondition',
    message: 'A web service may have {limit} endpoints.',
    remedy: 'Delete one that nobody calls.',
  },
  'web_service.logging_past': {
    kind: 'invalid',
    message: 'Logging is to end at {until}, which is over.',
    remedy: 'Give a time to come, or null for no end.',
  },
  'web_service.jobs_limit': {
    kind: 'limited',
    message: 'This endpoint has {limit} batch jobs that are not over.',
    remedy: 'Wait for some of them, or cancel them.',
  },
  'web_service.not_serving': {
    kind: 'unavailable',
    message: 'Web service {service} does not answer now: {reason}',
    remedy: 'Try again in a moment; its page says how far it is.',
  },
  'web_service.call_refused': {
    kind: 'invalid',
    message: 'The call was refused: {problem}',
    remedy: 'Correct the named cell or column.',
  },
  'web_service.model_failed': {
    kind: 'unavailable',
    message: 'The model did not answer as the schema says: {problem}',
    remedy: 'Look at the logs of the endpoint behind it, and at the columns of the output.',
  },
});

const tag = 'web services';
const Id = Type.String({ minLength: 1, maxLength: 64, description: '32 hexadecimal digits' });
const one = fields({ service: Id });
const endpoint = fields({ service: Id, endpoint: WebServiceEndpointName });
const path = '/api/web-services/:service';
const endpointPath = `${path}/endpoints/:endpoint`;
const minutes = Type.Optional(Type.Integer({ minimum: 5, maximum: 1440, default: 60 }));
const [missing, endpointMissing] = ['web_service.missing', 'web_service.endpoint_missing'] as const;

export const webServiceOperations = {
  createWebService: operation({
    id: 'createWebService',
    method: 'POST',
    path: '/api/web-services',
    tag,
    summary: 'Deploy a web service from a subscribed model, or one that the account trained',
    body: NewWebService,
    output: record('NewWebServiceAnswer', {
      service: WebService,
      keys: WebServiceKeys,
    }),
    status: 201,
    errors: [
      'web_service.too_many',
      'web_service.schema_unknown',
      'web_service.schema_invalid',
      'web_service.model_unsuitable',
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
      'endpoint.timeout_limit',
    ],
  }),
  listWebServices: operation({
    id: 'listWebServices',
    method: 'GET',
    path: '/api/web-services',
    tag,
    summary: 'The account’s web services, newest first',
    output: record('WebServices', { items: Type.Array(WebServiceSummary) }),
    errors: [],
  }),
  getWebService: operation({
    id: 'getWebService',
    method: 'GET',
    path,
    tag,
    summary: 'One web service: its schema and its endpoints',
    params: one,
    output: WebService,
    errors: [missing],
  }),
  updateWebService: operation({
    id: 'updateWebService',
    method: 'PATCH',
    path,
    tag,
    summary: 'Change name, description or schema; callers meet the new schema within a second',
    params: one,
    body: fields({
      name: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
      description: Type.Optional(Type.String({ maxLength: 2000 })),
      schema: Type.Optional(WebServiceSchema),
    }),
    output: WebService,
    errors: [missing, 'web_service.schema_invalid'],
  }),
  deleteWebService: operation({
    id: 'deleteWebService',
    method: 'DELETE',
    path,
    tag,
    summary:
      'Delete a web service with its endpoints, keys and instances; calls of it are refused from then on',
    params: one,
    output: null,
    status: 204,
    errors: [missing, 'web_service.endpoint_frozen'],
  }),
  testWebService: operation({
    id: 'testWebService',
    method: 'POST',
    path: `${path}/test`,
    tag,
    summary: 'Ask a web service of one’s own without a key; it is metered as any call',
    params: one,
    body: fields({
      rows: Type.Array(
        Type.Record(Type.String({ maxLength: 128 }), nullable(Type.String({ maxLength: 10_000 }))),
        {
          minItems: 1,
          maxItems: 20,
        },
      ),
      parameters: Type.Optional(
        Type.Record(Type.String({ maxLength: 128 }), Type.String({ maxLength: 10_000 })),
      ),
    }),
    output: WebServiceTest,
    errors: [missing, 'web_service.not_serving', 'web_service.call_refused', 'web_service.model_failed'],
  }),
  getWebServiceTraffic: operation({
    id: 'getWebServiceTraffic',
    method: 'GET',
    path: `${path}/traffic`,
    tag,
    summary: 'Request-response calls of a web service by endpoint and minute',
    params: one,
    query: fields({ minutes }),
    output: WebServiceTraffic,
    errors: [missing],
  }),
  createWebServiceEndpoint: operation({
    id: 'createWebServiceEndpoint',
    method: 'POST',
    path: `${path}/endpoints`,
    tag,
    summary: 'A further endpoint, with an address and keys of its own: for one customer, for one use',
    params: one,
    body: NewWebServiceEndpoint,
    output: record('NewWebServiceEndpointAnswer', { endpoint: WebServiceEndpoint, keys: WebServiceKeys }),
    status: 201,
    errors: [missing, 'web_service.endpoint_taken', 'web_service.endpoint_limit', 'web_service.logging_past'],
  }),
  updateWebServiceEndpoint: operation({
    id: 'updateWebServiceEndpoint',
    method: 'PATCH',
    path: endpointPath,
    tag,
    summary: 'Change an endpoint: throttle, logging, description, sample data; or freeze it',
    params: endpoint,
    body: WebServiceEndpointChange,
    output: WebServiceEndpoint,
    errors: [missing, endpointMissing, 'web_service.endpoint_frozen', 'web_service.logging_past'],
  }),
  deleteWebServiceEndpoint: operation({
    id: 'deleteWebServiceEndpoint',
    method: 'DELETE',
    path: endpointPath,
    tag,
    summary: 'Delete an endpoint; its keys work no more',
    params: endpoint,
    output: null,
    status: 204,
    errors: [missing, endpointMissing, 'web_service.endpoint_frozen', 'web_service.endpoint_default'],
  }),
  regenerateWebServiceKey: operation({
    id: 'regenerateWebServiceKey',
    method: 'POST',
    path: `${endpointPath}/keys`,
    tag,
    summary: 'Replace one of an endpoint’s two keys; the other one goes on working',
    params: endpoint,
    body: fields({ key: oneOf(['primary', 'secondary']) }),
    output: WebServiceKeys,
    errors: [missing, endpointMissing],
  }),
  listWebServiceLog: operation({
    id: 'listWebServiceLog',
    method: 'GET',
    path: `${endpointPath}/log`,
    tag,
    summary: 'What was logged of an endpoint’s calls, newest first',
    params: endpoint,
    output: WebServiceLog,
    errors: [missing, endpointMissing],
  }),
  listWebServiceJobs: operation({
    id: 'listWebServiceJobs',
    method: 'GET',
    path: `${endpointPath}/jobs`,
    tag,
    summary: 'Batch jobs of an endpoint, newest first: the last 200',
    params: endpoint,
    output: WebServiceJobs,
    errors: [missing, endpointMissing],
  }),
};
