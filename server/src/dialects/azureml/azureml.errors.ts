/**
 * Errors as Azure ML answers them: the class fixes the HTTP status, the code in `details` is the exact reason. Source: reference
 * azure-ml-web-services.md, section 2b.
 */
export const errorClasses = {
  BadArgument: 400,
  BadUserArgument: 400,
  InvalidOperation: 400,
  LibraryExecutionError: 400,
  ModuleExecutionError: 400,
  Unauthorized: 401,
  NotFound: 404,
  RequestTimeout: 408,
  Conflict: 409,
  MemoryQuotaViolation: 413,
  InternalError: 500,
  InitializingContainers: 503,
  ServiceUnavailable: 503,
  GatewayTimeout: 504,
} as const;
export type ErrorClass = keyof typeof errorClasses;

const classMessages: Readonly<Record<ErrorClass, string>> = {
  BadArgument: 'Invalid argument provided.',
  BadUserArgument: 'Invalid argument provided.',
  InvalidOperation: 'The operation is not valid in the current state.',
  LibraryExecutionError: 'The model refused the request.',
  ModuleExecutionError: 'The model failed on the request.',
  Unauthorized: 'Request is unauthorized to access resource.',
  NotFound: 'The requested resource was not found.',
  RequestTimeout: 'The request did not come, or was cancelled.',
  Conflict: 'The model and the schema of the web service disagree.',
  MemoryQuotaViolation: 'The request is larger than is allowed.',
  InternalError: 'The web service failed.',
  InitializingContainers: 'The web service is being started. Try again in a moment.',
  ServiceUnavailable: 'The web service cannot answer now. Try again in a moment.',
  GatewayTimeout: 'The model did not answer in time.',
};

export interface ErrorDetail {
  readonly code: string;
  readonly message: string;
  readonly target?: string;
}

export class AzureError extends Error {
  readonly errorClass: ErrorClass;
  readonly details: readonly ErrorDetail[];
  readonly headers: Readonly<Record<string, string>>;
  constructor(errorClass: ErrorClass, details: readonly ErrorDetail[], headers: Record<string, string> = {}) {
    super(details[0]?.message ?? classMessages[errorClass]);
    this.errorClass = errorClass;
    this.details = details;
    this.headers = headers;
  }
  get status(): number {
    return errorClasses[this.errorClass];
  }
}

export const azureError = (
  errorClass: ErrorClass,
  code: string,
  message: string,
  headers: Record<string, string> = {},
) => new AzureError(errorClass, [{ code, message }], headers);

export function errorAnswer(error: AzureError, requestId: string): Response {
  const { errorClass, details, headers } = error;
  const body = { error: { code: errorClass, message: classMessages[errorClass], details } };
  return new Response(JSON.stringify(body), {
    status: error.status,
    headers: { ...answerHeaders(requestId), ...headers },
  });
}

/** Of every answer: who writes to us about a call names its request id. */
export const answerHeaders = (requestId: string): Record<string, string> => ({
  'content-type': 'application/json; charset=utf-8',
  'x-ms-request-id': requestId,
  'x-request-id': requestId,
  date: new Date().toUTCString(),
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'x-ms-request-id, x-request-id, retry-after',
});

/** What people read of each reason on the help pages, with its class. */
export const documentedErrors: readonly { class: ErrorClass; code: string; meaning: string }[] = [
  { class: 'BadArgument', code: 'BadVersionCall', meaning: 'api-version is missing or is not 2.0.' },
  {
    class: 'BadArgument',
    code: 'RequestBodyInvalid',
    meaning: 'The body is not JSON, or not of the form shown above.',
  },
  { class: 'BadArgument', code: 'RequestIsEmpty', meaning: 'There is no body.' },
  {
    class: 'BadArgument',
    code: 'MissingRequestInput',
    meaning: 'Inputs, or the input of this service, is missing.',
  },
  {
    class: 'BadArgument',
    code: 'InvalidInputNames',
    meaning: 'Inputs names an input that the service does not have.',
  },
  {
    class: 'BadUserArgument',
    code: 'InputMismatchError',
    meaning: 'Columns are missing, unknown or named twice; or there are too many rows.',
  },
  {
    class: 'BadUserArgument',
    code: 'InputParseError',
    meaning: 'A cell is not of its column’s type, or a row has another number of cells.',
  },
  {
    class: 'BadUserArgument',
    code: 'MissingRequiredGlobalParameters',
    meaning: 'A global parameter without a default was not given.',
  },
  {
    class: 'BadUserArgument',
    code: 'UnexpectedParameter',
    meaning: 'A global parameter is named that does not exist.',
  },
  {
    class: 'BadUserArgument',
    code: 'UserParameterInvalid',
    meaning: 'A global parameter is not of its type.',
  },
  {
    class: 'LibraryExecutionError',
    code: 'ModelRefused',
    meaning: 'The model refused these rows; the message is the model’s.',
  },
  {
    class: 'Unauthorized',
    code: 'ScoreRequestUnauthorized',
    meaning: 'The key is missing, wrong, or another endpoint’s.',
  },
  { class: 'NotFound', code: 'WebServiceNotFound', meaning: 'There is no such endpoint, or it was deleted.' },
  {
    class: 'RequestTimeout',
    code: 'RequestCanceled',
    meaning: 'The body did not come, or the caller went away.',
  },
  {
    class: 'Conflict',
    code: 'ModelOutputMetadataMismatch',
    meaning: 'The model answered other columns than the service declares. The call is not billed.',
  },
  {
    class: 'MemoryQuotaViolation',
    code: 'OutOfMemoryLimit',
    meaning: 'The request, or the answer of the model, is larger than the limit named in the message.',
  },
  { class: 'InternalError', code: 'ModelFailed', meaning: 'The model failed.' },
  {
    class: 'InitializingContainers',
    code: 'InitializingContainers',
    meaning: 'The first instance is being started.',
  },
  {
    class: 'ServiceUnavailable',
    code: 'RequestThrottled',
    meaning: 'As many calls as this endpoint takes are under way; Retry-After says when to try again.',
  },
  {
    class: 'ServiceUnavailable',
    code: 'NoMoreResources',
    meaning: 'The service does not answer now; the message says why.',
  },
  { class: 'GatewayTimeout', code: 'BackendScoreTimeout', meaning: 'The model did not answer in time.' },
];
