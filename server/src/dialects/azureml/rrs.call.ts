import type { JudgedAnswer, PlaneParts, WebServiceRecord } from '../../domains/gateway/index.ts';
import {
  AnswerProblem,
  answerRows,
  CallProblem,
  type Cell,
  type ModelCall,
  modelCall,
} from '../../domains/webservices/index.ts';
import { AzureError, azureError } from './azureml.errors.ts';
import { payloadMax } from './rrs.body.ts';
import type { RrsCall } from './rrs.wire.ts';

/** Asks the model behind a web service. Rows of the columns that callers see, or an AzureError; what holds no such rows is not billed. */
export async function callWebService(
  parts: Pick<PlaneParts, 'callEndpoint' | 'snapshot' | 'settings'>,
  service: WebServiceRecord,
  { table, parameters }: RrsCall,
  signal: AbortSignal,
  requestId: string,
): Promise<Cell[][]> {
  let asked: ModelCall;
  try {
    asked = modelCall(service, table, parameters);
  } catch (error) {
    if (error instanceof CallProblem) throw azureError('BadUserArgument', error.code, error.message);
    throw error;
  }
  const body = Buffer.from(asked.body);
  const request = new Request('http://model/invocations', {
    method: 'POST',
    headers: {
      'content-type': asked.contentType,
      accept: asked.accept,
      'content-length': String(body.length),
      ...(asked.attributes ? { 'x-amzn-sagemaker-custom-attributes': asked.attributes } : {}),
    },
    body,
    signal,
  });
  // An endpoint that takes little may answer much, so the bound is no tighter than that of other calls.
  const bytesMax = Math.max(payloadMax(parts, service), parts.settings.payloadBytesMax);
  const found: { outcome?: Cell[][] | AzureError } = {};
  const answer = await parts.callEndpoint(service.servedBy, request, requestId, {
    bytesMax,
    accepts(given) {
      found.outcome = outcomeOf(service, given, asked.rows, bytesMax);
      return given.status >= 300 || !(found.outcome instanceof AzureError);
    },
  });
  const refused = answer.headers.get('x-souk-error');
  if (refused) throw ourError(refused, await answer.text(), answer.headers);
  const { outcome } = found;
  if (outcome === undefined)
    throw azureError('RequestTimeout', 'RequestCanceled', 'The caller went away before the model answered.');
  if (outcome instanceof AzureError) throw outcome;
  return outcome;
}

function outcomeOf(
  { schema }: WebServiceRecord,
  { status, contentType, text }: JudgedAnswer,
  rows: number,
  bytesMax: number,
): Cell[][] | AzureError {
  if (text === null)
    return azureError(
      'MemoryQuotaViolation',
      'OutOfMemoryLimit',
      `The model answered more than the limit of ${bytesMax} bytes. Send fewer rows in a call, or a batch job.`,
    );
  if (status >= 500)
    return azureError('InternalError', 'ModelFailed', `The model failed: ${modelWords(text)}`);
  if (status >= 300)
    return azureError(
      'LibraryExecutionError',
      'ModelRefused',
      `The model refused the rows: ${modelWords(text)}`,
    );
  try {
    return answerRows(schema, contentType, text, rows);
  } catch (error) {
    const why =
      error instanceof AnswerProblem
        ? `The model does not answer as declared: ${error.message}.`
        : 'The model’s answer cannot be read as rows.';
    return azureError('Conflict', 'ModelOutputMetadataMismatch', why);
  }
}

/** The gateway's refusals, as the classes of Azure ML. */
function ourError(code: string, text: string, headers: Headers): AzureError {
  let message = 'The web service does not answer now.';
  try {
    const { error } = JSON.parse(text) as { error: { message: string; remedy: string } };
    message = `${error.message} ${error.remedy}`;
  } catch {
    // The status alone will do.
  }
  const again = headers.get('retry-after');
  const more = again ? { 'retry-after': again } : {};
  switch (code) {
    case 'call.endpoint_creating':
    case 'call.endpoint_not_awake':
      return azureError('InitializingContainers', 'InitializingContainers', message, more);
    case 'call.timeout':
      return azureError('GatewayTimeout', 'BackendScoreTimeout', message, more);
    case 'call.payload_too_large':
      return azureError('MemoryQuotaViolation', 'OutOfMemoryLimit', message);
    case 'call.broke_off':
      return azureError('InternalError', 'ModelFailed', message, more);
    case 'call.endpoint_busy':
    case 'call.endpoint_full':
      return azureError('ServiceUnavailable', 'TooManyConcurrentRequests', message, more);
    default:
      return azureError('ServiceUnavailable', 'NoMoreResources', message, more);
  }
}

/** What the model said, where it said it as JSON; never more than a few lines. */
function modelWords(text: string): string {
  try {
    const { error, message } = JSON.parse(text) as { error?: unknown; message?: unknown };
    const words = typeof error === 'string' ? error : typeof message === 'string' ? message : text;
    return words.slice(0, 500);
  } catch {
    return text.slice(0, 500) || 'it said nothing.';
  }
}
