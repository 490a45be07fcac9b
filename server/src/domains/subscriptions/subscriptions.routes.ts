import { subscriptionOperations as op } from '@souk/contract';
import { memberOf } from '../../platform/authorize.ts';
import { may, type Route, route } from '../../platform/http.ts';
import type { Subscriptions } from './subscriptions.service.ts';

export function subscriptionRoutes(subscriptions: Subscriptions): Route[] {
  return [
    route({
      ...op.subscribe,
      who: may('subscription:manage'),
      handle: ({ caller, body, requestId }) => subscriptions.subscribe(memberOf(caller), body, requestId),
    }),
    route({
      ...op.listSubscriptions,
      who: may('subscription:read'),
      handle: ({ caller, query }) =>
        subscriptions.list(memberOf(caller), query.state, query.cursor ?? null, query.limit ?? 50),
    }),
    route({
      ...op.getSubscription,
      who: may('subscription:read'),
      handle: ({ caller, params }) => subscriptions.get(memberOf(caller), params.subscriptionId),
    }),
    route({
      ...op.chooseVersion,
      who: may('subscription:manage'),
      handle: ({ caller, params, body }) =>
        subscriptions.chooseVersion(memberOf(caller), params.subscriptionId, body.version, body.followLatest),
    }),
    route({
      ...op.cancelSubscription,
      who: may('subscription:manage'),
      handle: ({ caller, params, query }) =>
        subscriptions.cancel(memberOf(caller), params.subscriptionId, query.stopRunning ?? false),
    }),
    route({
      ...op.getSnippets,
      who: may('subscription:read'),
      handle: async ({ caller, params }) => ({
        items: await subscriptions.snippets(memberOf(caller), params.subscriptionId),
      }),
    }),
    route({
      ...op.listProductSubscriptions,
      who: may('product:usage'),
      handle: ({ caller, params, query }) =>
        subscriptions.customers(memberOf(caller), params.productId, query.cursor ?? null, query.limit ?? 50),
    }),
  ];
}
