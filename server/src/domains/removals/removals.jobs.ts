import type { JobDefinition } from '../../platform/jobs.ts';
import type { newEnding } from './removals.ending.ts';
import type { Removals } from './removals.service.ts';
import { holdsJob } from './removals.take-downs.ts';

export function removalJobs(removals: Removals, ending: ReturnType<typeof newEnding>): JobDefinition[] {
  return [
    { name: 'removals:sweep', cron: '*/5 * * * *', run: () => ending.sweep() },
    { name: holdsJob, run: ({ removalId }) => removals.followHolds(String(removalId)) },
  ];
}
