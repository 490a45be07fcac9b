export { type EndpointAnswer, type EndpointCaller, NotServing, newEndpointCaller } from './calls.ts';
export { captureJob } from './captures.jobs.ts';
export { endpointJobs } from './endpoints.jobs.ts';
export { endpointRoutes } from './endpoints.routes.ts';
export { type EndpointNeeds, type Endpoints, newEndpoints } from './endpoints.service.ts';
export { endpointWorkload } from './endpoints.workload.ts';
export { inferenceRoutes } from './inferences.routes.ts';
export { newInferences } from './inferences.service.ts';
export { startInferences } from './inferences.worker.ts';
