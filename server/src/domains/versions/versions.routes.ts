import { versionOperations as op } from '@souk/contract';
import { memberOf } from '../../platform/authorize.ts';
import { may, type Route, route } from '../../platform/http.ts';
import type { Versions } from './versions.service.ts';

export function versionRoutes(versions: Versions): Route[] {
  return [
    route({
      ...op.listVersions,
      who: may('product:read'),
      handle: ({ caller, params }) => versions.list(memberOf(caller), params.productId),
    }),
    route({
      ...op.restrictVersion,
      who: may('product:release'),
      handle: ({ caller, params }) => versions.restrict(memberOf(caller), params.productId, params.version),
    }),
    route({
      ...op.withdrawVersion,
      who: may('product:release'),
      handle: ({ caller, params, body }) =>
        versions.withdraw(
          { side: 'publisher', caller: memberOf(caller) },
          params.productId,
          params.version,
          body,
        ),
    }),
    route({
      ...op.setVersionSunset,
      who: may('product:release'),
      handle: ({ caller, params, body }) =>
        versions.setVersionSunset(memberOf(caller), params.productId, params.version, body),
    }),
    route({
      ...op.cancelVersionSunset,
      who: may('product:release'),
      handle: ({ caller, params }) =>
        versions.cancelVersionSunset(memberOf(caller), params.productId, params.version),
    }),
    route({
      ...op.setProductSunset,
      who: may('product:release'),
      handle: ({ caller, params, body }) =>
        versions.setProductSunset(memberOf(caller), params.productId, body),
    }),
    route({
      ...op.cancelProductSunset,
      who: may('product:release'),
      handle: ({ caller, params }) => versions.cancelProductSunset(memberOf(caller), params.productId),
    }),
    route({
      ...op.operatorFindVersions,
      who: may('operator:read'),
      handle: ({ query }) => versions.search(query.product),
    }),
    route({
      ...op.operatorWithdrawVersion,
      who: may('operator:manage'),
      handle: ({ caller, params, body }) =>
        versions.withdraw(
          { side: 'operator', caller: memberOf(caller) },
          params.productId,
          params.version,
          body,
        ),
    }),
    route({
      ...op.operatorRestoreVersion,
      who: may('operator:manage'),
      handle: ({ caller, params, body }) =>
        versions.restore(memberOf(caller), params.productId, params.version, body.reason),
    }),
  ];
}
