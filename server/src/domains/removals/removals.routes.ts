import { removalOperations as op } from '@souk/contract';
import { memberOf } from '../../platform/authorize.ts';
import { may, type Route, route } from '../../platform/http.ts';
import type { newExports } from './removals.exports.ts';
import type { Removals } from './removals.service.ts';

export function removalRoutes(removals: Removals, exports: ReturnType<typeof newExports>): Route[] {
  return [
    route({
      ...op.unpublishProduct,
      who: may('product:remove'),
      handle: ({ caller, params, body }) => removals.unpublish(memberOf(caller), params.productId, body),
    }),
    route({
      ...op.getRemoval,
      who: may('product:read'),
      handle: ({ caller, params }) => removals.get(memberOf(caller), params.productId),
    }),
    route({
      ...op.cancelRemoval,
      who: may('product:remove'),
      handle: ({ caller, params }) => removals.cancel(memberOf(caller), params.productId),
    }),
    route({
      ...op.exportProduct,
      who: may('product:usage'),
      handle: ({ caller, params }) => exports.product(memberOf(caller), params.productId),
    }),
    route({
      ...op.exportSubscription,
      who: may('usage:read'),
      handle: ({ caller, params }) => exports.subscription(memberOf(caller), params.subscriptionId),
    }),
    route({
      ...op.listRemovals,
      who: may('operator:read'),
      handle: ({ query: { state, ...page } }) => removals.list(state, page),
    }),
    route({
      ...op.takeDownProduct,
      who: may('product:take-down'),
      handle: ({ caller, body }) => removals.takeDown(caller, body.product, body.reason),
    }),
    route({
      ...op.restoreProduct,
      who: may('product:take-down'),
      handle: ({ caller, params, body }) => removals.restore(caller, params.removalId, body.reason),
    }),
  ];
}
