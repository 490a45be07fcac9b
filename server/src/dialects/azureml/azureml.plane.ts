import type {
  DataPlane,
  NewDataPlane,
  PlaneParts,
  WebServiceEndpointRecord,
  WebServiceRecord,
} from '../../domains/gateway/index.ts';
import { credentialOf } from '../../domains/gateway/index.ts';
import { hashApiKey } from '../../platform/api-keys.ts';
import { AzureError, answerHeaders, azureError, errorAnswer } from './azureml.errors.ts';
import { bodyText, payloadMax } from './rrs.body.ts';
import { callWebService } from './rrs.call.ts';
import { readRrs, rrsAnswer, rrsOptions } from './rrs.wire.ts';

const executePath = /^\/workspaces\/([0-9a-f]{32})\/services\/([0-9a-f]{32})\/(execute|score)$/i;

export interface Called {
  readonly service: WebServiceRecord;
  readonly endpoint: WebServiceEndpointRecord;
}

/** Who is called, and whether by a key of its own: another endpoint's key is as wrong as none. */
export function newCallee({ snapshot }: Pick<PlaneParts, 'snapshot'>) {
  return function callee(request: Request, workspace: string, endpointId: string): Called {
    if (!snapshot.loaded)
      throw azureError('ServiceUnavailable', 'NoMoreResources', 'The marketplace is being started.', {
        'retry-after': '2',
      });
    const found = snapshot.webServices.find(workspace.toLowerCase(), endpointId.toLowerCase());
    const given = request.headers.get('authorization') ?? '';
    const key = credentialOf(given);
    if (!key)
      throw unauthorized(
        given === ''
          ? 'The request has no key. Send the header Authorization: Bearer KEY.'
          : 'The header Authorization cannot be read. Send Authorization: Bearer KEY.',
      );
    if (!found)
      throw azureError(
        'NotFound',
        'WebServiceNotFound',
        `There is no endpoint ${endpointId} in workspace ${workspace}, or it was deleted.`,
      );
    if (!found.endpoint.keys.includes(hashApiKey(key)))
      throw unauthorized('Invalid credentials provided: the key is none of this endpoint.');
    return found;
  };
}

const unauthorized = (message: string) =>
  azureError('Unauthorized', 'ScoreRequestUnauthorized', message, {
    'www-authenticate': 'Bearer, Basic realm="web service"',
  });

/** How many calls of each endpoint are under way here. */
export class Throttle {
  private readonly calls = new Map<string, number>();

  enter({ id, name, maxConcurrentCalls }: WebServiceEndpointRecord): () => void {
    const running = this.calls.get(id) ?? 0;
    if (running >= maxConcurrentCalls)
      throw azureError(
        'ServiceUnavailable',
        'RequestThrottled',
        `Endpoint ${name} takes ${maxConcurrentCalls} calls at the same time, and as many are under way. Try again in a second, or have the limit raised.`,
        { 'retry-after': '1' },
      );
    this.calls.set(id, running + 1);
    let left = false;
    return () => {
      if (left) return;
      left = true;
      const now = (this.calls.get(id) ?? 1) - 1;
      if (now > 0) this.calls.set(id, now);
      else this.calls.delete(id);
    };
  }
}

/** What an endpoint's owner wants to keep of a call. */
function logged(
  { logging, loggingUntil }: WebServiceEndpointRecord,
  status: number,
  message: string,
): string | null {
  if (logging === 'None' || (loggingUntil !== null && loggingUntil <= Date.now())) return null;
  return logging === 'All' || status >= 400 ? message : null;
}

interface Outcome {
  readonly status: number;
  readonly rows: number;
  readonly message: string;
  readonly throttled?: boolean;
}

/** For the figures and the log of an endpoint: how a call that begins now ended. A call of nobody's endpoint is nobody's. */
export function newReport(
  { sync }: Parameters<NewDataPlane>[0],
  requestId: string,
): (called: Called | undefined, outcome: Outcome) => void {
  const startedAt = performance.now();
  return (called, { status, rows, message, throttled = false }) => {
    if (!called) return;
    sync.webServiceReport.answered({
      endpointId: called.endpoint.id,
      requestId,
      status,
      durationMs: Math.round((performance.now() - startedAt) * 100) / 100,
      rows,
      throttled,
      message: logged(called.endpoint, status, message),
    });
  };
}

/** Request-response calls of web services: `/workspaces/{ws}/services/{ep}/execute`. */
export const newRrsPlane =
  (throttle: Throttle): NewDataPlane =>
  (parts) => {
    const callee = newCallee(parts);

    async function answer(request: Request, path: string, requestId: string): Promise<Response> {
      const [, workspace = '', endpointId = ''] = executePath.exec(path) ?? [];
      let called: Called | undefined;
      let rows = 0;
      let leave: (() => void) | undefined;
      const report = newReport(parts, requestId);
      try {
        called = callee(request, workspace, endpointId);
        const { service } = called;
        const options = rrsOptions(new URL(request.url, 'http://gateway').searchParams);
        leave = throttle.enter(called.endpoint);
        const call = readRrs(service.schema, await bodyText(request, payloadMax(parts, service)));
        rows = call.table.values.length;
        const answered = await callWebService(parts, service, call, request.signal, requestId);
        report(called, { status: 200, rows, message: `${rows} rows` });
        return new Response(JSON.stringify(rrsAnswer(service.schema, answered, options)), {
          headers: answerHeaders(requestId),
        });
      } catch (error) {
        const known =
          error instanceof AzureError
            ? error
            : azureError(
                'InternalError',
                'UnknownError',
                `The call failed here. Tell us the request id ${requestId}.`,
              );
        const { code = '', message = '' } = known.details[0] ?? {};
        parts.metrics.refused(`azureml.${code}`);
        report(called, {
          status: known.status,
          rows,
          message: `${code}: ${message}`,
          throttled: code === 'RequestThrottled',
        });
        return errorAnswer(known, requestId);
      } finally {
        leave?.();
      }
    }

    const plane: DataPlane = {
      matches: (path) => path.startsWith('/workspaces/') && executePath.test(path),
      handle(request, path, requestId) {
        if (request.method === 'OPTIONS') return preflight(requestId, 'POST, OPTIONS');
        if (request.method !== 'POST')
          return errorAnswer(
            azureError(
              'BadArgument',
              'InvalidQueryParameter',
              `${request.method} is not taken here; use POST.`,
            ),
            requestId,
          );
        return answer(request, path, requestId);
      },
    };
    return plane;
  };

/** What a browser asks before it lets a page of another origin call. It has no key with it. */
export const preflight = (requestId: string, methods: string) =>
  new Response(null, {
    status: 204,
    headers: {
      ...answerHeaders(requestId),
      'access-control-allow-methods': methods,
      'access-control-allow-headers': '*, authorization, content-type',
      'access-control-max-age': '86400',
    },
  });
