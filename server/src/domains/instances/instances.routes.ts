import { instanceOperations as op } from '@souk/contract';
import { memberOf } from '../../platform/authorize.ts';
import { may, type Route, route } from '../../platform/http.ts';
import type { Instances } from './instances.service.ts';

export function instanceRoutes(instances: Instances): Route[] {
  return [
    route({
      ...op.listRunning,
      who: may('subscription:read'),
      handle: ({ caller }) => instances.ofAccount(memberOf(caller).accountId),
    }),
    route({
      ...op.listSubscriptionRunning,
      who: may('subscription:read'),
      handle: ({ caller, params }) =>
        instances.ofSubscription(memberOf(caller).accountId, params.subscriptionId),
    }),
    route({
      ...op.stopRunning,
      who: may('subscription:manage'),
      handle: ({ caller, params }) => instances.stopOne(memberOf(caller), params.kind, params.id),
    }),
  ];
}
