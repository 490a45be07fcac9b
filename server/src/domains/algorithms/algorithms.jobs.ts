import { inTx } from '../../platform/db.ts';
import type { JobDefinition } from '../../platform/jobs.ts';
import type { Platform } from '../../platform/platform.ts';
import { type AlgorithmCheck, checkJob, enqueueCheck } from './algorithms.check.ts';
import * as store from './algorithms.sql.ts';

/** Longer than a sample training may take. */
const forgottenAfterMs = 20 * 60_000;

export const algorithmJobs = ({ db }: Platform, check: AlgorithmCheck): JobDefinition[] => [
  { name: checkJob, run: ({ algorithmId }) => check(String(algorithmId)) },
  {
    name: 'algorithms-resume',
    cron: '*/10 * * * *',
    run: async () => {
      for (const { id } of await store.findForgotten(db, forgottenAfterMs))
        await inTx(db, (tx) => enqueueCheck(tx, id));
    },
  },
];
