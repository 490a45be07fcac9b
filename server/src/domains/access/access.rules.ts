import type { ResourceAction } from '../../platform/actions.ts';
import type { Place } from '../../platform/authorize.ts';

/** What the fields of a version that name a registered resource are called. */
const arnFields = ['modelPackageArn', 'algorithmArn', 'resourceArn'];

/** Every ARN that the versions of a document name, once. */
export function arnsIn(document: object): string[] {
  const { versions } = document as { versions?: unknown };
  if (!Array.isArray(versions)) return [];
  const found = versions.flatMap((v: unknown) =>
    typeof v === 'object' && v !== null
      ? arnFields.map((f) => (v as Record<string, unknown>)[f]).filter((arn) => typeof arn === 'string')
      : [],
  );
  return [...new Set(found)];
}

/** What an ARN names; undefined for what is no resource at all, which the document's own rules refuse. */
export function resourceOfArn(
  arn: string,
): { type: Place['type']; action: ResourceAction; name: string } | undefined {
  const [, kind, name] =
    /^arn:[^:]+:sagemaker:[^:]*:[^:]*:(model-package|algorithm)\/([^:]+)$/.exec(arn) ?? [];
  if (!kind || !name) return undefined;
  return kind === 'algorithm'
    ? { type: 'Algorithm', action: 'DescribeAlgorithm', name: `${kind}/${name}` }
    : { type: 'ModelPackage', action: 'DescribeModelPackage', name: `${kind}/${name}` };
}
