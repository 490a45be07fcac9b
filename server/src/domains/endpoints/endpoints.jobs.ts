import { inferenceLimits } from '@souk/contract';
import { type Db, inTx } from '../../platform/db.ts';
import type { JobDefinition } from '../../platform/jobs.ts';
import { removeOld } from './endpoints.sql.ts';
import { removeOld as removeOldInferences } from './inferences.sql.ts';

export const endpointJobs = (db: Db): JobDefinition[] => [
  {
    name: 'endpoints:remove-old',
    cron: '41 * * * *',
    run: async () => {
      await inTx(db, removeOld);
      await inTx(db, (tx) => removeOldInferences(tx, inferenceLimits.keptDays));
    },
  },
];
