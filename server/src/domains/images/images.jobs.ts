import { inTx } from '../../platform/db.ts';
import type { JobDefinition } from '../../platform/jobs.ts';
import type { Platform } from '../../platform/platform.ts';
import { checkJob, enqueueCheck, type ImageCheck } from './images.check.ts';
import type { Images } from './images.service.ts';
import * as store from './images.sql.ts';

/** Longer than an image may be looked at. */
const forgottenAfterMs = 40 * 60_000;

export const imageJobs = ({ db }: Platform, images: Images, check: ImageCheck): JobDefinition[] => [
  { name: checkJob, run: ({ imageId }) => check(String(imageId)) },
  {
    name: 'images-resume',
    cron: '*/10 * * * *',
    run: async () => {
      for (const { id } of await store.findForgotten(db, forgottenAfterMs))
        await inTx(db, (tx) => enqueueCheck(tx, id));
    },
  },
  { name: 'images-sweep', cron: '41 3 * * *', run: () => images.sweep() },
];
