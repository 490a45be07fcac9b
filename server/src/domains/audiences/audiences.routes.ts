import { audienceOperations as op } from '@souk/contract';
import { memberOf } from '../../platform/authorize.ts';
import { may, type Route, route } from '../../platform/http.ts';
import type { Audiences } from './audiences.service.ts';

/** An audience at its limit, with notes at theirs. */
const csvSizeBytesMax = 6 * 1024 * 1024;

export function audienceRoutes(audiences: Audiences): Route[] {
  return [
    route({
      ...op.listBuyers,
      who: may('product:read'),
      handle: ({ caller, params, query: { plan, ...page } }) =>
        audiences.list(memberOf(caller), { ...params, ...(plan ? { plan } : {}) }, page),
    }),
    route({
      ...op.putBuyer,
      who: may('product:edit'),
      handle: ({ caller, params: { productId, accountId }, body: { plan, note = '' } }) =>
        audiences.put(memberOf(caller), { productId, ...(plan ? { plan } : {}) }, { accountId, note }),
    }),
    route({
      ...op.removeBuyer,
      who: may('product:edit'),
      handle: ({ caller, params: { productId, accountId }, query: { plan } }) =>
        audiences.remove(memberOf(caller), { productId, ...(plan ? { plan } : {}) }, accountId),
    }),
    route({
      ...op.importBuyers,
      who: may('product:edit'),
      bodySizeBytesMax: csvSizeBytesMax,
      handle: ({ caller, params, body: { plan, mode, csv } }) =>
        audiences.importCsv(memberOf(caller), { ...params, ...(plan ? { plan } : {}) }, mode, csv),
    }),
    route({
      ...op.exportBuyers,
      who: may('product:read'),
      handle: async ({ caller, params, query: { plan }, reply }) => {
        const csv = await audiences.exportCsv(memberOf(caller), { ...params, ...(plan ? { plan } : {}) });
        return reply
          .type('text/csv; charset=utf-8')
          .header('content-disposition', `attachment; filename="audience${plan ? `-${plan}` : ''}.csv"`)
          .send(csv);
      },
    }),
  ];
}
