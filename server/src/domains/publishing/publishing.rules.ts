import type { StageName, SubmissionState } from '@souk/contract';
import { stageDefinition, stagesFor } from './pipeline.ts';
import type { StageRow, SubmissionRow } from './publishing.ts';

/** The job that runs a stage of a submission. */
export const stageJob = 'submission-stage';

/** The stage after this one for the product's type; undefined after the last. */
export function nextStage(type: string, stage: StageName): StageName | undefined {
  const list = stagesFor(type);
  return list[list.findIndex((s) => s.stage === stage) + 1]?.stage;
}

export const firstStage = (type: string): StageName => stagesFor(type)[0]?.stage ?? 'prerequisites';

/** Pause before the next attempt: 1 s, 4 s, 16 s ... at most 5 minutes. */
export const pauseMs = (attempt: number): number => Math.min(1000 * 4 ** (attempt - 1), 300_000);

/** Who acts next; null when it is over. */
export function waitsFor(
  state: SubmissionState,
  stage: StageName | null,
): 'publisher' | 'system' | 'operator' | null {
  if (state === 'running') return 'system';
  if (state === 'held') return 'operator';
  if (state === 'refused') return 'publisher';
  if (state === 'waiting') return stage === null ? null : stageDefinition(stage).acts;
  return null;
}

/** Where a submission stands and what to do next, in a sentence. */
export function message(
  s: Pick<SubmissionRow, 'state' | 'stage' | 'revision'>,
  stages: readonly StageRow[],
): string {
  const title = s.stage ? stageDefinition(s.stage).title : '';
  const own = stages.find((x) => x.stage === s.stage);
  const errors = own?.findings.filter((f) => f.severity === 'error').length ?? 0;
  switch (s.state) {
    case 'running':
      return `${title} is under way.`;
    case 'waiting':
      return s.stage === 'sign-off'
        ? `Revision ${s.revision} is in preview. Test it as a buyer would, then go live.`
        : 'A reviewer of the marketplace reads it now; you need not do anything.';
    case 'held':
      return `${title} could not be finished for a reason that is not yours. The operator was told; you need not do anything.`;
    case 'refused':
      return errors > 0
        ? `${title} found ${errors === 1 ? 'one thing' : `${errors} things`} to mend. Follow the remedies, then submit again.`
        : `${own?.summary || `${title} refused it.`} Edit the draft, then submit again.`;
    case 'released':
      return `Revision ${s.revision} is live.`;
    case 'cancelled':
      return 'Cancelled. The draft is as you left it.';
    case 'superseded':
      return 'A newer submission took its place.';
  }
}
