/** `archiveOf` and `writeArchive` give an image back as `podman load` takes it, to whatever runs it. */
export { type ArchiveParts, archiveOf, writeArchive } from './images.archive.ts';
export { type CheckNeeds, type ImageCheck, newCheck } from './images.check.ts';
export { imageJobs } from './images.jobs.ts';
export { newKeepArchive } from './images.keep.ts';
export { newPull } from './images.pull.ts';
export { imageRoutes } from './images.routes.ts';
/** `find` gives an image of an account that passed; nothing else may be run. */
export { type Images, type ImagesNeeds, newImagesService } from './images.service.ts';
export type { KeptImage } from './images.ts';
export { startable, usesOf } from './images.uses.sql.ts';
export { newVerdict } from './images.verdict.ts';
