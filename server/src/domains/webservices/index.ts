export { type Batches, newBatches } from './batches.service.ts';
export { startBatches } from './batches.worker.ts';
export { type Directory, type Found, newDirectory } from './webservices.directory.ts';
export { newWebServiceEndpoints, type WebServiceEndpoints } from './webservices.endpoints.service.ts';
export { webServiceJobs } from './webservices.jobs.ts';
export { newEndpointKeyRevoker } from './webservices.leaked.ts';
export { webServiceRoutes } from './webservices.routes.ts';
/** Pure: a call of a web service as a call of its model, and the model's answer as rows. The gateway uses them too. */
export { AnswerProblem, answerRows, type GivenTable, type ModelCall, modelCall } from './webservices.rows.ts';
export { folderOf, workspaceOf } from './webservices.rules.ts';
export { newWebServices, type WebServiceNeeds, type WebServices } from './webservices.service.ts';
export { newWebServiceTrial } from './webservices.trial.ts';
export type { EndpointRow, JobRow, WebServiceRow } from './webservices.ts';
export {
  CallProblem,
  type Cell,
  inputColumns,
  outputColumns,
  shownCell,
  typedCell,
} from './webservices.values.ts';
