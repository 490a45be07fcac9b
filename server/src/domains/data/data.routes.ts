import { dataOperations as op } from '@souk/contract';
import { type Caller, memberOf } from '../../platform/authorize.ts';
import { may, type Route, route } from '../../platform/http.ts';
import type { Data } from './data.service.ts';

/** `visible` refuses, as the catalogue does, who may not see a product. */
export function dataRoutes(
  data: Data,
  visible: (caller: Caller, publisher: string, product: string) => Promise<unknown>,
): Route[] {
  return [
    route({
      ...op.listMyData,
      who: may('subscription:read'),
      handle: ({ caller }) => data.mine(memberOf(caller)),
    }),
    route({
      ...op.getServiceHealth,
      who: may('catalog:read'),
      handle: async ({ caller, params: p }) => {
        await visible(caller, p.publisher, p.product);
        return data.ofProduct(p.publisher, p.product);
      },
    }),
    route({
      ...op.getOwnServiceHealth,
      who: may('product:usage'),
      handle: ({ caller, params }) => data.own(memberOf(caller), params.productId),
    }),
  ];
}
