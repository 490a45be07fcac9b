import { Readable } from 'node:stream';
import { operations } from '@souk/contract';
import { memberOf } from '../../platform/authorize.ts';
import { may, type Route, route } from '../../platform/http.ts';
import type { Audit } from './audit.service.ts';

const types = { csv: 'text/csv; charset=utf-8', jsonl: 'application/x-ndjson; charset=utf-8' } as const;

export const auditRoutes = (audit: Audit): Route[] => [
  route({
    ...operations.listAudit,
    who: may('audit:read'),
    handle: ({ caller, query }) => audit.list(memberOf(caller), query),
  }),
  route({
    ...operations.exportAudit,
    who: may('audit:read'),
    handle: async ({ caller, query, reply }) => {
      const text = await audit.export(memberOf(caller), query);
      await reply
        .type(types[query.format])
        .header('content-disposition', `attachment; filename="audit.${query.format}"`)
        .header('cache-control', 'no-store')
        .send(Readable.from(text));
    },
  }),
];
