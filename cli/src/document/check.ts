import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  type DocumentContext,
  documentFindings,
  type Finding,
  finding,
  hasNoErrors,
  type ProductDocument,
} from '@souk/contract';
import { pointerTo } from './pointer-lines.ts';
import type { SoukYaml } from './souk-yaml.ts';

/** Stands for the ARN that `souk push` will fill in, so that the rules see a version with its package. */
const arnToCome = 'arn:aws:sagemaker:local:000000000000:model-package/to-be-registered';

/** Everything the contract's rules say about the file, on the lines where it is written. */
export function checkSoukYaml(file: SoukYaml, context: DocumentContext = {}): Finding[] {
  const own: Finding[] = [...file.findings];
  if (!file.product)
    own.push(
      note(
        '/product',
        'souk-yaml.missing',
        'product is missing.',
        'Add product: { type: model-package, slug: ... }.',
      ),
    );
  for (const [i, model] of file.models)
    if (typeof model?.path === 'string' && !existsSync(resolve(file.folder, model.path)))
      own.push(
        note(
          pointerTo('versions', i, 'model', 'path'),
          'souk-yaml.file_missing',
          `There is no model at ${model.path}.`,
          'Correct the path; for a version that is registered already, write its modelPackageArn instead.',
          'warning',
        ),
      );
  // Rules read values of the right form only.
  const rules = hasNoErrors(file.findings)
    ? documentFindings(withNamed(withArns(file, () => arnToCome)), {
        ...context,
        ...(file.product ? { type: file.product.type } : {}),
      })
    : [];
  return file.lines.locate([...own, ...rules], file.shownAs);
}

/** A name in place of an ARN means what one has registered oneself. */
export const isOwnName = (arn: string | undefined): boolean =>
  arn !== undefined && /^[a-zA-Z0-9](?:-*[a-zA-Z0-9]){0,62}$/.test(arn);

const standIn = 'arn:aws:sagemaker:local:000000000000';
const withNamed = (document: ProductDocument): ProductDocument =>
  document.versions
    ? {
        ...document,
        versions: document.versions.map((v) => ({
          ...v,
          ...(isOwnName(v.algorithmArn) ? { algorithmArn: `${standIn}:algorithm/${v.algorithmArn}` } : {}),
          ...(isOwnName(v.modelPackageArn)
            ? { modelPackageArn: `${standIn}:model-package/${v.modelPackageArn}` }
            : {}),
        })),
      }
    : document;

const note = (
  pointer: string,
  code: string,
  message: string,
  remedy: string,
  severity: Finding['severity'] = 'error',
) => finding({ rule: 'souk-yaml', code, severity, pointer, message, remedy });

export function withArns(file: SoukYaml, arnOf: (version: number) => string | undefined): ProductDocument {
  const { versions } = file.document;
  if (!versions) return file.document;
  return {
    ...file.document,
    versions: versions.map((v, i) => {
      const arn = file.models.has(i) ? arnOf(i) : undefined;
      return arn === undefined ? v : { ...v, modelPackageArn: arn };
    }),
  };
}
