import type { Admitted } from './calls.admit.ts';
import { answeredHeaders, containerHeaders, quotaHeaders, sunsetHeaders, usedOf } from './gateway.rules.ts';
import type { ModelAnswer } from './model-client.ts';

/** What a container is told: the headers of InvokeEndpoint and no others. It answers uncompressed, since we pass bytes on. */
export function headersFor(inbound: Headers): Record<string, string> {
  const headers: Record<string, string> = { 'accept-encoding': 'identity' };
  for (const name of containerHeaders) {
    const value = inbound.get(name);
    if (value !== null) headers[name] = value;
  }
  return headers;
}

export interface AnswerFacts {
  readonly requestId: string;
  readonly call: Admitted;
  readonly units: number;
  /** Units of the subscription that the database does not hold yet, this call's among them. */
  readonly pendingUnits: number;
  readonly publicUrl: string;
}

/** The headers of an answered call. */
export function headersOf(answer: ModelAnswer, facts: AnswerFacts): Record<string, string> {
  const { route, target, entitlement } = facts.call;
  const headers: Record<string, string> = {
    'content-type': answer.headers.get('content-type') ?? 'application/octet-stream',
    'x-request-id': facts.requestId,
    'x-souk-version': route.version,
    'access-control-allow-origin': '*',
    'access-control-expose-headers': '*',
  };
  for (const name of answeredHeaders) {
    const value = answer.headers.get(name);
    if (value !== undefined) headers[name] = value;
  }
  if (target.counts) headers['x-souk-units'] = String(facts.units);
  if (answer.status >= 400) headers['x-souk-error-source'] = 'model';
  if (route.sunsetAt !== null)
    Object.assign(headers, sunsetHeaders(route, facts.publicUrl, facts.call.product));
  const { quota } = entitlement;
  if (!quota) return headers;
  const now = Date.now();
  const used = usedOf(quota, facts.pendingUnits, now);
  // Beyond a quota that does not stop, nothing is limited: "nothing left" would make well-behaved clients wait.
  if (!quota.hard && used >= quota.units) return headers;
  return { ...headers, ...quotaHeaders(quota, used, now) };
}

/** What a browser asks before it lets a page of another origin call. */
export const preflight = (requestId: string) =>
  new Response(null, {
    status: 204,
    headers: {
      'x-request-id': requestId,
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'GET, HEAD, POST, OPTIONS',
      'access-control-allow-headers':
        'authorization, content-type, accept, x-api-key, x-amzn-sagemaker-custom-attributes, x-amzn-sagemaker-inference-id, x-amzn-sagemaker-session-id, inference-header-content-length, traceparent',
      'access-control-max-age': '86400',
    },
  });
