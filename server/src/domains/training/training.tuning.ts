import type { NewTrainingJob, TrainingTemplate, TuningConfig, TuningTrial } from '@souk/contract';
import type { TrialRow } from './training.tuning.sql.ts';

/** A training of a tuning, as the request that a person would have sent. */
export function trainingOf(
  template: TrainingTemplate,
  tuned: Readonly<Record<string, string>>,
): Omit<NewTrainingJob, 'name'> {
  const { staticHyperParameters = {}, ...rest } = template;
  return { ...rest, hyperParameters: { ...staticHyperParameters, ...tuned } };
}

/** Ended early counts too: what it had reached is known. */
export const objectiveOf = (t: TrialRow): number | null =>
  t.status === 'Completed' || t.stoppedEarly ? (t.curve?.last ?? null) : null;

/** Of those that have a model; one that was stopped for being bad is not the best. */
export function bestOf(trials: readonly TrialRow[], config: TuningConfig): TrialRow | undefined {
  const sign = config.objective.type === 'Minimize' ? 1 : -1;
  return trials
    .filter((t) => t.status === 'Completed' && t.curve !== null)
    .sort((a, b) => sign * ((a.curve?.last ?? 0) - (b.curve?.last ?? 0)) || a.number - b.number)[0];
}

/** Only what the search chose. */
export const tunedOf = (t: TrialRow, config: TuningConfig): Record<string, string> =>
  Object.fromEntries(config.ranges.map((r) => [r.name, t.hyperParameters[r.name] ?? '']));

export const trialView = (t: TrialRow, config: TuningConfig): TuningTrial => ({
  number: t.number,
  trainingJob: t.name,
  status: t.status,
  hyperParameters: tunedOf(t, config),
  objective: t.curve?.last ?? null,
  stoppedEarly: t.stoppedEarly,
  failureReason: t.failureReason,
  createdAt: t.createdAt.toISOString(),
  endedAt: t.endedAt?.toISOString() ?? null,
});
