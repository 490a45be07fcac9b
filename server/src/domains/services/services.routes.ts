import { serviceOperations as op } from '@souk/contract';
import { memberOf } from '../../platform/authorize.ts';
import { may, type Route, route } from '../../platform/http.ts';
import type { Services } from './services.service.ts';

export function serviceRoutes(services: Services): Route[] {
  return [
    route({
      ...op.putServiceCredential,
      who: may('product:edit'),
      handle: ({ caller, params, body }) => services.putCredential(memberOf(caller), params.productId, body),
    }),
    route({
      ...op.testConnection,
      who: may('product:edit'),
      handle: ({ caller, params }) => services.test(memberOf(caller), params.productId),
    }),
    route({
      ...op.importService,
      who: may('product:edit'),
      bodySizeBytesMax: 4 * 1024 * 1024,
      handle: ({ caller, params, body }) => services.import(memberOf(caller), params.productId, body.text),
    }),
  ];
}
