import { appliedOperations, productOperations as op } from '@souk/contract';
import { memberOf } from '../../platform/authorize.ts';
import { may, type Route, route } from '../../platform/http.ts';
import type { Products } from './products.service.ts';

/** A document with every field at its limit: hundreds of versions with notes and samples. */
const documentSizeBytesMax = 16 * 1024 * 1024;

export function productRoutes(products: Products): Route[] {
  return [
    route({
      ...op.listProducts,
      who: may('product:list', { narrowed: true }),
      handle: ({ caller, query }) =>
        products.list(memberOf(caller).accountId, { ...query, only: caller.limit?.products ?? null }),
    }),
    route({
      ...op.createProduct,
      who: may('product:edit'),
      bodySizeBytesMax: documentSizeBytesMax,
      handle: ({ caller, body }) => products.create(memberOf(caller), body),
    }),
    route({
      ...op.getProduct,
      who: may('product:list'),
      handle: ({ caller, params }) => products.get(memberOf(caller).accountId, params.productId),
    }),
    route({
      ...op.copyProduct,
      who: may('product:edit'),
      handle: ({ caller, params, body }) => products.copy(memberOf(caller), params.productId, body),
    }),
    route({
      ...op.deleteProduct,
      who: may('product:edit'),
      handle: ({ caller, params }) => products.remove(memberOf(caller), params.productId),
    }),
    route({
      ...op.getDraft,
      who: may('product:read'),
      handle: ({ caller, params }) => products.draft(memberOf(caller).accountId, params.productId),
    }),
    route({
      ...op.putDraft,
      who: may('product:edit'),
      bodySizeBytesMax: documentSizeBytesMax,
      handle: ({ caller, params, body }) =>
        products.saveDraft(memberOf(caller), params.productId, body.version, body.document),
    }),
    route({
      ...appliedOperations.getApplied,
      who: may('product:read'),
      handle: ({ caller, params }) => products.getApplied(memberOf(caller).accountId, params.productId),
    }),
    route({
      ...appliedOperations.planDraft,
      who: may('product:read'),
      bodySizeBytesMax: documentSizeBytesMax,
      handle: ({ caller, params, body }) => products.planDraft(memberOf(caller), params.productId, body),
    }),
    route({
      ...appliedOperations.applyDraft,
      who: may('product:edit'),
      bodySizeBytesMax: documentSizeBytesMax,
      handle: ({ caller, params, body }) => products.apply(memberOf(caller), params.productId, body),
    }),
    route({
      ...op.getDraftDiff,
      who: may('product:read'),
      handle: ({ caller, params, query }) =>
        products.diff(memberOf(caller).accountId, params.productId, query.against ?? 'live'),
    }),
    route({
      ...op.putAudience,
      who: may('product:edit'),
      handle: ({ caller, params, body }) =>
        products.putAudience(memberOf(caller), params.productId, body.testAccounts),
    }),
  ];
}
