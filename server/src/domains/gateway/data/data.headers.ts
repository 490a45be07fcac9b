import { quotaHeaders, usedOf } from '../gateway.rules.ts';
import type { Entitlement } from '../gateway.ts';

/** Headers of a caller that a service is given; all others stop here, the caller's key among them. */
const serviceHeaders = [
  'accept',
  'accept-language',
  'content-type',
  'dataserviceversion',
  'if-modified-since',
  'if-none-match',
  'maxdataserviceversion',
  'odata-maxversion',
  'odata-version',
  'prefer',
  'traceparent',
] as const;

/** Headers of a service's answer that the caller is given. */
const answerHeaders = [
  'cache-control',
  'content-disposition',
  'content-language',
  'content-type',
  'dataserviceversion',
  'etag',
  'last-modified',
  'odata-version',
  'preference-applied',
] as const;

/** Addresses of the service, to be rewritten. */
export const addressHeaders = ['location', 'content-location', 'odata-entityid'] as const;

export interface ToService {
  readonly requestId: string;
  readonly via: string;
}

/** Packed only for callers who can unpack it; we unpack in between, to count rows and rewrite addresses. */
export function headersToService(inbound: Headers, { requestId, via }: ToService) {
  const headers: Record<string, string> = {
    'user-agent': 'Souk',
    'accept-encoding': takesGzip(inbound) ? 'gzip' : 'identity',
    'x-request-id': requestId,
    via,
  };
  for (const name of serviceHeaders) {
    const value = inbound.get(name);
    if (value !== null) headers[name] = value;
  }
  return headers;
}

export const takesGzip = (inbound: Headers): boolean =>
  /(?:^|,)\s*(?:gzip|\*)\s*(?:;\s*q=(?!0(?:\.0*)?\s*(?:,|$))|,|$)/i.test(
    inbound.get('accept-encoding') ?? '',
  );

export function headersFromService(answer: ReadonlyMap<string, string>): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name of answerHeaders) {
    const value = answer.get(name);
    if (value !== undefined) headers[name] = value;
  }
  return headers;
}

/**
 * What is left of the plan after this call, and what the call cost where that is known: a long answer is counted at its end.
 * `pendingUnits` are those that the database does not hold yet.
 */
export function balanceHeaders(
  { quota }: Entitlement,
  pendingUnits: number,
  transactions: number | undefined,
): Record<string, string> {
  const headers: Record<string, string> =
    transactions === undefined ? {} : { 'x-souk-transactions': String(transactions) };
  if (!quota) return { ...headers, 'x-souk-balance-limit': 'unlimited' };
  const now = Date.now();
  const used = usedOf(quota, pendingUnits, now);
  return {
    ...headers,
    'x-souk-balance-limit': String(quota.units),
    'x-souk-balance-used': String(used),
    'x-souk-balance-remaining': String(Math.max(0, quota.units - used)),
    'x-souk-balance-reset': new Date(quota.resetsAt).toISOString(),
    ...quotaHeaders(quota, used, now, 'cycle'),
  };
}
