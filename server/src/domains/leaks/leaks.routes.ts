import { operations } from '@souk/contract';
import { may, type Route, route } from '../../platform/http.ts';
import type { Leaks } from './leaks.service.ts';

export const leakRoutes = (leaks: Leaks): Route[] => [
  route({
    ...operations.reportLeakedKey,
    who: may('key:report'),
    handle: ({ body, ip }) => leaks.report(body, ip),
  }),
];
