import { priceOperations as op } from '@souk/contract';
import { memberOf } from '../../platform/authorize.ts';
import { may, type Route, route } from '../../platform/http.ts';
import type { Prices } from './prices.service.ts';

export function priceRoutes(prices: Prices): Route[] {
  return [
    route({
      ...op.getPriceChanges,
      who: may('product:read'),
      handle: ({ caller, params }) => prices.changes(memberOf(caller), params.productId),
    }),
    route({
      ...op.cancelPriceChange,
      who: may('product:release'),
      handle: ({ caller, params, body }) => prices.cancel(memberOf(caller), params.productId, body.planId),
    }),
    route({
      ...op.getSubscriptionPrices,
      who: may('subscription:read'),
      handle: ({ caller, params }) => prices.ofSubscription(memberOf(caller), params.subscriptionId),
    }),
  ];
}
