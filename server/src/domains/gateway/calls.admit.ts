import { type Denial, isDenied, newSubscriberAdmission } from './calls.subscriber.ts';
import type { EndpointRecord } from './endpoints.ts';
import type { CallErrorCode, ErrorStyle } from './gateway.errors.ts';
import { type CallPath, parseCallPath, sunsetHeaders, type Target, targetOf } from './gateway.rules.ts';
import type { Sync } from './gateway.sync.ts';
import type { Entitlement, GatewaySettings, VersionRoute } from './gateway.ts';

/** A call that may go on, and where to. */
export interface Admitted {
  /** `publisher/product`, as people know it. */
  readonly product: string;
  readonly entitlement: Entitlement;
  readonly route: VersionRoute;
  readonly target: Target;
  /** Of the body; undefined where the request does not say. */
  readonly lengthBytes: number | undefined;
  /** The account's own endpoint that answers; undefined: the shared deployment of the version. */
  readonly endpoint?: EndpointRecord;
}

export interface Refusal extends Denial {
  readonly style: ErrorStyle;
}

const pathsMax = 10_000;

/** Decides about one call: who calls, what the account is entitled to, and where it goes. Its limits: calls.limits.ts. */
export function newAdmission(settings: GatewaySettings, sync: Sync) {
  const { snapshot } = sync;
  const subscriber = newSubscriberAdmission(settings, snapshot);
  const paths = new Map<string, CallPath | null>();

  return admit;

  function admit(request: Request, path: string): Admitted | Refusal {
    const parsed = parse(path);
    if (!parsed) return refusal('call.unknown_path', { path }, 'sagemaker');
    const style: ErrorStyle = parsed.rest.startsWith('/v2') ? 'v2' : 'sagemaker';
    const refuse = (code: CallErrorCode, params: Refusal['params'], headers: Refusal['headers'] = {}) =>
      refusal(code, params, style, headers);

    const entitlement = subscriber(request.headers, parsed.publisher, parsed.product);
    if (isDenied(entitlement)) return { ...entitlement, style };
    const product = parsed.name;
    const version =
      parsed.version === 'latest'
        ? (entitlement.latest ?? entitlement.version)
        : (parsed.version ?? entitlement.version);
    if (!entitlement.versions.includes(version)) {
      const versions = entitlement.versions.join(', ');
      return refuse('call.version_not_allowed', { product, version, versions });
    }

    const route = snapshot.route(entitlement.productId, version);
    const over = route && whyOver(route, product, settings.publicUrl);
    if (over) return refuse(over.code, over.params, over.headers);
    if (!route) return refuse('call.starting', { product, version }, { 'retry-after': '2' });
    const target = targetOf(parsed.rest, route.modelName);
    if (!target?.methods.includes(request.method))
      return refuse('call.unknown_path', { path: `${request.method} ${parsed.rest}` });
    const lengthBytes = lengthOf(request.headers);
    if (lengthBytes !== undefined && lengthBytes > settings.payloadBytesMax)
      return refuse('call.payload_too_large', { limitBytes: settings.payloadBytesMax });
    if (route.addresses.length === 0) {
      const code = route.state === 'starting' ? 'call.starting' : 'call.down';
      return refuse(code, { product, version }, { 'retry-after': '2' });
    }
    return { product, entitlement, route, target, lengthBytes };
  }

  function parse(path: string): CallPath | null {
    const known = paths.get(path);
    if (known !== undefined) return known;
    if (paths.size >= pathsMax) paths.clear();
    const parsed = parseCallPath(path) ?? null;
    paths.set(path, parsed);
    return parsed;
  }
}

/** Withdrawn, or past its end: refused by name and with the reason, never answered by another version. */
export function whyOver(route: VersionRoute, product: string, publicUrl: string): Denial | undefined {
  const page = `${publicUrl}/products/${product}`;
  const { version, sunsetAt } = route;
  if (route.withdrawnAt) {
    const next = route.withdrawnReplacement ? `version ${route.withdrawnReplacement}` : 'another version';
    const params = {
      product,
      version,
      reason: route.withdrawnReason ?? '',
      at: new Date(route.withdrawnAt).toISOString(),
      replacement: route.withdrawnReplacement ?? '',
      next,
      page,
    };
    return { code: 'call.version_withdrawn', params, headers: {} };
  }
  if (sunsetAt === null || (!route.ended && sunsetAt > Date.now())) return undefined;
  const params = {
    product,
    version,
    reason: route.sunsetReason ?? '',
    at: new Date(sunsetAt).toISOString(),
    replacement: route.successor ? publicUrl + route.successor : '',
    next: route.successor ? publicUrl + route.successor : `what is listed on ${page}`,
    page,
  };
  return { code: 'call.version_ended', params, headers: sunsetHeaders(route, publicUrl, product) };
}

function lengthOf(headers: Headers): number | undefined {
  const length = headers.get('content-length');
  return length === null ? undefined : Number(length);
}

export const isAdmitted = (given: Admitted | Refusal): given is Admitted => 'target' in given;

export const refusal = (
  code: CallErrorCode,
  params: Refusal['params'],
  style: ErrorStyle,
  headers: Refusal['headers'] = {},
): Refusal => ({ code, params, style, headers });
