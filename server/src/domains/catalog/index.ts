export { newCatalogEntries } from './catalog.entries.ts';
export { catalogJobs } from './catalog.jobs.ts';
export type { Shown } from './catalog.page.ts';
export { latestVersion } from './catalog.projection.ts';
export { catalogRoutes } from './catalog.routes.ts';
export { type Catalog, type CatalogNeeds, newCatalog } from './catalog.service.ts';
export type { TryCall } from './catalog.tries.ts';
export type { Slot, Viewer } from './catalog.ts';
