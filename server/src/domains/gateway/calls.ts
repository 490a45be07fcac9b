import { type Admitted, isAdmitted, newAdmission, type Refusal } from './calls.admit.ts';
import { newForward } from './calls.forward.ts';
import { preflight } from './calls.headers.ts';
import type { Judge } from './calls.judge.ts';
import { newLimits } from './calls.limits.ts';
import { newEndpointAdmission } from './endpoints.admit.ts';
import type { EndpointPath } from './endpoints.ts';
import { errorResponse } from './gateway.errors.ts';
import type { GatewayMetrics } from './gateway.metrics.ts';
import type { Sync } from './gateway.sync.ts';
import type { GatewaySettings } from './gateway.ts';
import type { Ask } from './model-client.ts';

export interface CallsOptions {
  readonly settings: GatewaySettings;
  readonly sync: Sync;
  readonly ask: Ask;
  readonly metrics: GatewayMetrics;
}

/**
 * Answers calls of products. One call: the key's record, its entitlement and the version's route are found in memory, limits
 * are checked (calls.admit.ts), the body is streamed to the model server and its answer back, and the call is in the usage log
 * before its answer ends (calls.forward.ts). No database on this path.
 */
export function newCalls(options: CallsOptions) {
  const admit = newAdmission(options.settings, options.sync);
  const toEndpoint = newEndpointAdmission(options.settings, options.sync);
  const limits = newLimits(options.sync);
  const forward = newForward(options, limits);

  function go(request: Request, admitted: Admitted | Refusal, requestId: string, judge?: Judge) {
    if (isAdmitted(admitted)) return forward(request, admitted, requestId, judge);
    const { code, params, style, headers } = admitted;
    options.metrics.refused(code);
    return errorResponse(code, params, requestId, style, headers);
  }

  return {
    limits,
    /** Sends a call that was admitted elsewhere to its model, counts it, and answers. */
    forward,
    product: (request: Request, path: string, requestId: string): Response | Promise<Response> =>
      request.method === 'OPTIONS' ? preflight(requestId) : go(request, admit(request, path), requestId),
    /** Of an account's own endpoint. */
    endpoint: (request: Request, path: EndpointPath, requestId: string): Response | Promise<Response> =>
      request.method === 'OPTIONS'
        ? preflight(requestId)
        : go(request, toEndpoint.admit(request, path), requestId),
    /** The same, of a caller who was admitted by other means than a key of the account. */
    endpointById: (
      id: string,
      request: Request,
      requestId: string,
      judge?: Judge,
    ): Response | Promise<Response> => {
      const endpoint = options.sync.snapshot.endpointById(id);
      const path = { endpoint: endpoint?.name ?? id, rest: '/invocations' };
      return go(request, toEndpoint.admitTo(endpoint, request, path), requestId, judge);
    },
  };
}

export type Calls = ReturnType<typeof newCalls>;
