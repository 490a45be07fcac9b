import { catalogOperations as op } from '@souk/contract';
import { may, type Route, route } from '../../platform/http.ts';
import { downloadHeaders } from '../uploads/index.ts';
import type { Catalog } from './catalog.service.ts';

const tryBodyBytesMax = 1_000_000;

export function catalogRoutes(catalog: Catalog): Route[] {
  const read = may('catalog:read');
  return [
    route({ ...op.searchCatalog, who: read, handle: ({ caller, query }) => catalog.search(caller, query) }),
    route({
      ...op.getCatalogProduct,
      who: read,
      handle: ({ caller, params: p, query }) => catalog.product(caller, p.publisher, p.product, query.slot),
    }),
    route({
      ...op.getMlBom,
      who: read,
      handle: ({ caller, params: p, query }) =>
        catalog.bom(caller, p.publisher, p.product, p.version, query.slot),
    }),
    route({
      ...op.getSample,
      who: read,
      handle: async ({ caller, params: p, query, reply }) => {
        const { file, read } = await catalog.sample(caller, p, query.slot);
        await reply
          .headers(downloadHeaders(file.fileName, file.sizeBytes))
          .type('application/octet-stream')
          .send(read());
      },
    }),
    route({
      ...op.getStatement,
      who: read,
      handle: ({ caller, params: p, query }) => catalog.statement(caller, p.publisher, p.product, query.slot),
    }),
    route({ ...op.getSigningKey, who: read, handle: async () => catalog.signingKey() }),
    route({
      ...op.getPublisherPage,
      who: read,
      handle: ({ caller, params }) => catalog.publisher(caller, params.publisher),
    }),
    route({
      ...op.tryProduct,
      who: may('catalog:try'),
      bodySizeBytesMax: tryBodyBytesMax,
      handle: ({ caller, ip, params, query, body }) =>
        catalog.tryProduct(caller, ip, { ...params, slot: query.slot }, body),
    }),
  ];
}
