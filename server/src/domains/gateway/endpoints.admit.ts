import { type Admitted, type Refusal, refusal, whyOver } from './calls.admit.ts';
import { newKeyFinder } from './calls.keys.ts';
import type { EndpointPath, EndpointRecord } from './endpoints.ts';
import type { CallErrorCode, ErrorStyle } from './gateway.errors.ts';
import { targetOf } from './gateway.rules.ts';
import type { Sync } from './gateway.sync.ts';
import type { GatewaySettings, VersionRoute } from './gateway.ts';

/** Decides about a call of an account's own endpoint. */
export function newEndpointAdmission(settings: GatewaySettings, { snapshot }: Sync) {
  const findKey = newKeyFinder(snapshot);
  const page = `${settings.publicUrl}/endpoints`;

  return { admit, admitTo };

  function admit(request: Request, path: EndpointPath): Admitted | Refusal {
    const style: ErrorStyle = path.rest.startsWith('/v2') ? 'v2' : 'sagemaker';
    if (!snapshot.loaded) return refusal('call.not_ready', {}, style, { 'retry-after': '2' });
    const key = findKey(request.headers);
    if (typeof key === 'string') return refusal(key, {}, style, { 'www-authenticate': 'Bearer' });
    return admitTo(snapshot.endpoint(key.accountId, path.endpoint), request, path);
  }

  /** By whoever has been admitted already, with a key of another kind. */
  function admitTo(
    endpoint: EndpointRecord | undefined,
    request: Request,
    { endpoint: name, rest }: EndpointPath,
  ): Admitted | Refusal {
    const style: ErrorStyle = rest.startsWith('/v2') ? 'v2' : 'sagemaker';
    const refuse = (code: CallErrorCode, params: Refusal['params'], headers: Refusal['headers'] = {}) =>
      refusal(code, params, style, headers);
    if (!endpoint || endpoint.state === 'Deleting')
      return refuse('call.endpoint_missing', { endpoint: name, page });
    const own = `${page}/${name}`;
    const { state, serves } = endpoint;
    if (!serves || state === 'Failed' || state === 'OutOfService') {
      if (state === 'Creating')
        return refuse('call.endpoint_creating', { endpoint: name, page: own }, { 'retry-after': '5' });
      const reason = endpoint.reason ?? 'no reason was given.';
      return refuse(
        'call.endpoint_away',
        { endpoint: name, state, reason, page: own },
        { 'retry-after': '10' },
      );
    }
    const entitlement = snapshot.entitlementOf(serves.subscriptionId);
    if (!entitlement) {
      const reason = 'its subscription is over.';
      return refuse('call.endpoint_away', { endpoint: name, state, reason, page: own });
    }
    const product = `${entitlement.publisher}/${entitlement.product}`;
    if (entitlement.status !== 'active') {
      const reason = entitlement.reason ?? 'no reason was given.';
      const code = entitlement.status === 'ended' ? 'call.ended' : 'call.suspended';
      return refuse(code, { product, reason, page: `${settings.publicUrl}/products/${product}` });
    }
    const known = snapshot.route(serves.productId, serves.version);
    const over = known && whyOver(known, product, settings.publicUrl);
    if (over) return refuse(over.code, over.params, over.headers);
    const target = targetOf(rest, serves.modelName);
    if (!target?.methods.includes(request.method))
      return refuse('call.unknown_path', { path: `${request.method} ${rest}` });
    const length = request.headers.get('content-length');
    const lengthBytes = length === null ? undefined : Number(length);
    if (lengthBytes !== undefined && lengthBytes > endpoint.payloadBytesMax)
      return refuse('call.payload_too_large', { limitBytes: endpoint.payloadBytesMax });
    return { product, entitlement, route: known ?? routeOf(serves), target, lengthBytes, endpoint };
  }
}

const routeOf = (serves: { productId: string; version: string; modelName: string }): VersionRoute => ({
  ...serves,
  addresses: [],
  state: 'ready',
  sunsetAt: null,
  deprecatedAt: null,
  sunsetReason: null,
  ended: false,
  successor: null,
  withdrawnAt: null,
  withdrawnReason: null,
  withdrawnReplacement: null,
});
