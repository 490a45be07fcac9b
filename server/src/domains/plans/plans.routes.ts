import { planOperations as op } from '@souk/contract';
import { memberOf } from '../../platform/authorize.ts';
import { may, type Route, route } from '../../platform/http.ts';
import type { Plans } from './plans.service.ts';

export function planRoutes(plans: Plans): Route[] {
  return [
    route({
      ...op.listPlanCodes,
      who: may('product:read'),
      handle: ({ caller, params }) => plans.codes.list(memberOf(caller), params.productId),
    }),
    route({
      ...op.createPlanCode,
      who: may('product:edit'),
      handle: ({ caller, params, body }) => plans.codes.create(memberOf(caller), params.productId, body),
    }),
    route({
      ...op.endPlanCode,
      who: may('product:edit'),
      handle: ({ caller, params }) => plans.codes.end(memberOf(caller), params.productId, params.codeId),
    }),
    route({
      ...op.openPlans,
      who: may('subscription:manage'),
      handle: ({ caller, body }) =>
        plans.open(memberOf(caller), body.publisher, body.product, body.slot, body.code),
    }),
    route({
      ...op.getSubscriptionPlan,
      who: may('subscription:read'),
      handle: ({ caller, params }) => plans.of(memberOf(caller), params.subscriptionId),
    }),
    route({
      ...op.changePlan,
      who: may('subscription:manage'),
      handle: ({ caller, params, body }) => plans.change(memberOf(caller), params.subscriptionId, body),
    }),
    route({
      ...op.keepPlan,
      who: may('subscription:manage'),
      handle: ({ caller, params }) => plans.keep(memberOf(caller), params.subscriptionId),
    }),
  ];
}
