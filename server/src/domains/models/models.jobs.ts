import { inTx } from '../../platform/db.ts';
import type { JobDefinition } from '../../platform/jobs.ts';
import type { Platform } from '../../platform/platform.ts';
import { type Check, checkJob, enqueueCheck } from './models.check.ts';
import * as store from './models.sql.ts';

/** A job that fails is repeated with growing pauses, at last of hours; whoever waits for a check is not left for so long. */
const forgottenAfterMs = 20 * 60_000;

export const modelJobs = ({ db }: Platform, check: Check): JobDefinition[] => [
  { name: checkJob, run: ({ modelPackageId }) => check(String(modelPackageId)) },
  {
    name: 'model-packages-resume',
    cron: '*/10 * * * *',
    run: async () => {
      for (const { id } of await store.findForgotten(db, forgottenAfterMs))
        await inTx(db, (tx) => enqueueCheck(tx, id));
    },
  },
];
