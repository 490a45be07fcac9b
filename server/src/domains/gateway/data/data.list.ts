import type { PlaneParts } from '../data-plane.ts';
import { usedOf } from '../gateway.rules.ts';
import { challengeFor } from './data.admit.ts';

/** What the account of a key subscribes to, with what is left: for programs that have a key and nothing else. No database. */
export function listMine(parts: PlaneParts, request: Request, requestId: string): Response {
  const { settings, snapshot, sync } = parts;
  if (request.method !== 'GET')
    return parts.refuse('data.method', { method: request.method }, requestId, 'odata', { allow: 'GET' });
  if (!snapshot.loaded) return parts.refuse('call.not_ready', {}, requestId, 'odata', { 'retry-after': '2' });
  const key = parts.findKey(request.headers);
  if (typeof key === 'string')
    return parts.refuse(key, {}, requestId, 'odata', challengeFor(request.headers));
  const now = Date.now();
  const value = snapshot.entitlementsOf(key.accountId).flatMap((e) => {
    const name = `${e.publisher}/${e.product}`;
    if (!snapshot.services.find(name, e.accountId)) return [];
    const used = e.quota && usedOf(e.quota, sync.usage.pendingUnits(e.subscriptionId), now);
    return {
      subscriptionId: e.subscriptionId,
      publisher: e.publisher,
      product: e.product,
      state: e.status,
      reason: e.reason,
      serviceRoot: `${settings.publicUrl}/data/${name}/v1/`,
      page: `${settings.publicUrl}/products/${name}`,
      balance:
        e.quota && used !== null
          ? {
              limit: e.quota.units,
              used,
              remaining: Math.max(0, e.quota.units - used),
              resetsAt: new Date(e.quota.resetsAt).toISOString(),
            }
          : null,
    };
  });
  return Response.json({ value }, { headers: { 'x-request-id': requestId, 'cache-control': 'no-store' } });
}
