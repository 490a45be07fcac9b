import { publisherOperations as op, productOperations } from '@souk/contract';
import { memberOf } from '../../platform/authorize.ts';
import { may, type Route, route } from '../../platform/http.ts';
import type { Publishers } from './publishers.service.ts';

export function publisherRoutes(publishers: Publishers): Route[] {
  return [
    route({
      ...productOperations.getPublisher,
      who: may('publisher:read'),
      handle: ({ caller }) => publishers.get(memberOf(caller)),
    }),
    route({
      ...productOperations.putPublisher,
      who: may('publisher:update'),
      handle: ({ caller, body }) => publishers.put(memberOf(caller), body),
    }),
    route({
      ...op.getPublisherStanding,
      who: may('publisher:read'),
      handle: ({ caller }) => publishers.standing(memberOf(caller)),
    }),
    route({
      ...op.requestVerification,
      who: may('publisher:update'),
      handle: ({ caller, body }) => publishers.requestVerification(memberOf(caller), body.message),
    }),
    route({
      ...op.getTaxDetails,
      who: may('payment-details:read'),
      handle: ({ caller }) => publishers.tax(memberOf(caller)),
    }),
    route({
      ...op.putTaxDetails,
      who: may('payment-details:update'),
      handle: ({ caller, body }) => publishers.putTax(memberOf(caller), body),
    }),
    route({
      ...op.getPayoutDetails,
      who: may('payment-details:read'),
      handle: ({ caller }) => publishers.bank(memberOf(caller)),
    }),
    route({
      ...op.putPayoutDetails,
      who: may('payment-details:update'),
      handle: ({ caller, body }) => publishers.putBank(memberOf(caller), body),
    }),
    route({
      ...op.listPublishers,
      who: may('operator:read'),
      handle: ({ query }) => publishers.list(query),
    }),
    route({
      ...op.getOperatorPublisher,
      who: may('operator:read'),
      handle: ({ caller, params }) => publishers.detail(memberOf(caller), params.accountId),
    }),
    route({
      ...op.decideVerification,
      who: may('publisher:verify'),
      handle: ({ caller, params, body }) => publishers.decide(memberOf(caller), params.accountId, body),
    }),
    route({
      ...op.revealPaymentDetails,
      who: may('payment-details:reveal'),
      handle: ({ caller, params, body }) => publishers.reveal(memberOf(caller), params.accountId, body),
    }),
  ];
}
