import { defineErrors } from './errors.ts';

/** Errors of calls, answered by the gateway. In Souk's own form, or in the form of the protocol that the caller speaks. */
export const gatewayErrors = defineErrors({
  'call.key_missing': {
    kind: 'unauthenticated',
    message: 'The call has no API key.',
    remedy:
      'Send the header Authorization: Bearer souk_... with a key of the subscribed account; or Basic with the key as password, or X-Api-Key.',
  },
  'call.key_malformed': {
    kind: 'unauthenticated',
    message: 'This does not look like a complete Souk key.',
    remedy: 'A key begins with souk_ and has 43 characters; copy it again.',
  },
  'call.key_unknown': {
    kind: 'unauthenticated',
    message: 'The API key is unknown, revoked or expired.',
    remedy: 'Create a new key (web: Account > API keys; CLI: souk keys create).',
  },
  'call.key_scope': {
    kind: 'forbidden',
    message: 'The API key does not have the scope "call".',
    remedy: 'Create a key with the scope "call".',
  },
  'call.not_subscribed': {
    kind: 'forbidden',
    message: 'The account of this key has no subscription to {product}, or there is no such product.',
    remedy: 'Subscribe on {page}, then call again.',
  },
  'call.suspended': {
    kind: 'forbidden',
    message: 'The subscription to {product} is suspended: {reason}',
    remedy: 'See {page}; calls go on as soon as the reason is gone.',
  },
  'call.ended': {
    kind: 'missing',
    status: 410,
    message: 'The subscription to {product} was ended: {reason}',
    remedy: 'See {page}. What was used until then stays on the invoice.',
  },
  'call.version_withdrawn': {
    kind: 'missing',
    status: 410,
    message: 'Version {version} of {product} was withdrawn on {at}: {reason}',
    remedy: 'Choose {next} on {page}, or name it in the address. No other version answers in its place.',
  },
  'call.version_ended': {
    kind: 'missing',
    status: 410,
    message: 'Version {version} of {product} reached its end on {at}. {reason}',
    remedy: 'Go on with {next}. No other version answers in its place.',
  },
  'call.version_not_allowed': {
    kind: 'missing',
    message: 'The subscription does not include version {version} of {product}; it includes {versions}.',
    remedy: 'Call one of these, or leave the version out to reach the chosen one.',
  },
  'call.unknown_path': {
    kind: 'missing',
    message: 'A model has no {path}.',
    remedy: 'Use /invocations, /ping, /execution-parameters, or /v2/models/NAME/infer.',
  },
  'call.payload_too_large': {
    kind: 'invalid',
    status: 413,
    message: 'The body is larger than the limit of {limitBytes} bytes.',
    remedy: 'Send fewer records in one call.',
  },
  'call.quota_exhausted': {
    kind: 'limited',
    message: 'The plan’s {limit} units of this month are used up; they are renewed at {resetsAt}.',
    remedy: 'Wait until then, or choose another plan on {page}.',
  },
  'call.too_many_at_once': {
    kind: 'limited',
    message: 'The plan allows {limit} calls at the same time.',
    remedy: 'Send the next call when one has been answered.',
  },
  'call.starting': {
    kind: 'unavailable',
    message: 'Version {version} of {product} is starting.',
    remedy: 'Try again in a few seconds.',
  },
  'call.down': {
    kind: 'unavailable',
    status: 502,
    message: 'Version {version} of {product} does not answer.',
    remedy: 'It is being started again; try again in a few seconds. The call was not counted.',
  },
  'call.timeout': {
    kind: 'unavailable',
    status: 504,
    message: 'The model did not answer within the limit of {limitMs} ms.',
    remedy: 'Send fewer records in one call. The call was not counted.',
  },
  'call.broke_off': {
    kind: 'unavailable',
    status: 502,
    message: 'Version {version} of {product} broke off before its answer was whole.',
    remedy: 'It may not be able to take this input, or was restarted; try again. The call was not counted.',
  },
  'call.body_late': {
    kind: 'invalid',
    status: 408,
    message: 'The body did not arrive whole within the limit of {limitMs} ms.',
    remedy: 'Send it again over a faster connection, or fewer records in one call.',
  },
  'call.not_recorded': {
    kind: 'unavailable',
    message:
      'The model answered, but the call could not be written to the usage log, so its answer is held back.',
    remedy:
      'Try again; if it stays, tell the operator that the disk of the data folder needs a look. The call was not counted.',
  },
  'call.not_ready': {
    kind: 'unavailable',
    message: 'The gateway has not read its keys and subscriptions yet.',
    remedy: 'Try again in a few seconds.',
  },
  'call.endpoint_missing': {
    kind: 'missing',
    message: 'The account of this key has no endpoint {endpoint}.',
    remedy: 'Check the name with souk endpoints list, or create it on {page}.',
  },
  'call.endpoint_creating': {
    kind: 'unavailable',
    message: 'Endpoint {endpoint} is being created.',
    remedy: 'Call it when it is InService; {page} shows how far it is.',
  },
  'call.endpoint_away': {
    kind: 'unavailable',
    message: 'Endpoint {endpoint} is {state}: {reason}',
    remedy: 'See {page}. The call was not counted.',
  },
  'call.endpoint_busy': {
    kind: 'limited',
    status: 503,
    message:
      'Each of the {instances} instances of endpoint {endpoint} has its {concurrency} calls, and none came free within {limitMs} ms.',
    remedy: 'Raise instancesMax or concurrency of the endpoint, or send fewer calls at a time.',
  },
  'call.endpoint_full': {
    kind: 'limited',
    message: '{limit} calls wait for endpoint {endpoint} already.',
    remedy: 'Send fewer calls at a time, or raise instancesMax or concurrency of the endpoint.',
  },
  'call.endpoint_not_awake': {
    kind: 'unavailable',
    status: 504,
    message:
      'Endpoint {endpoint} slept, and no instance of it answered within its start-up limit of {limitMs} ms.',
    remedy: 'See {page} for why it does not start, or raise startSeconds. The call was not counted.',
  },
  'call.control_plane_away': {
    kind: 'unavailable',
    status: 503,
    message: 'The control plane is not there right now; calls of products go on.',
    remedy: 'Try again in a few seconds.',
  },
});
