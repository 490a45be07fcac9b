export { endpointJobs } from './endpoints.jobs.ts';
export { endpointRoutes } from './endpoints.routes.ts';
export { type EndpointNeeds, type Endpoints, newEndpoints } from './endpoints.service.ts';
export { endpointWorkload } from './endpoints.workload.ts';
