import type { Finding, InferenceSpecification, ValidationProfile } from '@souk/contract';
import { contentTypes } from '@souk/contract';
import type { CertifiedAs } from '../certification/index.ts';
import { type Servable, servedOnnx, servedProgram } from '../runtime/index.ts';
import { servedContainer } from './models.container.ts';
import type { ModelPackageRow, Resource } from './models.ts';

export { compareForm } from './models.form.ts';

export const arnOf = (p: { partition: string; region: string; accountId: string; name: string }): string =>
  `arn:${p.partition}:sagemaker:${p.region}:${p.accountId}:model-package/${p.name}`;

/** What a package can do unless its publisher says otherwise: what Souk's own model server can. */
export const inferenceSpecification = (
  given: InferenceSpecification | undefined,
  instanceTypes: readonly string[],
): InferenceSpecification =>
  given ?? {
    supportedContentTypes: [...contentTypes],
    supportedResponseMIMETypes: [...contentTypes],
    supportedRealtimeInferenceInstanceTypes: [...instanceTypes],
    supportedTransformInstanceTypes: [...instanceTypes],
  };

/** The first instance type that this marketplace does not have; undefined when all are known. */
export const unknownInstanceType = (
  given: InferenceSpecification,
  instanceTypes: readonly string[],
): string | undefined =>
  [...given.supportedRealtimeInferenceInstanceTypes, ...given.supportedTransformInstanceTypes].find(
    (name) => !instanceTypes.includes(name),
  );

const reasonCharsMax = 1000;

/** The reason that is shown with Failed: what is wrong first, what to do, and that there is more. */
export function failureReason(findings: readonly Finding[]): string {
  const [first, ...others] = findings.filter((f) => f.severity === 'error');
  if (!first) return 'The checks refused the package.';
  const more =
    others.length === 0
      ? ''
      : ` ${others.length === 1 ? 'One more finding names' : `${others.length} more findings name`} what else to mend.`;
  return `${`${first.message} ${first.remedy}`.slice(0, reasonCharsMax - more.length)}${more}`;
}

/** What answers calls of a package. */
export const servedBy = (
  p: Pick<ModelPackageRow, 'name' | 'archiveSha256' | 'imageOnly' | 'inferenceSpecification'>,
): Servable => {
  const { container, program, serverId } = p.inferenceSpecification;
  if (serverId !== undefined) return { kind: 'remote', serverId };
  if (program) return servedProgram(program, p.archiveSha256);
  return container
    ? servedContainer(container, p.imageOnly ? null : p.archiveSha256)
    : servedOnnx(p.archiveSha256, p.name, p.inferenceSpecification.batching);
};

/** What a package is looked at as: what a container or a program makes of its files is its own affair. */
export const certifiedAs = (p: Pick<ModelPackageRow, 'inferenceSpecification'>): CertifiedAs =>
  p.inferenceSpecification.container || p.inferenceSpecification.program || p.inferenceSpecification.serverId
    ? 'contents'
    : 'model';

export const profileOf = (p: Pick<ModelPackageRow, 'validationSpecification'>): ValidationProfile => {
  const [profile] = p.validationSpecification.validationProfiles;
  if (!profile) throw new Error('a model package without a validation profile');
  return profile;
};

export const resourceOf = (p: ModelPackageRow): Resource => ({
  id: p.id,
  arn: p.arn,
  name: p.name,
  archiveSha256: p.archiveSha256,
  archiveSizeBytes: p.archiveSizeBytes,
  inferenceSpecification: p.inferenceSpecification,
  served: servedBy(p),
  validationProfile: profileOf(p),
  onnx: p.onnx,
});
