/** Certification: pure checks on packages and listings. No database, no HTTP; publishing decides when they run. */

export { ArchiveProblem } from './archive/archive-problem.ts';
export { type ExtractedPackage, extractPackage, type PackageFile } from './archive/extract.ts';
export { type ArchiveLimits, defaultLimits } from './archive/limits.ts';
export { tarEnd, tarHeaderOf } from './archive/tar-entry.ts';
export {
  type Certification,
  type CertifiedAs,
  type CertifyOptions,
  certifyModelPackage,
  DigestMismatch,
  verdictKey,
  type WhileScanning,
} from './certify-model-package.ts';
export { servedModel } from './check-package.ts';
export { type CheckedDocument, type CheckedPath, type CheckPathsOptions, checkPaths } from './check-paths.ts';
export { entryOf, type TrainingProgram } from './check-program.ts';
export { type BomInput, mlBom } from './evidence/ml-bom.ts';
export { type ServiceBomInput, serviceBom } from './evidence/service-bom.ts';
export {
  type Envelope,
  keyIdOf,
  publicationPredicate,
  type SigningKey,
  type Statement,
  type Subject,
  signStatement,
  type Verified,
  verifyEnvelope,
} from './evidence/statement.ts';
export { type VerifiedPackage, verifyPackage } from './evidence/verify-package.ts';
export { type ExaminedImage, type ExaminedLayer, examineImage } from './image/examine.ts';
export type { ImageAnswer, ImageRequest } from './image/image.child.ts';
export { imageLimits } from './image/limits.ts';
export {
  chosenOf,
  hexOf,
  hostPlatform,
  type ImageConfig,
  indexTypes,
  manifestType,
  manifestTypes,
  readConfig,
  readIndex,
  readManifest,
  sha256Digest,
} from './image/manifest.ts';
export { looksLikeImage, openImageArchive } from './image/open-image.ts';
export type { OpenedImage } from './image/opened-image.ts';
export type { Distribution, InstalledPackage } from './image/packages.ts';
export { imageBom } from './image/sbom.ts';
export { type ListingFiles, listingFindings } from './listing/listing-files.ts';
export { listingTextFindings } from './listing/listing-findings.ts';
export { type ListingText, linkFindings, textFindings } from './listing/listing-text.ts';
export { logoFindings } from './listing/logo.ts';
export {
  fitsLogo,
  imageShapeFindings,
  logoShapeFindings,
  type PictureOptions,
  readPicture,
} from './listing/pictures.ts';
export type { Declared, DeclaredValue } from './onnx/declared.ts';
export { describeModel } from './onnx/describe-model.ts';
export { runtimeName } from './onnx/known-operators.ts';
export { createModelLoader, type ModelLoader, type ModelLoaderOptions } from './onnx/load-attempt.ts';
export { readOnnxFile } from './onnx/read-model.ts';
export { type FindingCode, found, RULE_SET, rules } from './rules.ts';
export { rulesMarkdown } from './rules-document.ts';
export type { MalwareEvidence, Scanner } from './scan-files.ts';
export { sha256Of } from './sha256.ts';
