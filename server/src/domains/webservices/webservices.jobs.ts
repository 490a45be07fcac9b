import { webServiceLimits } from '@souk/contract';
import { type Db, inTx } from '../../platform/db.ts';
import type { JobDefinition } from '../../platform/jobs.ts';
import { removeOld } from './webservices.sql.ts';

export const webServiceJobs = (db: Db): JobDefinition[] => [
  {
    name: 'webservices:remove-old',
    cron: '47 * * * *',
    run: () => inTx(db, (tx) => removeOld(tx, webServiceLimits.logEntriesKept)),
  },
];
