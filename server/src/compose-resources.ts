import type { documentFindings, ProductDocument } from '@souk/contract';
import type { ComposedAlgorithms } from './compose-algorithms.ts';
import type { ComposedModels } from './compose-models.ts';
import type { Resource } from './domains/publishing/index.ts';

export type ComposedResources = ReturnType<typeof composeResources>;

/** Model packages and algorithms as documents and submissions name them: by ARN. */
export function composeResources(models: ComposedModels, algorithms: ComposedAlgorithms) {
  return {
    async documentContext(
      accountId: string,
      document: ProductDocument,
    ): Promise<NonNullable<Parameters<typeof documentFindings>[1]>> {
      const arns = (document.versions ?? []).flatMap((v) => [v.algorithmArn ?? []].flat());
      const [context, known] = await Promise.all([
        models.service.documentContext(accountId, document),
        algorithms.service.known(accountId, arns),
      ]);
      return { ...context, accountId, resources: new Map([...context.resources, ...known]) };
    },

    async resource(accountId: string, arn: string): Promise<Resource | undefined> {
      if (!/:algorithm\//.test(arn)) {
        const found = await models.service.resource(accountId, arn);
        return (
          found && {
            ...found,
            kind: 'model-package',
            training: null,
          }
        );
      }
      const found = await algorithms.service.resource(accountId, arn);
      // Without a trial it is not Completed, which the document's rules have refused before.
      if (!found?.trial || !found.served) return undefined;
      const { id, name, archiveSha256, archiveSizeBytes, inferenceSpecification, profile, trial, served } =
        found;
      return {
        kind: 'algorithm',
        id,
        arn,
        name,
        archiveSha256,
        archiveSizeBytes,
        inferenceSpecification,
        validationProfile: {
          profileName: profile.profileName,
          input: profile.input,
          expected: profile.expected,
        },
        onnx: trial.onnx,
        served,
        training: { specification: found.trainingSpecification, trial, serve: found.serve },
      };
    },
  };
}
