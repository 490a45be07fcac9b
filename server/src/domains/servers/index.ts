export { serverJobs } from './servers.jobs.ts';
export { serverSubscribers } from './servers.notices.ts';
export { openServer } from './servers.open.ts';
export { type Backend, serverRoutes } from './servers.routes.ts';
export { newServers, type Servers } from './servers.service.ts';
export { newServedVersions } from './servers.versions.service.ts';
