export { type Check, type CheckNeeds, newCheck } from './models.check.ts';
export { modelJobs } from './models.jobs.ts';
export { modelRoutes } from './models.routes.ts';
/** Pure: an answer's form against the expected one's. */
export { compareForm } from './models.rules.ts';
export { type Models, type ModelsNeeds, newModelsService } from './models.service.ts';
export type { Resource } from './models.ts';
/** `ensureUnpacked` gives the folder that a model server runs from; `removeLeftovers` is called once at start. */
export { ensureUnpacked, removeLeftovers, type UnpackedParts } from './models.unpacked.ts';
export { evidenceOf, newVerdicts, type PackageVerdict, scanGap, type Verdicts } from './models.verdicts.ts';
