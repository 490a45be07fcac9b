import { useQueries } from '@tanstack/react-query';
import { algorithmQueries } from '../../../api/queries/algorithms.ts';
import { modelQueries } from '../../../api/queries/publish.ts';
import { useEditor } from './editor-context.tsx';
import type { Supported } from './plan-kinds.ts';

/** What the versions of the document run on, by use: what its plans can price by the hour. */
export function useSupportedTypes(): readonly Supported[] {
  const { document } = useEditor();
  const named = (arn: string | undefined, kind: string) => arn?.split(`:${kind}/`)[1];
  const unique = (names: readonly (string | undefined)[]) => [
    ...new Set(names.filter((n) => n !== undefined)),
  ];
  const versions = document.versions ?? [];
  const models = useQueries({
    queries: unique(versions.map((v) => named(v.modelPackageArn, 'model-package'))).map((name) => ({
      ...modelQueries.model(name),
      retry: false,
    })),
  });
  const algorithms = useQueries({
    queries: unique(versions.map((v) => named(v.algorithmArn, 'algorithm'))).map((name) => ({
      ...algorithmQueries.algorithm(name),
      retry: false,
    })),
  });
  const found = [...models, ...algorithms].flatMap(({ data }): Supported[] => {
    if (!data) return [];
    const { inferenceSpecification: served } = data;
    const training =
      'trainingSpecification' in data
        ? (data.trainingSpecification.supportedTrainingInstanceTypes ?? [])
        : [];
    return [
      ...training.map((type) => ({ use: 'training' as const, type })),
      ...served.supportedRealtimeInferenceInstanceTypes.map((type) => ({ use: 'realtime' as const, type })),
      ...served.supportedTransformInstanceTypes.map((type) => ({ use: 'transform' as const, type })),
    ];
  });
  return [...new Map(found.map((s) => [`${s.use} ${s.type}`, s])).values()];
}
