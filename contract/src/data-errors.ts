import { defineErrors } from './errors.ts';

/** Errors of data services, answered by the gateway beside those of calls. Told as OData errors. */
export const dataErrors = defineErrors({
  'data.unknown_path': {
    kind: 'missing',
    message: 'There is no data service at {path}.',
    remedy: 'Use the service root that My data shows: {root}/data/PUBLISHER/PRODUCT/v1/.',
  },
  'data.not_a_service': {
    kind: 'missing',
    message: '{product} is no data service, or has none right now.',
    remedy: 'See {page} for how it is used.',
  },
  'data.path_invalid': {
    kind: 'invalid',
    message: 'The path leaves the service root: {path}',
    remedy: 'Leave out "..", also in its encoded forms; give such text as a parameter alias in the query.',
  },
  'data.method': {
    kind: 'invalid',
    status: 405,
    message: 'Data services are not asked with {method}.',
    remedy: 'Use GET for data and functions, POST for actions.',
  },
  'data.batch': {
    kind: 'invalid',
    status: 501,
    message: 'Batch requests are not answered here: each request is counted by itself.',
    remedy: 'Send the requests one by one, several at a time if you like.',
  },
  'data.query_too_long': {
    kind: 'invalid',
    status: 414,
    message: 'The query has {bytes} bytes; the limit is {limitBytes}.',
    remedy: 'Use an action with POST for long input, or ask for less at a time.',
  },
  'data.origin_refused': {
    kind: 'forbidden',
    message: 'Pages of {origin} may not call {product} from a browser.',
    remedy:
      'Call from a server, or ask the publisher to allow the origin (service.corsOrigins of the product).',
  },
  'data.quota_exhausted': {
    kind: 'limited',
    message: 'The plan’s {limit} transactions of this cycle are used up; they are renewed at {resetsAt}.',
    remedy: 'Wait until then, or choose a larger plan on {page}.',
  },
  'data.too_many_free': {
    kind: 'limited',
    message: 'Of requests that cost nothing, {limit} are answered at the same time.',
    remedy: 'Ask again when one has been answered, and keep what $metadata says: it seldom changes.',
  },
  'data.not_set_up': {
    kind: 'unavailable',
    message: 'The service of {product} cannot be called as it is set up; its publisher has been told.',
    remedy: 'Try again later; {page} shows whether it works. The call was not counted.',
  },
  'data.service_down': {
    kind: 'unavailable',
    status: 502,
    message: 'The service of {product} takes no connection.',
    remedy: 'Try again in a moment; {page} shows whether it works. The call was not counted.',
  },
  'data.service_slow': {
    kind: 'unavailable',
    status: 504,
    message: 'The service of {product} did not answer within {limitMs} ms.',
    remedy: 'Ask for less at a time, for example with $top, or try again. The call was not counted.',
  },
  'data.service_nonsense': {
    kind: 'unavailable',
    status: 502,
    message: 'The service of {product} answered something that is no data: {problem}.',
    remedy: 'Its publisher has been told. Try again later. The call was not counted.',
  },
  'data.service_too_large': {
    kind: 'unavailable',
    status: 502,
    message: 'The answer of the service of {product} is longer than {limitBytes} bytes.',
    remedy: 'Ask for less at a time, for example with $top or $select. The call was not counted.',
  },
  'data.service_refused_souk': {
    kind: 'unavailable',
    status: 502,
    message: 'The service of {product} does not accept the credential that its publisher gave Souk.',
    remedy: 'Your key is right. The publisher has been told; try again later. The call was not counted.',
  },
  'data.service_failed': {
    kind: 'unavailable',
    status: 502,
    message: 'The service of {product} failed with {status}.',
    remedy: 'Check the parameters, then try again; {page} shows whether it works. The call was not counted.',
  },
  'data.service_busy': {
    kind: 'unavailable',
    message: 'The service of {product} has too much to do.',
    remedy: 'Try again after the time that Retry-After says. The call was not counted.',
  },
  'data.refused': {
    kind: 'invalid',
    message: 'The service of {product} refused the request with {status}.',
    remedy: 'Check path and parameters against its description. The call was not counted.',
  },
  'data.resting': {
    kind: 'unavailable',
    message:
      'The service of {product} failed {failures} times in a row and is left alone for {seconds} seconds.',
    remedy: 'Try again after the time that Retry-After says; {page} shows whether it works.',
  },
  'data.loop': {
    kind: 'invalid',
    status: 508,
    message: 'The request has been through a data service of Souk already.',
    remedy: 'The service URL of {product} leads back to a data service; its publisher must change it.',
  },
});
