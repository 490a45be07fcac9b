export { type Check, type CheckNeeds, newCheck } from './models.check.ts';
export { type OpenServer, type PackageNeeds, packageOf, servedContainer } from './models.container.ts';
export { modelJobs } from './models.jobs.ts';
export { modelRoutes } from './models.routes.ts';
export { compareForm, failureReason, inferenceSpecification, unknownInstanceType } from './models.rules.ts';
export { type Models, type ModelsNeeds, newModelsService } from './models.service.ts';
/** Pure: an answer's form against the expected one's. */
export { imageGone, validateContainer } from './models.try-container.ts';
export {
  type ModelPackageEvent as ResourceEvent,
  type Resource,
  type StepStatus,
  type TrainedPackage,
  transitions as resourceTransitions,
} from './models.ts';
/** `ensureUnpacked` gives the folder that a model server runs from; `removeLeftovers` is called once at start. */
export {
  ensureUnpacked,
  ensureUnpackedContents,
  ensureUnpackedProgram,
  removeLeftovers,
  type UnpackedParts,
  workFolder,
} from './models.unpacked.ts';
/** Starts a package and calls it with its sample. */
export { validate } from './models.validate.ts';
export { evidenceOf, newVerdicts, type PackageVerdict, scanGap, type Verdicts } from './models.verdicts.ts';
