import { operations } from '@souk/contract';
import { memberOf } from '../../platform/authorize.ts';
import { may, type Route, route } from '../../platform/http.ts';
import type { Audit } from './audit.service.ts';

export const auditRoutes = (audit: Audit): Route[] => [
  route({
    ...operations.listAudit,
    who: may('audit:read'),
    handle: ({ caller, query }) => audit.list(memberOf(caller), query),
  }),
];
