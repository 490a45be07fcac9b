import { useQuery } from '@tanstack/react-query';
import { modelQueries } from '../../api/queries/publish.ts';
import type { Subscription } from '../../api/types.ts';
import { useSession } from '../../session/session.ts';

/** A model that the account trained, and may run now. */
export interface OwnModel {
  readonly name: string;
  /** Null where this person may not see what the package says; the server refuses what does not fit. */
  readonly instanceTypes: {
    readonly realtime: readonly string[];
    readonly transform: readonly string[];
  } | null;
}

/** Those whose subscription is active; `asked` is there in any case. Undefined until they are known. */
export function useOwnModels(
  active: readonly Subscription[],
  asked: string | null,
): readonly OwnModel[] | undefined {
  const { may } = useSession();
  const query = useQuery({ ...modelQueries.trained(), enabled: may('model:read') });
  if (query.isLoading) return undefined;
  const known = (query.data?.items ?? [])
    .filter((m) => active.some((s) => s.id === m.trained?.subscriptionId))
    .map((m) => ({
      name: m.name,
      instanceTypes: {
        realtime: m.inferenceSpecification.supportedRealtimeInferenceInstanceTypes,
        transform: m.inferenceSpecification.supportedTransformInstanceTypes,
      },
    }));
  if (!asked || known.some((m) => m.name === asked)) return known;
  return [{ name: asked, instanceTypes: null }, ...known];
}

const ofModel = 'model:';

/** What may be chosen, in two groups; a value is the id of a subscription, or names a model. */
export const sourceChoices = (
  active: readonly Subscription[],
  models: readonly OwnModel[],
  label: (s: Subscription) => string,
) =>
  [
    { group: 'Subscriptions', items: active.map((s) => ({ value: s.id, label: label(s) })) },
    { group: 'Your models', items: models.map((m) => ({ value: sourceOfModel(m.name), label: m.name })) },
  ].filter((g) => g.items.length > 0);

export const sourceOfModel = (name: string) => `${ofModel}${name}`;
export const modelOfSource = (value: string): string | null =>
  value.startsWith(ofModel) ? value.slice(ofModel.length) : null;
