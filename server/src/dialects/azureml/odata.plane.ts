import { ServiceFailure } from '@souk/contract';
import type { DataPlane, NewDataPlane, WebServiceRecord } from '../../domains/gateway/index.ts';
import { newODataFace, type ODataFace } from '../odata/index.ts';
import { AzureError, azureError, errorAnswer } from './azureml.errors.ts';
import { type Called, newCallee, newReport, preflight, type Throttle } from './azureml.plane.ts';
import { odataOperation } from './odata.operations.ts';
import { payloadMax } from './rrs.body.ts';
import { callWebService } from './rrs.call.ts';

const servicePath = /^\/odata\/workspaces\/([0-9a-f]{32})\/services\/([0-9a-f]{32})(\/.*)?$/i;

/** The OData face of web services: `/odata/workspaces/{ws}/services/{ep}`, over the same call as request-response. */
export const newODataPlane =
  (throttle: Throttle): NewDataPlane =>
  (parts) => {
    const callee = newCallee(parts);
    /** A record is replaced when anything of it changes, and its face goes with it. */
    const faces = new WeakMap<WebServiceRecord, ODataFace>();
    const requestIds = new WeakMap<AbortSignal, string>();
    /** Headers of a refusal, which errors of OData have no place for: when to try again. */
    const refusals = new WeakMap<AbortSignal, AzureError['headers']>();

    function faceOf(service: WebServiceRecord): ODataFace {
      const known = faces.get(service);
      if (known) return known;
      const { operation, callOf, rowsOf } = odataOperation(service.schema, service.name, '');
      const face = newODataFace(
        {
          namespace: 'AzureML',
          operations: [operation],
          limits: { bodyBytesMax: payloadMax(parts, service), rowsMax: service.schema.rowsMax },
        },
        async (_, args, { signal, batch }) => {
          try {
            const requestId = requestIds.get(signal) ?? '';
            const call = callOf(batch ?? [args]);
            return { rows: rowsOf(await callWebService(parts, service, call, signal, requestId)) };
          } catch (error) {
            if (!(error instanceof AzureError)) throw error;
            refusals.set(signal, error.headers);
            throw asFailure(error);
          }
        },
      );
      faces.set(service, face);
      return face;
    }

    async function handle(request: Request, path: string, requestId: string): Promise<Response> {
      const [, workspace = '', endpointId = '', rest = ''] = servicePath.exec(path) ?? [];
      let called: Called | undefined;
      let leave: (() => void) | undefined;
      const report = newReport(parts, requestId);
      try {
        called = callee(request, workspace, endpointId);
        const { service, endpoint } = called;
        leave = throttle.enter(endpoint);
        requestIds.set(request.signal, requestId);
        const at = request.url.indexOf('?');
        const query = at < 0 ? '' : request.url.slice(at);
        const root = `${parts.settings.publicUrl}/odata/workspaces/${service.workspace}/services/${endpoint.id}`;
        const { response, records } = await faceOf(service).handle(request, { root, path: rest + query });
        const { status } = response;
        if (records > 0 || status >= 400)
          report(called, { status, rows: records, message: `OData ${request.method} ${rest}`.slice(0, 500) });
        return withHeaders(response, requestId, refusals.get(request.signal));
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
          rows: 0,
          message: `${code}: ${message}`,
          throttled: code === 'RequestThrottled',
        });
        return withHeaders(errorAnswer(known, requestId), requestId);
      } finally {
        leave?.();
      }
    }

    const plane: DataPlane = {
      matches: (path) => path.startsWith('/odata/') && servicePath.test(path),
      handle: (request, path, requestId) =>
        request.method === 'OPTIONS'
          ? preflight(requestId, 'GET, HEAD, POST, OPTIONS')
          : handle(request, path, requestId),
    };
    return plane;
  };

const asFailure = (error: AzureError) => {
  const [first] = error.details;
  return new ServiceFailure({
    status: error.status,
    code: first?.code ?? error.errorClass,
    message: first?.message ?? error.message,
  });
};

function withHeaders(
  response: Response,
  requestId: string,
  more: Readonly<Record<string, string>> = {},
): Response {
  for (const [name, value] of Object.entries(more)) response.headers.set(name, value);
  response.headers.set('x-ms-request-id', requestId);
  response.headers.set('x-request-id', requestId);
  response.headers.set('access-control-allow-origin', '*');
  response.headers.set(
    'access-control-expose-headers',
    'x-ms-request-id, x-request-id, retry-after, odata-version',
  );
  if (!response.headers.has('odata-version')) response.headers.set('odata-version', '4.0');
  return response;
}
