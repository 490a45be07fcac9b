import { subscriptionOperations as op } from '@souk/contract';
import { memberOf } from '../../platform/authorize.ts';
import { may, type Route, route } from '../../platform/http.ts';
import type { Billing } from './billing.service.ts';

export function billingRoutes(billing: Billing): Route[] {
  return [
    route({
      ...op.getInvoice,
      who: may('invoice:read'),
      handle: ({ caller, query }) => billing.invoice(memberOf(caller).accountId, query.month),
    }),
  ];
}
