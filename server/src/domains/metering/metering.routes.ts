import { subscriptionOperations as op } from '@souk/contract';
import { memberOf } from '../../platform/authorize.ts';
import { may, type Route, route } from '../../platform/http.ts';
import type { Metering } from './metering.service.ts';

export function meteringRoutes(metering: Metering): Route[] {
  return [
    route({
      ...op.getUsage,
      who: may('usage:read'),
      handle: ({ caller, params, query }) =>
        metering.ofSubscription(memberOf(caller).accountId, params.subscriptionId, query),
    }),
    route({
      ...op.getProductUsage,
      who: may('product:usage'),
      handle: ({ caller, params, query }) =>
        metering.ofProduct(memberOf(caller).accountId, params.productId, query),
    }),
  ];
}
