import type { Quota, VersionRoute } from './gateway.ts';

/** Pure decisions of the gateway: what a path means, which credential it carries, what is counted. */
export interface CallPath {
  readonly publisher: string;
  readonly product: string;
  /** `publisher/product`, as people know it. */
  readonly name: string;
  /** An exact version; null: the one that the subscription has chosen. */
  readonly version: string | null;
  /** `/invocations`, `/v2/models/x/infer`, ... */
  readonly rest: string;
}

const callPath =
  /^\/call\/([a-z0-9][a-z0-9-]{0,62})\/([a-z0-9][a-z0-9-]{0,62})(?:@([A-Za-z0-9][A-Za-z0-9._+-]{0,63}))?(\/.*)$/;

export function parseCallPath(path: string): CallPath | undefined {
  const [, publisher, product, version, rest] = callPath.exec(path) ?? [];
  if (!publisher || !product || !rest) return undefined;
  return { publisher, product, name: `${publisher}/${product}`, version: version ?? null, rest };
}

/** Where a call goes on the model server, and whether it is an inference that counts. Undefined: models have no such path. */
export interface Target {
  readonly path: string;
  readonly counts: boolean;
  readonly methods: readonly string[];
  readonly protocol: 'sagemaker' | 'v2';
}

const get: readonly string[] = ['GET', 'HEAD'];
const post: readonly string[] = ['POST'];

export function targetOf(rest: string, modelName: string): Target | undefined {
  switch (rest) {
    case '/invocations':
      return { path: rest, counts: true, methods: post, protocol: 'sagemaker' };
    case '/ping':
    case '/execution-parameters':
      return { path: rest, counts: false, methods: get, protocol: 'sagemaker' };
    case '/v2':
    case '/v2/health/live':
    case '/v2/health/ready':
      return { path: rest, counts: false, methods: get, protocol: 'v2' };
  }
  const [, name, operation = ''] =
    /^\/v2\/models\/([A-Za-z0-9][A-Za-z0-9._-]*)(?:\/versions\/[A-Za-z0-9._-]+)?(\/infer|\/ready)?$/.exec(
      rest,
    ) ?? [];
  // A subscription reaches one model; another name is another model, which is not there.
  if (name !== modelName) return undefined;
  return {
    path: `/v2/models/${name}${operation}`,
    counts: operation === '/infer',
    methods: operation === '/infer' ? post : get,
    protocol: 'v2',
  };
}

/** The key in an Authorization header: Bearer, or Basic with any user name. */
export function credentialOf(authorization: string): string | null {
  const space = authorization.indexOf(' ');
  const scheme = authorization.slice(0, space).toLowerCase();
  const rest = authorization.slice(space + 1).trim();
  if (scheme === 'bearer') return rest;
  if (scheme !== 'basic') return null;
  const decoded = Buffer.from(rest, 'base64').toString('utf8');
  return decoded.slice(decoded.indexOf(':') + 1);
}

const unitsMax = 1_000_000;

/**
 * Units of an answered call: what the container says in X-Amzn-Inference-Metering (reference, section 1.2), else 1. A header
 * that cannot be read counts 1: the buyer must not pay for a container's mistake.
 */
export function unitsOf(header: string | undefined, dimension: string): number {
  if (!header) return 1;
  try {
    const { Dimension, ConsumedUnits } = JSON.parse(header) as {
      Dimension?: unknown;
      ConsumedUnits?: unknown;
    };
    if (Dimension !== dimension) return 1;
    if (!Number.isInteger(ConsumedUnits) || Number(ConsumedUnits) < 0) return 1;
    return Math.min(Number(ConsumedUnits), unitsMax);
  } catch {
    return 1;
  }
}

/**
 * Units used of a quota: what the database holds of its period, and what it does not hold yet. The period may end between two
 * readings of the snapshot: then the new one begins with what is pending.
 */
export const usedOf = (quota: Quota, pendingUnits: number, nowMs: number): number =>
  (quota.resetsAt <= nowMs ? 0 : quota.used) + pendingUnits;

/** IETF RateLimit header fields: what is left of the period's units, and in how many seconds they are renewed. */
export function quotaHeaders(
  quota: Quota,
  used: number,
  nowMs: number,
  period: 'month' | 'cycle' = 'month',
): Record<string, string> {
  const seconds = Math.max(0, Math.ceil((quota.resetsAt - nowMs) / 1000));
  return {
    'ratelimit-policy': `"${period}";q=${quota.units}`,
    ratelimit: `"${period}";r=${Math.max(0, quota.units - used)};t=${seconds}`,
  };
}

/**
 * What clients are told of a version with an end date: Deprecation (RFC 9745) since when it is not to be built on, Sunset
 * (RFC 8594) when it stops, and links to what comes after it (RFC 5829) and to the explanation.
 */
export function sunsetHeaders(
  route: VersionRoute,
  publicUrl: string,
  product: string,
): Record<string, string> {
  if (route.sunsetAt === null) return {};
  const links = [`<${publicUrl}/products/${product}#versions>; rel="sunset"; type="text/html"`];
  if (route.successor) links.unshift(`<${publicUrl}${route.successor}>; rel="successor-version"`);
  return {
    ...(route.deprecatedAt === null ? {} : { deprecation: `@${Math.floor(route.deprecatedAt / 1000)}` }),
    sunset: new Date(route.sunsetAt).toUTCString(),
    link: links.join(', '),
  };
}

/** Answers that cannot have a body; making one with it would throw. */
export const hasNoBody = (method: string, status: number): boolean =>
  method === 'HEAD' || status === 204 || status === 205 || status === 304;

/** Inbound headers that a container is given; all others stop here (reference, section 1.6). */
export const containerHeaders = [
  'content-type',
  'accept',
  'x-amzn-sagemaker-custom-attributes',
  'x-amzn-sagemaker-inference-id',
  'x-amzn-sagemaker-session-id',
  // Tensors as bytes (Open Inference Protocol).
  'inference-header-content-length',
  'traceparent',
] as const;

/** Headers of a container's answer that the caller is given (reference, InvokeEndpoint). */
export const answeredHeaders = [
  'content-encoding',
  'inference-header-content-length',
  'retry-after',
  'x-amzn-sagemaker-custom-attributes',
  'x-amzn-sagemaker-new-session-id',
  'x-amzn-sagemaker-closed-session-id',
] as const;

/** True for every spelling of a path that a router behind us might read as /metrics: %6d for m, dots, doubled slashes. */
export function meansMetrics(path: string): boolean {
  if (!/metrics|%|\.|\/\//i.test(path)) return false;
  try {
    const plain = new URL(decodeURIComponent(path).replace(/^\/+/, '/'), 'http://x').pathname;
    return /^\/+(gateway\/+)?metrics\/*$/i.test(plain);
  } catch {
    return true;
  }
}

export const hourOf = (nowMs: number): number => Math.floor(nowMs / 3_600_000);
