export { leakRoutes } from './leaks.routes.ts';
export { type Leaks, newLeaks } from './leaks.service.ts';
export type { Revoker, TellOwners } from './leaks.ts';
