import { type Static, Type } from 'typebox';
import { EndpointName } from './endpoints.ts';
import { defineErrors } from './errors.ts';
import { operation } from './operation.ts';
import { fields, nullable, oneOf, record, Timestamp, Url } from './schema.ts';

export const inferenceLimits = {
  bodyChars: 1_000_000,
  attempts: 3,
  callbackAttempts: 5,
  waitingPerEndpoint: 10_000,
  keptDays: 7,
} as const;

export const inferenceErrors = defineErrors({
  'inference.missing': {
    kind: 'missing',
    message: 'Endpoint {endpoint} has no asynchronous inference {inferenceId}.',
    remedy: 'Finished ones are kept for 7 days; what they wrote stays in your files.',
  },
  'inference.id_taken': {
    kind: 'conflict',
    message: 'Endpoint {endpoint} has an asynchronous inference {inferenceId} already.',
    remedy: 'Give another inference id, or none.',
  },
  'inference.one_input': {
    kind: 'invalid',
    message: 'The input is a body or a location: name exactly one of both.',
    remedy: 'Give body, or inputLocation.',
  },
  'inference.endpoint_not_there': {
    kind: 'precondition',
    message: 'Endpoint {endpoint} is {state}, so it takes no inferences.',
    remedy: 'See its page; try again when it is InService.',
  },
  'inference.too_many': {
    kind: 'limited',
    message: '{limit} asynchronous inferences wait for endpoint {endpoint} already.',
    remedy: 'Wait until some are done.',
  },
});

export const AsyncInference = record('AsyncInference', {
  id: Type.String(),
  endpoint: EndpointName,
  state: oneOf(['Pending', 'InProgress', 'Completed', 'Failed']),
  failure: nullable(Type.String()),
  outputLocation: Type.String({ description: 'Where the answer is, once it is Completed.' }),
  attempts: Type.Integer(),
  callback: nullable(
    record('InferenceCallback', {
      url: Url,
      state: oneOf(['waiting', 'delivered', 'failed']),
      attempts: Type.Integer(),
      failure: nullable(Type.String()),
    }),
  ),
  createdAt: Timestamp,
  endedAt: nullable(Timestamp),
});
export type AsyncInference = Static<typeof AsyncInference>;

const tag = 'endpoints';
const InferenceId = Type.String({
  pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$',
  description: 'Letters, digits, dots, hyphens and underscores, 1 to 64 characters.',
});
const Location = Type.String({ minLength: 1, maxLength: 1024 });
const HeaderText = (maxLength: number) => Type.String({ maxLength, pattern: '^[\\x20-\\x7e]*$' });

export const inferenceOperations = {
  startInference: operation({
    id: 'startInference',
    method: 'POST',
    path: '/api/endpoints/:name/inferences',
    tag,
    summary: 'Call an endpoint without waiting: the answer is written to a location of the account',
    params: fields({ name: EndpointName }),
    body: fields({
      inferenceId: Type.Optional(InferenceId),
      body: Type.Optional(Type.String({ maxLength: inferenceLimits.bodyChars })),
      inputLocation: Type.Optional(Location),
      contentType: Type.Optional(HeaderText(255)),
      accept: Type.Optional(HeaderText(255)),
      customAttributes: Type.Optional(HeaderText(1024)),
      outputLocation: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: 1024,
          description: 'A file, or a prefix that ends with /; by default inferences/ENDPOINT/ of your files.',
        }),
      ),
      callbackUrl: Type.Optional(Url),
    }),
    output: AsyncInference,
    status: 202,
    errors: [
      'endpoint.missing',
      'inference.id_taken',
      'inference.one_input',
      'inference.endpoint_not_there',
      'inference.too_many',
    ],
  }),
  listInferences: operation({
    id: 'listInferences',
    method: 'GET',
    path: '/api/endpoints/:name/inferences',
    tag,
    summary: 'Asynchronous inferences of an endpoint, newest first, at most 200',
    params: fields({ name: EndpointName }),
    output: record('AsyncInferences', { items: Type.Array(AsyncInference) }),
    errors: ['endpoint.missing'],
  }),
  getInference: operation({
    id: 'getInference',
    method: 'GET',
    path: '/api/endpoints/:name/inferences/:inferenceId',
    tag,
    summary: 'What has become of an asynchronous inference',
    params: fields({ name: EndpointName, inferenceId: InferenceId }),
    output: AsyncInference,
    errors: ['endpoint.missing', 'inference.missing'],
  }),
};
