import { productOperations as op, operatorOperations } from '@souk/contract';
import { memberOf } from '../../platform/authorize.ts';
import { may, type Route, route } from '../../platform/http.ts';
import type { Publishers } from './publishers.service.ts';

export function publisherRoutes(publishers: Publishers): Route[] {
  return [
    route({
      ...op.getPublisher,
      who: may('publisher:read'),
      handle: ({ caller }) => publishers.get(memberOf(caller)),
    }),
    route({
      ...op.putPublisher,
      who: may('publisher:update'),
      handle: ({ caller, body }) => publishers.put(memberOf(caller), body),
    }),
    route({
      ...operatorOperations.listPublishers,
      who: may('operator:read'),
      handle: ({ query }) => publishers.list(query),
    }),
  ];
}
