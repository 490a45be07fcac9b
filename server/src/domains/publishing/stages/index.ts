import type { StageName } from '@souk/contract';
import { certification } from './certification.ts';
import type { StageNeeds } from './needs.ts';
import { packaging } from './packaging.ts';
import { prerequisites } from './prerequisites.ts';
import { release } from './release.ts';
import { connection, serviceTrialRun } from './service.ts';
import type { Stage } from './stage.ts';
import { byType } from './stage.ts';
import { trialRun } from './trial-run.ts';

/** The functions behind the rows of the pipeline table that the system runs. Sign-off and review wait for people. */
export const newStages = (needs: StageNeeds): Partial<Record<StageName, Stage>> => ({
  prerequisites: prerequisites(needs),
  connection: connection(needs),
  certification: certification(needs),
  'trial-run': byType({ 'web-service': serviceTrialRun(needs) }, trialRun(needs)),
  packaging: packaging(needs),
  release: release(needs),
});
